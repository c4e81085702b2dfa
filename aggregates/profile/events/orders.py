"""What was bought, paid, sent out and given back."""

from datetime import datetime
from typing import ClassVar, TypeAlias, assert_never

from msgspec import Struct
from msgspec.structs import replace

from aggregates.profile.items import Item, digest, first
from aggregates.profile.latest import Latest, Stamp, newest, put
from aggregates.profile.money import Money

VOIDED = "voided"


class OrderEvent(Struct, frozen=True, omit_defaults=True):
    """Marks every order event."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()


class Pictured(OrderEvent, frozen=True, kw_only=True):
    """A whole order as its shop showed it at one moment. Money in the shop's currency."""

    order_id: str
    placed_at: datetime
    total: Money
    number: str | None = None
    presentment_total: Money | None = None
    discount_total: Money | None = None
    discount_codes: tuple[str, ...] = ()
    financial_status: str | None = None
    fulfillment_status: str | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    channel: str = "online"
    source_name: str | None = None
    location_id: str | None = None
    acquisition_channel: str | None = None
    test: bool = False
    checkout_token: str | None = None
    cart_token: str | None = None
    items: tuple[Item, ...] = ()


class Placed(Pictured, frozen=True, tag="orders.placed", kw_only=True):
    """The first picture we got of an order."""


class Updated(Pictured, frozen=True, tag="orders.updated", kw_only=True):
    """One more picture of it, newer or older."""


class Paid(OrderEvent, frozen=True, tag="orders.paid"):
    order_id: str


class Fulfilled(OrderEvent, frozen=True, tag="orders.fulfilled"):
    """Everything in the order was sent out or handed over."""

    order_id: str


class Cancelled(OrderEvent, frozen=True, tag="orders.cancelled"):
    order_id: str
    cancelled_at: datetime
    reason: str | None = None


class Refunded(OrderEvent, frozen=True, tag="orders.refunded"):
    order_id: str
    refund_id: str
    amount: Money
    presentment_amount: Money | None = None
    items: tuple[Item, ...] = ()


class Returned(OrderEvent, frozen=True, tag="orders.returned"):
    """Goods on their way back, from `requested` to `closed`."""

    return_id: str
    status: str
    order_id: str | None = None
    items: tuple[Item, ...] = ()


class ParcelMoved(OrderEvent, frozen=True, tag="orders.parcel_moved"):
    """A parcel reached a status, which its shop names."""

    order_id: str
    fulfillment_id: str
    status: str
    items: tuple[Item, ...] = ()


class Edited(OrderEvent, frozen=True, tag="orders.edited"):
    order_id: str
    edit_id: str
    lines_added: int = 0
    lines_removed: int = 0


class Deleted(OrderEvent, frozen=True, tag="orders.deleted"):
    order_id: str


Event: TypeAlias = (
    Placed
    | Updated
    | Paid
    | Fulfilled
    | Cancelled
    | Refunded
    | Returned
    | ParcelMoved
    | Edited
    | Deleted
)


class Picture(Struct, frozen=True, array_like=True):
    """What later decisions and sums need of an order; `rest` tells apart what is left out."""

    order_id: str
    placed_at: datetime
    total: Money
    number: str | None = None
    presentment_total: Money | None = None
    discount_total: Money | None = None
    financial_status: str | None = None
    fulfillment_status: str | None = None
    channel: str = "online"
    acquisition_channel: str | None = None
    test: bool = False
    checkout_token: str | None = None
    location_id: str | None = None
    rest: int = 0


class Order(Struct, frozen=True, array_like=True):
    """The newest picture, and since when it has been paid, fulfilled, cancelled, deleted.

    These four never end: no shop takes a cancellation or a deletion back.
    """

    picture: Latest[Picture] | None = None
    paid_at: datetime | None = None
    fulfilled_at: datetime | None = None
    cancelled_at: datetime | None = None
    deleted_at: datetime | None = None


class Refund(Struct, frozen=True, array_like=True):
    order_id: str
    amount: Money
    rest: int = 0


class Return(Struct, frozen=True, array_like=True):
    order_id: str | None
    status: str
    rest: int = 0


class Parcel(Struct, frozen=True, array_like=True):
    order_id: str
    status: str
    rest: int = 0


