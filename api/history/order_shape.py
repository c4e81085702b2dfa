"""The JSON of orders, of what was never paid, and of what all of it adds up to."""

from datetime import datetime
from typing import Literal, TypeAlias

from msgspec import Struct

from aggregates.profile.money import Price

Kind: TypeAlias = Literal["order", "checkout", "draft"]
Badge: TypeAlias = Literal[
    "abandoned", "recovered", "cancelled", "deleted", "test", "refunded", "partially_refunded",
    "returned",
]  # fmt: skip


class LineView(Struct, frozen=True):
    """`price` is of one unit, before discounts."""

    product_id: str | None
    variant_id: str | None
    sku: str | None
    title: str | None
    quantity: int
    price: Price | None
    shop_href: str | None


class RefundView(Struct, frozen=True):
    id: str
    at: datetime
    amount: Price


class ReturnView(Struct, frozen=True):
    """Also a parcel: `at` is when it reached its `status`."""

    id: str
    at: datetime
    status: str


class OrderView(Struct, frozen=True, kw_only=True):
    """An order, a checkout that was left behind, or a draft that was not paid. `counts`: whether it
    is part of the sums. `net` is `total` less `refunded`. `subject`: whose it is, of those who are
    this customer now."""

    kind: Kind
    id: str
    number: str | None
    placed_at: datetime
    badges: list[Badge]
    status: str | None
    financial_status: str | None
    fulfillment_status: str | None
    cancelled_at: datetime | None
    total: Price | None
    discount: Price | None
    refunded: Price | None
    net: Price | None
    channel: str | None
    counts: bool
    lines: list[LineView]
    refunds: list[RefundView]
    returns: list[ReturnView]
    parcels: list[ReturnView]
    subject: str
    href: str | None
    shop_href: str | None


class OrderPage(Struct, frozen=True):
    """The newest first."""

    items: list[OrderView]
    next_cursor: str | None = None


class ProductView(Struct, frozen=True):
    """`orders` it was in, and the pieces of it together."""

    product_id: str | None
    sku: str | None
    title: str | None
    orders: int
    quantity: int
    last_ordered_at: datetime
    shop_href: str | None


class OrderSummary(Struct, frozen=True, kw_only=True):
    """Of the orders that count, in one currency: that of the last order. `gross` is what was to pay
    after `discounts`, `net_revenue` is `gross` less `refunded`, and so is `total_spent`: the
    profile's `lifetime_spend`."""

    order_count: int
    total_spent: Price | None
    average_order_value: Price | None
    gross: Price | None
    discounts: Price | None
    refunded: Price | None
    net_revenue: Price | None
    discounted_orders: int
    undiscounted_orders: int
    joined_at: datetime
    visits: int
    first_order_at: datetime | None
    last_order_at: datetime | None
    days_since_last_order: int | None
    last_order: OrderView | None
    top_products: list[ProductView]
