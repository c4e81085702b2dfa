"""How far a read model has come in each shard, in the library's own tracking table.

A shard is what the library calls an application, a position its notification id. Its upsert
refuses a position that does not advance, so that a second reader of a shard is fenced.
"""

from collections.abc import Iterable, Mapping

from eventsourcing.persistence import IntegrityError, Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from psycopg import Connection, Cursor
from psycopg.rows import DictRow, TupleRow, dict_row
from psycopg.sql import SQL, Identifier

TABLE = "tracking"


class Overtaken(Exception):
    """Somebody else has read these events for the same read model."""


class Progress:
    """Of one read model, whose tables are in `schema`. Writes in the caller's transaction."""

    def __init__(self, schema: str) -> None:
        never_connected = PostgresDatastore("", "", "", "", "", schema=schema)
        self._recorder = _Recorder(never_connected, tracking_table_name=TABLE)
        self._table = Identifier(schema, TABLE)

    def create(self, connection: Connection[TupleRow]) -> None:
        for statement in self._recorder.sql_create_statements:
            connection.execute(statement)

    def read(self, connection: Connection[TupleRow], shards: Iterable[int]) -> dict[int, int]:
        """The last position dealt with, by shard."""
        query = SQL("SELECT application_name, notification_id FROM {}").format(self._table)
        found = {int(shard): position for shard, position in connection.execute(query).fetchall()}
        return {shard: found.get(shard, 0) for shard in shards}

    def advance(self, connection: Connection[TupleRow], to: Mapping[int, int]) -> None:
        """Raises Overtaken."""
        with connection.cursor(row_factory=dict_row) as cursor:
            for shard, position in sorted(to.items()):
                try:
                    self._recorder.write(cursor, Tracking(str(shard), position))
                except IntegrityError as error:
                    raise Overtaken(f"shard {shard}, position {position}") from error


class _Recorder(PostgresTrackingRecorder):
    """Writes inside the caller's transaction, as the library has its subclasses do."""

    def write(self, cursor: Cursor[DictRow], tracking: Tracking) -> None:
        self._insert_tracking(cursor, tracking)
