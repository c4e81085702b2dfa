"""When browsing is worth remembering."""

from collections.abc import Iterator
from typing import Annotated, TypeAlias, assert_never

from msgspec import Meta, Struct

from aggregates.profile.decisions.context import Context
from aggregates.profile.decisions.orders import Id, Items
from aggregates.profile.events.visits import (
    CartUpdated,
    CheckoutStepReached,
    Event,
    PageSeen,
    ProductViewed,
    Searched,
    Started,
    cart_of,
)
from aggregates.profile.latest import says_more
from aggregates.profile.money import Price, money
from aggregates.profile.profile import Profile

Text = Annotated[str, Meta(max_length=2_000)]


class VisitCommand(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Marks every visit command."""


class RecordVisit(VisitCommand, frozen=True, tag="RecordVisit", kw_only=True):
    """A page was seen. Pages of one `visit_id` are one visit."""

    visit_id: Id
    landing_page: Text | None = None
    referrer: Text | None = None
    campaign: Annotated[str, Meta(max_length=255)] | None = None


class RecordProductView(VisitCommand, frozen=True, tag="RecordProductView", kw_only=True):
    product_id: Id
    variant_id: Id | None = None
    title: Annotated[str, Meta(max_length=500)] | None = None
    price: Price | None = None
    visit_id: Id | None = None


class RecordCart(VisitCommand, frozen=True, tag="RecordCart", kw_only=True):
    """A cart as it stood at `occurred_at`; the newest picture of a cart wins."""

    cart_token: Id
    items: Items = ()
    total: Price | None = None
    visit_id: Id | None = None


class RecordCheckoutStep(VisitCommand, frozen=True, tag="RecordCheckoutStep", kw_only=True):
    """The shopper reached a step of a checkout: started, contact, shipping, payment, ..."""

    checkout_token: Id
    step: Annotated[str, Meta(min_length=1, max_length=100)]
    visit_id: Id | None = None


class RecordSearch(VisitCommand, frozen=True, tag="RecordSearch", kw_only=True):
    query: Annotated[str, Meta(min_length=1, max_length=500)]
    visit_id: Id | None = None


Command: TypeAlias = (
    RecordVisit | RecordProductView | RecordCart | RecordCheckoutStep | RecordSearch
)


def decide(profile: Profile, command: Command, context: Context) -> Iterator[Event]:
    """Each look, step and search happened for itself, so each is recorded; a repeated delivery
    never comes so far. A cart is a picture: its exact repeat says nothing."""
    match command:
        case RecordVisit():
            yield _page(profile, command)
        case RecordProductView():
            yield _product(command)
        case RecordCart():
            yield from _cart(profile, command, context)
        case RecordCheckoutStep():
            yield CheckoutStepReached(command.checkout_token, command.step, command.visit_id)
        case RecordSearch():
            yield Searched(command.query, command.visit_id)
        case _:
            assert_never(command)


def _page(profile: Profile, seen: RecordVisit) -> Started | PageSeen:
    visit_id, page, referrer = seen.visit_id, seen.landing_page, seen.referrer
    if visit_id in profile.visits.last_seen:
        return PageSeen(visit_id=visit_id, page=page, referrer=referrer, campaign=seen.campaign)
    return Started(visit_id=visit_id, landing_page=page, referrer=referrer, campaign=seen.campaign)


def _product(seen: RecordProductView) -> ProductViewed:
    return ProductViewed(seen.product_id, seen.variant_id, seen.title, seen.price, seen.visit_id)


def _cart(profile: Profile, command: RecordCart, context: Context) -> Iterator[Event]:
    total = money(command.total) if command.total else None
    event = CartUpdated(command.cart_token, command.items, total, command.visit_id)
    if says_more(profile.visits.carts.get(event.token), cart_of(event), context.stamp):
        yield event
