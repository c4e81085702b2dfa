"""Asking the gate, and what becomes of a place it has granted."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from aggregates.gate.decision import Decision, Reservation, reserved
from aggregates.gate.facts import Asked
from aggregates.profile import sending
from aggregates.profile.decisions.context import Context
from aggregates.profile.decisions.message_commands import (
    RecordMessageFailed,
    RecordMessageSent,
    ReleaseSend,
    RequestSend,
)
from aggregates.profile.decisions.rejection import Rejected
from aggregates.profile.decisions.reservations import (
    confirm,
    known,
    named,
    reservation_id,
    unknown,
)
from aggregates.profile.events.messages import (
    Blocked,
    Failed,
    Message,
    Missed,
    Released,
    Reserved,
    Sent,
    dispatch_of,
    is_lost,
)
from aggregates.profile.profile import Profile

YEARS = range(1971, 9_000)  # those in which a week can be added and taken away


def request(
    profile: Profile, command: RequestSend, context: Context
) -> Iterator[Reserved | Blocked | Missed]:
    """Raises Rejected for a message of which it is known already what became of it."""
    name, at = command.message_id or context.command_id, context.occurred_at
    _may_be_asked(known(profile, name, context))
    whole = context.whole or profile
    to, decision = _decided(whole, name, command, context)
    if decision.allowed:
        until = at + timedelta(minutes=context.messaging.reservation_minutes)
        granted = reserved(decision, Reservation(reservation_id(name), until))
        yield _reserved(name, command, to, granted)
        return
    yield _blocked(name, command, to, decision)
    if decision.on_block == "exit" and command.deadline is not None:
        yield _missed(name, command, command.deadline, decision)


def sent(profile: Profile, command: RecordMessageSent, context: Context) -> Iterator[Sent]:
    """Raises Rejected where the place is not, or no longer, kept, or consent was withdrawn."""
    name = named(profile, command, context)
    message = known(profile, name, context)
    if message.sent is None and message.reserved is not None:
        confirm(context.whole or profile, message, message.reserved, command, context)
    event = _sent(name, command, message)
    held = profile.messages.by_id.get(name, Message()).sent
    if held is None or dispatch_of(event, context.occurred_at) < held:
        yield event


def failed(profile: Profile, command: RecordMessageFailed, context: Context) -> Failed:
    return Failed(named(profile, command, context), command.code, command.detail)


def release(profile: Profile, command: ReleaseSend, context: Context) -> Iterator[Released]:
    name = named(profile, command, context)
    message = known(profile, name, context)
    if message.sent is not None:
        raise Rejected("already_sent", "what went out cannot be given back")
    if message.reserved is None:
        raise unknown()
    if sending.reservation(message, context.occurred_at) is not None:
        yield Released(name)


def _may_be_asked(message: Message) -> None:
    if message.sent is not None:
        raise Rejected("already_sent", "a message of this id went out; a new one needs a new id")
    if is_lost(message):
        raise Rejected("message_failed", "another try is another message and needs a new id")


def _decided(whole: Profile, name: str, command: RequestSend, context: Context) -> sending.Answer:
    if context.occurred_at.year not in YEARS:
        raise Rejected("instant_out_of_range", f"ask for the years {YEARS.start} to {YEARS.stop}")
    asked = Asked(
        command.channel, command.message_class, command.source, command.deadline, command.address
    )
    return sending.decide(
        whole,
        asked,
        context.occurred_at,
        context.messaging,
        time_zone=context.time_zone,
        besides=name,
    )


def _sent(name: str, command: RecordMessageSent, message: Message) -> Sent:
    """What is left out is as it was reserved, not as it was said of an earlier sending: which of
    two sayings comes first must not matter."""
    held, before = message.reserved, message.reserved or message.sent
    channel = command.channel or (before.channel if before else None)
    if channel is None:
        raise Rejected(
            "no_channel", "say on which channel a message went out that was not reserved"
        )
    return Sent(
        message_id=name,
        channel=channel,
        message_class=command.message_class or (held.message_class if held else "marketing"),
        source=command.source or (held.source if held else "manual"),
        source_id=command.source_id or (held.source_id or None if held else None),
        reservation=command.reservation,
        address=command.address or (held.address or None if held else None),
        subject=command.subject,
        preview=command.preview,
    )


def _reserved(name: str, command: RequestSend, to: str | None, decision: Decision) -> Reserved:
    assert decision.reservation is not None
    return Reserved(
        message_id=name,
        channel=command.channel,
        message_class=command.message_class,
        source=command.source,
        source_id=command.source_id,
        address=to,  # what is confirmed is what was looked at
        expires_at=decision.reservation.expires_at,
        decision=decision,
    )


def _blocked(name: str, command: RequestSend, to: str | None, decision: Decision) -> Blocked:
    return Blocked(
        message_id=name,
        channel=command.channel,
        message_class=command.message_class,
        source=command.source,
        source_id=command.source_id,
        address=to,
        decision=decision,
    )


def _missed(name: str, command: RequestSend, deadline: datetime, decision: Decision) -> Missed:
    assert decision.reason is not None
    return Missed(
        message_id=name,
        channel=command.channel,
        source=command.source,
        source_id=command.source_id,
        deadline=deadline,
        reason=decision.reason,
        retry_at=decision.retry_at,
    )
