"""Signed orders without end, for benchmarks: 2 to 4 KB each, over as many shoppers as asked for."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from api.demo.generated import a_line
from api.demo.people import FIRST_NUMBER, GERMANY, Customer, customer
from api.demo.sale import Sale
from api.demo.seeds import chance, shopify_id
from api.demo.store import Order
from api.demo.webhooks import Signed, order_created, sign

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
BETWEEN_ORDERS = timedelta(seconds=20)
LINES_AT_MOST = 3


def bench_orders(count: int, customers: int, seed: int, shop: str, secret: str) -> Iterator[Signed]:
    """`count` deliveries of orders/create, each order by one of `customers`, chosen evenly.

    The same seed gives the same bytes; other seeds give other orders of the same shoppers.
    """
    dice = chance("bench", seed)
    for nth in range(count):
        shopper = customer(str(FIRST_NUMBER + dice.randrange(customers)), GERMANY.country, OPENED)
        yield sign(order_created(Sale(_order(shopper, seed, nth, dice), shopper, (), shop)), secret)


def bench_order(shopper: Customer, seed: int | str, nth: int, shop: str, secret: str) -> Signed:
    """The `nth` of a seed, by this shopper."""
    order = _order(shopper, seed, nth, chance("bench", seed, nth))
    return sign(order_created(Sale(order, shopper, (), shop)), secret)


def _order(shopper: Customer, seed: int | str, nth: int, dice: Random) -> Order:
    return Order(
        id=shopify_id("bench order", seed, nth),
        number=str(nth + 1),
        customer=shopper.number,
        placed_at=OPENED + nth * BETWEEN_ORDERS,
        lines=tuple(a_line(dice) for _ in range(dice.randint(1, LINES_AT_MOST))),
    )
