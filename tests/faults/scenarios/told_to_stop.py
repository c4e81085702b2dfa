"""A process behind a balancer, or the whole server, is told to stop with requests under way.

It says at once that it is not ready, answers what came before, and is gone soon. Nothing that was
acknowledged is missing when it is started again.

Mechanism: `DrainingServer` sets `Condition.draining`, which readiness tells, and serves on until
what is under way is answered; the supervisor stops the API first, then the hosts, then PostgreSQL.
"""

import time
from pathlib import Path

import psutil

from config.settings import Settings
from tests.faults.alone import another_api
from tests.faults.beside import under_load
from tests.faults.client import Client
from tests.faults.invariants import CLEAN, everything
from tests.faults.journal import Journal
from tests.faults.place import Place
from tests.faults.report import Finding, exactly
from tests.faults.serving import is_ready, served
from tests.faults.stage import Stage
from tests.faults.traffic import Traffic
from tests.faults.waiting import until
from tests.measured import Limit
from tests.places import free_port

FAULT = "told to stop"
CUSTOMERS, UNDER_WAY = 200, 64
TAKEN_FIRST = 200
ENDS = Limit("slowest to end s", at_most=15)
SAYS_NO = Limit("slowest to be not ready s", at_most=1)
PATIENCE_S = 90.0
LOSES_PATIENCE_S = 3.0  # a client whose server is gone
ON_ITS_WAY_S = 0.05  # what was sent so shortly before the signal may come after it
FAILED = "failed that came before"


def run(stage: Stage) -> list[Finding]:
    one = _one_process(stage, stage.place, stage.fewer(20, 1))
    return [one] if stage.quick else [one, _everything(stage, 3)]


def _one_process(stage: Stage, place: Place, number: int) -> Finding:
    world, _ = place.open_shop()
    traffic = Traffic(seed=52, world=world, customers=CUSTOMERS)
    stops = []
    with stage.journal() as journal:
        Client(place.url, journal).send(traffic.first_orders())
        for _ in stage.rounds(number):
            with another_api(place, stage.folder) as (url, process):
                stops.append(_stopped(process, url, journal, traffic))
        counts = everything(place, journal, world)
    return _finding("one process on a port of its own", number, counts, stops)


def _everything(stage: Stage, number: int) -> Finding:
    settings = _settings(stage.folder / "stopped")
    stops = []
    with stage.journal() as journal:
        with served(settings, {}) as supervisor:
            place = Place(settings, supervisor)
            world, _ = place.open_shop()
            traffic = Traffic(seed=53, world=world, customers=CUSTOMERS)
            Client(place.url, journal).send(traffic.first_orders())
        for _ in stage.rounds(number):
            with served(settings, {}) as supervisor:
                stops.append(_stopped(supervisor, place.url, journal, traffic))
        with served(settings, {}) as supervisor:
            counts = everything(Place(settings, supervisor), journal, world)
    return _finding("the whole server", number, counts, stops)


def _settings(folder: Path) -> Settings:
    folder.mkdir(mode=0o711)
    return Settings(data_dir=folder / "data", port=free_port(), api_processes=2)


def _finding(
    variant: str, number: int, counts: dict[str, int], stops: list[tuple[float, float, int]]
) -> Finding:
    said_no_s, ended_s, failed = zip(*stops, strict=True)
    return Finding(
        fault=FAULT,
        variant=variant,
        done=f"SIGTERM with {UNDER_WAY} requests under way, {number} times",
        counts=counts | {FAILED: sum(failed)},
        firm=(*CLEAN, exactly(FAILED, 0)),
        figures={SAYS_NO.figure: max(said_no_s), ENDS.figure: max(ended_s)},
        timed=(SAYS_NO, ENDS),
    )


def _stopped(
    process: psutil.Process, url: str, journal: Journal, traffic: Traffic
) -> tuple[float, float, int]:
    """After how long it was not ready, after how long it had ended, and what failed."""
    client = Client(url, journal, connections=UNDER_WAY, patience_s=LOSES_PATIENCE_S)
    with under_load(client, traffic):
        journal.until_taken(TAKEN_FIRST)
        told_at = time.monotonic()
        process.terminate()
        said_no_s = until(lambda: not is_ready(url), PATIENCE_S, "still ready")
    until(lambda: _has_ended(process), PATIENCE_S, "it does not end")
    return said_no_s, time.monotonic() - told_at, _failed_before(journal, told_at)


def _has_ended(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def _failed_before(journal: Journal, told_at: float) -> int:
    """What was under way at the signal and was not answered well."""
    under_way = (
        attempt
        for attempt in journal.attempts
        if attempt.sent_at < told_at - ON_ITS_WAY_S and attempt.answered_at > told_at
    )
    return sum(attempt.failed for attempt in under_way)
