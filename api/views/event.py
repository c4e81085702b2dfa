"""One line of a profile's history as clients read it."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from aggregates.log.record import Record
from aggregates.profile.identifiers import Identifier
from aggregates.profile.money import Money, price
from aggregates.profile.profile import Event
from aggregates.profile.source import Source


class EventView(Struct, frozen=True, kw_only=True):
    """`erased`: the personal members of `data` existed and can no longer be read."""

    version: int
    type: str
    subject: str
    occurred_at: datetime
    recorded_at: datetime
    by: str
    source: Source
    command_id: str
    data: dict[str, object]
    erased: bool


class EventPage(Struct, frozen=True):
    items: list[EventView]
    next_cursor: str | None = None


def view(record: Record) -> EventView:
    event = record.event
    return EventView(
        version=record.version,
        type=str(event.__struct_config__.tag),
        subject=str(record.subject),
        occurred_at=record.occurred_at,
        recorded_at=record.recorded_at,
        by=record.by,
        source=record.source,
        command_id=record.command_id,
        data={told: _shown(getattr(event, name)) for name, told in _named(event)},
        erased=record.erased,
    )


def _named(event: Event) -> Iterator[tuple[str, str]]:
    """The names of its members, and those that they are stored and shown under."""
    return zip(event.__struct_fields__, event.__struct_encode_fields__, strict=True)


def _shown(value: object) -> object:
    """Values in the form that the outside knows; inside, money is minor units."""
    match value:
        case Money():
            return price(value)
        case Identifier(kind, name):
            return {"kind": kind, "value": name}
        case tuple():
            return [_shown(part) for part in value]
        case _:
            return value
