"""Numbers of a database: its size, its events, who is connected, what is kept unprocessed."""

import time
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.rows import dict_row

Connection = psycopg.Connection[Any]
Figures = Mapping[str, float | None]
PATIENCE = "10s"  # for one query

SIZE = """
    SELECT pg_database_size(current_database()) / 1000000 AS megabytes,
           (SELECT count(*) FROM shops) AS shops,
           (SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database())"""
# Of each shard the first and the last event: their positions have no gaps, so that of the last is
# also their number.
EVENTS = """
    WITH ends AS (
        SELECT last.position, first.state AS first, last.state AS last
        FROM generate_series(0, 255) AS every(shard)
        CROSS JOIN LATERAL (SELECT position, state FROM events
            WHERE events.shard = every.shard ORDER BY position DESC LIMIT 1) AS last
        CROSS JOIN LATERAL (SELECT state FROM events
            WHERE events.shard = every.shard ORDER BY position LIMIT 1) AS first
    ), dated AS (
        SELECT position,
               (convert_from(first, 'UTF8')::jsonb ->> 'recorded_at')::timestamptz AS first,
               (convert_from(last, 'UTF8')::jsonb ->> 'recorded_at')::timestamptz AS last
        FROM ends
    )
    SELECT coalesce(sum(position), 0) AS events,
           extract(epoch FROM now() - max(last)) AS newest_event_age_s,
           extract(epoch FROM now() - min(first)) AS oldest_event_age_s
    FROM dated"""
ACTIVITY = """
    SELECT count(*) AS connections,
           current_setting('max_connections')::int AS connections_max,
           extract(epoch FROM max(now() - xact_start) FILTER (WHERE pid <> pg_backend_pid()))
               AS oldest_transaction_s
    FROM pg_stat_activity WHERE backend_type = 'client backend'"""
WAL = "SELECT sum(size) / 1000000 AS wal_megabytes FROM pg_ls_waldir()"  # not everybody may ask
LETTERS = """
    SELECT reason, count(*), extract(epoch FROM now() - min(received_at))::bigint AS oldest_s
    FROM dead_letters WHERE status = 'open' GROUP BY reason ORDER BY reason"""


def figures(connection: Connection) -> dict[str, float | None]:
    """By name. What this server does not tell us, or not soon enough, is left out."""
    connection.execute(f"SET statement_timeout = '{PATIENCE}'".encode())
    found: dict[str, float | None] = {}
    for query in (SIZE, EVENTS, ACTIVITY, WAL):
        for row in _rows(connection, query):
            found |= {name: None if value is None else _short(value) for name, value in row.items()}
    return found | _clock(connection)


def letters(connection: Connection) -> list[dict[str, object]]:
    """The open ones: how many, and how old the oldest is, by reason."""
    return _rows(connection, LETTERS)


def _clock(connection: Connection) -> dict[str, float]:
    """How far the server's clock is ahead of ours."""
    asked = time.time()
    row = connection.execute("SELECT extract(epoch FROM clock_timestamp())").fetchone()
    between = (asked + time.time()) / 2
    return {"clock_offset_s": _short(float(row[0]) - between)} if row else {}


def _rows(connection: Connection, query: str) -> list[dict[str, Any]]:
    try:
        return connection.cursor(row_factory=dict_row).execute(query.encode()).fetchall()
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.QueryCanceled):
        return []


def _short(figure: float) -> float:
    """Whole numbers as such, the others to a tenth."""
    return int(figure) if figure == int(figure) else round(float(figure), 1)
