"""I1 and I2 of the design, asked of the database itself."""

import psycopg

from aggregates.log import audit

HOLES = """
    SELECT profile_id FROM events GROUP BY profile_id
    HAVING count(*) <> max(version) OR min(version) <> 1
    UNION ALL
    SELECT NULL FROM events GROUP BY shard HAVING count(*) <> max(position) OR min(position) <> 1
"""
PLACED = """
    SELECT convert_from(state, 'UTF8')::jsonb ->> 'command_id', count(*) FROM events
    WHERE topic = 'orders.placed' GROUP BY 1
"""
OWNERS = """
    SELECT count(*), count(DISTINCT (namespace_id, digest)) FROM identifiers
"""


def assert_whole(dsn: str) -> None:
    """Versions and positions are 1…n, and the hash chain holds."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        assert connection.execute(HOLES.encode()).fetchall() == []
        assert audit.verify(connection).broken is None


def placed_by(dsn: str) -> dict[str, int]:
    """How many orders.placed each webhook id caused."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(PLACED.encode()).fetchall()
    return {command.removeprefix("shopify:"): count for command, count in rows}
