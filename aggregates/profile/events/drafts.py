"""Draft orders: quotes that a shop writes for a customer, and what became of them."""

from datetime import datetime
from typing import ClassVar, TypeAlias, assert_never

from msgspec import Struct
from msgspec.structs import replace

from aggregates.profile.items import Item, digest, first
from aggregates.profile.latest import Latest, Stamp, newest
from aggregates.profile.money import Money

MAX_DRAFTS = 50  # the ones created last; older ones live in history only


class DraftEvent(Struct, frozen=True, omit_defaults=True):
    """Marks every draft order event."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()


class Pictured(DraftEvent, frozen=True, kw_only=True):
    """A whole draft order as it stood at one moment."""

    draft_id: str
    created_at: datetime
    status: str
    total: Money
    name: str | None = None
    order_id: str | None = None
    completed_at: datetime | None = None
    items: tuple[Item, ...] = ()


class Opened(Pictured, frozen=True, tag="drafts.opened", kw_only=True):
    """The first picture we got of a draft."""


class Updated(Pictured, frozen=True, tag="drafts.updated", kw_only=True):
    """One more picture of it, newer or older."""


class Completed(DraftEvent, frozen=True, tag="drafts.completed"):
    """The draft became an order; `created_at` makes this mean the same in any order of reading."""

    draft_id: str
    created_at: datetime
    completed_at: datetime
    order_id: str | None = None


class Deleted(DraftEvent, frozen=True, tag="drafts.deleted"):
    draft_id: str


Event: TypeAlias = Opened | Updated | Completed | Deleted


class Picture(Struct, frozen=True, array_like=True):
    """What decisions need of a draft; `rest` tells apart what is left out."""

    status: str
    total: Money
    order_id: str | None = None
    rest: int = 0


class Draft(Struct, frozen=True, array_like=True):
    created_at: datetime
    picture: Latest[Picture] | None = None
    completed_at: datetime | None = None


class Drafts(Struct, frozen=True):
    """The newest drafts and the newest deletions, by draft id.

    What is dropped first has the earliest `created_at` (the smaller id if equal). As a draft is
    created once, the order in which signals come does not change which ones stay.
    """

    by_id: dict[str, Draft] = {}
    deleted: dict[str, datetime] = {}


def evolve(drafts: Drafts, event: Event, stamp: Stamp) -> Drafts:
    match event:
        case Opened() | Updated():
            held = _held(drafts, event.draft_id, event.created_at)
            picture = newest(held.picture, picture_of(event), stamp)
            return _kept(drafts, event.draft_id, replace(held, picture=picture))
        case Completed(draft_id, created_at, at):
            held = _held(drafts, draft_id, created_at)
            done = first(held.completed_at, at)
            return _kept(drafts, draft_id, replace(held, completed_at=done))
        case Deleted(draft_id):
            return replace(drafts, deleted=_deleted(drafts.deleted, draft_id, stamp.at))
        case _:
            assert_never(event)


def standing(drafts: Drafts) -> dict[str, Draft]:
    """The drafts, by id, that their shop has not deleted."""
    return {i: draft for i, draft in drafts.by_id.items() if i not in drafts.deleted}


def picture_of(event: Pictured) -> Picture:
    left_out = (event.created_at, event.name, event.completed_at, event.items)
    return Picture(event.status, event.total, event.order_id, digest(left_out))


def _held(drafts: Drafts, draft_id: str, created_at: datetime) -> Draft:
    held = drafts.by_id.get(draft_id)
    if held is None:
        return Draft(created_at)
    return replace(held, created_at=first(held.created_at, created_at))


def _kept(drafts: Drafts, draft_id: str, draft: Draft) -> Drafts:
    by_id = {**drafts.by_id, draft_id: draft}
    if len(by_id) > MAX_DRAFTS:
        del by_id[min(by_id, key=lambda known: (by_id[known].created_at, known))]
    return Drafts(by_id, drafts.deleted)


def _deleted(held: dict[str, datetime], draft_id: str, at: datetime) -> dict[str, datetime]:
    deleted = {**held, draft_id: first(held.get(draft_id), at)}
    if len(deleted) > MAX_DRAFTS:
        del deleted[min(deleted, key=lambda known: (deleted[known], known))]
    return deleted
