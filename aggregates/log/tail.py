"""Reading the log behind the writers: one cursor a shard, all of them in one query.

Within a shard positions commit in order and without gaps, so a reader that goes on from the last
position it has seen cannot miss an event.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from aggregates.log.port import SHARDS

NEXT = (
    "SELECT e.shard, e.position, e.namespace_id, e.profile_id, e.version, e.topic, e.state"
    " FROM unnest(%b::smallint[], %b::bigint[]) AS cursor(shard, position) CROSS JOIN LATERAL"
    " (SELECT * FROM events WHERE events.shard = cursor.shard"
    "  AND events.position > cursor.position ORDER BY position LIMIT %b) AS e"
)
PAGE = 500  # events of one shard in one page


class Tailed(Struct, frozen=True, gc=False):
    """A stored event and where it stands."""

    shard: int
    position: int
    namespace: int
    profile: UUID
    stored: StoredEvent


def beginning() -> dict[int, int]:
    """The cursors of a reader that has seen nothing: the last position seen, by shard."""
    return dict.fromkeys(range(SHARDS), 0)


def after(
    connection: Connection[TupleRow], cursors: Mapping[int, int], limit: int = PAGE
) -> list[Tailed]:
    """What was committed behind `cursors`: per shard in order, at most `limit` each."""
    parameters = (list(cursors), list(cursors.values()), limit)
    rows = connection.execute(NEXT.encode(), parameters, binary=True)
    return [
        Tailed(shard, position, namespace, profile, StoredEvent(profile, version, topic, state))
        for shard, position, namespace, profile, version, topic, state in rows.fetchall()
    ]


def advanced(cursors: Mapping[int, int], page: Sequence[Tailed]) -> dict[int, int]:
    """The cursors once `page` is dealt with."""
    return {**cursors, **{seen.shard: seen.position for seen in page}}
