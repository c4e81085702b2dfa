"""When an order, its payment, its fulfilment, a refund or a return is news."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal, TypeAlias, assert_never

from msgspec import Meta, Struct

from aggregates.profile.decisions.context import Context
from aggregates.profile.events.orders import (
    Cancelled,
    Deleted,
    Edited,
    Event,
    Fulfilled,
    Order,
    Orders,
    Paid,
    ParcelMoved,
    Placed,
    Refunded,
    Returned,
    Updated,
    order_of,
    parcel_of,
    picture_of,
    refund_of,
    return_of,
)
from aggregates.profile.items import Count, Text
from aggregates.profile.items import Item as Item  # part of the commands, too
from aggregates.profile.latest import Stamp, says_more
from aggregates.profile.money import Money, Price, money
from aggregates.profile.profile import Profile

MAX_ITEMS = 1_000
Id = Annotated[str, Meta(min_length=1, max_length=255)]
Channel = Literal["online", "pos", "marketplace"]
ReturnStatus = Literal[
    "requested", "open", "declined", "cancelled", "closed", "reopened", "processed", "updated"
]
PAID = frozenset({"paid", "partially_refunded", "refunded"})  # what is given back was paid
FULFILLED = "fulfilled"


Items = Annotated[tuple[Item, ...], Meta(max_length=MAX_ITEMS)]


class OrderCommand(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Marks every order command."""


class RecordOrder(OrderCommand, frozen=True, tag="RecordOrder", kw_only=True):
    """An order as its shop shows it at `occurred_at`; the newest picture of an order wins.

    `total` is in the shop's currency and is what was ordered, before refunds;
    `presentment_total` is the same in the currency the buyer saw.
    """

    order_id: Id
    placed_at: datetime
    total: Price
    number: Text | None = None
    presentment_total: Price | None = None
    discount_total: Price | None = None
    discount_codes: Annotated[tuple[Text, ...], Meta(max_length=100)] = ()
    financial_status: Text | None = None
    fulfillment_status: Text | None = None
    cancelled_at: datetime | None = None
    cancel_reason: Text | None = None
    channel: Channel = "online"
    source_name: Text | None = None
    location_id: Text | None = None
    acquisition_channel: Text | None = None
    test: bool = False
    checkout_token: Id | None = None
    cart_token: Id | None = None
    items: Items = ()


class RecordRefund(OrderCommand, frozen=True, tag="RecordRefund", kw_only=True):
    """Money given back: the sum of the refund's successful transactions, in shop currency."""

    order_id: Id
    refund_id: Id
    amount: Price
    presentment_amount: Price | None = None
    items: Items = ()


class RecordReturn(OrderCommand, frozen=True, tag="RecordReturn", kw_only=True):
    """Goods on their way back. `order_id` may be missing where the source names the return only."""

    return_id: Id
    status: ReturnStatus
    order_id: Id | None = None
    items: Items = ()


class RecordFulfillment(OrderCommand, frozen=True, tag="RecordFulfillment", kw_only=True):
    """A parcel: `status` as the shop names it (pending, success, cancelled, ...)."""

    order_id: Id
    fulfillment_id: Id
    status: Text
    items: Items = ()


class RecordOrderEdit(OrderCommand, frozen=True, tag="RecordOrderEdit", kw_only=True):
    """Lines were added to or taken from a placed order; its new totals come with the order."""

    order_id: Id
    edit_id: Id
    lines_added: Count = 0
    lines_removed: Count = 0


class RecordOrderDeletion(OrderCommand, frozen=True, tag="RecordOrderDeletion", kw_only=True):
    """The shop deleted the order; it no longer counts."""

    order_id: Id


Command: TypeAlias = (
    RecordOrder
    | RecordRefund
    | RecordReturn
    | RecordFulfillment
    | RecordOrderEdit
    | RecordOrderDeletion
)


