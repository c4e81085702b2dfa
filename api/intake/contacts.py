"""One contact of a list becomes one signal: whose it is, since when, what is told of them.

A contact without e-mail, phone and id is recognised by name and birthday or address together, so
that the same person on the same list is found again. What of it changes makes another person.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec
from msgspec.json import Decoder
from msgspec.structs import replace

from actors.signals import Signal, Step
from aggregates.log.keys import NamespaceKey
from aggregates.profile.decide import Command
from aggregates.profile.decisions.contact import SetContact
from aggregates.profile.events.contact import Address
from aggregates.profile.identifiers import MAX_LENGTH, Identifier
from aggregates.profile.source import Source
from aggregates.shop.identity_rules import IdentityRules
from api import wire
from api.contacts.contact import Contact
from api.errors import Fault, invalid
from api.intake import listed_consents
from api.intake.command import in_utc, not_ahead
from api.intake.listed_consents import Dates
from api.intake.whom import EXPECTED
from api.recognition import emails
from api.recognition.forms import said
from api.recognition.known import identifier, powerless

NOBODY = "recognises nobody; expected an e-mail, a phone, an id, or a name with birthday or address"
_CONTACT = Decoder(Contact)


class ContactList(NamedTuple):
    """Where contacts come from. `at` dates those that are not dated, `country` (ISO 3166 alpha-2)
    is where they live if they do not say."""

    namespace: int
    source: str
    at: datetime
    received_at: datetime
    rules: IdentityRules
    country: str | None = None


def signal_of(raw: bytes, listed: ContactList, key: NamespaceKey) -> Signal:
    """The same contact of the same list has the same id whenever it comes. Raises Problem."""
    contact = wire.read(_CONTACT, raw)
    known, details = _known(contact, listed)
    at = _at(contact, listed)
    steps = tuple(Step(at, command) for command in _commands(contact, details))
    steps += tuple(
        listed_consents.steps(contact, details, Dates(at, listed.at, listed.received_at))
    )
    return Signal(
        id=_id(known, contact, details, listed, key),
        namespace=listed.namespace,
        occurred_at=at,
        source=Source("import", f"contacts/{listed.source}"),
        by="import",
        identifiers=known or (_person(details, listed, key),),
        steps=steps,
        powerless=powerless(known, listed.rules),
    )


def _known(contact: Contact, listed: ContactList) -> tuple[tuple[Identifier, ...], SetContact]:
    """What a contact is recognised by, and its details with e-mail and phone in their one form.

    A phone number that cannot be dialled from everywhere recognises nobody, and is kept.
    """
    given, rules = contact.details, listed.rules
    details = replace(
        given, email=_said(given.email), phone=_said(given.phone), letter=_address(given, listed)
    )
    ids = (f"{listed.source}:{one}" for one in contact.ids if _said(one))
    found = [identifier("external_id", one, rules) for one in ids]
    if details.email:
        details = replace(details, email=_email(details.email))
        found.append(identifier("email", details.email, rules))
    country = details.letter.country if details.letter else listed.country
    if details.phone and (phone := identifier("phone", details.phone, rules, country)):
        details = replace(details, phone=phone.value)
        found.append(phone)
    return tuple(known for known in found if known), details


def _said(raw: str | None) -> str | None:
    """None for what software writes where it knows nothing."""
    if raw is None or (len(raw) <= MAX_LENGTH and said(raw) is None):
        return None
    return raw.strip()


def _email(raw: str) -> str:
    if (normal := emails.email(raw)) is None:
        raise invalid(Fault("details.email", EXPECTED["email"]))
    return normal


def _address(details: SetContact, listed: ContactList) -> Address | None:
    if details.letter is None or details.letter.country or not listed.country:
        return details.letter
    return replace(details.letter, country=listed.country)


def _at(contact: Contact, listed: ContactList) -> datetime:
    if contact.at is None:
        return listed.at
    return not_ahead(in_utc(contact.at, "at"), listed.received_at, "at")


def _commands(contact: Contact, details: SetContact) -> Iterator[Command]:
    if details != SetContact():
        yield details
    if contact.time_zone:
        yield contact.time_zone
    if contact.properties:
        yield contact.properties


def _id(
    known: tuple[Identifier, ...],
    contact: Contact,
    details: SetContact,
    listed: ContactList,
    key: NamespaceKey,
) -> str:
    """A keyed digest: ids are stored in the open, and a plain one of an address can be guessed."""
    content: tuple[object, ...] = (
        known,
        contact.at,
        details,
        contact.time_zone,
        contact.properties,
    )
    content += (contact.consents,) if contact.consents else ()
    written = msgspec.json.encode(content, order="deterministic").decode()
    return f"import:contact:{listed.source}:{key.digest('import.contact', written).hex()}"


def _person(details: SetContact, listed: ContactList, key: NamespaceKey) -> Identifier:
    name = (details.first_name or "", details.last_name or "")
    home = details.letter or Address()
    place = (home.line1 or "", home.postcode or "", home.city or "")
    if not any(name) or not (details.birthday or home.line1 or home.postcode):
        raise invalid(Fault("", NOBODY))
    written = "\0".join((*name, *place, details.birthday or "")).casefold()
    return Identifier(
        "external_id", f"{listed.source}:person-{key.digest('import.person', written).hex()}"
    )
