"""A customer's messages: how each stands, what was said of it when, why one was blocked."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from aggregates.log.record import Record
from aggregates.profile.events.messages import Blocked, MessageEvent
from api.history.because import refusal
from api.history.customer import Customer
from api.history.links import Links
from api.history.message_shape import MessageMoment, MessageView, Resend, ResendTo, WhyBlocked
from api.ports import Ports
from api.read_models import reading
from api.shops.directory import KeyHolder
from projections import message_list
from projections.message_list import Asked, Message, Step

TELLING = ("sent", "reserved", "blocked")  # the first that is known says where it went
Told = Mapping[str, MessageEvent]


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
