"""Orders and their lines, for lists inside a profile and for segments that count them.

A row belongs to the part of a customer it is about (`subject`), and says who stands for that part
now (`profile_id`): a merge and its reversal change nothing but the latter.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from aggregates.log.following import Changes
from aggregates.log.record import Record
from aggregates.profile import commerce
from aggregates.profile.events import orders
from aggregates.profile.events.lineage import Absorbed, AbsorbedInto, Released, Restored
from aggregates.profile.events.orders import Order, Picture, Pictured, picture_of
from aggregates.profile.items import Item
from aggregates.profile.money import minor_units
from aggregates.profile.profile import Profile
from projections.readmodel import topics_of
from projections.telling import Telling

TABLES = """
    CREATE TABLE IF NOT EXISTS orders (
        subject            uuid NOT NULL,
        order_id           text NOT NULL,
        profile_id         uuid NOT NULL,
        namespace_id       integer NOT NULL,
        placed_at          timestamptz NOT NULL,
        number             text,
        total              bigint NOT NULL, -- minor units of `currency`
        discount           bigint NOT NULL,
        refunded           bigint NOT NULL,
        currency           text NOT NULL,
        channel            text NOT NULL,
        financial_status   text,
        fulfillment_status text,
        cancelled_at       timestamptz,
        counts             boolean NOT NULL, -- neither a test nor voided, cancelled or deleted
        PRIMARY KEY (subject, order_id)
    );
    CREATE INDEX IF NOT EXISTS orders_profile ON orders (profile_id, placed_at, order_id);
    CREATE INDEX IF NOT EXISTS orders_placed ON orders (namespace_id, placed_at) WHERE counts;
    CREATE TABLE IF NOT EXISTS lines (
        subject    uuid NOT NULL,
        order_id   text NOT NULL,
        line       integer NOT NULL,
        profile_id uuid NOT NULL,
        product_id text,
        variant_id text,
        sku        text,
        title      text,
        quantity   integer NOT NULL,
        price      bigint, -- of one unit, minor units
        PRIMARY KEY (subject, order_id, line)
    );
    CREATE INDEX IF NOT EXISTS lines_profile ON lines (profile_id, product_id);
    CREATE INDEX IF NOT EXISTS lines_product ON lines (product_id, profile_id);
