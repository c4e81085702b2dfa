"""From rows and state to the JSON of orders."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from aggregates.profile.events.orders import Parcel, Refund, Return
from aggregates.profile.items import Item
from aggregates.profile.latest import Latest
from aggregates.profile.money import Money, Price, minor_units, price
from aggregates.profile.profile import Profile
from api.history.badges import Badges
from api.history.links import Links
from api.history.order_shape import LineView, OrderView, ProductView, RefundView, ReturnView
from api.history.unpaid import Unpaid
from projections.order_list import Line, Product, Row

T = TypeVar("T", Refund, Return, Parcel)


class Viewer:
    """Shows one customer's orders."""

    def __init__(self, profile: Profile, links: Links, now: datetime) -> None:
        self.badges = Badges(profile, now)
        self._links = links
        self._refunds = _by_order(profile.orders.refunds)
        self._returns = _by_order(profile.orders.returns)
        self._parcels = _by_order(profile.orders.parcels)

    def order(self, row: Row, lines: Iterable[Line]) -> OrderView:
        about = self._links.order(row.order_id)
        back = sum(refund.value.amount.minor for _, refund in self._refunds[row.order_id])
        return OrderView(
            kind="order",
            id=row.order_id,
            number=row.number,
            placed_at=row.placed_at,
            badges=self.badges.of(row.order_id),
            status="cancelled" if row.cancelled_at else row.financial_status,
            financial_status=row.financial_status,
            fulfillment_status=row.fulfillment_status,
            cancelled_at=row.cancelled_at,
            total=_price(row.total, row.currency),
            discount=_price(row.discount, row.currency),
            refunded=_price(back, row.currency),
            net=_price(row.total - back, row.currency),
            channel=row.channel,
            counts=row.counts,
            lines=[self._line(line, row.currency) for line in lines],
            refunds=[_refund(*one) for one in self._refunds[row.order_id]],
            returns=[_moved(*one) for one in self._returns[row.order_id]],
            parcels=[_moved(*one) for one in self._parcels[row.order_id]],
            subject=str(row.subject),
            href=about.href,
            shop_href=about.shop_href,
        )

    def unpaid(self, one: Unpaid, subject: str) -> OrderView:
        """`subject` where nothing better is known."""
        return OrderView(
            kind=one.kind,
            id=one.id,
            number=one.name,
            placed_at=one.at,
            badges=["abandoned"] if one.kind == "checkout" else [],
            status=one.status,
            financial_status=None,
            fulfillment_status=None,
            cancelled_at=None,
            total=price(one.total) if one.total else None,
            discount=None,
            refunded=None,
            net=None,
            channel=None,
            counts=False,
            lines=[self._item(item) for item in one.items],
            refunds=[],
            returns=[],
            parcels=[],
            subject=one.subject or subject,
            href=None,
            shop_href=None,
        )

    def product(self, found: Product) -> ProductView:
        return ProductView(*found, self._in_shop(found.product_id))

    def _line(self, line: Line, currency: str) -> LineView:
        each = _price(line.price, currency) if line.price is not None else None
        shop_href = self._in_shop(line.product_id)
        return LineView(
            line.product_id, line.variant_id, line.sku, line.title, line.quantity, each, shop_href
        )

    def _item(self, item: Item) -> LineView:
        each = item.price and _price(
            minor_units(item.price.amount, item.price.currency), item.price.currency
        )
        shop_href = self._in_shop(item.product_id)
        return LineView(
            item.product_id, item.variant_id, item.sku, item.title, item.quantity, each, shop_href
        )

    def _in_shop(self, product_id: str | None) -> str | None:
        return self._links.product(product_id).shop_href if product_id else None


def _by_order(held: dict[str, Latest[T]]) -> defaultdict[str, list[tuple[str, Latest[T]]]]:
    """Those of each order, the earliest first."""
    found: defaultdict[str, list[tuple[str, Latest[T]]]] = defaultdict(list)
    for name, one in sorted(held.items(), key=lambda known: (known[1].stamp.at, known[0])):
        if one.value.order_id is not None:
            found[one.value.order_id].append((name, one))
    return found


def _refund(name: str, refund: Latest[Refund]) -> RefundView:
    return RefundView(name, refund.stamp.at, price(refund.value.amount))


def _moved(name: str, moved: Latest[Return] | Latest[Parcel]) -> ReturnView:
    return ReturnView(name, moved.stamp.at, moved.value.status)


def _price(minor: int, currency: str) -> Price:
    return price(Money(minor, currency))
