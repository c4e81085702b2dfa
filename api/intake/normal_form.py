"""A command's own addresses and numbers, brought into the form in which they are compared."""

from msgspec.structs import replace

from aggregates.profile.channels import ADDRESSED_BY, Channel
from aggregates.profile.decide import Command
from aggregates.profile.decisions.consent import ConsentCommand
from aggregates.profile.decisions.contact import SetContact
from aggregates.profile.decisions.identity import LinkIdentifier, UnlinkIdentifier
from aggregates.profile.decisions.message_commands import MessageCommand
from aggregates.shop.identity_rules import IdentityRules
from api.errors import Problem
from api.intake import consent
from api.recognition.emails import email
from api.recognition.known import identifier
from api.recognition.phones import is_region, phone


def in_normal_form(command: Command, rules: IdentityRules) -> Command:
    """Raises Problem for an identifier or an address that is none."""
    match command:
        case LinkIdentifier() | UnlinkIdentifier():
            return _named(command, rules)
        case SetContact():
            return _contact(command, rules)
        case MessageCommand() if address := getattr(command, "address", None):
            channel = getattr(command, "channel", None)
            return replace(command, address=reached_at(channel, address, rules))
        case ConsentCommand():
            return consent.in_normal_form(command, rules)
        case _:
            return command


def _named(
    command: LinkIdentifier | UnlinkIdentifier, rules: IdentityRules
) -> LinkIdentifier | UnlinkIdentifier:
    known = identifier(command.kind, command.value, rules)
    if known is None:
        detail = f"this value cannot be a customer's {command.kind}"
        raise Problem(409, "not_an_identifier", detail)
    return replace(command, kind=known.kind, value=known.value)


def _contact(command: SetContact, rules: IdentityRules) -> SetContact:
    """A number that cannot be dialled stays as it was given."""
    if command.phone:
        number = phone(command.phone, _country(command) or rules.country)
        command = replace(command, phone=number or command.phone)
    if not command.email:
        return command
    if (address := email(command.email)) is None:
        raise Problem(409, "malformed_email", "email must look like name@domain.tld")
    return replace(command, email=address)


def reached_at(channel: Channel | None, address: str, rules: IdentityRules) -> str:
    """A token of a push service, and whatever else is no address, stays as it was given."""
    kinds = (ADDRESSED_BY.get(channel),) if channel else ("email", "phone")
    found = email(address) if "email" in kinds else None
    if found is None and "phone" in kinds:
        found = phone(address, rules.country)
    return found or address.strip() or address


def _country(command: SetContact) -> str | None:
    for address in (command.billing, command.shipping, command.letter):
        if address and address.country and is_region(code := address.country.strip().upper()):
            return code
    return None
