"""Which shards a page of the log is read of: all of them, or few where there is much to read.

Much of few shards is the news of few customers, each of whom is then made anew once instead of in
many pages, and remembered until the shard is read.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from psycopg import Connection
from psycopg.rows import TupleRow

from aggregates.log import tail
from aggregates.log.tail import Tailed


class Reading:
    """`has_more`: whether there may be more already."""

    def __init__(self, shards: Sequence[int]) -> None:
        self._queue = list(shards)
        self._width = len(shards)  # of them at once
        self.has_more = False

    def page(
        self, connection: Connection[TupleRow], cursors: Mapping[int, int], most: int
    ) -> list[Tailed]:
        """At most so many; none if there are none in any shard."""
        events: list[Tailed] = []
        looked = 0
        while not events and looked < len(self._queue):
            self._width = max(1, min(self._width, most))
            some, each = self._queue[: self._width], most // self._width
            events = tail.after(connection, {shard: cursors[shard] for shard in some}, each)
            self._learn(some, events, each)
            looked += len(some)
        self.has_more = bool(events) and self.has_more
        return events

    def _learn(self, some: Sequence[int], events: Sequence[Tailed], each: int) -> None:
        """Shards that were cut off are read on first; the others wait for their next turn."""
        count = Counter(one.shard for one in events)
        cut = [shard for shard in some if count[shard] >= each]
        done = [shard for shard in some if count[shard] < each]
        self.has_more = bool(cut) or len(some) < len(self._queue)
        self._queue = [*cut, *self._queue[len(some) :], *done]
        if cut:
            self._width = max(1, len(some) // 2)
        elif 2 * len(events) < each * len(some):
            self._width = min(len(self._queue), 2 * len(some))
