"""A shop's history, as small as it can be told: who bought what, when, and what came back."""

from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from api.demo.people import Customer

CURRENCY = "GBP"  # what the Online Retail shop prices in
TIME_ZONE = ZoneInfo("Europe/London")  # where its clock hangs


class Row(Struct, frozen=True):
    """One line of one invoice; its quantity is negative when goods come back."""

    invoice: str
    stock_code: str
    title: str
    quantity: int
    at: datetime
    price_minor: int
    customer: str
    country: str

    @property
    def is_return(self) -> bool:
        return self.invoice.startswith("C") or self.quantity < 0


class Line(Struct, frozen=True):
    stock_code: str
    title: str
    quantity: int
    price_minor: int

    @property
    def amount_minor(self) -> int:
        return self.quantity * self.price_minor


class Order(Struct, frozen=True):
    id: int
    number: str
    customer: str
    placed_at: datetime
    lines: tuple[Line, ...]

    @property
    def total_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines)


class Refund(Struct, frozen=True):
    id: int
    order_id: int
    customer: str
    at: datetime
    lines: tuple[Line, ...]

    @property
    def amount_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines)


class Tally(Struct, frozen=True):
    """What one shopper's history, or everybody's, adds up to."""

    orders: int = 0
    gross_minor: int = 0
    refunded_minor: int = 0

    @property
    def net_minor(self) -> int:
        return self.gross_minor - self.refunded_minor

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.orders + other.orders,
            self.gross_minor + other.gross_minor,
            self.refunded_minor + other.refunded_minor,
        )


class LeftOut(Struct, frozen=True):
    """Rows that no webhook can tell of."""

    without_customer: int = 0
    without_order: int = 0  # returned by somebody who orders nothing in this history
    without_order_minor: int = 0


class Store(Struct, frozen=True):
    customers: tuple[Customer, ...]
    orders: tuple[Order, ...]
    refunds: tuple[Refund, ...]
    left_out: LeftOut = LeftOut()

    def tallies(self) -> dict[str, Tally]:
        """By customer number."""
        tallies = {customer.number: Tally() for customer in self.customers}
        for order in self.orders:
            tallies[order.customer] += Tally(1, order.total_minor)
        for refund in self.refunds:
            tallies[refund.customer] += Tally(refunded_minor=refund.amount_minor)
        return tallies

    def total(self) -> Tally:
        return sum(self.tallies().values(), Tally())


def line_of(row: Row) -> Line:
    return Line(row.stock_code, row.title, abs(row.quantity), row.price_minor)
