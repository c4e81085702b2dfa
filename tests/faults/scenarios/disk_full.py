"""The disk under everything is full: database, Ray, logs. Filled at once, slowly by somebody who
takes all that becomes free, or just when the database needs more; and a server started on it.

Writes are answered 503 with Retry-After and no other 5xx, reads go on. Once there is room again
everything goes on by itself, with nothing lost and no page damaged (`pg_checksums` reads them all;
the extension that `pg_amcheck` needs does not come with our PostgreSQL).

Mechanism: the supervisor holds room back (`config.disk_reserve`) and gives it up in time, so that
the database can go on or start again, and every API process turns writes away as long as it is
gone (`api.front`). What was under way meanwhile fails as LogUnreachable, which senders repeat.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from tests.faults.client import Client
from tests.faults.disk.fills import FILLS, PATIENCE_S, until_far_from_the_next_piece
from tests.faults.disk.looks import answers, looked
from tests.faults.disk.small import Disk, short_folder, small_disk
from tests.faults.disk.starts import started_on_it
from tests.faults.invariants import CLEAN, everything
from tests.faults.journal import Window
from tests.faults.place import Place, running
from tests.faults.report import Finding, exactly
from tests.faults.sendings import Sending
from tests.faults.stage import Stage
from tests.faults.traffic import Traffic
from tests.measured import Limit

DISK_MB, RESERVE_MB = 400, 64
CUSTOMERS, CONNECTIONS, BETWEEN = 50, 16, 200
READABLE_S, RECOVERED_S = 10.0, 30.0


def run(stage: Stage) -> list[Finding]:
    chosen = list(FILLS)[: stage.fewer(len(FILLS), 1)]
    with short_folder() as folder, small_disk(folder, DISK_MB) as disk:
        with running(folder, disk_reserve_mb=RESERVE_MB) as place:
            known = _known(stage, place)
            findings = [_of(stage, place, disk, chosen[nth]) for nth in stage.rounds(len(chosen))]
        findings.append(started_on_it(stage, place, disk, known))
    return findings


def _of(stage: Stage, place: Place, disk: Disk, variant: str) -> Finding:
    world, _ = place.open_shop()
    traffic, full_s = Traffic(seed=17, world=world, customers=CUSTOMERS), stage.fewer(30, 4)
    with stage.journal() as journal:
        client = Client(place.url, journal, CONNECTIONS, PATIENCE_S)
        client.send(first := traffic.first_orders())
        with ExitStack() as load:
            over = threading.Event()
            load.enter_context(client.sending(_until_told(traffic, over)))
            load.callback(over.set)
            journal.until_taken(BETWEEN)
            until_far_from_the_next_piece(place)
            readable_s = _timed(lambda: FILLS[variant](place, disk))
            full_at = time.monotonic()
            looks = looked(world, first[0], full_s)
            full = Window(since=full_at, until=time.monotonic())
            disk.empty()
            recovered_s = _timed(place.until_whole)
            journal.until_taken(BETWEEN)
        counts = everything(place, journal, world) | answers(journal, full, looks)
    return Finding(
        fault="the disk is full",
        variant=variant,
        done=f"under load, for {full_s} s",
        counts=counts,
        firm=(
            *CLEAN,
            *(exactly(name, 0) for name in ("unanswered", "impolite", "taken while full")),
            Limit("turned away", at_least=full_s),
            Limit("reads failed, %", at_most=1),
        ),
        figures={
            "readable again s": readable_s,
            "reads": looks.share,
            "slowest read s": looks.slowest_s,
            "recovered s": recovered_s,
        },
        timed=(
            Limit("readable again s", at_most=READABLE_S),
            Limit("reads", at_least=0.99),
            Limit("recovered s", at_most=RECOVERED_S),
        ),
    )


def _known(stage: Stage, place: Place) -> Sending:
    """Something acknowledged in the place's own shop."""
    with stage.journal() as journal:
        Client(place.url, journal).send(first := Traffic(16, place.a, customers=1).first_orders())
    return first[0]


def _until_told(traffic: Traffic, over: threading.Event) -> Iterator[Sending]:
    while not over.is_set():
        yield from traffic.take(1)


def _timed(act: Callable[[], None]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began