class Orders(Struct, frozen=True):
    """Orders, refunds, returns and parcels by their ids; each may be known before its order.

    Nothing here is ever dropped: the sums must be exact, and people buy a bounded number of times.
    `checkouts` are the moments at which checkouts (by token) became orders.
    """

    by_id: dict[str, Order] = {}
    checkouts: dict[str, datetime] = {}
    refunds: dict[str, Latest[Refund]] = {}
    returns: dict[str, Latest[Return]] = {}
    parcels: dict[str, Latest[Parcel]] = {}
    edits: frozenset[str] = frozenset()


UNKNOWN = Order()


def evolve(orders: Orders, event: Event, stamp: Stamp) -> Orders:
    match event:
        case Placed() | Updated():
            return _pictured(orders, event, stamp)
        case Paid() | Fulfilled() | Cancelled() | Deleted():
            return _dated(orders, event, stamp.at)
        case Refunded():
            refunds = put(orders.refunds, event.refund_id, refund_of(event), stamp)
            return replace(orders, refunds=refunds)
        case Returned():
            return replace(orders, returns=_moved(orders.returns, event, stamp))
        case ParcelMoved():
            parcels = put(orders.parcels, event.fulfillment_id, parcel_of(event), stamp)
            return replace(orders, parcels=parcels)
        case Edited():
            return replace(orders, edits=orders.edits | {event.edit_id})
        case _:
            assert_never(event)


def order_of(orders: Orders, order_id: str) -> Order:
    return orders.by_id.get(order_id, UNKNOWN)


def picture_of(event: Pictured) -> Picture:
    left_out = (
        event.items,
        event.discount_codes,
        event.cancelled_at,
        event.cancel_reason,
        event.source_name,
        event.cart_token,
    )
    return Picture(
        event.order_id,
        event.placed_at,
        event.total,
        event.number,
        event.presentment_total,
        event.discount_total,
        event.financial_status,
        event.fulfillment_status,
        event.channel,
        event.acquisition_channel,
        event.test,
        event.checkout_token,
        event.location_id,
        digest(left_out),
    )


def refund_of(event: Refunded) -> Refund:
    return Refund(event.order_id, event.amount, digest((event.presentment_amount, event.items)))


def _moved(
    held: dict[str, Latest[Return]], event: Returned, stamp: Stamp
) -> dict[str, Latest[Return]]:
    if event.status == "updated":
        return held  # its lines changed; where it stands and whose it is, the event does not say
    return put(held, event.return_id, return_of(event), stamp)


def return_of(event: Returned) -> Return:
    return Return(event.order_id, event.status, digest(event.items))


def parcel_of(event: ParcelMoved) -> Parcel:
    return Parcel(event.order_id, event.status, digest(event.items))


def _pictured(orders: Orders, event: Pictured, stamp: Stamp) -> Orders:
    held = order_of(orders, event.order_id)
    order = Order(
        newest(held.picture, picture_of(event), stamp),
        held.paid_at,
        held.fulfilled_at,
        held.cancelled_at,
        held.deleted_at,
    )
    return Orders(
        {**orders.by_id, event.order_id: order},
        _checked_out(orders.checkouts, event),
        orders.refunds,
        orders.returns,
        orders.parcels,
        orders.edits,
    )


def _checked_out(checkouts: dict[str, datetime], event: Pictured) -> dict[str, datetime]:
    token = event.checkout_token
    if token is None:
        return checkouts
    return {**checkouts, token: first(checkouts.get(token), event.placed_at)}


def _dated(orders: Orders, event: Paid | Fulfilled | Cancelled | Deleted, at: datetime) -> Orders:
    order = order_of(orders, event.order_id)
    match event:
        case Paid():
            order = replace(order, paid_at=first(order.paid_at, at))
        case Fulfilled():
            order = replace(order, fulfilled_at=first(order.fulfilled_at, at))
        case Cancelled():
            order = replace(order, cancelled_at=first(order.cancelled_at, event.cancelled_at))
        case Deleted():
            order = replace(order, deleted_at=first(order.deleted_at, at))
    return replace(orders, by_id={**orders.by_id, event.order_id: order})
