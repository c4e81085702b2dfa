"""Asking the customers list: filters, seven orders, page after page."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple, TypeAlias, get_args
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import class_row

Order: TypeAlias = Literal[
    "name", "email", "orders", "spend", "last_order_at", "created_at", "last_activity_at"
]
ORDERS: tuple[str, ...] = get_args(Order)
KEYS: Mapping[str, str] = {"name": "name_key"}  # what is compared, where it is not the column
TABLE = "rm_customers.customers"
SHOWN = (
    "profile_id, name, email, phone, company, city, country, sources, orders, spend, average,"
    " currency, visits, first_order_at, last_order_at, created_at, last_activity_at"
)
AHEAD = 80  # times as many rows as are wanted are looked at in their order, before all are
MANY = 150_000  # rows; to gather so many takes longer than to go on
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
    """`after` is the sort key and id of the last row of the page before. `within` narrows the sort
    key to where alone the conditions can hold."""

    namespace: int
    order: str = "last_activity_at"
    descending: bool = True
    conditions: Sequence[Condition] = ()
    within: Condition | None = None
    after: tuple[Value, UUID] | None = None
    limit: int = 50


async def page(connection: AsyncConnection[Any], wanted: Wanted) -> list[Customer]:
    """One more than `limit` where there are more. Who has no sort key comes last."""
    found: list[Customer] = []
    if wanted.after is None or wanted.after[0] is not None:
        found = await _some(connection, wanted, _narrowed(wanted), wanted.limit + 1)
        wanted = wanted._replace(after=None)
    if len(found) <= wanted.limit:
        without = _without_key(wanted)
        found += await _some(connection, wanted, without, wanted.limit + 1 - len(found))
    return found


async def _some(
    connection: AsyncConnection[Any], wanted: Wanted, part: Condition, most: int
) -> list[Customer]:
    """Whom the conditions let through is either common, and met soon on the way, or rare, and
    gathered. How many there are the database guesses well; how soon they come, it does not know."""
    inside = Condition("namespace_id = %(namespace)s", {"namespace": wanted.namespace})
    ahead = Condition("", {"ahead": most * AHEAD, "most": most})
    values = [inside, part, ahead, *wanted.conditions]
    found = await _rows(connection, _on_the_way(wanted, [inside, part]), values)
    if len(found) == most or not wanted.conditions:
        return found
    gathered = _gathered(wanted, [inside, part])
    if await _guessed(connection, gathered, values) <= MANY:
        return await _rows(connection, gathered, values)
    return await _rows(connection, _on_the_way(wanted, [inside, part], "ALL"), values)


def _on_the_way(wanted: Wanted, place: Sequence[Condition], ahead: str = "%(ahead)s") -> str:
    shown, order = f"{SHOWN}, {_key(wanted)} AS sort_key", _order(wanted, _key(wanted))
    if not wanted.conditions:
        return f"SELECT {shown} FROM {TABLE} WHERE {_all(place)} {order} LIMIT %(most)s"  # noqa: S608  # our own
    return (
        f"SELECT {shown} FROM (SELECT * FROM {TABLE} WHERE {_all(place)} {order}"  # noqa: S608  # our own
        f" LIMIT {ahead}) AS passed WHERE {_all(wanted.conditions)} {order} LIMIT %(most)s"
    )


def _gathered(wanted: Wanted, place: Sequence[Condition]) -> str:
    """Only what they are sorted by is gathered of all; the rest is read of those on the page."""
    every = f"SELECT profile_id AS id, {_key(wanted)} AS sort_key FROM {TABLE} WHERE"  # noqa: S608  # our own
    way = "DESC" if wanted.descending else "ASC"
    return (
        f"WITH found AS MATERIALIZED ({every} {_all([*place, *wanted.conditions])}), listed AS"  # noqa: S608  # our own
        f" (SELECT * FROM found ORDER BY sort_key {way}, id {way} LIMIT %(most)s)"
        f" SELECT {SHOWN}, sort_key FROM listed JOIN {TABLE} ON profile_id = id"
        f" {_order(wanted, 'sort_key')}"
    )


async def _guessed(
    connection: AsyncConnection[Any], gathered: str, conditions: Sequence[Condition]
) -> int:
    """How many the database expects to gather."""
    query = f"EXPLAIN (FORMAT JSON) {gathered}"
    cursor = await connection.execute(query.encode(), _values(conditions), prepare=False)
    ((plans,),) = await cursor.fetchall()
    (found,) = (o for o in plans[0]["Plan"]["Plans"] if o.get("Subplan Name") == "CTE found")
    return int(found["Plan Rows"])


async def _rows(
    connection: AsyncConnection[Any], query: str, conditions: Sequence[Condition]
) -> list[Customer]:
    cursor = connection.cursor(row_factory=class_row(Customer))
    # planned for these very values each time: how many are meant differs by a factor of a million
    await cursor.execute(query.encode(), _values(conditions), prepare=False)
    return await cursor.fetchall()


def _values(conditions: Sequence[Condition]) -> dict[str, object]:
    return {name: value for one in conditions for name, value in one.values.items()}


def _all(conditions: Sequence[Condition]) -> str:
    return " AND ".join(f"({one.sql})" for one in conditions)


def _order(wanted: Wanted, key: str) -> str:
    way = "DESC" if wanted.descending else "ASC"
    return f"ORDER BY {key} {way}, profile_id {way}"


def _narrowed(wanted: Wanted) -> Condition:
    beyond, within = _beyond(wanted), wanted.within
    if within is None:
        return beyond
    return Condition(f"{beyond.sql} AND {within.sql}", {**beyond.values, **within.values})


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
