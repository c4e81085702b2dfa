"""The few customers whom a page of the log has changed, copied aside before a hundred rules look at
each of them: fetched once, not once for each rule."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow

CUSTOMERS = """
    SELECT namespace_id, profile_id, name, name_key, email, phone, company, city, country, currency,
           sources, tags, orders, spend, average, visits, first_order_at, last_order_at, created_at,
           last_activity_at
    FROM rm_customers.customers"""
ORDERS = """
    SELECT namespace_id, profile_id, subject, order_id, placed_at, total, currency, counts
    FROM rm_purchases.orders"""
LINES = """
    SELECT profile_id, subject, order_id, product_id, sku, title, quantity
    FROM rm_purchases.lines"""
STAGES = "SELECT profile_id, active_stage, active_at FROM rm_stages.stages"
STANDINGS = "SELECT profile_id, channel, since, until, state, place FROM rm_reach.standings"
MESSAGES = """
    SELECT namespace_id, profile_id, channel, marketing, campaign, at, until, opened_at, clicked_at,
           replied_at, dismissed_at, complained_at
    FROM rm_reach.messages"""
VISITS = "SELECT namespace_id, profile_id, at FROM rm_visits.visits"
COPIES = {
    "news_customers": CUSTOMERS, "news_orders": ORDERS, "news_lines": LINES,
    "news_stages": STAGES, "news_standings": STANDINGS, "news_messages": MESSAGES,
    "news_visits": VISITS,
}  # fmt: skip
TOLD = "CREATE TEMP TABLE IF NOT EXISTS news_told" \
    " (profile_id uuid, stream uuid, version bigint) ON COMMIT DELETE ROWS"  # fmt: skip
PUT_TOLD = "INSERT INTO news_told SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::bigint[])"


class Changed(NamedTuple):
    """A customer to be looked at, and the event that is the reason."""

    profile_id: UUID
    stream: UUID | None = None
    version: int | None = None


@contextmanager
def gathered(connection: Connection[TupleRow], changed: Sequence[Changed]) -> Iterator[None]:
    """Inside a transaction. Joins are hashed: of these tables the planner knows nothing, and where
    it takes two thousand rows for one it would loop over them in a loop."""
    _gather(connection, [one.profile_id for one in changed])
    _tell(connection, changed)
    connection.execute("SET LOCAL enable_nestloop = off")
    yield
    connection.execute("SET LOCAL enable_nestloop = DEFAULT")


def _gather(connection: Connection[TupleRow], ids: Sequence[UUID]) -> None:
    for name, query in COPIES.items():
        made = (
            f"CREATE TEMP TABLE IF NOT EXISTS {name} ON COMMIT DELETE ROWS AS {query} WITH NO DATA"
        )
        connection.execute(made.encode())
        connection.execute(f"TRUNCATE {name}".encode())
        copied = f"INSERT INTO {name} {query} WHERE profile_id = ANY(%b::uuid[])"
        connection.execute(copied.encode(), (list(ids),))


def _tell(connection: Connection[TupleRow], changed: Sequence[Changed]) -> None:
    connection.execute(TOLD)
    connection.execute("TRUNCATE news_told")
    if changed:
        columns = [list(each) for each in zip(*changed, strict=True)]
        connection.execute(PUT_TOLD, columns)
