"""When something about a message is news."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal, NamedTuple, assert_never

from aggregates.profile.channels import Channel
from aggregates.profile.decisions import sends
from aggregates.profile.decisions.context import Context
from aggregates.profile.decisions.message_commands import Command as Command
from aggregates.profile.decisions.message_commands import (
    HeardOf,
    RecordMessageBounced,
    RecordMessageClicked,
    RecordMessageComplained,
    RecordMessageDelivered,
    RecordMessageDismissed,
    RecordMessageFailed,
    RecordMessageOpened,
    RecordMessageReplied,
    RecordMessageSent,
    ReleaseSend,
    RequestSend,
)
from aggregates.profile.decisions.message_commands import MessageCommand as MessageCommand
from aggregates.profile.events.messages import (
    LAST,
    Bounced,
    Clicked,
    Complained,
    Delivered,
    Dismissed,
    Event,
    Heard,
    Message,
    Moment,
    Opened,
    Replied,
    Reserved,
    Sent,
    last_heard,
    moment_of,
)
from aggregates.profile.profile import Profile


class Suppression(NamedTuple):
    """An address that is not to be written to any more."""

    channel: Channel
    address: str
    reason: Literal["hard_bounce", "complaint"]


def decide(profile: Profile, command: Command, context: Context) -> Iterator[Event]:
    """Each thing happens to a message once: a repeat, also under another id, says nothing unless
    it tells of an earlier moment, or of a later one that may outweigh a yes."""
    match command:
        case RequestSend():
            yield from sends.request(profile, command, context)
        case RecordMessageSent():
            yield from sends.sent(profile, command, context)
        case ReleaseSend():
            yield from sends.release(profile, command, context)
        case RecordMessageFailed():
            yield from _news(profile, sends.failed(profile, command, context), context)
        case _:
            yield from _news(profile, _heard(command), context)


def suppressed_by(profile: Profile, command: Command) -> Suppression | None:
    """The address that a hard bounce or a complaint is about, as given or as it was written to.

    None where neither is known: see `suppressed_before`.
    """
    reason: Literal["hard_bounce", "complaint"] = "hard_bounce"
    if isinstance(command, RecordMessageComplained):
        reason = "complaint"
    elif not isinstance(command, RecordMessageBounced) or command.bounce != "hard":
        return None
    message = profile.messages.by_id.get(command.message_id, Message())
    known = message.sent or message.reserved
    channel = command.channel or (known.channel if known else None)
    address = command.address or (known.address if known else None)
    return Suppression(channel, address, reason) if channel and address else None


def suppressed_before(
    profile: Profile, event: Sent | Reserved
) -> Iterator[tuple[datetime, Suppression]]:
    """When it was heard that the address must not be written to any more, where the event tells
    which one that is."""
    if not event.address:
        return
    message = profile.messages.by_id.get(event.message_id, Message())
    for moment, reason in _REASONS.items():
        if (heard_at := last_heard(message, moment)) is not None:
            yield heard_at, Suppression(event.channel, event.address, reason)


def _news(profile: Profile, event: Heard, context: Context) -> Iterator[Event]:
    message = profile.messages.by_id.get(event.message_id, Message())
    moment, at = moment_of(event), context.occurred_at
    first, last = message.moments.get(moment), last_heard(message, moment)
    if first is None or last is None or at < first or (moment in LAST and at > last):
        yield event


def _heard(command: HeardOf) -> Heard:
    name = command.message_id
    match command:
        case RecordMessageClicked():
            return Clicked(name, command.url)
        case RecordMessageReplied():
            return Replied(name, command.text)
        case RecordMessageBounced():
            return Bounced(name, command.bounce, command.address, command.detail)
        case RecordMessageComplained():
            return Complained(name, command.address)
        case RecordMessageDelivered() | RecordMessageOpened() | RecordMessageDismissed():
            return _BARE[type(command)](name)
        case _:
            assert_never(command)


_REASONS: dict[Moment, Literal["hard_bounce", "complaint"]] = {
    "hard_bounce": "hard_bounce",
    "complained": "complaint",
}
_BARE: dict[type[HeardOf], type[Delivered | Opened | Dismissed]] = {
    RecordMessageDelivered: Delivered,
    RecordMessageOpened: Opened,
    RecordMessageDismissed: Dismissed,
}
