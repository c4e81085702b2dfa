"""How many requests a process takes on at once: what it can answer soon, on whatever machine.

As many as are answered within `SOON_S` may be under way (Little's law). More would only wait, and
be answered after their senders have given up.
"""

from collections.abc import Callable
from math import inf
from time import monotonic
from typing import Protocol

SOON_S = 0.3  # on average; the slowest of a hundred takes some four times as long
MOST = 1_000
FEWEST = 300  # however slow we are: a burst over so many connections is taken
GROWTH = 1.5  # a window, while there are more who want in and answers come soon
WINDOW_S = 0.25
WAITED_S = "c360.waited_s"  # in a request's scope: what it took because its sender wished so


class Silences(Protocol):
    """Of those whom requests must wait for: no sign of what we could answer ourselves."""

    @property
    def held_up(self) -> int:
        """Requests under way that wait because of one."""

    @property
    def silent_until(self) -> float:
        """When there last was one, by the clock of the room."""


class _Nobody:
    """Requests wait for none but us."""

    held_up = 0
    silent_until = -inf


NOBODY = _Nobody()


class Room:
    """`limit` follows what has been answered lately. Nothing changes while there is room: what was
    learnt under load still holds when the next load comes, and who is slow for a moment without
    being full need not send anybody away.

    `inside` counts the requests under way, `at_the_door` has the connections that were let in. Some
    of these are not inside yet; others are gone, while what they asked for is still under way.
    Those held up by somebody's silence take up no room, and how long they waited teaches nothing:
    the requests that need nobody else, or somebody else, are served meanwhile.
    """

    def __init__(
        self,
        most: int = MOST,
        fewest: int = FEWEST,
        silences: Silences = NOBODY,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.limit = most
        self.at_the_door: set[object] = set()
        self.inside = 0
        self._most, self._fewest = most, fewest
        self._silences = silences
        self._clock = clock
        self._since = clock()
        self._answers = 0
        self._seconds = 0.0
        self._was_full = False

    def is_full(self, at_the_door: int = 0) -> bool:
        taken = max(at_the_door, self.inside)
        if taken < self.limit or taken - self._silences.held_up < self.limit:
            return False
        self._was_full = True
        return True

    def answered(self, seconds: float) -> None:
        """A request was done in so long. Those we failed at say nothing about our speed."""
        now = self._clock()
        if now - seconds < self._silences.silent_until:
            return
        self._answers += 1
        self._seconds += seconds
        passed_s = now - self._since
        if passed_s >= WINDOW_S:
            self._settle(passed_s)

    def _settle(self, passed_s: float) -> None:
        if self._was_full:
            soon = int(self._answers / passed_s * SOON_S)
            grown = min(self._most, int(self.limit * GROWTH) + 1)
            is_slow = self._seconds > self._answers * SOON_S
            self.limit = max(self._fewest, min(self.limit, soon)) if is_slow else grown
        self._since += passed_s
        self._answers, self._seconds, self._was_full = 0, 0.0, False
