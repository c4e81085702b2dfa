"""Whether the read models that segments are made of tell of everybody yet.

One that was made anew, or is new, begins with nobody. Whoever looked at everybody then would tell
of all of them that they left, and soon that they entered again.
"""

from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow

SOURCES = ("stages", "customers", "purchases", "reach", "visits", "segments")
EXIST = " AND ".join(f"to_regclass('rm_{name}.made') IS NOT NULL" for name in SOURCES)
MADE = ", ".join(f"(SELECT id FROM rm_{name}.made)" for name in SOURCES)  # noqa: S608  # ours
HEADS = """
    SELECT one.shard, last.position FROM generate_series(0, 255) AS one (shard)
    CROSS JOIN LATERAL (SELECT position FROM events WHERE events.shard = one.shard
        ORDER BY position DESC LIMIT 1) AS last
"""
BEHIND = """
    SELECT FROM unnest(%(shards)s::int[], %(positions)s::bigint[]) AS head (shard, position)
    LEFT JOIN rm_{}.tracking ON application_name = shard::text
    WHERE COALESCE(notification_id, 0) < position
"""
IS_BEHIND = " OR ".join(f"EXISTS ({BEHIND.format(name)})" for name in SOURCES)


class CaughtUp:
    """Once they have read what there was when they were first seen, they are taken to be; how far
    behind they are later makes no difference."""

    def __init__(self) -> None:
        self._made: tuple[UUID, ...] | None = None
        self._heads: dict[str, list[int]] = {}
        self._is_done = False

    def look(self, connection: Connection[TupleRow]) -> bool:
        if connection.execute(f"SELECT {EXIST}".encode()).fetchone() != (True,):
            return False
        made = connection.execute(f"SELECT {MADE}".encode()).fetchone()
        if made != self._made:
            self._made, self._heads, self._is_done = made, _heads(connection), False
        if not self._is_done:
            behind = connection.execute(f"SELECT {IS_BEHIND}".encode(), self._heads).fetchone()
            self._is_done = behind == (False,)
        return self._is_done


def _heads(connection: Connection[TupleRow]) -> dict[str, list[int]]:
    found = connection.execute(HEADS).fetchall()
    return {"shards": [shard for shard, _ in found], "positions": [last for _, last in found]}
