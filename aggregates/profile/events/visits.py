"""What a shopper looked at, searched for and put into the cart."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar, TypeAlias, assert_never

from msgspec import Struct
from msgspec.structs import replace

from aggregates.profile.items import Item, digest, first
from aggregates.profile.latest import Latest, Stamp, put
from aggregates.profile.money import Money, Price

MAX_VISITS = 1_000
MAX_CARTS = 20
MAX_DAYS = 400
REPEAT = 2  # visits


class VisitEvent(Struct, frozen=True, omit_defaults=True):
    """Marks every visit event."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()


class Started(VisitEvent, frozen=True, tag="visits.started", kw_only=True):
    """The first page we heard of in a visit. Web addresses may carry names and e-mails."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"landing_page", "referrer"})
    visit_id: str
    landing_page: str | None = None
    referrer: str | None = None
    campaign: str | None = None


class PageSeen(VisitEvent, frozen=True, tag="visits.page_seen", kw_only=True):
    """One more page of a visit."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"page", "referrer"})
    visit_id: str
    page: str | None = None
    referrer: str | None = None
    campaign: str | None = None


class ProductViewed(VisitEvent, frozen=True, tag="visits.product_viewed"):
    product_id: str
    variant_id: str | None = None
    title: str | None = None
    price: Price | None = None
    visit_id: str | None = None


class CartUpdated(VisitEvent, frozen=True, tag="visits.cart_updated"):
    """A whole cart as it stood at one moment."""

    token: str
    items: tuple[Item, ...] = ()
    total: Money | None = None
    visit_id: str | None = None


class CheckoutStepReached(VisitEvent, frozen=True, tag="visits.checkout_step"):
    checkout_token: str
    step: str
    visit_id: str | None = None


class Searched(VisitEvent, frozen=True, tag="visits.searched"):
    """People type names and addresses into search boxes, too."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"query"})
    query: str | None = None
    visit_id: str | None = None


Event: TypeAlias = Started | PageSeen | ProductViewed | CartUpdated | CheckoutStepReached | Searched


Days: TypeAlias = dict[str, tuple[datetime, datetime]]  # by ISO 8601 date


class Cart(Struct, frozen=True, array_like=True):
    """How much is in a cart; `rest` tells apart what is left out."""

    quantity: int
    total: Money | None = None
    rest: int = 0


class Visits(Struct, frozen=True):
    """When the shopper first and last came, and the newest visits and carts.

    `last_seen` has the last moment of each visit, by its id; beyond `MAX_VISITS` those seen
    longest ago are dropped (the smaller id if equal). A last moment only ever grows, so the same
    ones stay whatever order the signals came in. Carts likewise, by their newest picture.
    """

    first_at: datetime | None = None
    last_at: datetime | None = None
    last_seen: dict[str, datetime] = {}
    carts: dict[str, Latest[Cart]] = {}
    began: dict[str, datetime] = {}
    days: Days = {}


def evolve(visits: Visits, event: Event, stamp: Stamp) -> Visits:
    visited = _visited(visits, event.visit_id, stamp.at)
    match event:
        case CartUpdated():
            return replace(visited, carts=_carts(visits.carts, event, stamp))
        case Started() | PageSeen() | ProductViewed() | CheckoutStepReached() | Searched():
            return visited
        case _:
            assert_never(event)


def visit_count(visits: Visits) -> int:
    """The number of visits; `MAX_VISITS` reads "that many or more"."""
    return len(visits.last_seen)


def came_back_at(visits: Visits) -> datetime | None:
    """When the second visit began."""
    began = sorted(visits.began.values())
    return began[REPEAT - 1] if len(began) >= REPEAT else None


def moments(visits: Visits) -> Iterator[datetime]:
    """Of browsing, as far as they are kept: enough to tell when there was none for a day."""
    for day in visits.days.values():
        yield from day
    yield from visits.began.values()
    yield from (at for at in (visits.first_at, visits.last_at) if at)


def cart_of(event: CartUpdated) -> Cart:
    quantity = sum(item.quantity for item in event.items)
    return Cart(quantity, event.total, digest((event.items, event.visit_id)))


def _visited(visits: Visits, visit_id: str | None, at: datetime) -> Visits:
    return Visits(
        first(visits.first_at, at),
        _last(visits.last_at, at),
        _last_seen(visits.last_seen, visit_id, at) if visit_id else visits.last_seen,
        visits.carts,
        _began(visits.began, visit_id, at) if visit_id else visits.began,
        _days(visits.days, at),
    )


def _last_seen(held: dict[str, datetime], visit_id: str, at: datetime) -> dict[str, datetime]:
    known = {**held, visit_id: _last(held.get(visit_id), at)}
    if len(known) > MAX_VISITS:
        del known[min(known, key=lambda visit: (known[visit], visit))]
    return known


def _began(held: dict[str, datetime], visit_id: str, at: datetime) -> dict[str, datetime]:
    """A visit that is dropped comes back with any earlier moment that counts, so none is missed."""
    known = {**held, visit_id: first(held.get(visit_id), at)}
    if len(known) > REPEAT:
        del known[max(known, key=lambda visit: (known[visit], visit))]
    return known


def _days(held: Days, at: datetime) -> Days:
    day = at.date().isoformat()
    earliest, latest = held.get(day, (at, at))
    known = {**held, day: (first(earliest, at), _last(latest, at))}
    if len(known) > MAX_DAYS:
        del known[min(known)]
    return known


def _carts(
    held: dict[str, Latest[Cart]], event: CartUpdated, stamp: Stamp
) -> dict[str, Latest[Cart]]:
    carts = put(held, event.token, cart_of(event), stamp)
    if len(carts) > MAX_CARTS:
        del carts[min(carts, key=lambda token: (carts[token].stamp, token))]
    return carts


def _last(held: datetime | None, at: datetime) -> datetime:
    return at if held is None or at > held else held
