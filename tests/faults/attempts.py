"""One request and its end, and which of many are meant."""

from msgspec import Struct

AGAIN = frozenset({408, 429})  # said by a server that may take the same request later


class Attempt(Struct, frozen=True, omit_defaults=True):
    """One request and its end. Instants are seconds of the monotonic clock, `number` from 1.

    `status` is None where no answer came. `error` names the kind of failure, or the code that came
    with the status. `result` is accepted, duplicate or kept; `made` the id it was answered with.
    """

    id: str
    number: int
    sent_at: float
    answered_at: float
    status: int | None = None
    error: str | None = None
    result: str | None = None
    made: str | None = None

    @property
    def accepted(self) -> bool:
        return self.status is not None and self.status < 300

    @property
    def refused(self) -> bool:
        """For good: the same request would be refused again."""
        return self.status is not None and 400 <= self.status < 500 and self.status not in AGAIN

    @property
    def failed(self) -> bool:
        """A broken connection, silence, a 5xx, a 429: something a sender repeats."""
        return not self.accepted and not self.refused


class Window(Struct, frozen=True):
    """Which attempts are meant: those sent in [`since`, `until`) by members of `group`."""

    since: float = float("-inf")
    until: float = float("inf")
    group: int | None = None


ALWAYS = Window()
