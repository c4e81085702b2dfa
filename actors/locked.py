"""Shards that are known to be locked: who would meet the lock is told so at once.

One request in a while goes to the host all the same, and finds out whether the lock is gone.
"""

import asyncio

from actors.signals import Unavailable

LOOK_EVERY_S = 3.0
AGAIN_IN_S = 5  # who holds a lock for longer than a moment, holds it for a while


class Locked:
    """Of one API process, by the event loop's clock."""

    def __init__(self) -> None:
        self._until: dict[int, float] = {}

    def check(self, shard: int) -> None:
        """Raises Unavailable while the shard is known to be locked."""
        if not self._until or (until := self._until.get(shard)) is None:
            return
        if _now() < until:
            raise _unavailable()
        self._until[shard] = _now() + LOOK_EVERY_S  # whoever asks next waits for this one

    def found(self, shard: int) -> Unavailable:
        """It is locked; what to tell who met the lock."""
        self._until[shard] = _now() + LOOK_EVERY_S
        return _unavailable()

    def free(self, shard: int) -> None:
        if self._until:
            self._until.pop(shard, None)


def _unavailable() -> Unavailable:
    return Unavailable("somebody else holds a lock on the shard", AGAIN_IN_S)


def _now() -> float:
    return asyncio.get_running_loop().time()
