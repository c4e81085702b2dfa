"""What the gate must know of a customer, and what it says."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from aggregates.gate import decision
from aggregates.gate.decision import Decision
from aggregates.gate.facts import WEEK, Asked, Facts, Held, Place, Sent
from aggregates.gate.zones import Whereabouts, place_of
from aggregates.profile import permission
from aggregates.profile.channels import ADDRESSED_BY, Channel
from aggregates.profile.events.contact import detail
from aggregates.profile.events.identity import live
from aggregates.profile.events.messages import Dispatch, Message, dispatched, is_lost
from aggregates.profile.latest import current
from aggregates.profile.profile import Profile
from aggregates.shop.messaging_rules import MessagingRules

AHEAD = timedelta(minutes=5)  # clocks differ: what is stamped a little later has happened already
ADDRESSES = ("shipping", "billing", "letter")


def decide(
    profile: Profile,
    asked: Asked,
    at: datetime,
    rules: MessagingRules,
    *,
    time_zone: str | None = None,
    besides: str | None = None,
) -> Decision:
    """Whether it may go out. `time_zone` is the shop's; the message `besides` does not count."""
    to = address_of(profile, asked.channel, asked.address, at)
    refusal = permission.refusal(profile, asked.channel, to, asked.message_class, at)
    phone = to if ADDRESSED_BY.get(asked.channel) == "phone" else None
    place = whereabouts(profile, phone, time_zone)
    sent, held = counted(profile, rules, at, besides)
    return decision.decide(Facts(asked, refusal, sent, held, place), rules, at)


def counted(
    profile: Profile, rules: MessagingRules, at: datetime, besides: str | None = None
) -> tuple[tuple[Sent, ...], tuple[Held, ...]]:
    """What has gone out lately enough to count, and what is reserved."""
    messages = [one for name, one in profile.messages.by_id.items() if name != besides]
    sent = (one for one in map(dispatched, messages) if one and at - one.at < WEEK)
    gone = [one for one in sent if rules.counts(one.message_class)]
    kept = [r for m in messages if (r := _live(m)) and rules.counts(r.message_class)]
    return (
        tuple(Sent(_seen(one.at, at), one.channel) for one in gone),
        tuple(Held(_seen(one.at, at), one.until, one.channel) for one in kept),
    )


def reservation(message: Message, at: datetime) -> Dispatch | None:
    """What holds its place at that moment."""
    held = _live(message)
    return held if held and held.at - AHEAD <= at < held.until else None


def whereabouts(profile: Profile, phone: str | None, shop: str | None) -> Place:
    contact = profile.contact
    given = (current(contact.addresses.get(kind)) for kind in ADDRESSES)
    return place_of(
        Whereabouts(
            explicit=detail(contact, "time_zone"),
            addresses=tuple((one.country, one.region) for one in given if one),
            phone=phone or _phone(profile),
            shop=shop,
        )
    )


def address_of(profile: Profile, channel: Channel, address: str | None, at: datetime) -> str | None:
    """Where a message would go: as given, else where the customer wants to be reached."""
    return address or permission.reached_by(profile, channel, at).address


def _phone(profile: Profile) -> str | None:
    given = detail(profile.contact, "phone")
    return given or min(_known_phones(profile), default=None)


def _known_phones(profile: Profile) -> Iterator[str]:
    parted = (key.partition(":") for key in live(profile.identity))
    return (value for kind, _, value in parted if kind == "phone")


def _live(message: Message) -> Dispatch | None:
    """The reservation, unless it is known what came of it."""
    held = message.reserved
    if held is None or message.sent or is_lost(message):
        return None
    return None if message.released and message.released >= held.at else held


def _seen(moment: datetime, at: datetime) -> datetime:
    return at if at < moment <= _later(at) else moment


def _later(at: datetime) -> datetime:
    return at + AHEAD
