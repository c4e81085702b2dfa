"""Webhooks accepted durably, beside servers that do less and one that does the same by the book."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from api.intake.hooks import PATH
from config.embedded import EmbeddedPostgres
from tests.bench import proof
from tests.bench.deliveries import Deliveries
from tests.bench.place import Bench, Deployment, deployment, peer
from tests.bench.report import Row
from tests.bench.subjects import Forgetful, Subject
from tests.measured import Limit

PART = "webhooks"
CUSTOMERS = 20_000
LEVELS = (16, 64, 256)  # connections
BURST, BURST_LIMIT_S = 5_000, 3
SETTLE_S = 1.0  # by then the server has finished what wrk no longer waited for
PROMISED = (
    Limit("x bare FastAPI", at_least=0.8),
    Limit("x stock", at_least=15),
    Limit("p99 ms", at_most=250),
    Limit("not 200", at_most=0),
)


class Field(NamedTuple):
    """Who runs side by side."""

    ours: Subject
    fastapi: Subject
    asgi: Subject
    stock: Subject


def measure(bench: Bench) -> Iterator[Row]:
    folder = bench.folder / PART
    folder.mkdir(mode=0o711)
    with ExitStack() as servers:
        ours = servers.enter_context(deployment(folder / "ours"))
        database = servers.enter_context(EmbeddedPostgres(folder / "stock" / "postgres"))
        field = _started(bench, servers, ours, database.dsn, folder / "peers.log")
        deliveries = Deliveries(folder / "requests", CUSTOMERS)
        yield from _compared(bench, field, deliveries)
        yield _burst(bench, field.ours, deliveries)
        time.sleep(SETTLE_S)
        yield proof.of_ours(ours, deliveries.ids[: field.ours.taken], field.ours.answered)
        yield proof.of_stock(database.dsn, field.stock.answered)


def _started(
    bench: Bench, servers: ExitStack, ours: Deployment, stock_dsn: str, log: Path
) -> Field:
    def url(module: str, argument: str) -> str:
        return servers.enter_context(peer(log, f"tests.bench.{module}", argument)) + PATH

    seconds = bench.fewer(9, 2)
    return Field(
        Subject("ours", ours.url + PATH, seconds, ours),
        Forgetful("bare FastAPI", url("bare", "fastapi"), seconds),
        Forgetful("bare ASGI", url("bare", "asgi"), seconds),
        Subject("stock", url("stock_server", stock_dsn), bench.fewer(6, 2)),
    )


def _compared(bench: Bench, field: Field, deliveries: Deliveries) -> Iterator[Row]:
    bench.said("signing requests, warming up")
    for subject in field:
        subject.warm_up(deliveries, LEVELS[0])
    for turn in range(bench.fewer(3, 1)):
        for level in LEVELS:
            for subject in field[:: -1 if turn % 2 else 1]:
                load = subject.load(deliveries, level)
                bench.said(f"{subject.name}, {level} connections: {load.per_s:,.0f}/s")
    for level in LEVELS:
        yield from _rows(field, level)
    cost = {f"{name} ms": used * 1e3 for name, used in field.ours.cpu_s.items()}
    per_webhook = {name: used / field.ours.measured for name, used in cost.items()}
    yield Row(PART, "ours: processor time per webhook", per_webhook)


def _rows(field: Field, level: int) -> Iterator[Row]:
    for subject in field:
        figures = {
            "req/s": subject.middle(level, "per_s"),
            "p50 ms": subject.middle(level, "p50_ms"),
            "p99 ms": subject.middle(level, "p99_ms"),
            "not 200": sum(load.failed for load in subject.loads[level]),
        }
        if subject is field.ours:
            peers = (field.fastapi, field.stock)
            figures |= {f"x {peer.name}": subject.times(peer, level) for peer in peers}
        limits = PROMISED if subject is field.ours and level == LEVELS[-1] else ()
        yield Row(PART, f"{subject.name}, {level} connections", figures, limits)


def _burst(bench: Bench, ours: Subject, deliveries: Deliveries) -> Row:
    count = bench.fewer(BURST, 1_000)
    loads = [ours.burst(deliveries, LEVELS[-1], count) for _ in range(bench.fewer(3, 1))]
    loads.sort(key=lambda load: load.seconds)
    middle = loads[len(loads) // 2]
    figures = {"seconds": middle.seconds, "not 200": sum(load.not_200 for load in loads)}
    limit = Limit("seconds", at_most=BURST_LIMIT_S * count / BURST)
    return Row(PART, f"ours: a burst of {count:,} all acknowledged", figures, (limit,))
