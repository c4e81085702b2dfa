"""However much there is to read of whichever shards, all of it is read, in pages of a size."""

from collections.abc import Mapping
from typing import Any

import pytest
from eventsourcing.persistence import StoredEvent
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from aggregates.log import tail
from aggregates.log.tail import Tailed
from projections.reading import Reading

WHO = uuid7()
ANY: Any = None  # who answers here needs no connection
backlogs = st.dictionaries(st.integers(0, 15), st.integers(0, 60))


class Written:
    """A log with so many events in each shard."""

    def __init__(self, there: Mapping[int, int]) -> None:
        self.there = dict(there)
        self.asked = 0

    def after(self, _: Any, cursors: Mapping[int, int], limit: int) -> list[Tailed]:
        self.asked += 1
        return [
            Tailed(shard, position, 1, WHO, StoredEvent(WHO, position, "", b""))
            for shard, seen in cursors.items()
            for position in range(seen + 1, min(self.there.get(shard, 0), seen + limit) + 1)
        ]


@given(backlog=backlogs, most=st.integers(1, 100))
def test_everything_is_read_once_and_in_order(backlog: dict[int, int], most: int) -> None:
    written, reading, cursors = Written(backlog), Reading(range(16)), dict.fromkeys(range(16), 0)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tail, "after", written.after)
        while page := reading.page(ANY, cursors, most):
            assert len(page) <= most
            for one in page:
                assert one.position == cursors[one.shard] + 1
                cursors[one.shard] = one.position
    assert {shard: at for shard, at in cursors.items() if at} == {
        s: n for s, n in backlog.items() if n
    }
    assert not reading.has_more


def test_of_much_few_shards_are_read_to_their_end(monkeypatch: pytest.MonkeyPatch) -> None:
    written, reading = Written(dict.fromkeys(range(16), 1_000)), Reading(range(16))
    monkeypatch.setattr(tail, "after", written.after)
    cursors = dict.fromkeys(range(16), 0)
    together = []
    while page := reading.page(ANY, cursors, 320):
        cursors = tail.advanced(cursors, page)
        together.append(len({one.shard for one in page}))
    assert together[:5] == [16, 8, 4, 2, 1]
    assert set(together[5:]) <= {1, 2}


def test_who_is_up_to_date_looks_at_all_shards_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    written, reading = Written({3: 500}), Reading(range(16))
    cursors = dict.fromkeys(range(16), 0)
    monkeypatch.setattr(tail, "after", written.after)
    while page := reading.page(ANY, cursors, 320):
        cursors = tail.advanced(cursors, page)
    written.asked, written.there[5] = 0, 7
    assert len(reading.page(ANY, cursors, 320)) == 7
    assert (written.asked, reading.has_more) == (1, False)
