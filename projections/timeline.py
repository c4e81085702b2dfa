"""Where the events of a shopper's timeline are in the log, in the order in which they happened.

Nothing of an event's content is stored here, so nothing here is personal: a page is read from the
log by what it says.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection, Connection
from psycopg.rows import TupleRow

from aggregates.log.following import Changes
from aggregates.log.record import Record

# What people call it, by the first part of an event's name.
KINDS = {
    "orders": "order", "checkouts": "checkout", "drafts": "draft", "visits": "visit",
    "messages": "message", "consent": "consent", "contact": "contact", "properties": "property",
    "identity": "identity", "lineage": "merge", "lifecycle": "stage", "reviews": "review",
    "loyalty": "loyalty", "support": "support",
}  # fmt: skip
TABLES = """
    CREATE TABLE IF NOT EXISTS entries (
        stream       uuid NOT NULL,
        version      bigint NOT NULL,
        subject      uuid NOT NULL,
        namespace_id integer NOT NULL,
        occurred_at  timestamptz NOT NULL,
        kind         text NOT NULL,
        PRIMARY KEY (stream, version)
    );
    CREATE INDEX IF NOT EXISTS entries_subject
        ON entries (subject, occurred_at DESC, stream DESC, version DESC);
"""
PUT = (
    "INSERT INTO entries (stream, version, subject, namespace_id, occurred_at, kind)"
    " SELECT * FROM unnest(%b::uuid[], %b::bigint[], %b::uuid[], %b::integer[],"
    " %b::timestamptz[], %b::text[]) ON CONFLICT DO NOTHING"
)
PAGE = """
    SELECT stream, version, occurred_at, kind FROM rm_timeline.entries
    WHERE subject = ANY(%(subjects)s) AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s))
      AND (occurred_at, stream, version) < (%(at)s, %(stream)s, %(version)s)
    ORDER BY occurred_at DESC, stream DESC, version DESC LIMIT %(limit)s
"""


class Entry(NamedTuple):
    """Of the stream's event at this version."""

    stream: UUID
    version: int
    occurred_at: datetime
    kind: str


class Timeline(Struct, frozen=True):
    """The read model."""

    name: str = "timeline"
    tables: str = TABLES
    moved_by: frozenset[str] | None = None

    def absorb(self, connection: Connection[TupleRow], changes: Changes) -> None:
        rows = list(_rows(changes))
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            connection.execute(PUT, columns, binary=True)


class Newest(NamedTuple):
    """`kinds` of None are all; `after` is the last entry of the page before."""

    subjects: Sequence[UUID]
    kinds: Sequence[str] | None = None
    after: Entry | None = None
    limit: int = 50


async def page(connection: AsyncConnection[Any], wanted: Newest) -> list[Entry]:
    """Of these parts of one customer, newest first."""
    after = wanted.after
    at = after.occurred_at if after else "infinity"
    values = {
        "subjects": list(wanted.subjects),
        "kinds": list(wanted.kinds) if wanted.kinds is not None else None,
        "at": at,
        "stream": after.stream if after else UUID(int=2**128 - 1),
        "version": after.version if after else 0,
        "limit": wanted.limit,
    }
    cursor = await connection.execute(PAGE.encode(), values)
    return [Entry(*row) for row in await cursor.fetchall()]


def _rows(changes: Changes) -> Iterable[tuple[object, ...]]:
    for record in changes.records:
        if (kind := kind_of(record)) is not None:
            space = changes.profiles[record.stream].namespace
            subject, at = record.subject, record.occurred_at
            yield (record.stream, record.version, subject, space, at, kind)


def kind_of(record: Record) -> str | None:
    """None for what says nothing to people."""
    return KINDS.get(str(record.event.__struct_config__.tag).partition(".")[0])
