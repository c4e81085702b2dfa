"""What rules look at of one customer, as plain values."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from projections.reach import Mail, Stand
from projections.segments.rule import StageName

ROW = (
    "SELECT name, name_key, email, phone, company, city, country, currency, sources, tags, orders,"
    " spend, average, visits, first_order_at, last_order_at, created_at, last_activity_at,"
    " coalesce(active_stage, 'new') AS active_stage, active_at"
    " FROM rm_customers.customers LEFT JOIN rm_stages.stages USING (namespace_id, profile_id)"
    " WHERE namespace_id = %s AND profile_id = %s"
)
ORDERS = (
    "SELECT subject, order_id, placed_at, total, currency FROM rm_purchases.orders"
    " WHERE profile_id = %s AND counts ORDER BY placed_at, order_id"
)
LINES = "SELECT subject, order_id, product_id, sku, title FROM rm_purchases.lines" \
    " WHERE profile_id = %s AND quantity > 0"  # fmt: skip

STANDINGS = "SELECT channel, since, until, state, place FROM rm_reach.standings" \
    " WHERE profile_id = %s"  # fmt: skip
MESSAGES = (
    "SELECT channel, marketing, campaign, at, until, opened_at, clicked_at, replied_at,"
    " dismissed_at, complained_at FROM rm_reach.messages WHERE profile_id = %s"
)
VISITS = "SELECT at FROM rm_visits.visits WHERE profile_id = %s"


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
    """`spend` and `average` in minor units of `currency`. `active_stage` is that of the last sign
    of life, before the customer became quiet. `visited` is when visits were last heard of."""

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
    active_stage: StageName
    active_at: datetime | None
    purchases: Sequence[Purchase]
    stands: Sequence[Stand]
    mails: Sequence[Mail]
    visited: Sequence[datetime]


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
    stands = [Stand(*stand) for stand in await _rows(connection, STANDINGS, profile_id)]
    mails = [Mail(*mail) for mail in await _rows(connection, MESSAGES, profile_id)]
    visited = [at for (at,) in await _rows(connection, VISITS, profile_id)]
    return Facts(**row, purchases=held, stands=stands, mails=mails, visited=visited)


async def _rows(
    connection: AsyncConnection[Any], query: str, profile_id: UUID
) -> list[tuple[Any, ...]]:
    return await (await connection.execute(query.encode(), (profile_id,))).fetchall()
