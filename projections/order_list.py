"""Asking for one customer's orders, their lines, and what was ordered most often."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row

ORDERS = """
    SELECT DISTINCT ON (placed_at, order_id COLLATE "C")
           subject, order_id, placed_at, number, total, discount, refunded, currency, channel,
           financial_status, fulfillment_status, cancelled_at, counts
    FROM rm_purchases.orders AS held
    WHERE subject = ANY(%(subjects)s)
      AND (%(ids)s::text[] IS NULL OR order_id = ANY(%(ids)s))
      AND (%(at)s::timestamptz IS NULL
           OR (placed_at, %(ours)s::text, order_id COLLATE "C") < (%(at)s, %(kind)s, %(last)s))
      AND (%(status)s::text IS NULL OR financial_status = %(status)s
           OR coalesce(fulfillment_status, 'unfulfilled') = %(status)s
           OR order_id = ANY(%(badged)s))
      AND (%(like)s::text IS NULL OR number ILIKE %(like)s OR order_id ILIKE %(like)s
           OR EXISTS (SELECT FROM rm_purchases.lines AS line
                      WHERE line.subject = held.subject AND line.order_id = held.order_id
                        AND (title ILIKE %(like)s OR sku ILIKE %(like)s)))
    ORDER BY placed_at DESC, order_id COLLATE "C" DESC, subject LIMIT %(limit)s
"""
LINES = """
    SELECT lines.subject, lines.order_id, product_id, variant_id, sku, title, quantity, price
    FROM rm_purchases.lines
    JOIN unnest(%s::uuid[], %s::text[]) AS wanted(subject, order_id) USING (subject, order_id)
    ORDER BY lines.subject, lines.order_id, line
"""
PRODUCTS = """
    SELECT (array_agg(product_id ORDER BY placed_at DESC))[1] AS product_id,
           (array_agg(sku ORDER BY placed_at DESC) FILTER (WHERE sku IS NOT NULL))[1] AS sku,
           (array_agg(title ORDER BY placed_at DESC) FILTER (WHERE title IS NOT NULL))[1] AS title,
           count(DISTINCT order_id) AS orders, sum(quantity)::bigint AS quantity,
           max(placed_at) AS last_at
    FROM rm_purchases.lines
    JOIN (
        SELECT DISTINCT ON (order_id) subject, order_id, placed_at, counts
        FROM rm_purchases.orders WHERE subject = ANY(%s) ORDER BY order_id, subject
    ) AS held USING (subject, order_id)
    WHERE counts AND coalesce(product_id, sku, title) IS NOT NULL
    GROUP BY coalesce(product_id, sku, title)
    ORDER BY orders DESC, quantity DESC, coalesce(product_id, sku, title) LIMIT %s
"""
KIND = "order"


class Row(NamedTuple):
    """Amounts are minor units of `currency`."""

    subject: UUID
    order_id: str
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


class Line(NamedTuple):
    """`price` is of one unit, in minor units of the order's currency."""

    subject: UUID
    order_id: str
    product_id: str | None
    variant_id: str | None
    sku: str | None
    title: str | None
    quantity: int
    price: int | None


class Product(NamedTuple):
    """`orders` it was in, and how many pieces together."""

    product_id: str | None
    sku: str | None
    title: str | None
    orders: int
    quantity: int
    last_at: datetime


class Place(NamedTuple):
    """Of an entry in a list of orders, checkouts and drafts, newest first."""

    at: datetime
    kind: str
    id: str


class Wanted(NamedTuple):
    """`text` is looked for in numbers, ids, titles and SKUs. With a `status` come orders that have
    it and those that are `badged` with it."""

    subjects: Sequence[UUID]
    limit: int
    after: Place | None = None
    ids: Sequence[str] | None = None
    text: str | None = None
    status: str | None = None
    badged: Sequence[str] = ()


async def orders(connection: AsyncConnection[Any], wanted: Wanted) -> list[Row]:
    """Newest first."""
    at, kind, last = wanted.after or (None, None, None)
    values = {
        **wanted._asdict(),
        "subjects": list(wanted.subjects),
        "badged": list(wanted.badged),
        "at": at,
        "kind": kind,
        "last": last,
        "ours": KIND,
        "like": _containing(wanted.text) if wanted.text else None,
    }
    async with connection.cursor(row_factory=class_row(Row)) as cursor:
        await cursor.execute(ORDERS, values)
        return await cursor.fetchall()


async def lines(connection: AsyncConnection[Any], rows: Sequence[Row]) -> Mapping[str, list[Line]]:
    """By the order's id."""
    found: dict[str, list[Line]] = {row.order_id: [] for row in rows}
    wanted = [row.subject for row in rows], [row.order_id for row in rows]
    async with connection.cursor(row_factory=class_row(Line)) as cursor:
        await cursor.execute(LINES, wanted)
        for line in await cursor.fetchall():
            found[line.order_id].append(line)
    return found


async def products(
    connection: AsyncConnection[Any], subjects: Sequence[UUID], limit: int
) -> list[Product]:
    """Those in most orders that count, the most first."""
    async with connection.cursor(row_factory=class_row(Product)) as cursor:
        await cursor.execute(PRODUCTS, (list(subjects), limit))
        return await cursor.fetchall()


def _containing(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
