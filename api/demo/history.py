"""From invoice rows to a shop's history."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

from api.demo import generated, online_retail
from api.demo.people import Customer, customer
from api.demo.returns import refunds_of
from api.demo.seeds import shopify_id
from api.demo.store import LeftOut, Order, Row, Store, line_of

SIGN_UP = timedelta(minutes=30)  # a shopper is known this long before the first order

PROJECT = Path(__file__).resolve().parents[2]
GERMANY_CSV = PROJECT.parent / "shared" / "data" / "online-retail" / "germany.csv"


def load(orders_file: Path | None, seed: int) -> Store:
    """The file's history; without a file the German extract beside the project, else a made-up one.

    Raises online_retail.BadOrdersFile.
    """
    if orders_file is None and not GERMANY_CSV.exists():
        return store_of(generated.rows(seed))
    return store_of(*online_retail.read(orders_file or GERMANY_CSV))


def store_of(rows: Sequence[Row], without_customer: int = 0) -> Store:
    orders = _orders(row for row in rows if not row.is_return)
    refunds, homeless = refunds_of([row for row in rows if row.is_return], orders)
    owed = sum(line_of(row).amount_minor for row in homeless)
    return Store(_customers(rows), orders, refunds, LeftOut(without_customer, len(homeless), owed))


def _orders(rows: Iterable[Row]) -> tuple[Order, ...]:
    invoices: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        invoices[row.customer, row.invoice].append(row)
    orders = [_order(who, number, invoice) for (who, number), invoice in invoices.items()]
    return tuple(sorted(orders, key=lambda order: (order.placed_at, order.id)))


def _order(who: str, number: str, invoice: list[Row]) -> Order:
    return Order(
        id=shopify_id("Order", who, number),
        number=number,
        customer=who,
        placed_at=min(row.at for row in invoice),
        lines=tuple(line_of(row) for row in invoice),
    )


def _customers(rows: Iterable[Row]) -> tuple[Customer, ...]:
    firsts: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: row.at):
        firsts.setdefault(row.customer, row)
    return tuple(
        customer(number, first.country, first.at - SIGN_UP) for number, first in firsts.items()
    )
