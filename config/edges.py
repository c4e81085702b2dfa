"""What happens a thousand times a second is told once: outages at both ends, floods by number."""

import time
from collections import Counter
from collections.abc import Callable

from config.logs import logger

EVERY_S = 10.0  # at most one line of a flood and kind in this time
KINDS_AT_MOST = 1_000
log = logger()


class Outage:
    """Something that may fail for a while. Logged when that begins and when it is over."""

    def __init__(self, begins: str, ends: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._begins, self._ends, self._clock = begins, ends, clock
        self._since: float | None = None

    def failed(self, **fields: str | int) -> None:
        if self._since is None:
            self._since = self._clock()
            log.warning(self._begins, **fields)

    def over(self, **fields: str | int) -> None:
        if self._since is not None:
            seconds = round(self._clock() - self._since, 1)
            self._since = None
            log.warning(self._ends, seconds=seconds, **fields)


class Flood:
    """An event that anybody may cause as often as they like: a line now and then, with a count."""

    def __init__(self, event: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._event, self._clock = event, clock
        self._counts: Counter[str] = Counter()
        self._quiet_until: dict[str, float] = {}

    def happened(self, kind: str = "", count: int = 1, **fields: str | float | None) -> None:
        """The first of a kind is logged at once, the next line tells how many came since."""
        if len(self._quiet_until) > KINDS_AT_MOST:
            self._quiet_until.clear()
            self._counts.clear()
        self._counts[kind] += count
        if (now := self._clock()) >= self._quiet_until.get(kind, 0.0):
            self._quiet_until[kind] = now + EVERY_S
            log.warning(self._event, count=self._counts.pop(kind), **fields)
