"""When a consent, a withdrawal or a suppression is news."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Literal, TypeAlias, TypeVar, assert_never

from msgspec import Meta, Struct
from msgspec.structs import asdict

from aggregates.profile.decisions.context import Context
from aggregates.profile.decisions.rejection import Rejected
from aggregates.profile.events.consent import (
    AddressConsent,
    Basis,
    Channel,
    CollectedBy,
    Event,
    Granted,
    Level,
    Redacted,
    Requested,
    Scope,
    Suppressed,
    Suppression,
    SuppressionLifted,
    Withdrawn,
    held_of,
    key_of,
    weight_of,
)
from aggregates.profile.latest import Latest, says_more
from aggregates.profile.profile import Profile
from aggregates.profile.standing import WIDTH

Said = TypeVar("Said", Granted, Withdrawn, Suppressed, SuppressionLifted, Redacted)

MAX_ADDRESSES = 200  # of one customer, on all channels
MAX_TEXT = 10_000
Address = Annotated[str, Meta(min_length=1, max_length=1_000)]
Text = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)]
Words = Annotated[str, Meta(min_length=1, max_length=500)]
Url = Annotated[str, Meta(min_length=1, max_length=2_000)]


class ConsentCommand(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Marks every consent command."""


class GrantConsent(ConsentCommand, frozen=True, tag="GrantConsent", kw_only=True):
    """They agreed, in the words of `text`, to be written to at `address`. At level `pending` they
    were asked to confirm; `confirmed` then says that they did."""

    channel: Channel
    address: Address
    level: Level | Literal["pending"] = "unknown"
    text: Text | None = None
    text_version: Words | None = None
    language: Annotated[str, Meta(min_length=2, max_length=35)] | None = None
    source: CollectedBy | None = None
    source_detail: Url | None = None
    ip: Annotated[str, Meta(min_length=2, max_length=45)] | None = None
    user_agent: Url | None = None
    region: Words | None = None
    basis: Basis = "consent"
    expires_at: datetime | None = None
    evidence: Words | None = None
    actor: Words | None = None


class WithdrawConsent(ConsentCommand, frozen=True, tag="WithdrawConsent", kw_only=True):
    """`scope` says what they no longer want: messages to this address, on this channel, any.

    Where it does not: what the shop's settings say if it came by an unsubscribe link, the channel
    if by a keyword such as STOP; else the narrowest that `channel` and `address` name.
    """

    scope: Scope | None = None
    channel: Channel | None = None
    address: Address | None = None
    source: CollectedBy | None = None
    source_detail: Url | None = None
    reason: Words | None = None
    ip: Annotated[str, Meta(min_length=2, max_length=45)] | None = None
    user_agent: Url | None = None
    evidence: Words | None = None
    actor: Words | None = None


class SuppressAddress(ConsentCommand, frozen=True, tag="SuppressAddress", kw_only=True):
    """Nothing may go there, whoever agreed to what."""

    channel: Channel
    address: Address
    reason: Suppression
    detail: Words | None = None


class LiftSuppression(ConsentCommand, frozen=True, tag="LiftSuppression", kw_only=True):
    """It was a mistake, or has been mended. What they agreed to before holds again."""

    channel: Channel
    address: Address
    detail: Words | None = None


class RedactConsent(ConsentCommand, frozen=True, tag="RedactConsent", kw_only=True):
    """The place that collected it has erased it."""

    channel: Channel
    address: Address


Command: TypeAlias = (
    GrantConsent | WithdrawConsent | SuppressAddress | LiftSuppression | RedactConsent
)


def decide(profile: Profile, command: Command, context: Context) -> Iterator[Event]:
    match command:
        case GrantConsent():
            yield from _granted(_room(profile, command), command, context)
        case WithdrawConsent():
            yield from _withdrawn(profile, command, context)
        case SuppressAddress(channel=channel, address=address, reason=reason, detail=detail):
            said = Suppressed(channel, reason, address, detail)
            held = _room(profile, command)
            yield from _news(held.suppressed.get(reason), said, context)
        case LiftSuppression(channel=channel, address=address, detail=detail):
            lifted = SuppressionLifted(channel, address, detail)
            yield from _news(_room(profile, command).lifted, lifted, context)
        case RedactConsent(channel=channel, address=address):
            redacted = Redacted(channel, address)
            yield from _news(_room(profile, command).redacted, redacted, context)
        case _:
            assert_never(command)


def scope_of(command: WithdrawConsent, link: Scope = "global") -> Scope:
    """`link` is how far a click on an unsubscribe link reaches. Never less than what it names: a
    no that does not name its channel is about all of them."""
    if command.scope is not None:
        return command.scope
    usual: dict[CollectedBy | None, Scope] = {"unsubscribe_link": link, "keyword": "channel"}
    return max(usual.get(command.source, "address"), _named(command), key=WIDTH.__getitem__)


def _named(command: WithdrawConsent) -> Scope:
    if command.channel is None:
        return "global"
    return "address" if command.address is not None else "channel"


def _granted(held: AddressConsent, command: GrantConsent, context: Context) -> Iterator[Event]:
    if command.expires_at is not None and command.expires_at <= context.occurred_at:
        raise Rejected("already_expired", "expires_at must lie after occurred_at")
    told = asdict(command)
    level = told.pop("level")
    told["text_sha256"] = sha256(command.text.encode()).hexdigest() if command.text else None
    told["imported"] = "import" in (context.source.kind, command.source)
    if level == "pending":
        asked = Requested(**told)
        if Latest(asked, context.stamp) not in held.requests:
            yield asked
        return
    granted = Granted(**told, level=level)
    yield from _news(held.grants.get(weight_of(granted)), granted, context)


def _withdrawn(profile: Profile, command: WithdrawConsent, context: Context) -> Iterator[Event]:
    scope = scope_of(command, context.messaging.unsubscribe_scope)
    said = Withdrawn(**asdict(command) | {"scope": scope})
    consent = profile.consent
    if scope == "global":
        yield from _news(consent.everywhere, said, context)
    elif command.channel is None:
        raise Rejected("no_channel", f"a withdrawal of scope {scope} names its channel")
    elif scope == "channel":
        yield from _news(consent.channels.get(command.channel), said, context)
    elif command.address is None:
        raise Rejected("no_address", "a withdrawal of scope address names its address")
    else:
        held = _room(profile, command)
        yield from _news(held.withdrawn, said, context)


def _news(held: Latest[Said] | None, said: Said, context: Context) -> Iterator[Said]:
    if says_more(held, said, context.stamp):
        yield said


def _room(profile: Profile, command: Command) -> AddressConsent:
    """What is held of the address, if one more can be held. Nothing is ever forgotten to make
    room: it might be a withdrawal."""
    held = profile.consent
    known = key_of(command.channel, command.address) in held.addresses
    if not known and len(held.addresses) >= MAX_ADDRESSES:
        raise Rejected("too_many_addresses", f"a customer has at most {MAX_ADDRESSES} addresses")
    return held_of(held, command.channel, command.address)
