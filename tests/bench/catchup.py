"""How fast read models catch up with a log they have never read: one by one, all in one process,
and all as a server has them, who is alike in a process of its own.

Of ten events of a shopper some are orders, as webhooks tell of them, and most are looks at
products, which many read models have no use for. No server runs but the database.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from typing import NamedTuple
from uuid import UUID

import psutil
import psycopg
from uuid_utils.compat import uuid7

from actors.shard import ShardWork
from actors.signals import Routed, Signal, Step
from aggregates.log.postgres import PostgresLog
from aggregates.profile.decisions.visits import RecordProductView
from aggregates.profile.source import Source
from aggregates.resolution import Seen, attribute
from aggregates.shop.identity_rules import IdentityRules
from api.demo.bench import bench_order
from api.demo.people import FIRST_NUMBER, GERMANY, customer
from api.webhooks.shopify.translate import translate_order
from config.embedded import EmbeddedPostgres
from config.migrations import migrate
from projections.keeping import OUTAGES
from projections.models import read_models
from projections.readmodel import ReadModel, schema_of
from projections.runner import Runner
from projections.shares import shards_of, shares
from projections.worker import collect_seldom, models_of
from tests.bench.batches import KEYRING, NAMESPACE
from tests.bench.place import SECRET, SHOP, Bench
from tests.bench.processes import cpu_of
from tests.bench.report import Row
from tests.measured import Limit

PART = "catchup"
OPENED = datetime(2026, 1, 1, tzinfo=UTC)
SHOPPERS, AT_ONCE = 20_000, 100
PATIENCE_S = 180.0  # for the log to be written
ORDERS, LOOKS = 2, 4  # of each shopper, each time
# As fast as one machine of two cores takes them while read models follow, and what comes of each.
WEBHOOKS_PER_S, EVENTS_A_WEBHOOK = 1_600, 2.9
LIMITS = {
    "customers": (Limit("events/s", at_least=20_000), Limit("x webhooks", at_least=2)),
    "all": (Limit("x webhooks", at_least=2),),
}


class Cost(NamedTuple):
    """Seconds."""

    wall: float
    ours: float
    database: float

    def since(self, before: "Cost") -> "Cost":
        return Cost(*(now - then for now, then in zip(self, before, strict=True)))


def measure(bench: Bench) -> Iterator[Row]:
    collect_seldom()
    with EmbeddedPostgres(bench.folder / PART / "postgres") as server:
        migrate(server.dsn)
        events = written(server.dsn, bench.fewer(1_000_000, 50_000), bench.fewer(SHOPPERS, 4_000))
        bench.said(f"{events:,} events written")
        models = read_models(KEYRING)
        for name, some in [*((one.name, [one]) for one in models), ("all in one process", models)]:
            read, cost = _caught_up(server, some)
            yield Row(PART, name, _figures(read, cost), LIMITS.get(name, ()))
        yield Row(PART, "all", _figures(*_served(server)), LIMITS["all"])


def _figures(read: int, cost: Cost) -> dict[str, float]:
    return {
        "events/s": read / cost.wall,
        "x webhooks": read / cost.wall / (WEBHOOKS_PER_S * EVENTS_A_WEBHOOK),
        "our CPU ms/event": cost.ours / read * 1e3,
        "database CPU ms/event": cost.database / read * 1e3,
        "events": read,
    }


def _caught_up(server: EmbeddedPostgres, models: Sequence[ReadModel]) -> tuple[int, Cost]:
    _forget(server.dsn, models)
    runner = Runner(server.dsn, KEYRING, models)
    before = _cost(server)
    read = sum(iter(lambda: _stepped(runner), 0))
    took = _cost(server).since(before)
    runner.close()
    return read, took


def _served(server: EmbeddedPostgres) -> tuple[int, Cost]:
    """By processes that begin at once; until the last of them has read everything."""
    _forget(server.dsn, read_models(KEYRING))
    spawned, each = get_context("spawn"), shares(1)
    together = spawned.Barrier(len(each) + 1)
    with ProcessPoolExecutor(len(each), spawned, _wait_for, (together,)) as processes:
        found = [processes.submit(_share_caught_up, server.dsn, share) for share in each]
        together.wait()
        before = _cost(server)
        read, ours = zip(*(one.result() for one in found), strict=True)
        took = _cost(server).since(before)
    return max(read), took._replace(ours=sum(ours))


def _wait_for(together: Barrier) -> None:
    collect_seldom()
    together.wait()


def _share_caught_up(dsn: str, share: str) -> tuple[int, float]:
    """Events, and seconds of this process."""
    runner = Runner(dsn, KEYRING, models_of(share, KEYRING), shards_of(share, readers=1))
    before = time.process_time()
    read = sum(iter(lambda: _stepped(runner), 0))
    runner.close()
    return read, time.process_time() - before


def _forget(dsn: str, models: Sequence[ReadModel]) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for model in models:
            drop = f"DROP SCHEMA IF EXISTS {schema_of(model.name)} CASCADE"
            connection.execute(drop.encode())


def _stepped(runner: Runner) -> int:
    """Events read. A page that takes too long for a transaction is read again in parts."""
    while True:
        try:
            return runner.step()
        except OUTAGES:
            runner.begin_again()


def _cost(server: EmbeddedPostgres) -> Cost:
    postmaster = psutil.Process(server.pid)
    ended = postmaster.cpu_times()
    database = sum(map(cpu_of, postmaster.children())) + ended.children_user + ended.children_system
    return Cost(time.perf_counter(), time.process_time(), database)


def written(dsn: str, least: int, shoppers: int) -> int:
    """The number of events: `least` or as many as there was patience for."""
    log, started, count = PostgresLog(dsn), time.monotonic(), 0
    work = ShardWork(log, KEYRING)
    profiles = [uuid7() for _ in range(shoppers)]
    for turn in range(least):
        for at in range(0, shoppers, AT_ONCE):
            some = [_told(n, profiles[n], turn) for n in range(at, min(at + AT_ONCE, shoppers))]
            outcomes = work.apply([one for each in some for one in each], datetime.now(UTC))
            assert not any(outcome.refused for outcome in outcomes), outcomes[0]
            work.save_snapshots()
            count += sum(len(outcome.events) for outcome in outcomes)
            if count >= least or time.monotonic() > started + PATIENCE_S:
                log.close()
                return count
    return count


def _told(number: int, profile: UUID, turn: int) -> list[Routed]:
    shopper = customer(str(FIRST_NUMBER + number), GERMANY.country, OPENED)
    known: Signal | None = None
    told = []
    for nth in range(ORDERS):
        _, body = bench_order(shopper, turn, number * ORDERS + nth, SHOP, SECRET)
        known = translate_order(body, NAMESPACE, OPENED, Source("shopify"), IdentityRules())
        told.append(_routed(profile, known, turn == nth == 0))
    return [*told, _routed(profile, _looks(number, turn), fresh=False)]


def _looks(number: int, turn: int) -> Signal:
    at = OPENED + timedelta(days=turn, minutes=number % 1_000)
    looked = RecordProductView(product_id=str(number % 50), visit_id=f"{number}-{turn}")
    steps = tuple(Step(at + timedelta(minutes=n), looked) for n in range(LOOKS))
    return Signal(
        id=f"looks:{number}:{turn}", namespace=NAMESPACE, occurred_at=at, source=Source("pixel"),
        by="pixel", identifiers=(), steps=steps,
    )  # fmt: skip


def _routed(profile: UUID, signal: Signal, fresh: bool) -> Routed:
    found = attribute(Seen(signal.identifiers), {}, (profile, profile))
    return Routed(profile, fresh, found.recognise, signal, profile)
