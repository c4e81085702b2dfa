"""What was heard of each message, event by event: whether it went out, and how it was taken.

Texts and addresses stay in the log, so nothing here is personal.
"""

from collections.abc import Iterable
from typing import get_args

from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from aggregates.log.following import Changes
from aggregates.log.record import Record
from aggregates.profile.events.messages import (
    Blocked,
    Heard,
    MessageEvent,
    Missed,
    Released,
    Reserved,
    Sent,
    moment_of,
)
from projections.readmodel import topics_of

TABLES = """
    CREATE TABLE IF NOT EXISTS facts (
        stream        uuid NOT NULL,
        version       bigint NOT NULL,
        subject       uuid NOT NULL,
        namespace_id  integer NOT NULL,
        message_id    text NOT NULL,
        fact          text NOT NULL,
        at            timestamptz NOT NULL,
        until         timestamptz, -- of a reservation
        channel       text,
        message_class text,
        source        text,
        source_id     text,
        PRIMARY KEY (stream, version)
    );
    CREATE INDEX IF NOT EXISTS facts_subject ON facts (subject, message_id);
"""
PUT = (
    "INSERT INTO facts (stream, version, subject, namespace_id, message_id, fact, at, until,"
    " channel, message_class, source, source_id) SELECT * FROM unnest(%b::uuid[], %b::bigint[],"
    " %b::uuid[], %b::integer[], %b::text[], %b::text[], %b::timestamptz[], %b::timestamptz[],"
    " %b::text[], %b::text[], %b::text[], %b::text[]) ON CONFLICT DO NOTHING"
)
HEARD = get_args(Heard)
NAMES = {Reserved: "reserved", Blocked: "blocked", Missed: "missed", Sent: "sent",
         Released: "released"}  # fmt: skip


class MessageFacts(Struct, frozen=True):
    """The read model."""

    name: str = "messages"
    tables: str = TABLES
    moved_by: frozenset[str] | None = topics_of("messages")

    def absorb(self, connection: Connection[TupleRow], changes: Changes) -> None:
        rows = list(_rows(changes))
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            connection.execute(PUT, columns, binary=True)


def _rows(changes: Changes) -> Iterable[tuple[object, ...]]:
    for record in changes.records:
        if isinstance(record.event, MessageEvent):
            yield _row(record, record.event, changes.profiles[record.stream].namespace)


def _row(record: Record, event: MessageEvent, namespace: int) -> tuple[object, ...]:
    told = ("expires_at", "channel", "message_class", "source", "source_id")
    return (
        record.stream,
        record.version,
        record.subject,
        namespace,
        event.message_id,
        fact_of(event),
        record.occurred_at,
        *(getattr(event, name, None) for name in told),
    )


def fact_of(event: MessageEvent) -> str:
    return moment_of(event) if isinstance(event, HEARD) else NAMES[type(event)]
