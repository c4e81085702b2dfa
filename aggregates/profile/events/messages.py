"""What we wrote to a customer, what we did not, and how they took it."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import ClassVar, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from aggregates.gate.decision import Decision
from aggregates.profile.channels import Channel, MessageClass, SendSource
from aggregates.profile.latest import Stamp

MAX_FACTS = 1_000  # of one customer's messages together
KEPT_DAYS = 90

Bounce: TypeAlias = Literal["hard", "soft", "never_left"]
Moment: TypeAlias = Literal[
    "failed", "delivered", "opened", "clicked", "replied", "dismissed", "soft_bounce",
    "hard_bounce", "never_left", "complained", "hard_bounce_last", "complained_last",
]  # fmt: skip
LAST: dict[Moment, Moment] = {"hard_bounce": "hard_bounce_last", "complained": "complained_last"}


class MessageEvent(Struct, frozen=True, omit_defaults=True):
    """Marks every message event."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()
    message_id: str


class Reserved(MessageEvent, frozen=True, tag="messages.reserved", kw_only=True):
    """The gate let it pass; it counts until `expires_at` unless it is known before what came."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"address"})
    channel: Channel
    message_class: MessageClass
    source: SendSource
    expires_at: datetime
    decision: Decision
    source_id: str | None = None
    address: str | None = None


class Blocked(MessageEvent, frozen=True, tag="messages.blocked", kw_only=True):
    """The gate did not let it pass."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"address"})
    channel: Channel
    message_class: MessageClass
    source: SendSource
    decision: Decision
    source_id: str | None = None
    address: str | None = None


class Missed(MessageEvent, frozen=True, tag="messages.missed", kw_only=True):
    """It could only have gone out after its deadline."""

    channel: Channel
    source: SendSource
    deadline: datetime
    reason: str
    retry_at: datetime | None = None
    source_id: str | None = None


class Sent(MessageEvent, frozen=True, tag="messages.sent", kw_only=True):
    """The provider took it."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"address", "subject", "preview"})
    channel: Channel
    message_class: MessageClass
    source: SendSource
    source_id: str | None = None
    reservation: str | None = None
    address: str | None = None
    subject: str | None = None
    preview: str | None = None


class Failed(MessageEvent, frozen=True, tag="messages.failed"):
    """It never left, and never will under this id."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"detail"})
    code: str | None = None
    detail: str | None = None


class Released(MessageEvent, frozen=True, tag="messages.released"):
    """Who reserved it does not want to send it any more."""


class Delivered(MessageEvent, frozen=True, tag="messages.delivered"):
    pass


class Opened(MessageEvent, frozen=True, tag="messages.opened"):
    pass


class Clicked(MessageEvent, frozen=True, tag="messages.clicked"):
    """Web addresses may carry names and e-mails."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"url"})
    url: str | None = None


class Replied(MessageEvent, frozen=True, tag="messages.replied"):
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"text"})
    text: str | None = None


class Dismissed(MessageEvent, frozen=True, tag="messages.dismissed"):
    """Swiped away unread."""


class Bounced(MessageEvent, frozen=True, tag="messages.bounced"):
    """`hard`: there is no such address. `never_left`: as if it had not been sent."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"address", "detail"})
    bounce: Bounce
    address: str | None = None
    detail: str | None = None


