"""Visits one by one, each with the moment it was last heard of, for rules that count those lately.

Rows are made from whole profiles, which keep the newest visits: so they follow every merge and its
reversal, and the log needs no event that is about a visit as such.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from aggregates.log.following import Changes
from projections.readmodel import topics_of

TABLES = """
    CREATE TABLE IF NOT EXISTS visits (
        profile_id   uuid NOT NULL,
        visit_id     text NOT NULL,
        namespace_id integer NOT NULL,
        at           timestamptz NOT NULL, -- in no index: it moves with every page that is seen
        PRIMARY KEY (profile_id, visit_id)
    ) WITH (fillfactor = 80);
    CREATE INDEX IF NOT EXISTS visits_namespace ON visits (namespace_id);
"""
PUT = """
    INSERT INTO visits (profile_id, visit_id, namespace_id, at)
    SELECT * FROM unnest(%b::uuid[], %b::text[], %b::integer[], %b::timestamptz[])
        AS told (profile_id, visit_id, namespace_id, at)
    WHERE NOT EXISTS (SELECT FROM visits AS held WHERE held.profile_id = told.profile_id
        AND held.visit_id = told.visit_id AND held.at = told.at)
    ON CONFLICT (profile_id, visit_id) DO UPDATE SET at = excluded.at
"""
DROP = """
    DELETE FROM visits WHERE profile_id = ANY(%b) AND NOT EXISTS (
        SELECT FROM unnest(%b::uuid[], %b::text[]) AS told (profile_id, visit_id)
        WHERE told.profile_id = visits.profile_id AND told.visit_id = visits.visit_id)
"""


class VisitTimes(Struct, frozen=True):
    """The read model."""

    name: str = "visits"
    tables: str = TABLES
    moved_by: frozenset[str] | None = topics_of("visits")

    def absorb(self, connection: Connection[TupleRow], changes: Changes) -> None:
        here = {one: held for one, held in changes.profiles.items() if not held.is_gone}
        rows = [
            (whose, visit, held.namespace, at)
            for whose, held in here.items()
            for visit, at in held.profile.visits.last_seen.items()
        ]
        whose, visits, *more = _columns(rows)
        connection.execute(DROP, (list(changes.profiles), whose, visits), binary=True)
        connection.execute(PUT, (whose, visits, *more), binary=True)


def _columns(rows: Sequence[tuple[UUID, str, int, datetime]]) -> list[list[object]]:
    return [list(each) for each in zip(*rows, strict=True)] or [[], [], [], []]
