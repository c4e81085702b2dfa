"""Whose events are read together: a profile's own stream and parts of others."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, get_args
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from msgspec.structs import replace

from aggregates.log.record import Record
from aggregates.profile.events import lineage
from aggregates.profile.events.lineage import Lineage, LineageEvent, Part, united
from aggregates.profile.profile import EMPTY, Profile, evolve

TOPICS = frozenset(event.__struct_config__.tag for event in get_args(lineage.Event))


def tells_of_lineage(stored: StoredEvent) -> bool:
    return stored.topic in TOPICS


class Story(NamedTuple):
    """A profile as a whole and, where it stands for several, what is told of each of them."""

    profile: Profile
    members: Mapping[UUID, Profile]


def lineage_of(profile_id: UUID, own: Iterable[Record]) -> Lineage:
    """Whom a profile stands for, by its own stream alone."""
    held = Lineage()
    for record in own:
        if isinstance(record.event, LineageEvent) and record.stream == profile_id:
            held = lineage.evolve(held, record.event)
    return held


def told(profile_id: UUID, held: Lineage, records: Iterable[Record]) -> Story:
    """The fold of all that is about the profile; `held` is its lineage, the order is no matter."""
    members = dict.fromkeys((profile_id, *held.subjects), EMPTY)
    whole = EMPTY
    for record in records:
        if record.subject not in members or isinstance(record.event, LineageEvent):
            continue
        happened = record.happened
        whole = evolve(whole, happened.event, happened.stamp)
        if held.subjects:
            member = members[record.subject]
            members[record.subject] = evolve(member, happened.event, happened.stamp)
    return Story(replace(whole, lineage=held), members if held.subjects else {})


def parts_of(held: Lineage) -> list[Part]:
    """Where else, besides in its own stream, the profile's events are."""
    return united(held.parts)


def within(parts: Iterable[Part], stream: UUID, version: int) -> bool:
    return any(p.stream == stream and p.first <= version <= p.last for p in parts)