class Complained(MessageEvent, frozen=True, tag="messages.complained"):
    """The recipient called it unwanted."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"address"})
    address: str | None = None


Heard: TypeAlias = (
    Failed | Delivered | Opened | Clicked | Replied | Dismissed | Bounced | Complained
)  # back from the provider or the customer
Event: TypeAlias = Reserved | Blocked | Missed | Sent | Released | Heard


class Dispatch(Struct, frozen=True, order=True, array_like=True):
    """A message as it went out, or as it was reserved: then until when."""

    at: datetime
    until: datetime
    channel: Channel
    message_class: MessageClass
    source: SendSource
    source_id: str = ""
    address: str = ""


class Message(Struct, frozen=True, array_like=True):
    """What is known of one message: the first time it was sent, the last time it was reserved and
    released, the first moment of everything else; of what ends all writing to its address the last
    one, too, if that is later: where it went may be told only then."""

    sent: Dispatch | None = None
    reserved: Dispatch | None = None
    released: datetime | None = None
    moments: dict[Moment, datetime] = {}


class Messages(Struct, frozen=True):
    """The messages of the last `KEPT_DAYS`, and when each channel was last used before.

    What is older is dropped fact by fact, and so is the oldest beyond `MAX_FACTS` (of the smaller
    id if equal): the same ones stay whatever order they came in.
    """

    by_id: dict[str, Message] = {}
    contacted: dict[Channel, datetime] = {}


def evolve(messages: Messages, event: Event, stamp: Stamp) -> Messages:
    if isinstance(event, (Blocked, Missed)):  # the log remembers; nothing is decided on them
        return messages
    held = messages.by_id.get(event.message_id, Message())
    told = {**messages.by_id, event.message_id: _told(held, event, stamp.at)}
    if not _is_too_much(told.values()):
        return Messages(told, messages.contacted)
    return _without_surplus(told, messages.contacted)


def _without_surplus(told: dict[str, Message], contacted: Mapping[Channel, datetime]) -> Messages:
    contacted = dict(contacted)
    for _, name, fact in _surplus(told):
        if fact == "sent" and (sent := told[name].sent):
            contacted[sent.channel] = max(contacted.get(sent.channel, sent.at), sent.at)
        told[name] = _without(told[name], fact)
        if told[name] == _NOTHING:
            del told[name]
    return Messages(told, contacted)


def dispatched(message: Message) -> Dispatch | None:
    """How it went out, if it did."""
    return None if is_lost(message) else message.sent


def is_lost(message: Message) -> bool:
    return "failed" in message.moments or "never_left" in message.moments


def last_contact(messages: Messages) -> dict[Channel, datetime]:
    """Whatever became of the message: which may be heard long after it is forgotten here."""
    latest = dict(messages.contacted)
    for sent in (one.sent for one in messages.by_id.values() if one.sent):
        latest[sent.channel] = max(latest.get(sent.channel, sent.at), sent.at)
    return latest


def last_heard(message: Message, moment: Moment) -> datetime | None:
    return message.moments.get(LAST.get(moment, moment), message.moments.get(moment))


def moment_of(event: Heard) -> Moment:
    if isinstance(event, Bounced):
        return _BOUNCES[event.bounce]
    return _MOMENTS[type(event)]


def _told(held: Message, event: Reserved | Sent | Released | Heard, at: datetime) -> Message:
    match event:
        case Reserved():
            again = dispatch_of(event, at)
            return replace(held, reserved=max(held.reserved or again, again))
        case Sent():
            again = dispatch_of(event, at)
            return replace(held, sent=min(held.sent or again, again))
        case Released():
            return replace(held, released=max(held.released or at, at))
        case _:
            moment = moment_of(event)
            first = min(held.moments.get(moment, at), at)
            last = max(last_heard(held, moment) or at, at)
            later = {LAST[moment]: last} if moment in LAST and last > first else {}
            return replace(held, moments={**held.moments, moment: first, **later})


def dispatch_of(event: Reserved | Sent, at: datetime) -> Dispatch:
    until = event.expires_at if isinstance(event, Reserved) else at
    return Dispatch(
        at,
        until,
        event.channel,
        event.message_class,
        event.source,
        event.source_id or "",
        event.address or "",
    )


def _is_too_much(told: Collection[Message]) -> bool:
    """Asked with every message, so nothing more is looked at than when each thing happened."""
    sent = [one.sent.at for one in told if one.sent]
    reserved = [one.reserved.at for one in told if one.reserved]
    released = [one.released for one in told if one.released]
    heard = [at for one in told if one.moments for at in one.moments.values()]
    moments = sent + reserved + released + heard
    return len(moments) > MAX_FACTS or (max(moments) - min(moments)).days >= KEPT_DAYS


def _surplus(told: Mapping[str, Message]) -> list[tuple[datetime, str, str]]:
    facts = [(at, name, fact) for name, one in told.items() for fact, at in _facts(one)]
    newest = max(facts)[0]
    old = sum((newest - at).days >= KEPT_DAYS for at, _, _ in facts)
    beyond = max(old, len(facts) - MAX_FACTS)
    return sorted(facts)[:beyond] if beyond else []


def _without(message: Message, fact: str) -> Message:
    if fact in ("sent", "reserved", "released"):
        return replace(message, **{fact: None})
    return replace(message, moments={n: at for n, at in message.moments.items() if n != fact})


def _facts(message: Message) -> Iterator[tuple[str, datetime]]:
    """When each thing that is known of it happened."""
    if message.sent:
        yield "sent", message.sent.at
    if message.reserved:
        yield "reserved", message.reserved.at
    if message.released:
        yield "released", message.released
    yield from message.moments.items()


_NOTHING = Message()
_BOUNCES: dict[Bounce, Moment] = {
    "hard": "hard_bounce",
    "soft": "soft_bounce",
    "never_left": "never_left",
}
_MOMENTS: dict[type[Heard], Moment] = {
    Failed: "failed",
    Delivered: "delivered",
    Opened: "opened",
    Clicked: "clicked",
    Replied: "replied",
    Dismissed: "dismissed",
    Complained: "complained",
}