def decide(profile: Profile, command: Command, context: Context) -> Iterator[Event]:
    orders, stamp = profile.orders, context.stamp
    match command:
        case RecordOrder():
            yield from _picture(orders, command, stamp)
            yield from _milestones(order_of(orders, command.order_id), command, stamp.at)
        case RecordRefund():
            yield from _refund(orders, command, stamp)
        case RecordReturn():
            yield from _return(orders, command, stamp)
        case RecordFulfillment():
            yield from _parcel(orders, command, stamp)
        case RecordOrderEdit():
            if command.edit_id not in orders.edits:
                yield _edited(command)
        case RecordOrderDeletion():
            if _is_earlier(stamp.at, order_of(orders, command.order_id).deleted_at):
                yield Deleted(command.order_id)
        case _:
            assert_never(command)


def _picture(orders: Orders, command: RecordOrder, stamp: Stamp) -> Iterator[Event]:
    held = order_of(orders, command.order_id).picture
    event = _pictured(Updated if held else Placed, command)
    if held is None or says_more(held, picture_of(event), stamp):
        yield event


def _milestones(known: Order, command: RecordOrder, at: datetime) -> Iterator[Event]:
    """Each is recorded when first heard of, and again when it turns out to be earlier."""
    if _status(command.financial_status) in PAID and _is_earlier(at, known.paid_at):
        yield Paid(command.order_id)
    fulfilled = _status(command.fulfillment_status) == FULFILLED
    if fulfilled and _is_earlier(at, known.fulfilled_at):
        yield Fulfilled(command.order_id)
    cancelled_at = command.cancelled_at
    if cancelled_at and _is_earlier(cancelled_at, known.cancelled_at):
        yield Cancelled(command.order_id, cancelled_at, command.cancel_reason)


def _refund(orders: Orders, command: RecordRefund, stamp: Stamp) -> Iterator[Event]:
    refunded = Refunded(
        command.order_id,
        command.refund_id,
        money(command.amount),
        _money(command.presentment_amount),
        command.items,
    )
    if says_more(orders.refunds.get(command.refund_id), refund_of(refunded), stamp):
        yield refunded


def _return(orders: Orders, command: RecordReturn, stamp: Stamp) -> Iterator[Event]:
    returned = Returned(command.return_id, command.status, command.order_id, command.items)
    if says_more(orders.returns.get(command.return_id), return_of(returned), stamp):
        yield returned


def _parcel(orders: Orders, command: RecordFulfillment, stamp: Stamp) -> Iterator[Event]:
    status = command.status.lower()
    moved = ParcelMoved(command.order_id, command.fulfillment_id, status, command.items)
    if says_more(orders.parcels.get(command.fulfillment_id), parcel_of(moved), stamp):
        yield moved


def _edited(command: RecordOrderEdit) -> Edited:
    return Edited(command.order_id, command.edit_id, command.lines_added, command.lines_removed)


def _pictured(kind: type[Placed] | type[Updated], command: RecordOrder) -> Placed | Updated:
    return kind(
        order_id=command.order_id,
        placed_at=command.placed_at,
        total=money(command.total),
        number=command.number,
        presentment_total=_money(command.presentment_total),
        discount_total=_money(command.discount_total),
        discount_codes=command.discount_codes,
        financial_status=_status(command.financial_status),
        fulfillment_status=_status(command.fulfillment_status),
        cancelled_at=command.cancelled_at,
        cancel_reason=command.cancel_reason,
        channel=command.channel,
        source_name=command.source_name,
        location_id=command.location_id,
        acquisition_channel=command.acquisition_channel,
        test=command.test,
        checkout_token=command.checkout_token,
        cart_token=command.cart_token,
        items=command.items,
    )


def _status(given: str | None) -> str | None:
    """One spelling: shops write `paid` in one interface and `PAID` in another."""
    return given.lower() if given else None


def _money(given: Price | None) -> Money | None:
    return money(given) if given else None


def _is_earlier(at: datetime, held: datetime | None) -> bool:
    return held is None or at < held
