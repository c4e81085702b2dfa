"""A customer's orders page after page, found by words and states, and what they add up to."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from aggregates.profile.commerce import Bought, bought
from aggregates.profile.events.identity import live
from aggregates.profile.events.visits import visit_count
from aggregates.profile.money import Money, Price, price
from api.history.customer import Customer
from api.history.links import Links
from api.history.order_shape import Kind, OrderSummary, OrderView
from api.history.order_view import Viewer
from api.history.unpaid import Unpaid, unpaid
from api.ports import Ports
from api.read_models import reading
from api.shops.directory import KeyHolder
from projections import order_list
from projections.order_list import Place, Wanted

TOP = 5


class Sought(NamedTuple):
    """`kinds` of None are all; `after` is where the page before ended."""

    limit: int
    kinds: Sequence[Kind] | None = None
    text: str | None = None
    status: str | None = None
    after: Place | None = None


class OrderBook:
    """One customer's."""

    def __init__(self, ports: Ports, holder: KeyHolder, whose: Customer) -> None:
        self._ports = ports
        self._namespace = holder.namespace
        self._whose = whose
        self._now = ports.now()
        self._viewer = Viewer(whose.profile, Links(whose.path, holder.world), self._now)

    async def page(self, sought: Sought) -> list[OrderView]:
        """At most `limit` of orders, checkouts left behind and drafts together, newest first."""
        beside = [one for one in await self._unpaid(sought) if _is_wanted(one, sought)]
        orders = await self._orders(sought) if _of(sought, "order") else []
        shown = [self._viewer.unpaid(one, str(self._whose.id)) for one in beside]
        return sorted([*orders, *shown], key=place_of, reverse=True)[: sought.limit]

    async def one(self, order_id: str) -> OrderView | None:
        return next(iter(await self._read(Wanted(self._whose.subjects, 1, ids=[order_id]))), None)

    async def summary(self) -> OrderSummary:
        profile = self._whose.profile
        sums = bought(profile.orders)
        first, last = sums.first_order, sums.last_order
        cut = [one for one in sums.counting if one.discount_total and one.discount_total.minor > 0]
        async with reading(self._ports.pool) as connection:
            products = await order_list.products(connection, self._whose.subjects, TOP)
        spent = _price(sums.lifetime_spend)
        return OrderSummary(
            order_count=sums.order_count,
            total_spent=spent,
            average_order_value=_price(sums.average_order_value),
            gross=_price(sums.gross),
            discounts=_price(_discounts(sums)),
            refunded=_price(sums.refunded),
            net_revenue=spent,
            discounted_orders=len(cut),
            undiscounted_orders=sums.order_count - len(cut),
            joined_at=self._joined_at(),
            visits=visit_count(profile.visits),
            first_order_at=first.placed_at if first else None,
            last_order_at=last.placed_at if last else None,
            days_since_last_order=max(0, (self._now - last.placed_at).days) if last else None,
            last_order=await self.one(last.order_id) if last else None,
            top_products=[self._viewer.product(one) for one in products],
        )

    async def _unpaid(self, sought: Sought) -> list[Unpaid]:
        if sought.kinds == ["order"]:
            return []
        return await unpaid(self._ports, self._namespace, self._whose, self._now)

    async def _orders(self, sought: Sought) -> list[OrderView]:
        badged = self._viewer.badges.having(sought.status) if sought.status else []
        return await self._read(
            Wanted(
                self._whose.subjects,
                sought.limit,
                after=sought.after,
                text=sought.text,
                status=sought.status,
                badged=badged,
            )
        )

    async def _read(self, wanted: Wanted) -> list[OrderView]:
        async with reading(self._ports.pool) as connection:
            rows = await order_list.orders(connection, wanted)
            lines = await order_list.lines(connection, rows)
        return [self._viewer.order(row, lines[row.order_id]) for row in rows]

    def _joined_at(self) -> datetime:
        """When they were first seen; what came before we knew of them counts, too."""
        seen = (sighting.first for sighting in live(self._whose.profile.identity).values())
        return min(seen, default=self._whose.folded.created_at)


def place_of(view: OrderView) -> Place:
    return Place(view.placed_at, view.kind, view.id)


def _is_wanted(one: Unpaid, sought: Sought) -> bool:
    if sought.after is not None and one.place >= sought.after:
        return False
    if sought.status is not None and sought.status != one.status:
        return False
    return _of(sought, one.kind) and (sought.text is None or one.has(sought.text))


def _of(sought: Sought, kind: Kind) -> bool:
    return sought.kinds is None or kind in sought.kinds


def _discounts(sums: Bought) -> Money | None:
    if (unit := sums.currency) is None:
        return None
    given = (one.discount_total for one in sums.counting)
    return Money(sum(each.minor for each in given if each and each.currency == unit), unit)


def _price(amount: Money | None) -> Price | None:
    return price(amount) if amount else None
