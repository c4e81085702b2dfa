"""What the gate must know of a customer, and what it says."""

from datetime import datetime, timedelta
from typing import NamedTuple

from aggregates.gate import decision
from aggregates.gate.decision import Decision
from aggregates.gate.facts import WEEK, Asked, Facts, Held, Place, Sent
from aggregates.gate.zones import Whereabouts, place_of
from aggregates.profile import permission
from aggregates.profile.channels import ADDRESSED_BY
from aggregates.profile.events.contact import detail
from aggregates.profile.events.identity import key_of, live
from aggregates.profile.events.messages import Dispatch, Message, is_lost
from aggregates.profile.identifiers import Identifier
from aggregates.profile.profile import Profile
from aggregates.shop.messaging_rules import MessagingRules

AHEAD = timedelta(minutes=5)  # clocks differ: what is stamped a little later has happened already
ADDRESSES = ("shipping", "billing", "letter")
_PHONE = key_of(Identifier("phone", ""))


class Answer(NamedTuple):
    """What the gate says of the `address` it looked at."""

    address: str | None
    decision: Decision


def decide(
    profile: Profile,
    asked: Asked,
    at: datetime,
    rules: MessagingRules,
    *,
    time_zone: str | None = None,
    besides: str | None = None,
) -> Answer:
    """Whether it may go out. `time_zone` is the shop's; the message `besides` does not count."""
    to = permission.reached(profile, asked.channel, asked.address, at)
    refusal = permission.refused(profile, asked.channel, to, asked.message_class)
    phone = to.address if ADDRESSED_BY.get(asked.channel) == "phone" else None
    place = whereabouts(profile, phone, time_zone)
    sent, held = counted(profile, rules, at, besides)
    facts = Facts(asked, refusal, sent, held, place)
    return Answer(to.address, decision.decide(facts, rules, at))


def counted(
    profile: Profile, rules: MessagingRules, at: datetime, besides: str | None = None
) -> tuple[tuple[Sent, ...], tuple[Held, ...]]:
    """What has gone out lately enough to count, and what is reserved."""
    gone, kept = [], []
    for name, message in profile.messages.by_id.items():
        if name == besides:
            continue
        sent = message.sent
        if sent is None:
            if (held := place_held(message)) is not None and rules.counts(held.message_class):
                kept.append(Held(_seen(held.at, at), held.until, held.channel))
        elif at - sent.at < WEEK and not is_lost(message) and rules.counts(sent.message_class):
            gone.append(Sent(_seen(sent.at, at), sent.channel))
    return tuple(gone), tuple(kept)


def reservation(message: Message, at: datetime) -> Dispatch | None:
    """What holds its place at that moment."""
    held = place_held(message)
    return held if held and held.at - AHEAD <= at < held.until else None


def place_held(message: Message) -> Dispatch | None:
    """A reservation, unless it is known what came of it."""
    held = message.reserved
    if held is None or message.sent or is_lost(message):
        return None
    return None if message.released and message.released >= held.at else held


def whereabouts(profile: Profile, phone: str | None, shop: str | None) -> Place:
    contact = profile.contact
    given = [contact.addresses[kind].value for kind in ADDRESSES if kind in contact.addresses]
    return place_of(
        Whereabouts(
            explicit=detail(contact, "time_zone"),
            addresses=tuple([(one.country, one.region) for one in given]),
            phone=phone or _phone(profile),
            shop=shop,
        )
    )


def _phone(profile: Profile) -> str | None:
    if given := detail(profile.contact, "phone"):
        return given
    known = [key for key in live(profile.identity) if key.startswith(_PHONE)]
    return min(known).removeprefix(_PHONE) if known else None


def _seen(moment: datetime, at: datetime) -> datetime:
    return at if at < moment <= _later(at) else moment


def _later(at: datetime) -> datetime:
    return at + AHEAD
