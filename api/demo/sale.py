"""One order with all that belongs to it, and what a shop would say of it at any moment."""

from datetime import datetime, timedelta
from functools import cached_property

from msgspec import Struct

from api.demo.people import Customer
from api.demo.seeds import chance, shopify_id, token
from api.demo.store import Order, Refund, Store

PAYMENT_TAKES = timedelta(minutes=1)
TILL_SHARE = 0.08  # sold in the shop's own rooms, without cart or checkout
CART_SHARE = 0.2
HANDED_OVER = timedelta(minutes=1)
PARCEL_FASTEST, PARCEL_SLOWEST = timedelta(hours=20), timedelta(days=4)


class Sale(Struct, frozen=True, dict=True):
    """`dict` gives the cached properties a place; what they hold follows from the fields."""

    order: Order
    customer: Customer
    refunds: tuple[Refund, ...]
    shop: str

    @cached_property
    def at_till(self) -> bool:
        return chance("till", self.order.id).random() < TILL_SHARE

    @cached_property
    def has_cart(self) -> bool:
        return not self.at_till and chance("cart", self.order.id).random() < CART_SHARE

    @property
    def checkout_token(self) -> str | None:
        return None if self.at_till else token("checkout", self.order.id)

    @property
    def cart_token(self) -> str | None:
        return None if self.at_till else token("cart", self.order.id)

    @property
    def paid_at(self) -> datetime:
        return self.order.placed_at + PAYMENT_TAKES

    @cached_property
    def fulfilled_at(self) -> datetime:
        """Goods sold at the till are handed over there and then."""
        if self.at_till:
            return self.paid_at + HANDED_OVER
        longest = PARCEL_SLOWEST - PARCEL_FASTEST
        spread_s = int(chance("parcel", self.order.id).random() * longest.total_seconds())
        return self.paid_at + PARCEL_FASTEST + timedelta(seconds=spread_s)

    def refunded(self, at: datetime) -> tuple[Refund, ...]:
        return tuple(refund for refund in self.refunds if refund.at <= at)

    def refunded_minor(self, at: datetime) -> int:
        return sum(refund.amount_minor for refund in self.refunded(at))

    def financial_status(self, at: datetime) -> str:
        back = self.refunded_minor(at)
        if back:
            return "refunded" if back >= self.order.total_minor else "partially_refunded"
        return "paid" if at >= self.paid_at else "pending"

    def line_id(self, place: int) -> int:
        return shopify_id("LineItem", self.order.id, place)

    def place_of(self, stock_code: str) -> int | None:
        """Where in the order these goods are; None when they were bought some other time."""
        codes = (place for place, line in enumerate(self.order.lines))
        return next((p for p in codes if self.order.lines[p].stock_code == stock_code), None)


def sales(store: Store, shop: str) -> list[Sale]:
    customers = {customer.number: customer for customer in store.customers}
    refunds: dict[int, list[Refund]] = {order.id: [] for order in store.orders}
    for refund in store.refunds:
        refunds[refund.order_id].append(refund)
    return [
        Sale(order, customers[order.customer], tuple(refunds[order.id]), shop)
        for order in store.orders
    ]
