"""API processes are renewed and stopped one at a time, while orders keep coming.

Nobody notices: no request fails, and no connection breaks under a client that was about to use it,
also when a host dies meanwhile.

Mechanism: the API processes share a listening socket, and a new one listens before the old one is
told to stop. `DrainingServer` leaves new connections to the others, ends each one it has with its
next answer, and closes only what nobody uses for a while.
"""

import signal
import time
from collections import Counter
from collections.abc import Callable

import psutil

from tests.faults.beside import under_load
from tests.faults.client import Client
from tests.faults.invariants import CLEAN, everything
from tests.faults.journal import Journal
from tests.faults.place import Place, kill
from tests.faults.pooled import pooled
from tests.faults.report import Finding, exactly
from tests.faults.stage import Stage
from tests.faults.traffic import Traffic
from tests.faults.waiting import until
from tests.measured import Limit

PROCESSES = 2
CUSTOMERS, PER_S = 200, 100
ENDS = Limit("slowest to end s", at_most=15)
LASTS_S = 1.0  # until the next step
PATIENCE_S = 90.0
USUAL = "405"  # what pooled clients are answered: they ask in a way that there is not
BROKEN = ("broken connections", "broken for the pooled")
Step = Callable[[Place], float]


def run(stage: Stage) -> list[Finding]:
    with stage.running(api_processes=PROCESSES) as place:
        renewed = _stepped(stage, place, _renewed_s, "SIGHUP renews all", stage.fewer(20, 1))
        if stage.quick:
            return [renewed]
        return [
            renewed,
            _stepped(stage, place, _ended_s, "SIGTERM to one of two", 20),
            _stepped(stage, place, _both_s, "SIGHUP, and a host is killed", 10),
        ]


def _stepped(stage: Stage, place: Place, step: Step, variant: str, number: int) -> Finding:
    world, _ = place.open_shop()
    traffic = Traffic(seed=51, world=world, customers=CUSTOMERS)
    with stage.journal() as journal:
        client = Client(place.url, journal)
        client.send(traffic.first_orders())
        with pooled(f"{place.url}/healthz") as idle, under_load(client, traffic, PER_S):
            took_s = [_settled(place, step) for _ in stage.rounds(number)]
        counts = everything(place, journal, world) | _failures(journal, idle)
    without_5xx = () if step is _both_s else (exactly("5xx", 0),)  # some patience may run out
    return Finding(
        fault="API processes restart",
        variant=variant,
        done=f"{number} times at {PER_S} requests/s, beside 50 connections used now and then",
        counts=counts,
        firm=(
            *CLEAN,
            *(exactly(name, 0) for name in ("unanswered", *BROKEN)),
            *without_5xx,
        ),
        figures={ENDS.figure: max(took_s), "p99 ms": journal.latency_ms(99)},
        timed=(ENDS,),
    )


def _failures(journal: Journal, idle: Counter[str]) -> dict[str, int]:
    broken = sum(attempt.status is None for attempt in journal.attempts)
    return {
        **dict(zip(BROKEN, (broken, idle.total() - idle[USUAL]), strict=True)),
        "5xx": journal.server_errors(),
    }


def _settled(place: Place, step: Step) -> float:
    took_s = step(place)
    place.until_whole()
    time.sleep(LASTS_S)
    return took_s


def _renewed_s(place: Place) -> float:
    """Of all processes, one after the other: the share of each."""
    before = {*place.apis()}
    place.supervisor.send_signal(signal.SIGHUP)
    return until(lambda: _are_others(before, place), PATIENCE_S, "not renewed") / len(before)


def _are_others(before: set[psutil.Process], place: Place) -> bool:
    now = {*place.apis()}
    return len(now) == PROCESSES and not now & before


def _ended_s(place: Place) -> float:
    victim = place.apis()[0]
    victim.terminate()
    took_s = until(lambda: victim not in place.apis(), PATIENCE_S, "it does not end")
    until(lambda: len(place.apis()) == PROCESSES, PATIENCE_S, "no other one is started")
    return took_s


def _both_s(place: Place) -> float:
    kill(place.host(0))
    return _renewed_s(place)
