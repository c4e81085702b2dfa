"""What events say about properties: a shop's own ones, and contact details as `contact.…`."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias

from aggregates.log.record import Record
from aggregates.profile.events.contact import (
    ADDRESS_KINDS,
    DETAILS,
    Address,
    Contact,
    Given,
    TagsAdded,
    TagsRemoved,
    TagsReplaced,
    tags_of,
)
from aggregates.profile.events.properties import PropertiesSet, Value
from aggregates.profile.latest import Latest
from aggregates.profile.profile import Profile

OF_CONTACT = "contact."
TAGS = f"{OF_CONTACT}tags"
How: TypeAlias = Literal["set", "added", "removed"]
Known: TypeAlias = Value | Address | list[str]


class Said(NamedTuple):
    """What one event says about one property."""

    name: str
    how: How
    value: Known


class Held(NamedTuple):
    """What holds now, and since when."""

    value: Known
    since: datetime | None


def said(record: Record) -> Iterator[Said]:
    match record.event:
        case PropertiesSet(values):
            yield from (Said(name, "set", value) for name, value in values.items())
        case Given() as given:
            told = ((field, getattr(given, field)) for field in (*DETAILS, *ADDRESS_KINDS))
            yield from (Said(OF_CONTACT + f, "set", v) for f, v in told if v is not None)
        case TagsReplaced(tags):
            yield Said(TAGS, "set", list(tags))
        case TagsAdded(tags):
            yield Said(TAGS, "added", list(tags))
        case TagsRemoved(tags):
            yield Said(TAGS, "removed", list(tags))


def held_by(profile: Profile) -> dict[str, Held]:
    """All that is known now, contact details first, each in alphabetical order."""
    tags = sorted(tags_of(profile.contact))
    contact = _contact(profile.contact)
    told = {name: Held(one.value, one.stamp.at) for name, one in sorted(contact.items())}
    if tags:
        told[TAGS] = Held(tags, _tagged_at(profile.contact))
    own = sorted(profile.properties.by_name.items())
    return told | {name: Held(one.value, one.stamp.at) for name, one in own}


def holds(profile: Profile, record: Record, what: Said) -> bool:
    """Whether it is what this record said that counts today."""
    if isinstance(record.event, TagsAdded | TagsRemoved | TagsReplaced):
        return _tagged(profile.contact, record, what)
    known: Latest[str] | Latest[Address] | Latest[Value] | None
    if isinstance(record.event, PropertiesSet):
        known = profile.properties.by_name.get(what.name)
    else:
        known = _contact(profile.contact).get(what.name)
    if known is None or known.stamp != record.happened.stamp:
        return False
    return known.value == what.value and type(known.value) is type(what.value)


def _contact(contact: Contact) -> Mapping[str, Latest[str] | Latest[Address]]:
    held: dict[str, Latest[str] | Latest[Address]] = {}
    held |= {OF_CONTACT + field: one for field, one in contact.details.items()}
    return held | {OF_CONTACT + kind: one for kind, one in contact.addresses.items()}


def _tagged_at(contact: Contact) -> datetime | None:
    stamps = [mark.stamp.at for mark in contact.tag_marks.values()]
    return max([*stamps, *([contact.tag_set.stamp.at] if contact.tag_set else [])], default=None)


def _tagged(contact: Contact, record: Record, what: Said) -> bool:
    tags, named = tags_of(contact), frozenset(what.value if isinstance(what.value, list) else ())
    if what.how == "set":
        return contact.tag_set is not None and contact.tag_set.stamp == record.happened.stamp
    return named <= tags if what.how == "added" else not named & tags
