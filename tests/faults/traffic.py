"""What a shop and its partners send, made up from a seed: signed webhooks and commands."""

from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from api.demo import bodies
from api.demo.generated import a_line
from api.demo.parts import Json, amount
from api.demo.people import FIRST_NUMBER, GERMANY, Customer, customer
from api.demo.sale import Sale
from api.demo.seeds import chance, shopify_id, uuid
from api.demo.store import CURRENCY, Order, Refund
from api.demo.webhooks import Webhook, order_created
from tests.faults.sendings import Sending as Sending
from tests.faults.sendings import command, webhook
from tests.faults.sendings import repeated as repeated
from tests.faults.worlds import World

OPENED = datetime(2025, 1, 1, tzinfo=UTC)
BETWEEN = timedelta(seconds=7)
LINES_AT_MOST = 3
REFUNDABLE = 500  # orders that may still be refunded
REFUND_AFTER = 100  # sendings, so that the order is known by then
EVERYTHING: Mapping[str, int] = {
    "orders/create": 60,
    "customers/update": 6,
    "checkouts/create": 6,
    "refunds/create": 6,
    "RecordOrder": 8,
    "SetContact": 6,
    "RecordVisit": 8,
}
ORDERS: Mapping[str, int] = {"orders/create": 1}


class Traffic:
    """Ever new sendings of one seed; two of the same seed, world's domain and mix are equal.

    `hot` is the share of all traffic that one customer has, the one of `hottest`.
    """

    def __init__(
        self,
        seed: int,
        world: World,
        customers: int,
        hot: float = 0.0,
        mix: Mapping[str, int] = EVERYTHING,
    ) -> None:
        self._seed = seed
        self._world = world
        self._dice = chance("faults", seed)
        self._customers = [_customer(nth) for nth in range(customers)]
        self._hot = hot
        self._kinds, self._weights = list(mix), list(mix.values())
        self._sold: deque[tuple[int, Sale]] = deque(maxlen=REFUNDABLE)
        self._nth = 0

    @property
    def profile_keys(self) -> list[str]:
        return [str(person.id) for person in self._customers]

    @property
    def hottest(self) -> str:
        return self.profile_keys[0]

    def first_orders(self) -> list[Sending]:
        """One order of each customer: afterwards nobody is new, and everybody's home is known."""
        return [self._made("orders/create", person) for person in self._customers]

    def take(self, count: int) -> list[Sending]:
        """The next ones."""
        return [self._one() for _ in range(count)]

    def _one(self) -> Sending:
        is_hot = self._dice.random() < self._hot
        person = self._customers[0] if is_hot else self._dice.choice(self._customers)
        (kind,) = self._dice.choices(self._kinds, self._weights)
        return self._made(kind, person)

    def _made(self, kind: str, person: Customer) -> Sending:
        at = OPENED + self._nth * BETWEEN
        made = _MAKERS[kind](self, person, at)
        self._nth += 1
        return made

    def _ordered(self, person: Customer, at: datetime) -> Sending:
        order = Order(
            id=shopify_id("fault order", self._world.domain, self._seed, self._nth),
            number=str(self._nth + 1),
            customer=person.number,
            placed_at=at,
            lines=tuple(a_line(self._dice) for _ in range(self._dice.randint(1, LINES_AT_MOST))),
        )
        sale = Sale(order, person, (), self._world.domain)
        self._sold.append((self._nth, sale))
        return webhook(self._world, order_created(sale), person.id, "orders.placed")

    def _refunded(self, person: Customer, at: datetime) -> Sending:
        """Of some order long since sent, if there is one."""
        if not self._sold or self._nth - self._sold[0][0] < REFUND_AFTER:
            return self._ordered(person, at)
        _, sale = self._sold.popleft()
        key = shopify_id("fault refund", sale.order.id)
        refund = Refund(key, sale.order.id, sale.customer.number, at, sale.order.lines[:1])
        write = partial(bodies.refund, sale, refund)
        return self._webhook("refunds/create", at, write, sale.customer, "orders.refunded")

    def _changed(self, person: Customer, at: datetime) -> Sending:
        write = partial(bodies.customer, person, at)
        return self._webhook("customers/update", at, write, person, "contact.given")

    def _checked_out(self, person: Customer, at: datetime) -> Sending:
        key = shopify_id("fault checkout", self._world.domain, self._seed, self._nth)
        order = Order(key, str(self._nth), person.number, at, (a_line(self._dice),))
        sale = Sale(order, person, (), self._world.domain)
        if sale.at_till:  # where there is no checkout
            return self._ordered(person, at)
        write = partial(bodies.checkout, sale, at - timedelta(seconds=1), at)
        return self._webhook("checkouts/create", at, write, person, "checkouts.opened")

    def _recorded_order(self, person: Customer, at: datetime) -> Sending:
        total = {"amount": amount(self._dice.randint(100, 99_999)), "currency": CURRENCY}
        order_id = f"till-{self._seed}-{self._nth}"
        wanted = {"order_id": order_id, "placed_at": at.isoformat(), "total": total}
        return self._command("RecordOrder", person, at, wanted, "orders.placed")

    def _set_contact(self, person: Customer, at: datetime) -> Sending:
        wanted = {"locale": self._dice.choice(("de-DE", "en-GB", "fr-FR"))}
        return self._command("SetContact", person, at, wanted, "contact.given")

    def _visited(self, person: Customer, at: datetime) -> Sending:
        wanted = {"visit_id": f"visit-{self._seed}-{self._nth}", "landing_page": "/"}
        return self._command("RecordVisit", person, at, wanted, "visits.started")

    def _webhook(
        self, topic: str, at: datetime, write: Callable[[], Json], person: Customer, leaves: str
    ) -> Sending:
        name = uuid("fault", self._world.domain, self._seed, self._nth)
        told = Webhook(topic, at, name, name, self._world.domain, write)
        return webhook(self._world, told, person.id, leaves)

    def _command(
        self, kind: str, person: Customer, at: datetime, wanted: Mapping[str, object], leaves: str
    ) -> Sending:
        told = {"type": kind, "occurred_at": at.isoformat(), **wanted}
        name = f"faults-{self._seed}-{self._nth}"
        return command(self._world, name, told, person.id, leaves)


def _customer(nth: int) -> Customer:
    return customer(str(FIRST_NUMBER + nth), GERMANY.country, OPENED)


Maker = Callable[[Traffic, Customer, datetime], Sending]
_MAKERS: Mapping[str, Maker] = {
    "orders/create": Traffic._ordered,
    "refunds/create": Traffic._refunded,
    "customers/update": Traffic._changed,
    "checkouts/create": Traffic._checked_out,
    "RecordOrder": Traffic._recorded_order,
    "SetContact": Traffic._set_contact,
    "RecordVisit": Traffic._visited,
}
