"""A page of the list of customers: filtered, searched, sorted, and where the next one begins."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection, errors

from api.cursors import Cursors
from api.customers.asked import Asked
from api.customers.views import CustomerPage, customer_view
from api.errors import Fault, Problem, invalid, try_again
from api.ports import Ports
from api.read_models import reading
from api.recognition.forms import normal
from api.segments.shelf import Shelf
from projections.customer_list import Condition, Customer, Value, Wanted, page
from projections.customer_search import searching
from projections.customer_stages import Calendar, in_stage, stages_of, within

PATIENCE = "2s"  # of one statement
FROM_SOURCE = "sources @> ARRAY[%(source)s]"
IN_SEGMENT = (
    "profile_id IN (SELECT profile_id FROM rm_segments.members WHERE segment_id = %(segment)s)"
)
Reading = AsyncConnection[Any]


class Place(NamedTuple):
    """Where a page ended: at a sort key and an id. `exact` was shown first of all."""

    exact: UUID | None = None
    last: tuple[str | int | None, UUID] | None = None


class Listing:
    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._cursors = Cursors(ports.keyring)
        self._shelf = Shelf(ports.pool, ports.rules, ports.now)

    async def page(
        self, namespace: int, asked: Asked, limit: int, cursor: str | None
    ) -> CustomerPage:
        """Raises LogUnreachable, Unavailable and Problem."""
        place = await self._place(namespace, asked, cursor)
        if asked.segment is not None:
            await self._shelf.one(namespace, asked.segment)
        calendar = Calendar(self._ports.rules.lifecycle(namespace), self._ports.now())
        wanted = _wanted(namespace, asked, calendar)
        async with self._reading(asked) as connection:
            first = await _exact(connection, wanted, place) if cursor is None else []
            sought = wanted._replace(conditions=await _sought(connection, wanted, asked, place))
            left = limit - len(first)
            rows = first + await page(connection, sought._replace(after=place.last, limit=left))
            stages = await stages_of(connection, [row.profile_id for row in rows], calendar)
        shown = [customer_view(row, stages.get(row.profile_id)) for row in rows[:limit]]
        goes_on = None
        if len(rows) > limit:
            end = place._replace(last=_end(rows[len(first) : limit]))
            goes_on = self._cursors.written(namespace, asked.about, end)
        return CustomerPage(shown, goes_on, place.exact)

    async def _place(self, namespace: int, asked: Asked, cursor: str | None) -> Place:
        if cursor is not None:
            return self._cursors.read(namespace, asked.about, cursor, Place)
        mailbox = normal("email", asked.q) if "@" in asked.q else None
        if mailbox is None:
            return Place()
        owners = await self._ports.identities.owners(namespace, [mailbox])
        return Place(owners.get(mailbox))

    @asynccontextmanager
    async def _reading(self, asked: Asked) -> AsyncIterator[Reading]:
        async with reading(self._ports.pool) as connection:
            try:
                async with connection.transaction():
                    await connection.execute(f"SET LOCAL statement_timeout = '{PATIENCE}'".encode())
                    yield connection
            except errors.QueryCanceled as error:
                raise _too_slow(asked) from error


def _wanted(namespace: int, asked: Asked, calendar: Calendar) -> Wanted:
    narrowed = within(asked.stage, asked.order, calendar) if asked.stage else None
    filters = _filters(asked, calendar)
    return Wanted(namespace, asked.order, asked.descending, filters, narrowed)


def _filters(asked: Asked, calendar: Calendar) -> list[Condition]:
    found = [in_stage(asked.stage, calendar)] if asked.stage else []
    if asked.source is not None:
        found.append(Condition(FROM_SOURCE, {"source": asked.source}))
    if asked.segment is not None:
        found.append(Condition(IN_SEGMENT, {"segment": asked.segment}))
    return found


async def _exact(connection: Reading, wanted: Wanted, place: Place) -> list[Customer]:
    if place.exact is None:
        return []
    is_it = Condition("profile_id = %(exact)s", {"exact": place.exact})
    return await page(connection, wanted._replace(conditions=[*wanted.conditions, is_it]))


async def _sought(
    connection: Reading, wanted: Wanted, asked: Asked, place: Place
) -> list[Condition]:
    found = list(wanted.conditions)
    if asked.q:
        found.append(await searching(connection, wanted.namespace, asked.q))
    if place.exact is not None:
        found.append(Condition("profile_id <> %(exact)s", {"exact": place.exact}))
    return found


def _end(rows: Sequence[Customer]) -> tuple[str | int | None, UUID] | None:
    return (_written(rows[-1].sort_key), rows[-1].profile_id) if rows else None


def _written(key: Value) -> str | int | None:
    """The database reads an instant from text again."""
    return key.isoformat() if isinstance(key, datetime) else key


def _too_slow(asked: Asked) -> Problem:
    if asked.q:
        return invalid(Fault("q", "too many are meant; expected more letters or other words"))
    return try_again("busy", "the list takes too long at the moment", 1)
