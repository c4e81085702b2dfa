"""How far a read model has come in each shard, in the library's own tracking table.

A shard is what the library calls an application, a position its notification id. As with the
library's upsert a position that does not advance is refused, so that a second reader of a shard is
fenced; but all shards of a page are one statement, where the library would send one for each.
"""

from collections.abc import Iterable, Mapping

from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

TABLE = "tracking"
READ = SQL("SELECT application_name, notification_id FROM {}")
ADVANCE = SQL("""
    INSERT INTO {} AS held (application_name, notification_id)
    SELECT shard::text, position FROM unnest(%b::int[], %b::bigint[]) AS reached(shard, position)
    ON CONFLICT (application_name) DO UPDATE SET notification_id = excluded.notification_id
    WHERE held.notification_id < excluded.notification_id
""")


class Overtaken(Exception):
    """Somebody else has read these events for the same read model."""


class Progress:
    """Of one read model, whose tables are in `schema`. Writes in the caller's transaction."""

    def __init__(self, schema: str) -> None:
        never_connected = PostgresDatastore("", "", "", "", "", schema=schema)
        self._recorder = PostgresTrackingRecorder(never_connected, tracking_table_name=TABLE)
        self._table = Identifier(schema, TABLE)

    def create(self, connection: Connection[TupleRow]) -> None:
        for statement in self._recorder.sql_create_statements:
            connection.execute(statement)

    def read(self, connection: Connection[TupleRow], shards: Iterable[int]) -> dict[int, int]:
        """The last position dealt with, by shard."""
        query = READ.format(self._table)
        found = {int(shard): position for shard, position in connection.execute(query).fetchall()}
        return {shard: found.get(shard, 0) for shard in shards}

    def advance(self, connection: Connection[TupleRow], to: Mapping[int, int]) -> None:
        """Raises Overtaken."""
        shards = sorted(to)  # so that two readers never wait for each other in a circle
        positions = [to[shard] for shard in shards]
        done = connection.execute(ADVANCE.format(self._table), (shards, positions), binary=True)
        if done.rowcount != len(to):
            raise Overtaken(f"of {len(to)} shards {done.rowcount} advanced")
