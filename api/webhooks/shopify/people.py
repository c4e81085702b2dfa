"""Who a body speaks of: identifiers to recognise them by, and details they gave."""

from collections.abc import Iterable
from typing import NamedTuple

from aggregates.profile.decisions.contact import MAX_TAGS, SetContact
from aggregates.profile.events.contact import Address
from aggregates.profile.identifiers import Identifier
from aggregates.shop.identity_rules import IdentityRules
from api.recognition.forms import normal
from api.recognition.known import is_blocked
from api.recognition.phones import is_region
from api.webhooks.shopify import bodies
from api.webhooks.shopify.scalars import MAX_TEXT, resource_id, text

MAX_LOCALE = 35
NO_DETAILS = SetContact()
_NO_ADDRESS = Address()
_NOBODY = bodies.Customer()


class Person(NamedTuple):
    """`email` and `phone` are what was given, also where it recognises nobody."""

    identifiers: tuple[Identifier, ...]
    email: str | None
    phone: str | None

    def with_things(self, **normal_ids: str | None) -> "Person":
        """Led to by these things of theirs too."""
        return Person(self.identifiers + references(**normal_ids), self.email, self.phone)


def customer_of(member: bodies.Customer | bodies.Nothing | None) -> bodies.Customer:
    """A customer without members where a body has none, as in the POS."""
    return bodies.present(member) or _NOBODY


def person(
    customer: bodies.Customer,
    emails: Iterable[str | None],
    phones: Iterable[str | None],
    rules: IdentityRules,
    *addresses: bodies.Address | bodies.Nothing | None,
) -> Person:
    """The account, then the addresses given; all of them were seen together.

    The first of the postal `addresses` that names its country says where the phones are dialled;
    the customer's own comes last.
    """
    account = resource_id(customer.id, customer.admin_graphql_api_id)
    country = _country(*addresses, customer.default_address) or rules.country
    given = [Identifier("shopify_customer_id", account)] if account else []
    for kind, written in (("email", emails), ("phone", phones)):
        for raw in dict.fromkeys(written):
            if raw and (known := normal(kind, raw, country)) and known not in given:
                given.append(known)
    found = tuple([known for known in given if not is_blocked(known, rules)])
    return Person(
        found,
        value_of("email", found) or value_of("email", given),
        value_of("phone", found) or text(next(filter(None, phones), None)),
    )


def _country(*addresses: bodies.Address | bodies.Nothing | None) -> str | None:
    for member in addresses:
        there = bodies.present(member)
        if there and there.country_code and is_region(code := there.country_code.upper()):
            return code
    return None


def references(**normal: str | None) -> tuple[Identifier, ...]:
    """References to things by their kind, to normal ids and tokens; None is left out."""
    return tuple([Identifier(kind, value) for kind, value in normal.items() if value])


def value_of(kind: str, known: Iterable[Identifier]) -> str | None:
    """The first identifier of that kind."""
    for one in known:
        if one.kind == kind:
            return one.value
    return None


def details(
    given: Person,
    customer: bodies.Customer,
    locale: str | None = None,
    shipping: bodies.Address | bodies.Nothing | None = None,
    billing: bodies.Address | bodies.Nothing | None = None,
) -> SetContact:
    """How to reach the person, and names as the account or the bill says."""
    bill = bodies.present(billing)
    home = bodies.present(customer.default_address)
    named = customer if customer.first_name or customer.last_name else bill or customer
    return SetContact(
        email=given.email,
        phone=given.phone,
        first_name=text(named.first_name),
        last_name=text(named.last_name),
        company=text(home.company if home else None) or text(bill.company if bill else None),
        locale=text(locale, MAX_LOCALE),
        shipping=address(bodies.present(shipping)),
        billing=address(bill),
    )


def address(given: bodies.Address | None) -> Address | None:
    if given is None:
        return None
    found = Address(
        name=text(given.name) or text(f"{given.first_name or ''} {given.last_name or ''}"),
        company=text(given.company),
        line1=text(given.address1),
        line2=text(given.address2),
        city=text(given.city),
        region=text(given.province_code) or text(given.province),
        postcode=text(given.zip),
        country=text(given.country_code) or text(given.country),
        phone=text(given.phone),
    )
    return found if found != _NO_ADDRESS else None


def tags(given: str | list[str]) -> tuple[str, ...]:
    """Tags come as a list or as one text with commas, depending on the topic."""
    listed = given.split(",") if isinstance(given, str) else given
    named = dict.fromkeys(tag for raw in listed if (tag := text(raw, MAX_TEXT)))
    return tuple(named)[:MAX_TAGS]
