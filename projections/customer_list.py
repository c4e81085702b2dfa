"""Asking the customers list: search, filters, seven orders, page after page."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple, TypeAlias, get_args
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import class_row

from projections.words import FUZZY_FROM, asked, trigrams

Order: TypeAlias = Literal[
    "name", "email", "orders", "spend", "last_order_at", "created_at", "last_activity_at"
]
ORDERS: tuple[str, ...] = get_args(Order)
KEYS: Mapping[str, str] = {"name": "name_key"}  # what is compared, where it is not the column
SHOWN = (
    "profile_id, name, email, phone, company, city, country, sources, orders, spend, average,"
    " currency, visits, first_order_at, last_order_at, created_at, last_activity_at"
)
ALIKE = 0.4  # of the trigrams of both words; pg_trgm's own limit is 0.3
MEANT = 20  # words that a misspelt one may mean
SPELLINGS = """
    SELECT word FROM (
        SELECT word, cardinality(trigrams) AS size,
               (SELECT count(*) FROM unnest(trigrams) AS one WHERE one = ANY(%(wanted)s)) AS shared
        FROM rm_customers.spellings
        WHERE namespace_id = %(namespace)s AND trigrams && %(wanted)s
    ) AS near
    WHERE shared::float / (size + cardinality(%(wanted)s) - shared) >= %(alike)s
    ORDER BY shared::float / (size + cardinality(%(wanted)s) - shared) DESC, word LIMIT %(most)s
"""
Value: TypeAlias = str | int | datetime | None


class Customer(Struct, frozen=True):
    """A row as it is shown. `spend` and `average` are minor units of `currency`."""

    profile_id: UUID
    name: str | None
    email: str | None
    phone: str | None
    company: str | None
    city: str | None
    country: str | None
    sources: list[str]
    orders: int
    spend: int
    average: int
    currency: str | None
    visits: int
    first_order_at: datetime | None
    last_order_at: datetime | None
    created_at: datetime
    last_activity_at: datetime | None
    sort_key: Value


class Condition(NamedTuple):
    """Of a row, in SQL; `values` are its parameters."""

    sql: str
    values: Mapping[str, object]


class Wanted(NamedTuple):
    """`after` is the sort key and id of the last row of the page before."""

    namespace: int
    order: str = "last_activity_at"
    descending: bool = True
    conditions: Sequence[Condition] = ()
    after: tuple[Value, UUID] | None = None
    limit: int = 50


async def page(connection: AsyncConnection[Any], wanted: Wanted) -> list[Customer]:
    """One more than `limit` where there are more. Who has no sort key comes last."""
    found: list[Customer] = []
    if wanted.after is None or wanted.after[0] is not None:
        found = await _some(connection, wanted, _beyond(wanted), wanted.limit + 1)
        wanted = wanted._replace(after=None)
    if len(found) <= wanted.limit:
        without = _without_key(wanted)
        found += await _some(connection, wanted, without, wanted.limit + 1 - len(found))
    return found


async def _some(
    connection: AsyncConnection[Any], wanted: Wanted, part: Condition, most: int
) -> list[Customer]:
    key, way = _key(wanted), "DESC" if wanted.descending else "ASC"
    inside = Condition("namespace_id = %(namespace)s", {"namespace": wanted.namespace})
    conditions = [inside, *wanted.conditions, part]
    where = " AND ".join(f"({one.sql})" for one in conditions)
    query = (
        f"SELECT {SHOWN}, {key} AS sort_key FROM rm_customers.customers"  # noqa: S608  # our own
        f" WHERE {where} ORDER BY {key} {way}, profile_id {way} LIMIT %(limit)s"
    )
    values = {name: value for one in conditions for name, value in one.values.items()}
    cursor = connection.cursor(row_factory=class_row(Customer))
    # planned for these very values each time: how many are meant differs by a factor of a million
    await cursor.execute(query.encode(), {**values, "limit": most}, prepare=False)
    return await cursor.fetchall()


def _beyond(wanted: Wanted) -> Condition:
    key = _key(wanted)
    if wanted.after is None:
        return Condition(f"{key} IS NOT NULL", {})
    value, last = wanted.after
    way = "<" if wanted.descending else ">"
    return Condition(
        f"({key}, profile_id) {way} (%(last_key)s, %(last_id)s)",
        {"last_key": value, "last_id": last},
    )


def _without_key(wanted: Wanted) -> Condition:
    key = _key(wanted)
    if wanted.after is None:
        return Condition(f"{key} IS NULL", {})
    way = "<" if wanted.descending else ">"
    return Condition(f"{key} IS NULL AND profile_id {way} %(last)s", {"last": wanted.after[1]})


def _key(wanted: Wanted) -> str:
    return KEYS.get(wanted.order, wanted.order)


async def searching(connection: AsyncConnection[Any], namespace: int, text: str) -> Condition:
    """The condition of who is found by the text: each of its words is the beginning of one of the
    customer's or, where nobody has such a word, nearly the same as one."""
    terms = [await _term(connection, namespace, word) for word in asked(text)]
    return Condition("words @@ %(search)s::tsquery", {"search": " & ".join(terms)})


async def _term(connection: AsyncConnection[Any], namespace: int, word: str) -> str:
    begins = f"{_quoted(word)}:*"
    if len(word) < FUZZY_FROM or not word.isalpha():
        return begins
    cursor = await connection.execute(
        SPELLINGS.encode(),
        {"namespace": namespace, "wanted": trigrams(word), "alike": ALIKE, "most": MEANT},
    )
    near = [_quoted(found) for (found,) in await cursor.fetchall() if not found.startswith(word)]
    return f"({' | '.join([begins, *near])})"


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
