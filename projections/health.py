"""How far behind the log each read model is, and when its keeper was last seen."""

from datetime import datetime
from typing import Any, LiteralString

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.sql import SQL, Identifier

from projections.readmodel import schema_of

HEAD: LiteralString = """
    SELECT coalesce(sum(last.position), 0)::bigint FROM generate_series(0, 255) AS one(shard)
    CROSS JOIN LATERAL (SELECT position FROM events WHERE events.shard = one.shard
                        ORDER BY position DESC LIMIT 1) AS last
"""
SCHEMAS = r"SELECT nspname FROM pg_namespace WHERE nspname ~ '^rm_' AND nspname !~ '_(next|old)$'"
STATE = SQL("""
    SELECT (SELECT coalesce(sum(notification_id), 0)::bigint FROM {tracking}
            WHERE application_name ~ '^[0-9]+$'),
           (SELECT max(seen_at) FROM {made}), (SELECT count(*) FROM {parked})
""")
PREFIX = schema_of("")


class State(Struct, frozen=True):
    """`behind` in events; `parked` are profiles whose news it could not deal with."""

    name: str
    behind: int
    seen_at: datetime | None
    parked: int


async def states(connection: AsyncConnection[Any]) -> list[State]:
    """Of all read models that were ever begun, by name."""
    cursor = await connection.execute(SCHEMAS)
    schemas = sorted(schema for (schema,) in await cursor.fetchall())
    cursor = await connection.execute(HEAD)
    head = (await cursor.fetchone() or (0,))[0]
    return [await _state(connection, schema, head) for schema in schemas]


async def _state(connection: AsyncConnection[Any], schema: str, head: int) -> State:
    tables = {name: Identifier(schema, name) for name in ("tracking", "made", "parked")}
    cursor = await connection.execute(STATE.format(**tables))
    read, seen_at, parked = await cursor.fetchone() or (0, None, 0)
    return State(schema.removeprefix(PREFIX), max(0, head - read), seen_at, parked)
