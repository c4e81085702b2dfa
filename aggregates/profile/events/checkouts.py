"""Checkouts: opened, left behind, come back to, turned into an order."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import ClassVar, Literal, TypeAlias, assert_never

from msgspec import Struct
from msgspec.structs import replace

from aggregates.profile.items import Item, digest, first
from aggregates.profile.latest import Latest, Stamp, newest
from aggregates.profile.money import Money

ABANDONED_AFTER = timedelta(hours=1)  # a checkout nobody has touched for so long is abandoned
MAX_CHECKOUTS = 50  # the ones started last; older ones live in history only
MAX_MOMENTS = 50  # of touching one checkout: the earliest ones and the very last

Status = Literal["open", "abandoned", "completed", "recovered"]


class CheckoutEvent(Struct, frozen=True, omit_defaults=True):
    """Marks every checkout event."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()


class Pictured(CheckoutEvent, frozen=True, kw_only=True):
    """A whole checkout as it stood at one moment."""

    token: str
    started_at: datetime
    total: Money | None = None
    cart_token: str | None = None
    completed_at: datetime | None = None
    abandoned: bool = False
    items: tuple[Item, ...] = ()


class Opened(Pictured, frozen=True, tag="checkouts.opened", kw_only=True):
    """The first picture we got of a checkout."""


class Updated(Pictured, frozen=True, tag="checkouts.updated", kw_only=True):
    """One more picture of it, newer or older."""


# The next three repeat `started_at`, so that they mean the same in whatever order they are read.


class Abandoned(CheckoutEvent, frozen=True, tag="checkouts.abandoned"):
    """Somebody told us so; that a checkout grows cold by itself needs no event."""

    token: str
    started_at: datetime


class Completed(CheckoutEvent, frozen=True, tag="checkouts.completed"):
    token: str
    started_at: datetime
    completed_at: datetime


class Recovered(CheckoutEvent, frozen=True, tag="checkouts.recovered"):
    """Completed after it had been abandoned, as far as was known then; `status` knows best."""

    token: str
    started_at: datetime
    completed_at: datetime


class Deleted(CheckoutEvent, frozen=True, tag="checkouts.deleted"):
    token: str


Event: TypeAlias = Opened | Updated | Abandoned | Completed | Recovered | Deleted


class Picture(Struct, frozen=True, array_like=True):
    """What decisions need of a checkout; `rest` tells apart what is left out."""

    total: Money | None = None
    cart_token: str | None = None
    rest: int = 0


class Checkout(Struct, frozen=True, array_like=True):
    """`touched` and `left` are moments, earliest first: the shopper was there, the shopper was
    said to have gone."""

    started_at: datetime
    picture: Latest[Picture] | None = None
    touched: tuple[datetime, ...] = ()
    left: tuple[datetime, ...] = ()
    completed_at: datetime | None = None


class Checkouts(Struct, frozen=True):
    """The newest checkouts and the newest deletions, by token.

    What is dropped first has the earliest `started_at` (the smaller token if equal). As a checkout
    starts once, the order in which signals come does not change which ones stay.
    """

    by_token: dict[str, Checkout] = {}
    deleted: dict[str, datetime] = {}


def evolve(checkouts: Checkouts, event: Event, stamp: Stamp) -> Checkouts:
    match event:
        case Opened() | Updated():
            return _kept(checkouts, event.token, _pictured(checkouts, event, stamp))
        case Abandoned(token, started_at):
            held = _held(checkouts, token, started_at)
            left = moments(held.left, stamp.at)
            return _kept(checkouts, token, replace(held, left=left))
        case Completed(token, started_at, at) | Recovered(token, started_at, at):
            held = _held(checkouts, token, started_at)
            done = first(held.completed_at, at)
            return _kept(checkouts, token, replace(held, completed_at=done))
        case Deleted(token):
            return replace(checkouts, deleted=_deleted(checkouts.deleted, token, stamp.at))
        case _:
            assert_never(event)


def status(checkout: Checkout, at: datetime) -> Status:
    """How the checkout stood at an instant, by all that is known of it today."""
    done = checkout.completed_at
    if done is not None and done <= at:
        return "recovered" if was_left(checkout, done) else "completed"
    return "abandoned" if is_left(checkout, at) else "open"


def standing(checkouts: Checkouts) -> dict[str, Checkout]:
    """The checkouts, by token, that their shop has not deleted."""
    return {t: c for t, c in checkouts.by_token.items() if t not in checkouts.deleted}


def was_left(checkout: Checkout, until: datetime) -> bool:
    """Whether it was abandoned at any time before `until`: untouched for long, or said to be."""
    if any(left < until for left in checkout.left):
        return True
    touched = [moment for moment in checkout.touched if moment < until]
    return any(later - earlier >= ABANDONED_AFTER for earlier, later in pairwise((*touched, until)))


def is_left(checkout: Checkout, at: datetime) -> bool:
    touched = max((moment for moment in checkout.touched if moment <= at), default=None)
    if touched is None:
        return False
    said = any(touched <= left <= at for left in checkout.left)
    return said or at - touched >= ABANDONED_AFTER


def moments(held: Iterable[datetime], *more: datetime) -> tuple[datetime, ...]:
    """`held` and `more`, earliest first. Beyond `MAX_MOMENTS` those before the last are forgotten:
    the earliest ones and the very last are the same in whatever order they were heard of."""
    known = sorted({*held, *more})
    return (*known[: MAX_MOMENTS - 1], *known[MAX_MOMENTS - 1 :][-1:])


def picture_of(event: Pictured) -> Picture:
    left_out = (event.started_at, event.completed_at, event.abandoned, event.items)
    return Picture(event.total, event.cart_token, digest(left_out))


def seen(held: Checkout | None, event: Pictured, at: datetime) -> Checkout:
    """The checkout after one more picture; one that says `abandoned` is no visit of the shopper."""
    if held is None:
        held = Checkout(event.started_at)
    touched = (event.started_at,) if event.abandoned else (event.started_at, at)
    return replace(
        held,
        started_at=first(held.started_at, event.started_at),
        touched=moments(held.touched, *touched),
    )


def _pictured(checkouts: Checkouts, event: Pictured, stamp: Stamp) -> Checkout:
    held = seen(checkouts.by_token.get(event.token), event, stamp.at)
    return replace(held, picture=newest(held.picture, picture_of(event), stamp))


def _held(checkouts: Checkouts, token: str, started_at: datetime) -> Checkout:
    held = checkouts.by_token.get(token)
    if held is None:
        return Checkout(started_at)
    return replace(held, started_at=first(held.started_at, started_at))


def _kept(checkouts: Checkouts, token: str, checkout: Checkout) -> Checkouts:
    by_token = {**checkouts.by_token, token: checkout}
    if len(by_token) > MAX_CHECKOUTS:
        del by_token[min(by_token, key=lambda known: (by_token[known].started_at, known))]
    return Checkouts(by_token, checkouts.deleted)


def _deleted(held: dict[str, datetime], token: str, at: datetime) -> dict[str, datetime]:
    deleted = {**held, token: first(held.get(token), at)}
    if len(deleted) > MAX_CHECKOUTS:
        del deleted[min(deleted, key=lambda known: (deleted[known], known))]
    return deleted
