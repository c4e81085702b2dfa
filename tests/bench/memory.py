"""What the processes hold: idle, and one host with as many residents as it may have."""

from collections.abc import Iterator

import httpx
import msgspec

from aggregates.log.residents import MAX_COUNT
from api.demo.bench import BETWEEN_ORDERS, OPENED
from api.demo.generated import a_line
from api.demo.people import FIRST_NUMBER, GERMANY, customer
from api.demo.sale import Sale
from api.demo.seeds import chance, shopify_id
from api.demo.store import Order
from api.demo.webhooks import order_created
from tests.bench.backfill import load, write
from tests.bench.place import SHOP, Bench, Deployment, deployment
from tests.bench.processes import family_of, memory_mb
from tests.bench.report import Row
from tests.measured import Limit
from tests.places import environment

PART = "memory"
RESIDENTS = "c360_host_residents"
ORDERS_EACH = 2
PROMISED = Limit("RSS MB", at_most=600)


def measure(bench: Bench) -> Iterator[Row]:
    with deployment(bench.folder / "idle") as ours:
        idle = {name: memory_mb(processes) for name, processes in family_of(ours).items()}
    for name, figures in idle.items():
        yield Row(PART, f"idle: {name}", figures)
    names = ("processes", "RSS MB", "PSS MB")
    yield Row(PART, "idle: all", {name: sum(one[name] for one in idle.values()) for name in names})
    with environment({"C360_HOSTS": "1"}), deployment(bench.folder / PART) as ours:
        yield _filled(bench, ours)


def _filled(bench: Bench, ours: Deployment) -> Row:
    """Through the back-fill, as real ones come; one host, so that all of them are its own."""
    wanted = bench.fewer(MAX_COUNT, 2_000)
    file = bench.folder / "residents.ndjson"
    bench.said(f"filling a host with {wanted:,} residents")
    write(file, _orders(wanted))
    load(ours, file)
    held = residents_of(ours.url)
    figures = memory_mb(family_of(ours)["host 0"]) | {"residents": held}
    return Row(PART, f"a host with {held:,} residents", figures, (PROMISED,))


def residents_of(url: str) -> int:
    lines = httpx.get(f"{url}/metrics", timeout=10).text.splitlines()
    found = [line.rpartition(" ")[2] for line in lines if line.startswith(RESIDENTS + "{")]
    return int(sum(map(float, found)))


def _orders(shoppers: int) -> Iterator[bytes]:
    """Everybody orders equally often."""
    dice = chance("residents")
    for nth in range(shoppers * ORDERS_EACH):
        number = str(FIRST_NUMBER + nth % shoppers)
        order = Order(
            id=shopify_id("resident's order", nth),
            number=str(nth + 1),
            customer=number,
            placed_at=OPENED + nth * BETWEEN_ORDERS,
            lines=(a_line(dice),),
        )
        sale = Sale(order, customer(number, GERMANY.country, OPENED), (), SHOP)
        yield msgspec.json.encode(order_created(sale).write())
