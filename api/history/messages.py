"""A customer's messages: how each stands, what was said of it when, why one was blocked."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from msgspec import Struct

from aggregates.gate.checks import Check
from aggregates.log.record import Record
from aggregates.profile.channels import Channel, MessageClass, OnBlock, SendSource
from aggregates.profile.events.messages import Blocked, MessageEvent
from api.history.because import refusal
from api.history.customer import Customer
from api.history.entries import Entry
from api.history.links import Links
from api.ports import Ports
from api.read_models import reading
from api.shops.directory import KeyHolder
from projections import message_list
from projections.message_list import Asked, Campaign, Message, Status, Step

TELLING = ("sent", "reserved", "blocked")  # the first that is known says where it went
Told = Mapping[str, MessageEvent]


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


class CampaignView(Struct, frozen=True):
    """How many messages of a campaign the customer was meant to have, and what became of them.
    `acted`: clicked or replied to."""

    source: SendSource
    campaign: str
    first_at: datetime
    last_at: datetime
    messages: int
    sent: int
    delivered: int
    opened: int
    acted: int
    blocked: int
    href: str


class CampaignPage(Struct, frozen=True):
    """The last first."""

    items: list[CampaignView]
    next_cursor: str | None = None


class Shown(NamedTuple):
    """What is known of one message."""

    message: Message
    steps: Sequence[Step]
    told: Told


async def messages(
    ports: Ports, holder: KeyHolder, whose: Customer, asked: Asked
) -> list[MessageView]:
    async with reading(ports.pool) as connection:
        found = await message_list.page(connection, asked)
        ids = [message.message_id for message in found]
        steps = await message_list.steps(connection, whose.subjects, ids)
    told = await _told(ports, holder.namespace, [s for one in steps.values() for s in one])
    links = Links(whose.path, holder.world)
    shown = [Shown(one, steps[one.message_id], told.get(one.message_id, {})) for one in found]
    return [_view(one, links, whose.id) for one in shown]


def campaign_view(found: Campaign, links: Links) -> CampaignView:
    return CampaignView(
        source=found.source,
        campaign=found.source_id,
        first_at=found.first_at,
        last_at=found.last_at,
        messages=found.messages,
        sent=found.sent,
        delivered=found.delivered,
        opened=found.opened,
        acted=found.acted,
        blocked=found.blocked,
        href=links.listed("messages", campaign=found.source_id),
    )


async def _told(ports: Ports, namespace: int, steps: Iterable[Step]) -> Mapping[str, Told]:
    """The events that say what a message was, by message and by what happened."""
    wanted = [step for step in steps if step.fact in TELLING]
    places = [(step.stream, step.version) for step in wanted]
    records = {_place(one): one.event for one in await ports.histories.listed(namespace, places)}
    found: dict[str, dict[str, MessageEvent]] = {}
    for step in wanted:
        event = records.get((step.stream, step.version))
        if isinstance(event, MessageEvent):
            found.setdefault(step.message_id, {})[step.fact] = event
    return found


def _view(shown: Shown, links: Links, whom: UUID) -> MessageView:
    message, told = shown.message, shown.told
    moments = {step.fact: MessageMoment(step.first_at, step.times) for step in shown.steps}
    sent, blocked, address = told.get("sent"), told.get("blocked"), _address(told)
    return MessageView(
        id=message.message_id,
        status=message.status,
        at=message.at,
        sent_at=moments["sent"].at if "sent" in moments else None,
        channel=message.channel,
        message_class=message.message_class,
        source=message.source,
        campaign=message.source_id,
        address=address,
        subject=getattr(sent, "subject", None),
        preview=getattr(sent, "preview", None),
        moments=moments,
        blocked=_why(blocked) if isinstance(blocked, Blocked) else None,
        href=links.below("messages", message.message_id),
        resend=_resend(message, address, whom),
    )


def _why(blocked: Blocked) -> WhyBlocked:
    decision = blocked.decision
    return WhyBlocked(
        decision.reason,
        refusal(decision.reason or ""),
        decision.retry_at,
        decision.on_block,
        decision.checks,
    )


def _resend(message: Message, address: str | None, whom: UUID) -> Resend | None:
    """None where it may still go out by itself, or nobody knows on which channel it went."""
    if message.channel is None or message.status == "reserved":
        return None
    return Resend(
        profile=ResendTo(str(whom)),
        channel=message.channel,
        message_class=message.message_class or "marketing",
        source=message.source or "manual",
        source_id=message.source_id,
        address=address,
    )


def _address(told: Told) -> str | None:
    known = (getattr(told.get(fact), "address", None) for fact in TELLING)
    return next((address for address in known if address), None)


def _place(record: Record) -> tuple[UUID, int]:
    return record.stream, record.version
