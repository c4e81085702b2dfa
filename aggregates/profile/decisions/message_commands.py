"""What can be wanted, and told, of messages to a customer."""

from datetime import datetime
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from aggregates.profile.channels import Channel, MessageClass, SendSource
from aggregates.profile.events.messages import Bounce

Id = Annotated[str, Meta(min_length=1, max_length=255)]
Code = Annotated[str, Meta(max_length=100)]
Address = Annotated[str, Meta(min_length=1, max_length=320)]
Text = Annotated[str, Meta(max_length=2_000)]


class MessageCommand(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Marks every message command."""


class RequestSend(MessageCommand, frozen=True, tag="RequestSend", kw_only=True):
    """May this message go out now? If so, its place is kept until it is confirmed or given back.

    Without a `message_id` the message is called by the command's id. After the `deadline` it would
    be pointless to send it.
    """

    channel: Channel
    message_class: MessageClass = "marketing"
    source: SendSource = "manual"
    source_id: Id | None = None
    message_id: Id | None = None
    address: Address | None = None
    deadline: datetime | None = None


class ReservedCommand(MessageCommand, frozen=True, kw_only=True):
    """About a message that may have been reserved: named by its id, its reservation, or both."""

    message_id: Id | None = None
    reservation: Id | None = None


class RecordMessageSent(ReservedCommand, frozen=True, tag="RecordMessageSent", kw_only=True):
    """Confirms a reservation, which is to be done before the message is handed over; or tells of a
    message that went out without asking. What a reservation knows need not be said again."""

    channel: Channel | None = None
    message_class: MessageClass | None = None
    source: SendSource | None = None
    source_id: Id | None = None
    address: Address | None = None
    subject: Text | None = None
    preview: Text | None = None


class RecordMessageFailed(ReservedCommand, frozen=True, tag="RecordMessageFailed", kw_only=True):
    """It never left. Another try is another message."""

    code: Code | None = None
    detail: Text | None = None


class ReleaseSend(ReservedCommand, frozen=True, tag="ReleaseSend", kw_only=True):
    """What was reserved is not going to be sent now."""


class HeardCommand(MessageCommand, frozen=True, kw_only=True):
    """About a message that went out."""

    message_id: Id


class RecordMessageDelivered(HeardCommand, frozen=True, tag="RecordMessageDelivered", kw_only=True):
    pass


class RecordMessageOpened(HeardCommand, frozen=True, tag="RecordMessageOpened", kw_only=True):
    pass


class RecordMessageClicked(HeardCommand, frozen=True, tag="RecordMessageClicked", kw_only=True):
    url: Text | None = None


class RecordMessageReplied(HeardCommand, frozen=True, tag="RecordMessageReplied", kw_only=True):
    text: Annotated[str, Meta(max_length=10_000)] | None = None


class RecordMessageDismissed(HeardCommand, frozen=True, tag="RecordMessageDismissed", kw_only=True):
    """Swiped away unread."""


class RecordMessageBounced(HeardCommand, frozen=True, tag="RecordMessageBounced", kw_only=True):
    """`hard`: there is no such address; it is written to no more. `never_left`: does not count."""

    bounce: Bounce = "hard"
    channel: Channel | None = None
    address: Address | None = None
    detail: Text | None = None


class RecordMessageComplained(
    HeardCommand, frozen=True, tag="RecordMessageComplained", kw_only=True
):
    """The recipient called it unwanted; the address is written to no more."""

    channel: Channel | None = None
    address: Address | None = None


HeardOf: TypeAlias = (
    RecordMessageDelivered
    | RecordMessageOpened
    | RecordMessageClicked
    | RecordMessageReplied
    | RecordMessageDismissed
    | RecordMessageBounced
    | RecordMessageComplained
)
Command: TypeAlias = RequestSend | RecordMessageSent | RecordMessageFailed | ReleaseSend | HeardOf
