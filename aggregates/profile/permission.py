"""May we write to this customer, and what exactly had they agreed to? Pure.

A profile answers for the moment it is folded to; `at` only says which grants have expired. For a
past moment fold what had happened by then.
"""

from datetime import datetime
from typing import Literal, NamedTuple

from aggregates.profile.events.consent import Granted, held_of, key_of
from aggregates.profile.events.contact import detail
from aggregates.profile.profile import Profile
from aggregates.profile.standing import (
    BEGINNING,
    UNDELIVERABLE,
    Standing,
    standing,
    suppressed_since,
)

MessageClass = Literal["marketing", "transactional"]
REACHED_BY = {"email": "email", "sms": "phone", "whatsapp": "phone"}


class Reached(NamedTuple):
    address: str | None
    standing: Standing


def refusal(
    profile: Profile, channel: str, address: str | None, message_class: MessageClass, at: datetime
) -> str | None:
    """Why a message may not leave, None where it may. Stable texts: `globally_unsubscribed`,
    `unsubscribed:sms`, `no_consent:sms`, `pending:sms`, `redacted:sms`, `suppressed:hard_bounce`.

    Without an address it is about the one that would be written to. A transactional message is
    refused only where the address takes no mail at all.
    """
    return refused(profile, channel, reached(profile, channel, address, at), message_class)


def refused(
    profile: Profile, channel: str, there: Reached, message_class: MessageClass
) -> str | None:
    """As `refusal`, of what was looked up already."""
    if message_class == "transactional":
        held = held_of(profile.consent, channel, there.address)
        return next((f"suppressed:{r}" for r in UNDELIVERABLE if suppressed_since(held, r)), None)
    found = there.standing
    match found.state:
        case "subscribed":
            return None
        case "suppressed":
            return f"suppressed:{found.reason}"
        case "unsubscribed" if found.scope == "global":
            return "globally_unsubscribed"
        case "never" | "expired":
            return f"no_consent:{channel}"
        case _:
            return f"{found.state}:{channel}"


def agreed(profile: Profile, channel: str, address: str, at: datetime) -> Granted | None:
    """The record on which a message to this address may leave; its words, where we have them."""
    return standing(profile.consent, channel, address, at).agreed


def reached(profile: Profile, channel: str, address: str | None, at: datetime) -> Reached:
    """The address as given, else where the customer wants to be reached."""
    if address:
        return Reached(address, standing(profile.consent, channel, address, at))
    return reached_by(profile, channel, at)


def reached_by(profile: Profile, channel: str, at: datetime) -> Reached:
    """The address of a channel that messages go to: one that may be written to, else the one the
    customer gave last, else the one last heard of."""
    given = detail(profile.contact, REACHED_BY[channel]) if channel in REACHED_BY else None
    prefix = key_of(channel, "")
    keys = profile.consent.addresses
    known: set[str | None] = {key.removeprefix(prefix) for key in keys if key.startswith(prefix)}
    if given is not None:
        known.add(given)
    found = [Reached(one, standing(profile.consent, channel, one, at)) for one in known or {None}]
    return found[0] if len(found) == 1 else max(found, key=lambda one: _rank(one, given))


def _rank(one: Reached, given: str | None) -> tuple[bool, bool, datetime, str]:
    state, since = one.standing.state, one.standing.since
    return state == "subscribed", one.address == given, since or BEGINNING, one.address or ""
