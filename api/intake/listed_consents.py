"""What a list says of consent becomes steps of its contact's signal.

A list tells what was so when it was written. A yes it does not date is as old as the rest of what
it tells, a no or a suppression is as new as the list: so a mistake is a message not sent.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from actors.signals import Step
from aggregates.profile.decide import Command
from aggregates.profile.decisions.consent import GrantConsent, SuppressAddress, WithdrawConsent
from aggregates.profile.decisions.contact import SetContact
from aggregates.profile.identifiers import is_normal
from api.contacts.contact import Contact, ListedConsent
from api.intake.command import in_utc, not_ahead


class Dates(NamedTuple):
    """When the contact's details were known, when the list was written, when it reached us."""

    known_at: datetime
    listed_at: datetime
    received_at: datetime


def steps(contact: Contact, details: SetContact, dates: Dates) -> Iterator[Step]:
    """Nothing where the list names no address that anything could be sent to. Raises Problem."""
    for place, said in enumerate(contact.consents):
        own = said.at and not_ahead(
            in_utc(said.at, f"consents[{place}].at"), dates.received_at, f"consents[{place}].at"
        )
        if address := _address(said, details):
            command = _command(said, address)
            usual = dates.known_at if isinstance(command, GrantConsent) else dates.listed_at
            yield Step(own or usual, command)


def _address(said: ListedConsent, details: SetContact) -> str | None:
    """The details are in their normal form already, where they have one."""
    if said.channel == "email":
        return details.email
    return details.phone if details.phone and is_normal("phone", details.phone) else None


def _command(said: ListedConsent, address: str) -> Command:
    match said.says:
        case "subscribed":
            return GrantConsent(
                channel=said.channel, address=address, level=said.level, source="import"
            )
        case "pending":
            return GrantConsent(
                channel=said.channel, address=address, level="pending", source="import"
            )
        case "unsubscribed":
            return WithdrawConsent(
                scope="address", channel=said.channel, address=address, source="import"
            )
        case "suppressed":
            return SuppressAddress(channel=said.channel, address=address, reason=said.reason)
