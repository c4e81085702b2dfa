"""What customers who are quiet cost the clock, and how late it records what changes by itself.

Nothing runs for somebody who is quiet: that a round finds nothing due must take no longer however
many customers there are. Their rows are made up here; those whose stage does end have a past.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles
from typing import LiteralString

import psycopg

from aggregates.log.keys import read_keyring
from aggregates.shop.lifecycle_rules import LifecycleRules
from api.lifecycle.clock import Clock
from config.database import running_database
from config.settings import Settings
from tests.bench.commands import command, in_bulk
from tests.bench.place import Bench, Deployment, deployment
from tests.bench.report import Row
from tests.bench.without_hosts import ports_without_hosts
from tests.measured import Limit

PART = "clock"
FEW, MANY = 1_000, 100_000
ROUNDS, WARM_UP = 500, 50
ENDING = 100  # customers whose stage ends at one instant
NOTICE = timedelta(seconds=20)  # until then
PATIENCE_S = 120.0
IDLE = """
    INSERT INTO rm_stages.stages (profile_id, namespace_id, version, stage, since, active_stage,
        active_at, recorded_stage, due_at)
    SELECT gen_random_uuid(), 1, 1, 'new', now(), 'new', now(), 'new',
        now() + interval '1 day' + nth * interval '1 minute'
    FROM generate_series(1, %s) AS made (nth)
"""
EXISTS = "SELECT count(*) FROM pg_tables WHERE schemaname = 'rm_stages' AND tablename = 'stages'"
WAITING = "SELECT count(*) FROM rm_stages.stages WHERE due_at = %s"
RECORDED = """
    SELECT (convert_from(state, 'UTF8')::jsonb ->> 'recorded_at')::timestamptz FROM events
    WHERE topic = 'lifecycle.stage_changed'
"""


def measure(bench: Bench) -> Iterator[Row]:
    with (
        deployment(bench.folder / PART) as ours,
        running_database(ours.settings) as dsn,
        psycopg.connect(dsn, autocommit=True) as connection,
    ):
        _until(lambda: _count(connection, EXISTS) == 1, "nobody made the table of stages")
        connection.execute(IDLE, (FEW,))
        few = asyncio.run(_rounds(dsn, ours.settings))
        yield Row(PART, f"a round with nothing due, {FEW:,} customers", few)
        count = bench.fewer(MANY, 20_000)
        bench.said(f"making up {count:,} customers who are quiet")
        connection.execute(IDLE, (count - FEW,))
        many = asyncio.run(_rounds(dsn, ours.settings))
        many["x few"] = many["p50 ms"] / few["p50 ms"]
        subject = f"a round with nothing due, {count:,} customers"
        yield Row(PART, subject, many, (Limit("x few", at_most=2),))
        yield _ended(bench, ours, connection)


async def _rounds(dsn: str, settings: Settings) -> dict[str, float]:
    """Milliseconds of rounds, of a clock beside the server's own."""
    ports = ports_without_hosts(dsn, read_keyring(settings.master_key_file))
    async with ports.pool:
        clock, took = Clock(ports), []
        for _ in range(WARM_UP + ROUNDS):
            started = time.perf_counter()
            assert await clock.round() == 0, "somebody was due"
            took.append((time.perf_counter() - started) * 1e3)
    p99 = quantiles(took[WARM_UP:], n=100, method="inclusive")[-1]
    return {"p50 ms": median(took[WARM_UP:]), "p99 ms": p99}


def _ended(bench: Bench, ours: Deployment, connection: psycopg.Connection) -> Row:
    """Customers of one visit each, so long ago that they churn in a moment."""
    ends = datetime.now(UTC) + NOTICE
    visited = ends - timedelta(days=LifecycleRules().churned_days)
    seen = [
        command(
            "RecordVisit",
            f"long-ago-{nth}",
            {"email": f"customer-{nth}@shop.example"},
            visit_id=f"long-ago-{nth}",
            occurred_at=visited.isoformat(),
        )
        for nth in range(ENDING)
    ]
    assert {answer.status for answer in in_bulk(ours, seen).answers} == {200}
    _until(lambda: _count(connection, WAITING, ends) == ENDING, "they are not waited for")
    assert datetime.now(UTC) < ends, "it took too long to make them known"
    bench.said(f"waiting for {ENDING} stages to end")
    _until(lambda: len(_recorded(connection)) >= ENDING, "not all was recorded")
    late = [(at - ends).total_seconds() for at in _recorded(connection)]
    figures = {"recorded": len(late), "first s": min(late), "last s": max(late)}
    limits = (Limit("recorded", at_least=ENDING, at_most=ENDING), Limit("last s", at_most=60))
    return Row(PART, f"{ENDING} stages that end at one instant, recorded after", figures, limits)


def _recorded(connection: psycopg.Connection) -> list[datetime]:
    return [at for (at,) in connection.execute(RECORDED).fetchall()]


def _count(connection: psycopg.Connection, query: LiteralString, *parameters: object) -> int:
    row = connection.execute(query, parameters or None).fetchone()
    assert row is not None
    return int(row[0])


def _until(holds: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            raise RuntimeError(otherwise)
        time.sleep(0.05)
