"""A shop's past, imported with the client an operator uses, and then once more."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from rich.console import Console

from api.demo.orders_import import ImportReport, import_orders
from config.database import running_database
from tests.bench.deliveries import orders
from tests.bench.place import SHOP, Bench, Deployment, deployment
from tests.bench.processes import cpu_s
from tests.bench.report import Row
from tests.measured import Limit

PART = "backfill"
ORDERS, CUSTOMERS, SEED = 30_000, 5_000, 900_001
PER_S = Limit("orders/s", at_least=5_000)
NOTHING_NEW = (Limit("changed", at_most=0), Limit("new events", at_most=0))


def measure(bench: Bench) -> Iterator[Row]:
    count = bench.fewer(ORDERS, 3_000)
    file = bench.folder / "orders.ndjson"
    bench.said(f"writing {count:,} orders")
    write(file, orders(count, CUSTOMERS, SEED))
    with deployment(bench.folder / PART) as ours:
        first, first_s, cost = _imported(bench, ours, file)
        events = _events(ours)
        again, again_s, _ = _imported(bench, ours, file)
        new = _events(ours) - events
    figures = {"orders/s": count / first_s, "events/s": events / first_s, **cost}
    yield Row(PART, f"{count:,} orders, 500 a request", _reported(first, figures), (PER_S,))
    figures = {"orders/s": count / again_s, "changed": again.changed, "new events": new}
    yield Row(PART, "the same file again", _reported(again, figures), NOTHING_NEW)


def write(file: Path, lines: Iterator[bytes]) -> None:
    with file.open("wb") as out:
        for line in lines:
            out.write(line + b"\n")


def load(ours: Deployment, file: Path) -> ImportReport:
    work = import_orders(ours.url, ours.admin_token, SHOP, file, Console(quiet=True))
    return asyncio.run(work)


def _imported(
    bench: Bench, ours: Deployment, file: Path
) -> tuple[ImportReport, float, dict[str, float]]:
    before, started = cpu_s(ours), time.perf_counter()
    report = load(ours, file)
    elapsed = time.perf_counter() - started
    bench.said(f"{report.lines / elapsed:,.0f} orders/s")
    used = {n: total - before[n] for n, total in cpu_s(ours).items()}
    return report, elapsed, {f"{n} ms/order": s / report.lines * 1e3 for n, s in used.items()}


def _reported(report: ImportReport, figures: dict[str, float]) -> dict[str, float]:
    assert not report.rejected, report.rejections[:3]
    return figures


def _events(ours: Deployment) -> int:
    with running_database(ours.settings) as dsn, psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT count(*) FROM events").fetchone()
    assert row is not None
    return int(row[0])
