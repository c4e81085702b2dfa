"""Shards that somebody else holds a lock on, and how a batch gets past them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from actors.placement import shard_of
from actors.signals import Routed

LEFT_ALONE = timedelta(seconds=3)  # until a locked shard is tried again


class Waiting(NamedTuple):
    """A signal of the batch, its place in it and the keys its outcome is remembered under."""

    place: int
    routed: Routed
    keys: tuple[bytes, ...]


class Blockades:
    """Of one host. A shard that was locked is left alone for a while, and then tried by itself:
    who waits for it must not make the others wait every time."""

    def __init__(self) -> None:
        self._again: dict[int, datetime] = {}

    def note(self, shard: int, now: datetime) -> None:
        self._again[shard] = now + LEFT_ALONE

    def parted(self, waiting: Sequence[Waiting], now: datetime) -> list[list[Waiting]]:
        """What to try, in groups; what is left out has to wait."""
        if not self._again:
            return [list(waiting)]
        groups = by_shard(w for w in waiting if _shard(w) in self._again)
        tried = {s: group for s, group in groups.items() if not self._is_left_alone(s, now)}
        for shard in tried:
            del self._again[shard]
        return [[w for w in waiting if _shard(w) not in groups], *tried.values()]

    def _is_left_alone(self, shard: int, now: datetime) -> bool:
        """Not for longer than it should be, whatever became of the clock."""
        return timedelta() < self._again[shard] - now <= LEFT_ALONE


def by_shard(waiting: Iterable[Waiting]) -> dict[int, list[Waiting]]:
    groups: dict[int, list[Waiting]] = {}
    for one in waiting:
        groups.setdefault(_shard(one), []).append(one)
    return groups


def _shard(waiting: Waiting) -> int:
    return shard_of(waiting.routed.profile)
