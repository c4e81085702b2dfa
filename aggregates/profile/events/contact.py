"""Who a customer is to us and how to reach them, as last heard."""

from typing import Annotated, ClassVar, Literal, TypeAlias, assert_never

from msgspec import Meta, Struct
from msgspec.structs import replace

from aggregates.profile.latest import Latest, Stamp, current, newest, put

AddressKind = Literal["shipping", "billing", "letter"]
ADDRESS_KINDS: tuple[AddressKind, ...] = ("shipping", "billing", "letter")
DETAILS = (
    "email", "phone", "first_name", "last_name", "company", "birthday", "locale", "time_zone",
)  # fmt: skip


Text = Annotated[str, Meta(max_length=500)]


class Address(Struct, frozen=True, omit_defaults=True):
    """A postal address as given; `country` is ISO 3166 alpha-2 where the source says so."""

    name: Text | None = None
    company: Text | None = None
    line1: Text | None = None
    line2: Text | None = None
    city: Text | None = None
    region: Text | None = None
    postcode: Text | None = None
    country: Text | None = None
    phone: Text | None = None


class ContactEvent(Struct, frozen=True, omit_defaults=True):
    """Marks every contact event."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()


class Given(ContactEvent, frozen=True, tag="contact.given"):
    """Details given at one moment; what was not given is absent."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset(
        {"email", "phone", "first_name", "last_name", "company", "birthday"}
        | {"shipping", "billing", "letter"}
    )
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    birthday: str | None = None
    locale: str | None = None
    time_zone: str | None = None
    shipping: Address | None = None
    billing: Address | None = None
    letter: Address | None = None


class TagsReplaced(ContactEvent, frozen=True, tag="contact.tags_replaced"):
    """The whole set of tags, as it stood at that moment."""

    tags: tuple[str, ...] = ()


class TagsAdded(ContactEvent, frozen=True, tag="contact.tags_added"):
    tags: tuple[str, ...] = ()


class TagsRemoved(ContactEvent, frozen=True, tag="contact.tags_removed"):
    tags: tuple[str, ...] = ()


Event: TypeAlias = Given | TagsReplaced | TagsAdded | TagsRemoved


class Contact(Struct, frozen=True):
    """Registers by field name, every e-mail and phone ever given, tags.

    A tag stands as `tag_marks` says if the mark is newer than `tag_set`, else as the set says.
    """

    details: dict[str, Latest[str]] = {}
    addresses: dict[str, Latest[Address]] = {}
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    tag_set: Latest[tuple[str, ...]] | None = None
    tag_marks: dict[str, Latest[bool]] = {}


def evolve(contact: Contact, event: Event, stamp: Stamp) -> Contact:
    match event:
        case Given():
            return _given(contact, event, stamp)
        case TagsReplaced(tags):
            return replace(contact, tag_set=newest(contact.tag_set, tags, stamp))
        case TagsAdded(tags):
            return replace(contact, tag_marks=_marked(contact, tags, True, stamp))
        case TagsRemoved(tags):
            return replace(contact, tag_marks=_marked(contact, tags, False, stamp))
        case _:
            assert_never(event)


def tags_of(contact: Contact) -> frozenset[str]:
    """The tags that stand now."""
    base = frozenset(contact.tag_set.value if contact.tag_set else ())
    since = contact.tag_set.stamp if contact.tag_set else None
    newer = {t: m.value for t, m in contact.tag_marks.items() if since is None or m.stamp > since}
    return (base | {tag for tag, stands in newer.items() if stands}) - {
        tag for tag, stands in newer.items() if not stands
    }


def detail(contact: Contact, field: str) -> str | None:
    return current(contact.details.get(field))


def _given(contact: Contact, event: Given, stamp: Stamp) -> Contact:
    details, addresses = dict(contact.details), dict(contact.addresses)
    for field in DETAILS:
        if (value := getattr(event, field)) is not None:
            details[field] = newest(details.get(field), value, stamp)
    for kind in ADDRESS_KINDS:
        if (address := getattr(event, kind)) is not None:
            addresses[kind] = newest(addresses.get(kind), address, stamp)
    return Contact(
        details,
        addresses,
        contact.emails | {event.email} if event.email else contact.emails,
        contact.phones | {event.phone} if event.phone else contact.phones,
        contact.tag_set,
        contact.tag_marks,
    )


def _marked(
    contact: Contact, tags: tuple[str, ...], stands: bool, stamp: Stamp
) -> dict[str, Latest[bool]]:
    marks = contact.tag_marks
    for tag in tags:
        marks = put(marks, tag, stands, stamp)
    return dict(marks)
