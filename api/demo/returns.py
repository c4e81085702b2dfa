"""Which order a returned line gives money back for; the invoices themselves do not say."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from api.demo.seeds import shopify_id
from api.demo.store import Order, Refund, Row, line_of

SETTLED_AFTER = timedelta(hours=1)


class Credit(Struct, frozen=True):
    """The part of one credit note that belongs to one order."""

    note: str
    order_id: int
    customer: str
    at: datetime


class Shelf:
    """A shopper's orders in time, and what of each has not been given back yet."""

    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.goods: Counter[tuple[int, str]] = Counter()
        self.minor: Counter[int] = Counter()

    def put(self, order: Order) -> None:
        self.orders.append(order)
        self.minor[order.id] = order.total_minor
        for line in order.lines:
            self.goods[order.id, line.stock_code] += line.quantity

    def take(self, row: Row) -> Order | None:
        """The order a returned row belongs to; None if there is no order at all."""
        order = next(self._choices(row), None)
        if order:
            self.goods[order.id, row.stock_code] -= line_of(row).quantity
            self.minor[order.id] -= line_of(row).amount_minor
        return order

    def _choices(self, row: Row) -> Iterator[Order]:
        line = line_of(row)
        earlier = [order for order in reversed(self.orders) if order.placed_at <= row.at]
        known = earlier or self.orders
        yield from (o for o in earlier if self.goods[o.id, line.stock_code] >= line.quantity)
        yield from (o for o in known if self.minor[o.id] >= line.amount_minor)
        yield from known


def refunds_of(
    returns: Iterable[Row], orders: Iterable[Order]
) -> tuple[tuple[Refund, ...], list[Row]]:
    """The refunds, and the rows of shoppers who have no order to refund.

    A row belongs to the newest earlier order with enough of its goods left, else to the newest
    earlier one with enough money left. Goods bought before this history begins are settled with
    the shopper's first orders, once placed: a shop can only refund an order it knows.
    """
    shelves: defaultdict[str, Shelf] = defaultdict(Shelf)
    for order in sorted(orders, key=lambda order: order.placed_at):
        shelves[order.customer].put(order)
    notes: defaultdict[Credit, list[Row]] = defaultdict(list)
    homeless: list[Row] = []
    for row in sorted(returns, key=lambda row: (row.at, row.invoice)):
        if taken := shelves[row.customer].take(row):
            notes[_credit(row, taken)].append(row)
        else:
            homeless.append(row)
    return tuple(_refund(credit, rows) for credit, rows in notes.items()), homeless


def _credit(row: Row, order: Order) -> Credit:
    at = row.at if row.at >= order.placed_at else order.placed_at + SETTLED_AFTER
    return Credit(row.invoice, order.id, row.customer, at)


def _refund(credit: Credit, rows: Iterable[Row]) -> Refund:
    return Refund(
        id=shopify_id("Refund", credit.note, credit.order_id, credit.at),
        order_id=credit.order_id,
        customer=credit.customer,
        at=credit.at,
        lines=tuple(line_of(row) for row in rows),
    )
