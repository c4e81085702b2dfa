"""Batches into the log, beside a bare COPY of the same rows into tables of the same shape."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from statistics import median

import psycopg

from aggregates.log.port import Unit
from aggregates.log.postgres import PostgresLog
from config.embedded import EmbeddedPostgres
from config.migrations import migrate
from tests.bench.batches import PROFILES, TYPES, Batch, Rowed, Rows, batch
from tests.bench.place import Bench
from tests.bench.report import Row
from tests.measured import Limit

PART = "append"
SLOW_FLUSH = {"commit_delay": "2000", "commit_siblings": "0"}  # as of a disk in a cloud
PROMISED = (Limit("x raw COPY", at_least=0.5),)
EVENTS, RAW_EVENTS = "events only", "raw COPY of the events"
ALL, RAW_ALL = "events, claims, outcomes, keys", "raw COPY of all four"
Work = Callable[[], None]
Prepare = Callable[[Batch], Work]


def measure(bench: Bench) -> Iterator[Row]:
    for flush, settings in (("this disk", {}), ("flush + 2 ms", SLOW_FLUSH)):
        folder = bench.folder / PART / flush.replace(" ", "-")
        with EmbeddedPostgres(folder / "postgres", settings) as server:
            migrate(server.dsn)
            bench.said(flush)
            yield from _rows(flush, _rates(bench, server.dsn))


def _rows(flush: str, rates: Mapping[str, Sequence[float]]) -> Iterator[Row]:
    for ours, raw in ((EVENTS, RAW_EVENTS), (ALL, RAW_ALL)):
        pairs = zip(rates[ours], rates[raw], strict=True)
        figures = {
            "events/s": median(rates[ours]),
            "raw events/s": median(rates[raw]),
            "x raw COPY": median(mine / theirs for mine, theirs in pairs),
        }
        yield Row(PART, f"{ours}, {PROFILES} a commit, {flush}", figures, PROMISED)


def _rates(bench: Bench, dsn: str) -> dict[str, list[float]]:
    """Events a second of each subject, turn by turn."""
    log = PostgresLog(dsn)
    with psycopg.connect(dsn, autocommit=True) as connection:
        subjects = _subjects(log, connection)
        rates: dict[str, list[float]] = {name: [] for name in subjects}
        for turn in range(bench.fewer(6, 2)):
            for name in list(subjects)[:: -1 if turn % 2 else 1]:
                work = [subjects[name](batch()) for _ in range(bench.fewer(50, 10))]
                rates[name].append(PROFILES * len(work) / _seconds(work))
    log.close()
    return rates


def _subjects(log: PostgresLog, connection: psycopg.Connection) -> dict[str, Prepare]:
    for table in TYPES:
        connection.execute(f"CREATE TABLE raw_{table} (LIKE {table} INCLUDING ALL)".encode())
    rowed = Rowed()
    return {
        EVENTS: lambda made: partial(_append, log, Batch(made.events)),
        RAW_EVENTS: lambda made: partial(_copy, connection, rowed.events(made)),
        ALL: lambda made: partial(_append, log, made),
        RAW_ALL: lambda made: partial(_copy, connection, rowed.everything(made)),
    }


def _append(log: PostgresLog, made: Batch) -> None:
    log.append(Unit(log.place(made.events), made.claims, made.outcomes, made.keys))


def _copy(connection: psycopg.Connection, rows: Rows) -> None:
    with connection.transaction(), connection.cursor() as cursor:
        for table, lines in rows.items():
            with cursor.copy(f"COPY raw_{table} FROM STDIN (FORMAT BINARY)".encode()) as copy:
                copy.set_types(TYPES[table])
                for line in lines:
                    copy.write_row(line)


def _seconds(work: Sequence[Work]) -> float:
    started = time.perf_counter()
    for commit in work:
        commit()
    return time.perf_counter() - started
