"""The three ways a verified delivery is not translated. None of them carries a body's values."""


class NotYetHandled(Exception):
    """We know the topic and do nothing with it, for `reason`."""

    def __init__(self, topic: str, reason: str) -> None:
        super().__init__(f"{topic}: {reason}")
        self.topic = topic
        self.reason = reason


class UnknownTopic(Exception):
    """Nobody told us of this topic."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"no webhook topic is called {topic!r}")
        self.topic = topic


class Untranslatable(Exception):
    """The body is not what its topic promises.

    `detail` names the JSON member and what was expected there, never what was found.
    """

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail
