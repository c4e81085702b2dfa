"""What rules look at of one customer, as plain values."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import dict_row

ROW = (
    "SELECT name, name_key, email, phone, company, city, country, currency, sources, tags, orders,"
    " spend, average, visits, first_order_at, last_order_at, created_at, last_activity_at"
    " FROM rm_customers.customers WHERE namespace_id = %s AND profile_id = %s"
)
ORDERS = (
    "SELECT subject, order_id, placed_at, total, currency FROM rm_purchases.orders"
    " WHERE profile_id = %s AND counts ORDER BY placed_at, order_id"
)
LINES = "SELECT subject, order_id, product_id, sku, title FROM rm_purchases.lines" \
    " WHERE profile_id = %s AND quantity > 0"  # fmt: skip


class Line(NamedTuple):
    product_id: str | None
    sku: str | None
    title: str | None


class Purchase(NamedTuple):
    """An order that counts; `total` in minor units of `currency`."""

    order_id: str
    placed_at: datetime
    total: int
    currency: str
    lines: Sequence[Line] = ()


class Facts(Struct, frozen=True, kw_only=True):
    """`spend` and `average` in minor units of `currency`."""

    name: str | None
    name_key: str | None
    email: str | None
    phone: str | None
    company: str | None
    city: str | None
    country: str | None
    currency: str | None
    sources: Sequence[str]
    tags: Sequence[str]
    orders: int
    spend: int
    average: int
    visits: int
    first_order_at: datetime | None
    last_order_at: datetime | None
    created_at: datetime
    last_activity_at: datetime | None
    purchases: Sequence[Purchase]


async def facts_of(
    connection: AsyncConnection[Any], namespace: int, profile_id: UUID
) -> Facts | None:
    """None where no such customer is listed."""
    found = connection.cursor(row_factory=dict_row)
    row = await (await found.execute(ROW, (namespace, profile_id))).fetchone()
    if row is None:
        return None
    lines: dict[tuple[UUID, str], list[Line]] = {}
    for subject, order_id, *line in await _rows(connection, LINES, profile_id):
        lines.setdefault((subject, order_id), []).append(Line(*line))
    orders = await _rows(connection, ORDERS, profile_id)
    held = [
        Purchase(order_id, placed_at, total, currency, lines.get((subject, order_id), ()))
        for subject, order_id, placed_at, total, currency in orders
    ]
    return Facts(**row, purchases=held)


async def _rows(
    connection: AsyncConnection[Any], query: str, profile_id: UUID
) -> list[tuple[Any, ...]]:
    return await (await connection.execute(query.encode(), (profile_id,))).fetchall()
