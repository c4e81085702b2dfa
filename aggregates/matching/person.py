"""What a profile knows of a person, as far as it tells people apart."""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct
from nameparser import HumanName

from aggregates.matching.mailboxes import mailboxes
from aggregates.matching.streets import apart, is_inside
from aggregates.profile.events.contact import Address, Contact, detail
from aggregates.profile.identifiers import is_normal
from aggregates.profile.profile import Profile

_DIALLED = re.compile(r"\(0\)|[\s().\-/]")  # "+49 (0)30": the zero is for callers at home
NAMED_BY = ("billing", "letter", "shipping")  # a parcel may go to somebody else


class Name(NamedTuple):
    first: str | None
    last: str | None


class Place(Struct, frozen=True):
    """A postal address in the parts that are compared, as given."""

    street: str | None = None
    house_number: str | None = None
    city: str | None = None
    postcode: str | None = None
    region: str | None = None
    country: str | None = None


class Person(Struct, frozen=True, kw_only=True, dict=True):
    """Absent and empty both mean: not known. `birthday` is `YYYY-MM-DD` or `--MM-DD`."""

    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    birthday: str | None = None
    places: tuple[Place, ...] = ()
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    cookies: frozenset[str] = frozenset()
    shopify_ids: frozenset[str] = frozenset()
    external_ids: frozenset[str] = frozenset()

    @cached_property
    def name(self) -> Name:
        return Name(self.first_name, self.last_name)

    @cached_property
    def known_by(self) -> frozenset[str]:
        """Every identifier: two of whom none is shared, share none of any kind."""
        accounts = self.shopify_ids | self.external_ids
        return self.emails | mailboxes(self.emails) | self.phones | self.cookies | accounts


def person_of(profile: Profile) -> Person:
    contact = profile.contact
    addresses = {kind: held.value for kind, held in sorted(contact.addresses.items())}
    first, last = _name(contact, addresses)
    phones = [*contact.phones, *(known.phone for known in addresses.values())]
    return Person(
        first_name=first,
        last_name=last,
        company=detail(contact, "company"),
        birthday=detail(contact, "birthday"),
        places=tuple(dict.fromkeys(place_of(address) for address in addresses.values())),
        emails=_normal("email", contact.emails) | _seen(profile, "email"),
        phones=_normal("phone", phones) | _seen(profile, "phone"),
        cookies=_seen(profile, "cookie"),
        shopify_ids=_seen(profile, "shopify_customer_id"),
        external_ids=_seen(profile, "external_id"),
    )


def place_of(address: Address) -> Place:
    """The street is the first line with a house number: above it may stand a house or a firm."""
    lines = [line for line in (address.line1, address.line2) if line and not is_inside(line)]
    found = [apart(line) for line in lines] or [(None, None)]
    street, number = next((one for one in found if one[1]), found[0])
    return Place(
        street=street,
        house_number=number,
        city=address.city,
        postcode=address.postcode,
        region=address.region,
        country=address.country,
    )


def _name(contact: Contact, addresses: dict[str, Address]) -> tuple[str | None, str | None]:
    first, last = detail(contact, "first_name"), detail(contact, "last_name")
    if first or last:
        return first, last
    written = (addresses[kind].name for kind in NAMED_BY if kind in addresses)
    parsed = HumanName(next((name for name in written if name), ""))
    return parsed.first or None, parsed.last or None


def _normal(kind: str, given: Iterable[str | None]) -> frozenset[str]:
    """What recognises nobody says nothing. An address's phone is kept as it was given."""
    spelt = (_DIALLED.sub("", raw) if kind == "phone" else raw for raw in given if raw)
    written = ("+" + one[2:] if one.startswith("00") else one for one in spelt)
    return frozenset(one for one in written if is_normal(kind, one))


def _seen(profile: Profile, kind: str) -> frozenset[str]:
    prefix = f"{kind}:"
    found = (key for key in profile.identity.sightings if key.startswith(prefix))
    return frozenset(key.removeprefix(prefix) for key in found)
