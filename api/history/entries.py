"""One thing that happened, as it stands in a timeline."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from aggregates.log.record import Record
from aggregates.profile.events.messages import MessageEvent
from aggregates.profile.profile import Profile
from aggregates.profile.source import Source
from api.history.because import WhyDecided, because
from api.history.links import About, Links
from api.history.titles import Names, title
from projections.message_list import Message, Status
from projections.timeline import kind_of


class EventOf(Struct, frozen=True):
    """The event that says so: number `version` in the log of profile `id`."""

    id: str
    version: int
    topic: str
    href: str


class Entry(Struct, frozen=True, kw_only=True):
    """`at` is when it happened, `recorded_at` when we heard of it. `subject` is whom it is about,
    of those who are this customer now. `status` is how a message stands today, null for anything
    else. `erased`: personal details existed and can no longer be read."""

    at: datetime
    recorded_at: datetime
    kind: str
    title: str
    about: About
    status: Status | None
    why: WhyDecided | None
    source: Source
    by: str
    subject: str
    event: EventOf
    erased: bool


class Beside(NamedTuple):
    """What an entry tells besides its event: how the messages that it names stand now."""

    profile: Profile
    links: Links
    messages: Mapping[str, Message]

    @property
    def names(self) -> Names:
        return Names(self._order, self._channel)

    def _order(self, order_id: str) -> str | None:
        held = self.profile.orders.by_id.get(order_id)
        return held.picture.value.number if held and held.picture else None

    def _channel(self, message_id: str) -> str | None:
        held = self.messages.get(message_id)
        return held.channel if held else None


def message_ids(records: Iterable[Record]) -> list[str]:
    named = (r.event.message_id for r in records if isinstance(r.event, MessageEvent))
    return list(dict.fromkeys(named))


def entry(record: Record, beside: Beside) -> Entry:
    event = record.event
    about = beside.links.about(event)
    message = beside.messages.get(about.id or "") if isinstance(event, MessageEvent) else None
    return Entry(
        at=record.occurred_at,
        recorded_at=record.recorded_at,
        kind=kind_of(record) or "",
        title=title(event, beside.names),
        about=about,
        status=message.status if message else None,
        why=because(event),
        source=record.source,
        by=record.by,
        subject=str(record.subject),
        event=event_of(record),
        erased=record.erased,
    )


def event_of(record: Record) -> EventOf:
    href = f"/v1/profiles/{record.stream}/events?from_version={record.version}&limit=1"
    topic = str(record.event.__struct_config__.tag)
    return EventOf(str(record.stream), record.version, topic, href)
