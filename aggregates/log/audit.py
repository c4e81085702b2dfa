"""Walking the hash chain: has anything in the log been changed, removed or slipped in?"""

from collections.abc import Callable, Iterator

from eventsourcing.persistence import StoredEvent
from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from aggregates.log.heads import START, link
from aggregates.log.port import Position

PAGE = 2_000
EVENTS = (
    "SELECT position, profile_id, version, topic, state, chain FROM events"
    " WHERE shard = %s ORDER BY position"
)


class Broken(Struct, frozen=True):
    """The first place where the chain does not hold, and why."""

    position: str
    reason: str


class Audit(Struct, frozen=True):
    """`checked` events; `broken` is None where the whole chain holds."""

    checked: int
    broken: Broken | None = None


def verify(
    connection: Connection[TupleRow], on_progress: Callable[[int], None] | None = None
) -> Audit:
    """Walk every shard from its first event; `on_progress` hears how many were checked so far.

    A chain covers its whole shard, so events of all shops are walked together.
    """
    checked = 0
    shards = [row[0] for row in connection.execute("SELECT DISTINCT shard FROM events").fetchall()]
    for shard in sorted(shards):
        for broken in _walk(connection, shard):
            if broken is not None:
                return Audit(checked, broken)
            checked += 1
            if on_progress and checked % PAGE == 0:
                on_progress(checked)
    return Audit(checked)


def _walk(connection: Connection[TupleRow], shard: int) -> Iterator[Broken | None]:
    head = START
    with connection.transaction(), connection.cursor(name=f"audit_{shard}") as cursor:
        cursor.itersize = PAGE
        cursor.execute(EVENTS, (shard,))
        for position, profile, version, topic, state, chain in cursor:
            head = head._replace(number=head.number + 1)
            here = str(Position(shard, head.number))
            if position != head.number:
                yield Broken(here, f"expected position {head.number}, found {position}")
                return
            expected = link(head.chain, StoredEvent(profile, version, topic, bytes(state)))
            if chain != expected:
                yield Broken(here, "the stored link is not the hash of what precedes it")
                return
            head = head._replace(chain=expected)
            yield None
