"""How long a host has not answered, and who still waits because of that."""

import asyncio
from math import inf

LONG_S = 1.0  # longer than a full batch takes, however much there is to do


class Silence:
    """Of one host, by the event loop's clock.

    Who waits because a host was silent is no sign that we are slow, even a while after it spoke
    again: until all that came meanwhile is answered.
    """

    def __init__(self) -> None:
        self._since: float | None = None
        self._until = -inf
        self._behind = 0

    @property
    def seconds(self) -> float:
        """0.0 when nothing has been asked since it last answered."""
        return 0.0 if self._since is None else _now() - self._since

    @property
    def until(self) -> float:
        """When it was last silent for long: now if it is, -inf for never."""
        return _now() if self.seconds >= LONG_S else self._until

    @property
    def holds_up(self) -> bool:
        return self._behind > 0 or self.seconds >= LONG_S

    def held_up(self, waiting: int) -> int:
        """How many of those who wait do so because of it."""
        return waiting if self.seconds >= LONG_S else min(waiting, self._behind)

    def asked(self) -> None:
        if self._since is None:
            self._since = _now()

    def broken(self, answered: int, queued: int) -> None:
        """It has answered so many, while so many others wait."""
        if self.seconds >= LONG_S:
            self._behind, self._until = queued, _now()
        else:
            self._behind = max(0, self._behind - answered)
        self._since = None


def _now() -> float:
    return asyncio.get_running_loop().time()