"""
ORDER = {
    "subject": "uuid", "order_id": "text", "profile_id": "uuid", "namespace_id": "integer",
    "placed_at": "timestamptz", "number": "text", "total": "bigint", "discount": "bigint",
    "refunded": "bigint", "currency": "text", "channel": "text", "financial_status": "text",
    "fulfillment_status": "text", "cancelled_at": "timestamptz", "counts": "boolean",
}  # fmt: skip
LINE = {
    "subject": "uuid", "order_id": "text", "line": "integer", "profile_id": "uuid",
    "product_id": "text", "variant_id": "text", "sku": "text", "title": "text",
    "quantity": "integer", "price": "bigint",
}  # fmt: skip
EMPTY = (
    "DELETE FROM lines USING unnest(%b::uuid[], %b::text[]) AS gone(subject, order_id)"
    " WHERE lines.subject = gone.subject AND lines.order_id = gone.order_id"
)
LED = (
    "UPDATE {table} SET profile_id = led.head FROM unnest(%b::uuid[], %b::uuid[])"
    " AS led(subject, head) WHERE {table}.subject = led.subject AND {table}.profile_id <> led.head"
)
Touched = tuple[UUID, str]  # a subject and one of its orders


class OrderRow(NamedTuple):
    subject: UUID
    order_id: str
    profile_id: UUID
    namespace_id: int
    placed_at: datetime
    number: str | None
    total: int
    discount: int
    refunded: int
    currency: str
    channel: str
    financial_status: str | None
    fulfillment_status: str | None
    cancelled_at: datetime | None
    counts: bool


class LineRow(NamedTuple):
    subject: UUID
    order_id: str
    line: int
    profile_id: UUID
    product_id: str | None
    variant_id: str | None
    sku: str | None
    title: str | None
    quantity: int
    price: int | None


class Purchases(Struct, frozen=True):
    """The read model."""

    name: str = "purchases"
    moved_by: frozenset[str] | None = topics_of("orders")
    tables: str = TABLES

    def absorb(self, connection: Connection[TupleRow], changes: Changes) -> None:
        telling = Telling(changes)
        _lead(connection, changes.records, telling)
        touched: dict[Touched, int] = {}
        lines: dict[Touched, list[LineRow]] = {}
        for record in changes.records:
            if (order_id := _order_of(record)) is None:
                continue
            touched[record.subject, order_id] = changes.profiles[record.stream].namespace
            if _is_newest_picture(record, telling):
                head = telling.head(record.subject)
                lines[record.subject, order_id] = list(_lines(record, order_id, head))
        rows = [row for one, space in touched.items() for row in _rows(one, space, telling)]
        _put(connection, "orders", ORDER, rows)
        if lines:
            subjects, ids = zip(*lines, strict=True)
            connection.execute(EMPTY, (list(subjects), list(ids)), binary=True)
            _put(connection, "lines", LINE, [row for some in lines.values() for row in some])


def _lead(connection: Connection[TupleRow], records: Iterable[Record], telling: Telling) -> None:
    """Who stands for whom, of those of whom that has changed."""
    parted = {one for record in records for one in _concerned(record)}
    led = {subject: telling.head(subject) for subject in parted}
    for table in ("orders", "lines") if led else ():
        statement = LED.format(table=table)
        connection.execute(statement.encode(), (list(led), list(led.values())), binary=True)


def _concerned(record: Record) -> tuple[UUID, ...]:
    match record.event:
        case Absorbed() | Released():
            return record.event.subjects
        case AbsorbedInto() | Restored():
            return (record.stream,)
    return ()


def _order_of(record: Record) -> str | None:
    event = record.event
    if not isinstance(event, orders.OrderEvent) or isinstance(event, orders.Returned):
        return None
    return event.order_id


def _is_newest_picture(record: Record, telling: Telling) -> bool:
    event = record.event
    if not isinstance(event, Pictured):
        return False
    told = telling.about(record.subject)
    order = told.orders.by_id.get(event.order_id) if told else None
    shown = order.picture if order else None
    return (
        shown is not None
        and shown.stamp == record.happened.stamp
        and shown.value == picture_of(event)
    )


def _rows(touched: Touched, namespace: int, telling: Telling) -> Iterator[OrderRow]:
    subject, order_id = touched
    told = telling.about(subject)
    order = told.orders.by_id.get(order_id) if told else None
    if told is not None and order is not None and order.picture is not None:
        shown, back, head = order.picture.value, _back(told, order_id), telling.head(subject)
        yield _row(touched, head, namespace, order, shown, back)


def _row(
    touched: Touched, head: UUID, namespace: int, order: Order, shown: Picture, refunded: int
) -> OrderRow:
    return OrderRow(
        subject=touched[0],
        order_id=touched[1],
        profile_id=head,
        namespace_id=namespace,
        placed_at=shown.placed_at,
        number=shown.number,
        total=shown.total.minor,
        discount=shown.discount_total.minor if shown.discount_total else 0,
        refunded=refunded,
        currency=shown.total.currency,
        channel=shown.channel,
        financial_status=shown.financial_status,
        fulfillment_status=shown.fulfillment_status,
        cancelled_at=order.cancelled_at,
        counts=not commerce.excluded(order),
    )


def _back(told: Profile, order_id: str) -> int:
    given = (refund.value for refund in told.orders.refunds.values())
    return sum(refund.amount.minor for refund in given if refund.order_id == order_id)


def _lines(record: Record, order_id: str, head: UUID) -> Iterator[LineRow]:
    assert isinstance(record.event, Pictured)
    for number, item in enumerate(record.event.items):
        yield _line(record.subject, order_id, number, head, item)


def _line(subject: UUID, order_id: str, number: int, head: UUID, item: Item) -> LineRow:
    price = minor_units(item.price.amount, item.price.currency) if item.price else None
    return LineRow(
        subject, order_id, number, head, item.product_id, item.variant_id, item.sku, item.title,
        item.quantity, price,
    )  # fmt: skip


def _put(
    connection: Connection[TupleRow],
    table: str,
    columns: Mapping[str, str],
    rows: Iterable[tuple[object, ...]],
) -> None:
    if not (told := list(rows)):
        return
    names, key = ", ".join(columns), ", ".join(list(columns)[: 2 if table == "orders" else 3])
    arrays = ", ".join(f"%b::{kind}[]" for kind in columns.values())
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns)
    query = (
        f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays})"  # noqa: S608  # our names
        f" ON CONFLICT ({key}) DO UPDATE SET {changes}"
    )
    connection.execute(query.encode(), [list(each) for each in zip(*told, strict=True)])
