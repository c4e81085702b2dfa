"""Profiles whose news a read model could not deal with: said in health, dealt with when they
change again or the read model is made anew."""

from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow

PARKED = """
CREATE TABLE IF NOT EXISTS parked (
    profile_id uuid PRIMARY KEY,
    reason     text NOT NULL, -- the kind of error: its message may hold personal data
    parked_at  timestamptz NOT NULL DEFAULT now()
)"""
PARK = (
    "INSERT INTO parked (profile_id, reason) VALUES (%s, %s)"
    " ON CONFLICT (profile_id) DO UPDATE SET reason = excluded.reason, parked_at = now()"
)


def park(connection: Connection[TupleRow], profile: UUID, why: str) -> None:
    connection.execute(PARK, (profile, why))


def free(connection: Connection[TupleRow], profiles: list[UUID]) -> None:
    """They could be dealt with after all."""
    connection.execute("DELETE FROM parked WHERE profile_id = ANY(%s)", (profiles,))


def parked(connection: Connection[TupleRow]) -> set[UUID]:
    return {one for (one,) in connection.execute("SELECT profile_id FROM parked").fetchall()}
