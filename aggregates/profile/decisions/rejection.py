"""The one way a decision says no."""


class Rejected(Exception):
    """A command that the profile's current state does not allow.

    `code` is stable and shown to callers; `detail` says what would be right and holds no
    personal data.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
