"""Half of all orders are one shopper's: a wholesaler, or a till that knows one customer only.

They are taken in time, the other shoppers' as if nothing were special, each counts once, and the
sums are right. Somebody who wants to see that shopper as of some moment holds nobody up for long.

Mechanism: all waiting signals of a host are decided on in one batch, those of one profile one
after the other on a tentative state (`Drafting.tentative`), and written in one transaction: being
many for one profile costs them nothing.
"""

import time
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from tests.faults.client import Client
from tests.faults.invariants import CLEAN, everything
from tests.faults.journal import Journal, Window
from tests.faults.latencies import answered, p99_ms, waited_s
from tests.faults.probes import Asked, probing
from tests.faults.report import Finding, exactly
from tests.faults.stage import Stage
from tests.faults.traffic import ORDERS, Sending, Traffic
from tests.faults.worlds import World
from tests.measured import Limit

CUSTOMERS, PER_S = 400, 200
EVERYBODY, HOT = 0, 1
HALF = 0.5
AT = "2027-01-01T00:00:00Z"  # after everything: all of the history is folded


class Order(Struct):
    """What we look at of an order's body."""

    total_price: Decimal


def run(stage: Stage) -> list[Finding]:
    place, number = stage.place, stage.fewer(10, 1)
    world, _ = place.open_shop()
    even = Traffic(seed=71, world=world, customers=CUSTOMERS, mix=ORDERS)
    uneven = Traffic(seed=72, world=world, customers=CUSTOMERS, hot=HALF, mix=ORDERS)
    sent = even.first_orders()
    with stage.journal() as journal:
        client = Client(place.url, journal, connections=256)
        client.send(sent)
        journal.group({name: int(name == even.hottest) for name in even.profile_keys})
        usual: list[Window] = []
        special: list[Window] = []
        for _ in stage.rounds(number):
            for traffic, windows in ((even, usual), (uneven, special)):
                burst = traffic.take(stage.fewer(1_000, 300))
                windows.append(_sent(client, burst))
                sent += burst
        before_ms = p99_ms(sorted(_waits_s(journal, usual, EVERYBODY)))
        others_ms = p99_ms(sorted(_waits_s(journal, special, EVERYBODY)))
        hot_ms = p99_ms(sorted(_waits_s(journal, special, HOT)))
        with probing(Asked(f"{place.url}/healthz")) as alive:
            history_s = _read_s(world, even.hottest)
        hot = [order for order in sent if order.profile_key == even.hottest]
        counts = {**everything(place, journal, world), **_summed(world, even.hottest, hot)}
    return [
        Finding(
            fault="one profile is hot",
            done=f"{len(hot):,} of {len(sent):,} orders are one shopper's, {PER_S}/s; in turn with"
            " as many that are not",
            counts=counts,
            firm=(
                *CLEAN,
                *(exactly(name, 0) for name in ("unanswered", "miscounted", "wrong sum")),
            ),
            figures={
                "its p99 ms": hot_ms,
                "others' p99 ms": others_ms,
                "p99 without ms": before_ms,
                "times": others_ms / before_ms,
                "its history read s": history_s,
                "slowest healthz meanwhile s": alive.slowest_s,
            },
            timed=(
                Limit("its p99 ms", at_most=1_000),
                Limit("times", at_most=1.5),
                Limit("slowest healthz meanwhile s", at_most=1),
            ),
        )
    ]


def _sent(client: Client, burst: Iterable[Sending]) -> Window:
    since = time.monotonic()
    client.send(burst, PER_S)
    return Window(since, time.monotonic())


def _waits_s(journal: Journal, windows: Iterable[Window], group: int) -> Iterator[float]:
    for window in windows:
        yield from waited_s(journal, answered, Window(window.since, window.until, group))


def _summed(world: World, customer: str, orders: list[Sending]) -> dict[str, int]:
    """Whether the profile knows each order once."""
    commerce = _shown(world, customer)["commerce"]
    gross = sum(msgspec.json.decode(order.body, type=Order).total_price for order in orders)
    return {
        "hot orders": len(orders),
        "miscounted": abs(commerce["order_count"] - len(orders)),
        "wrong sum": int(Decimal(commerce["gross"]["amount"]) != gross),
    }


def _read_s(world: World, customer: str) -> float:
    profile = _shown(world, customer)["id"]
    started = time.monotonic()
    world.get(f"/v1/profiles/{profile}", at=AT).raise_for_status()
    return time.monotonic() - started


def _shown(world: World, customer: str) -> dict[str, Any]:
    (shown,) = world.get("/v1/profiles", shopify_customer_id=customer).json()["items"]
    return dict(shown)
