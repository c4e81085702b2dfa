"""A customer's properties as they stand, and every change of each: when, from where, by what.

Names are personal, so the log cannot be searched for one: its property events are read, a bounded
number of them for each page.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from aggregates.log.record import Record
from aggregates.profile.source import Source
from api.history.customer import Customer
from api.history.entries import EventOf, event_of
from api.history.links import Links
from api.history.property_changes import OF_CONTACT, How, Said, held_by, holds, said
from api.ports import Ports
from api.read_models import reading
from api.shops.directory import KeyHolder
from projections.timeline import Entry as Place
from projections.timeline import Newest, page

AT_ONCE = 250  # events that are read together
ROUNDS = 8  # for one page of a history
KINDS = ("property", "contact")


class PropertyChange(Struct, frozen=True, kw_only=True):
    """`value` is a text, a number, a flag, an instant `{"at": …}`, an address or a list of tags.
    `change` is `set`, or `added` and `removed` of tags. `holds`: whether this is what counts today.
    `recorded_at` is when we heard of it, `subject` whom it was said of."""

    at: datetime
    recorded_at: datetime
    change: How
    value: object
    holds: bool
    source: Source
    by: str
    subject: str
    event: EventOf


class PropertyView(Struct, frozen=True):
    """`from_change` is what made it so, null where that is older than the events looked at."""

    name: str
    value: object
    since: datetime | None
    from_change: PropertyChange | None
    history: str


class PropertyList(Struct, frozen=True):
    """All of them: contact details as `contact.…`, then the shop's own."""

    items: list[PropertyView]
    next_cursor: str | None = None


class PropertyHistory(Struct, frozen=True):
    """The newest first. A page may be shorter than asked for, and the next one still have more."""

    items: list[PropertyChange]
    next_cursor: str | None = None


class Read(NamedTuple):
    """Some property events, newest first; `last` is None where there are no more."""

    found: list[tuple[Place, Record]]
    last: Place | None


class Properties:
    """One customer's."""

    def __init__(self, ports: Ports, holder: KeyHolder, whose: Customer) -> None:
        self._ports = ports
        self._namespace = holder.namespace
        self._whose = whose
        self._links = Links(whose.path, holder.world)

    async def all(self) -> list[PropertyView]:
        read = await self._read(KINDS, None)
        told = [(record, what) for _, record in read.found for what in said(record)]
        made: dict[str, PropertyChange] = {}
        for record, what in told:
            if what.name not in made and holds(self._whose.profile, record, what):
                made[what.name] = self._change(record, what)
        return [
            PropertyView(name, held.value, held.since, made.get(name), self._history_of(name))
            for name, held in held_by(self._whose.profile).items()
        ]

    def is_held(self, name: str) -> bool:
        return name in held_by(self._whose.profile)

    async def history(
        self, name: str, after: Place | None, limit: int
    ) -> tuple[list[PropertyChange], Place | None]:
        """At most `limit` changes, and where the next page goes on."""
        kinds = KINDS if name.startswith(OF_CONTACT) else KINDS[:1]
        found: list[tuple[Place, PropertyChange]] = []
        for _ in range(ROUNDS):
            read = await self._read(kinds, after)
            found += self._of(name, read)
            if len(found) > limit:
                return [change for _, change in found[:limit]], found[limit - 1][0]
            if (after := read.last) is None:
                break
        return [change for _, change in found], after

    async def _read(self, kinds: Sequence[str], after: Place | None) -> Read:
        newest = Newest(self._whose.subjects, kinds, after, AT_ONCE)
        async with reading(self._ports.pool) as connection:
            places = await page(connection, newest)
        wanted = [(place.stream, place.version) for place in places]
        records = await self._ports.histories.listed(self._namespace, wanted)
        by_place = {(record.stream, record.version): record for record in records}
        found = [(p, by_place[w]) for p, w in zip(places, wanted, strict=True) if w in by_place]
        return Read(found, places[-1] if len(places) == AT_ONCE else None)

    def _of(self, name: str, read: Read) -> list[tuple[Place, PropertyChange]]:
        return [
            (place, self._change(record, what))
            for place, record in read.found
            for what in said(record)
            if what.name == name
        ]

    def _change(self, record: Record, what: Said) -> PropertyChange:
        return PropertyChange(
            at=record.occurred_at,
            recorded_at=record.recorded_at,
            change=what.how,
            value=what.value,
            holds=holds(self._whose.profile, record, what),
            source=record.source,
            by=record.by,
            subject=str(record.subject),
            event=event_of(record),
        )

    def _history_of(self, name: str) -> str:
        return self._links.below("properties", name, "history")
