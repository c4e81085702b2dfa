"""When a contact detail is news."""

import re
from collections.abc import Iterator
from typing import Annotated, TypeAlias, assert_never

from msgspec import Meta, Struct
from msgspec.structs import replace

from aggregates.profile.decisions.context import Context
from aggregates.profile.decisions.rejection import Rejected
from aggregates.profile.events.contact import (
    Address,
    AddressKind,
    Contact,
    Event,
    Given,
    TagsAdded,
    TagsRemoved,
    TagsReplaced,
    Text,
)
from aggregates.profile.identifiers import is_normal
from aggregates.profile.latest import Stamp, says_more
from aggregates.profile.profile import Profile

MAX_TAGS = 250
Tags = Annotated[tuple[Annotated[str, Meta(max_length=255)], ...], Meta(max_length=MAX_TAGS)]
Birthday = Annotated[str, Meta(pattern=r"^([0-9]{4}|-)-[0-9]{2}-[0-9]{2}(?!\n)$")]
_EXPLAIN_EMAIL = "email must look like name@domain.tld, in lower case"
_SPACE = re.compile(r"\s+")


class ContactCommand(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Marks every contact command."""


class SetContact(ContactCommand, frozen=True, tag="SetContact", kw_only=True):
    """Details as the customer gave them; what is absent stays as it is."""

    email: Text | None = None
    phone: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    company: Text | None = None
    birthday: Birthday | None = None
    locale: Annotated[str, Meta(max_length=35)] | None = None
    tags: Tags | None = None
    shipping: Address | None = None
    billing: Address | None = None
    letter: Address | None = None


class SetAddress(ContactCommand, frozen=True, tag="SetAddress"):
    kind: AddressKind
    address: Address


class SetTimeZone(ContactCommand, frozen=True, tag="SetTimeZone"):
    """An IANA zone name, such as `Europe/Berlin`."""

    time_zone: Annotated[
        str, Meta(pattern=r"^[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+)*(?!\n)$", max_length=100)
    ]


class AddTags(ContactCommand, frozen=True, tag="AddTags"):
    tags: Tags


class RemoveTags(ContactCommand, frozen=True, tag="RemoveTags"):
    tags: Tags


Command: TypeAlias = SetContact | SetAddress | SetTimeZone | AddTags | RemoveTags


def decide(profile: Profile, command: Command, context: Context) -> Iterator[Event]:
    match command:
        case SetContact():
            yield from _details(profile, command, context)
            if command.tags is not None:
                yield from _tags_replaced(profile, command.tags, context)
        case SetAddress(kind, address):
            yield from _news(profile, {kind: address}, context)
        case SetTimeZone(time_zone):
            yield from _news(profile, {"time_zone": time_zone}, context)
        case AddTags(tags):
            yield from _tags(profile, TagsAdded, tags, context)
        case RemoveTags(tags):
            yield from _tags(profile, TagsRemoved, tags, context)
        case _:
            assert_never(command)


def _details(profile: Profile, command: SetContact, context: Context) -> Iterator[Event]:
    given: dict[str, str | Address | None] = {
        "email": _email(command.email),
        "phone": _text(command.phone),
        "first_name": _text(command.first_name),
        "last_name": _text(command.last_name),
        "company": _text(command.company),
        "birthday": command.birthday,
        "locale": command.locale,
        "shipping": command.shipping,
        "billing": command.billing,
        "letter": command.letter,
    }
    yield from _news(profile, given, context)


def _news(
    profile: Profile, given: dict[str, str | Address | None], context: Context
) -> Iterator[Event]:
    contact, stamp = profile.contact, context.stamp
    news = {f: v for f, v in given.items() if v and _says_more(contact, f, v, stamp)}
    if news:
        yield replace(Given(), **news)


def _says_more(contact: Contact, field: str, value: str | Address, stamp: Stamp) -> bool:
    if isinstance(value, Address):
        return says_more(contact.addresses.get(field), value, stamp)
    return says_more(contact.details.get(field), value, stamp)


def _tags_replaced(profile: Profile, tags: tuple[str, ...], context: Context) -> Iterator[Event]:
    replacement = tuple(sorted(set(tags)))
    if says_more(profile.contact.tag_set, replacement, context.stamp):
        yield TagsReplaced(replacement)


def _tags(
    profile: Profile,
    kind: type[TagsAdded] | type[TagsRemoved],
    tags: tuple[str, ...],
    context: Context,
) -> Iterator[Event]:
    stands, marks = kind is TagsAdded, profile.contact.tag_marks
    news = {tag for tag in tags if says_more(marks.get(tag), stands, context.stamp)}
    if news:
        yield kind(tuple(sorted(news)))


def _email(given: str | None) -> str | None:
    if not given:
        return None
    if not is_normal("email", given):
        raise Rejected("malformed_email", _EXPLAIN_EMAIL)
    return given


def _text(given: str | None) -> str | None:
    return _SPACE.sub(" ", given).strip() or None if given else None
