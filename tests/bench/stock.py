"""The same work with the `eventsourcing` library as it comes: the application.

Each webhook is one save of one transaction: the shopper's events, an index aggregate for each new
identifier, and a delivery aggregate whose id makes a repeat a conflict.
"""

from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import IntegrityError

from api.webhooks.shopify import bodies

ATTEMPTS = 10
Details = dict[str, str | None]
Contact = dict[str, str | Details | None]
Lines = list[dict[str, str | int | None]]


class Customer(Aggregate):
    def __init__(self) -> None:
        self.identifiers: dict[str, str] = {}
        self.contact: Contact = {}
        self.orders: dict[str, str] = {}

    @event("IdentityLinked")
    def link(self, identifiers: dict[str, str]) -> None:
        self.identifiers.update(identifiers)

    @event("ContactGiven")
    def give(self, contact: Contact) -> None:
        self.contact = contact

    @event("OrderPlaced")
    def place(self, order_id: str, total: str, currency: str, at: str, lines: Lines) -> None:
        self.orders[order_id] = total


class Index(Aggregate):
    """Which customer an identifier leads to."""

    def __init__(self, kind: str, value: str, customer: UUID) -> None:
        self.customer = customer

    @staticmethod
    def create_id(kind: str, value: str, customer: UUID | None = None) -> UUID:
        return uuid5(NAMESPACE_URL, f"/{kind}/{value}")


class Delivery(Aggregate):
    """That a webhook was taken, and by whom."""

    def __init__(self, webhook_id: str, customer: UUID) -> None:
        self.customer = customer

    @staticmethod
    def create_id(webhook_id: str, customer: UUID | None = None) -> UUID:
        return uuid5(NAMESPACE_URL, f"/deliveries/{webhook_id}")


class Customers(Application[UUID]):
    def accept(self, webhook_id: str, order: bodies.Order) -> str:
        """Durable once it returns. A conflict is a repeat, or another order of the same shopper."""
        for _ in range(ATTEMPTS):
            try:
                self._take(webhook_id, order)
            except IntegrityError:
                if Delivery.create_id(webhook_id) in self.repository:
                    return "duplicate"
            else:
                return "accepted"
        raise RuntimeError("others keep writing to the same shopper")

    def _take(self, webhook_id: str, order: bodies.Order) -> None:
        known = _identifiers(order)
        customer = self._owner(known)
        new = {kind: value for kind, value in known.items() if kind not in customer.identifiers}
        if new:
            customer.link(new)
        customer.give(_contact(order))
        customer.place(
            str(order.id),
            str(order.total_price),
            order.currency or "",
            order.created_at or "",
            _lines(order),
        )
        indexes = [Index(kind, value, customer.id) for kind, value in new.items()]
        self.save(customer, *indexes, Delivery(webhook_id, customer.id))

    def _owner(self, known: dict[str, str]) -> Customer:
        """The strongest identifier comes first."""
        for kind, value in known.items():
            try:
                index: Index = self.repository.get(Index.create_id(kind, value))
            except AggregateNotFoundError:
                continue
            customer: Customer = self.repository.get(index.customer)
            return customer
        return Customer()


def _identifiers(order: bodies.Order) -> dict[str, str]:
    customer = bodies.present(order.customer) or bodies.Customer()
    found = {"shopify_customer_id": customer.id, "email": order.email, "phone": order.phone}
    return {kind: str(value) for kind, value in found.items() if value}


def _contact(order: bodies.Order) -> Contact:
    customer = bodies.present(order.customer) or bodies.Customer()
    return {
        "email": order.email,
        "phone": order.phone,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "shipping": _address(bodies.present(order.shipping_address)),
        "billing": _address(bodies.present(order.billing_address)),
    }


def _address(given: bodies.Address | None) -> Details:
    if given is None:
        return {}
    names = ("first_name", "last_name", "address1", "city", "zip", "country_code", "phone")
    return {name: getattr(given, name) for name in names}


def _lines(order: bodies.Order) -> Lines:
    return [
        {"sku": line.sku, "title": line.title, "quantity": line.quantity, "price": str(line.price)}
        for line in order.line_items or ()
    ]
