"""The JSON of a customer's messages. What is not known is null."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from aggregates.gate.checks import Check
from aggregates.profile.channels import Channel, MessageClass, OnBlock, SendSource
from api.history.entries import Entry
from projections.message_list import Status


class MessageMoment(Struct, frozen=True):
    """When something first happened to a message, and how often."""

    at: datetime
    times: int


class WhyBlocked(Struct, frozen=True):
    """The last time that the gate said no, with the numbers it looked at."""

    reason: str | None
    said: str
    retry_at: datetime | None
    on_block: OnBlock | None
    checks: tuple[Check, ...]


class ResendTo(Struct, frozen=True):
    id: str


class Resend(Struct, frozen=True, kw_only=True):
    """A command that asks to send it once more: post it with an `id` of its own."""

    type: Literal["RequestSend"] = "RequestSend"
    profile: ResendTo
    channel: Channel
    message_class: MessageClass
    source: SendSource
    source_id: str | None
    address: str | None


class MessageView(Struct, frozen=True, kw_only=True):
    """`at` is when it was first heard of, `sent_at` when it went out; null where it did not.
    `campaign` is the id of the campaign, journey or automation that `source` names. `subject` and
    `preview` are of the message itself, as far as its sender told them."""

    id: str
    status: Status
    at: datetime
    sent_at: datetime | None
    channel: Channel | None
    message_class: MessageClass | None
    source: SendSource | None
    campaign: str | None
    address: str | None
    subject: str | None
    preview: str | None
    moments: dict[str, MessageMoment]
    blocked: WhyBlocked | None
    href: str
    resend: Resend | None


class MessagePage(Struct, frozen=True):
    """The newest first."""

    items: list[MessageView]
    next_cursor: str | None = None


class MessageDetail(Struct, frozen=True):
    """`history`: what happened to it, the newest first."""

    message: MessageView
    history: list[Entry]
