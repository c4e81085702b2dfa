"""When a draft order changes."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, TypeAlias, assert_never

from msgspec import Meta, Struct

from aggregates.profile.decisions.context import Context
from aggregates.profile.decisions.orders import Id, Items
from aggregates.profile.events.drafts import (
    Completed,
    Deleted,
    Event,
    Opened,
    Updated,
    picture_of,
)
from aggregates.profile.latest import says_more
from aggregates.profile.money import Price, money
from aggregates.profile.profile import Profile

COMPLETED = "completed"


class DraftCommand(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Marks every draft order command."""


class RecordDraftOrder(DraftCommand, frozen=True, tag="RecordDraftOrder", kw_only=True):
    """A draft order as it stood at `occurred_at`: open, invoice_sent or completed."""

    draft_id: Id
    status: Annotated[str, Meta(max_length=100)]
    total: Price
    created_at: datetime
    name: Annotated[str, Meta(max_length=255)] | None = None
    order_id: Id | None = None
    completed_at: datetime | None = None
    items: Items = ()


class RecordDraftDeletion(DraftCommand, frozen=True, tag="RecordDraftDeletion", kw_only=True):
    draft_id: Id


Command: TypeAlias = RecordDraftOrder | RecordDraftDeletion


def decide(profile: Profile, command: Command, context: Context) -> Iterator[Event]:
    match command:
        case RecordDraftOrder():
            yield from _draft(profile, command, context)
        case RecordDraftDeletion():
            held = profile.drafts.deleted.get(command.draft_id)
            if held is None or context.occurred_at < held:
                yield Deleted(command.draft_id)
        case _:
            assert_never(command)


def _draft(profile: Profile, command: RecordDraftOrder, context: Context) -> Iterator[Event]:
    held = profile.drafts.by_id.get(command.draft_id)
    event = _pictured(Updated if held else Opened, command)
    if held is None or says_more(held.picture, picture_of(event), context.stamp):
        yield event
    done = _completed_at(command, context)
    if done and (held is None or held.completed_at is None or done < held.completed_at):
        yield Completed(command.draft_id, command.created_at, done, command.order_id)


def _completed_at(command: RecordDraftOrder, context: Context) -> datetime | None:
    said = context.occurred_at if command.status.lower() == COMPLETED else None
    return command.completed_at or said


def _pictured(kind: type[Opened] | type[Updated], command: RecordDraftOrder) -> Opened | Updated:
    return kind(
        draft_id=command.draft_id,
        created_at=command.created_at,
        status=command.status.lower(),
        total=money(command.total),
        name=command.name,
        order_id=command.order_id,
        completed_at=command.completed_at,
        items=command.items,
    )
