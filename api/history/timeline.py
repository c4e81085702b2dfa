"""The timeline: everything that happened to a customer, newest first, with what it is about."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

from aggregates.log.record import Record
from api.cursors import cut
from api.history.customer import Customer
from api.history.entries import Beside, Entry, entry, message_ids
from api.history.links import Links
from api.ports import Ports
from api.read_models import reading
from api.shops.directory import KeyHolder
from projections import message_list
from projections.message_list import Asked
from projections.timeline import Entry as Place
from projections.timeline import Newest, page

Kind: TypeAlias = Literal[
    "order", "checkout", "draft", "visit", "message", "consent", "contact", "property", "identity",
    "merge", "stage", "review", "loyalty", "support",
]  # fmt: skip


class TimelinePage(Struct, frozen=True):
    """Newest first."""

    items: list[Entry]
    next_cursor: str | None = None


class Wanted(Struct, frozen=True):
    """`after` is the last place of the page before."""

    kinds: Sequence[Kind] | None
    after: Place | None
    limit: int


async def timeline(
    ports: Ports, holder: KeyHolder, whose: Customer, wanted: Wanted
) -> tuple[list[Entry], Place | None]:
    """A page, and the place after which the next one goes on."""
    newest = Newest(whose.subjects, wanted.kinds, wanted.after, wanted.limit + 1)
    async with reading(ports.pool) as connection:
        places = await page(connection, newest)
    shown, last = cut(places, wanted.limit)
    records = await ports.histories.listed(
        holder.namespace, [(place.stream, place.version) for place in shown]
    )
    return await entries(ports, holder, whose, records), last


async def entries(
    ports: Ports, holder: KeyHolder, whose: Customer, records: Sequence[Record]
) -> list[Entry]:
    """In the order of the records."""
    links, held = Links(whose.path, holder.world), {}
    if ids := message_ids(records):
        asked = Asked(whose.subjects, ports.now(), len(ids), ids=ids)
        async with reading(ports.pool) as connection:
            found = await message_list.page(connection, asked)
        held = {message.message_id: message for message in found}
    beside = Beside(whose.profile, links, held)
    return [entry(record, beside) for record in records]
