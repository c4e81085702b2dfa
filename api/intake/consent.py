"""What a yes or a no sent to us must look like before it is decided on."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from aggregates.profile.decide import Command
from aggregates.profile.decisions import consent
from aggregates.profile.decisions.consent import (
    ConsentCommand,
    GrantConsent,
    WithdrawConsent,
    scope_of,
)
from aggregates.shop.identity_rules import IdentityRules
from api.errors import Fault, invalid
from api.intake.whom import EXPECTED
from api.recognition.emails import email
from api.recognition.phones import phone

OLDEST = timedelta(days=3_652)  # ten years; what is older proves nothing, and is a slip more often
TOO_OLD = "lies more than ten years in the past"


def in_normal_form(command: consent.Command, rules: IdentityRules) -> consent.Command:
    """With its address as every other mention of it is written. Raises Problem."""
    if isinstance(command, WithdrawConsent):
        _check_scope(command)
    if command.address is None:
        return command
    if command.channel is None:  # it says through what the no came, and nothing is sent there
        return replace(command, address=command.address.strip() or None)
    address = address_on(command.channel, command.address, rules)
    if address is None:
        expected = EXPECTED["email" if command.channel == "email" else "phone"]
        raise invalid(Fault("address", expected if command.channel != "push" else "is empty"))
    return replace(command, address=address)


def address_on(channel: str, raw: str, rules: IdentityRules) -> str | None:
    """None where nothing can be sent there."""
    match channel:
        case "email":
            return email(raw)
        case "sms" | "whatsapp":
            return phone(raw, rules.country)
        case _:
            return raw.strip() or None


def check_times(command: Command, at: datetime, now: datetime) -> None:
    """Raises Problem."""
    if not isinstance(command, ConsentCommand):
        return
    if at < now - OLDEST:
        raise invalid(Fault("occurred_at", TOO_OLD))
    if isinstance(command, GrantConsent) and command.expires_at and command.expires_at <= at:
        raise invalid(Fault("expires_at", "must lie after occurred_at"))


def _check_scope(command: WithdrawConsent) -> None:
    scope = scope_of(command)
    if scope != "global" and command.channel is None:
        raise invalid(Fault("channel", f"is missing; a withdrawal of scope {scope} names it"))
    if scope == "address" and command.address is None:
        raise invalid(Fault("address", "is missing; a withdrawal of scope address names it"))
