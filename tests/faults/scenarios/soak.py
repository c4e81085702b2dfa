"""A usual load goes on for a long time (`make soak MINUTES=20`).

Nothing grows that should not: no process's memory, no descriptors, no latency; nothing is lost.

What is sent changes always the same 2,000 shoppers and nothing that is kept for ever: the newest
fifty checkouts of each are. So memory grows until each has fifty, during the first quarter, which
is left out. (Orders are kept for ever; with them, hosts grow until `residents.MAX_BYTES`.)

Mechanism: everything that can grow has a limit: residents, waiting signals, checkouts of a
profile, ids minted and not yet settled; connections and descriptors are closed with what opened
them.
"""

import os
import time

from tests.faults.beside import repeatedly, under_load
from tests.faults.client import Client
from tests.faults.flood import Flood, Flooded
from tests.faults.invariants import CLEAN, everything
from tests.faults.place import Place
from tests.faults.report import Finding, exactly
from tests.faults.results import FOLDER
from tests.faults.samples import samples
from tests.faults.stage import Stage
from tests.faults.traffic import Traffic
from tests.faults.trends import Trend, drift, figures, trends
from tests.measured import Limit, keep

MINUTES, USUAL_MINUTES = "MINUTES", "5"
SHARE = 0.6  # of what is sustained
SETTLED = 0.25  # of the time, until nothing need grow any more
CUSTOMERS, CONNECTIONS = 2_000, 64
TOPIC = "checkouts/create"
BESIDE_PER_S, BESIDE_CUSTOMERS = 10, 100
BESIDE = {"customers/update": 2, "checkouts/create": 1, "SetContact": 2}
WAITING = "c360_signals_waiting "
LIMITS = (
    Limit("steepest MB/min", at_most=1),
    Limit("most descriptors more", at_most=10),
    Limit("p99 drift", at_most=0.2),
)
NOTHING = ("unanswered", "accepted and not stored", "stored twice", "unexpected", "waiting")


def run(stage: Stage) -> list[Finding]:
    place = stage.place
    turns, turn_s = stage.fewer(int(os.environ.get(MINUTES, USUAL_MINUTES)), 3), stage.fewer(60, 2)
    flood = Flood(stage.folder, place.open_shop()[0], stage.fewer(CUSTOMERS, 200), TOPIC)
    flood.run(CONNECTIONS, seconds=1)
    sustained = flood.run(CONNECTIONS, stage.fewer(10, 2)).accepted_per_s
    world, _ = place.open_shop()
    traffic = Traffic(seed=81, world=world, customers=BESIDE_CUSTOMERS, mix=BESIDE)
    with stage.journal() as journal:
        client = Client(place.url, journal)
        client.send(traffic.first_orders())
        began = time.monotonic()
        with (
            repeatedly(lambda: samples(place), every_s=0.2 if stage.quick else 2.0) as seen,
            under_load(client, traffic, BESIDE_PER_S),
        ):
            loads = [flood.run(CONNECTIONS, turn_s, sustained * SHARE) for _ in stage.rounds(turns)]
        place.until_whole()
        counts = everything(place, journal, world) | flood.proof(place) | _left(place, loads)
    found = trends(seen, began + SETTLED * turns * turn_s)
    _shown(stage, found, loads)
    return [_finding(f"{turns} x {turn_s} s", counts, found, loads, sustained)]


def _left(place: Place, loads: list[Flooded]) -> dict[str, int]:
    """What should not have been answered, and what still waits."""
    (waiting,) = (
        line.removeprefix(WAITING)
        for line in place.metrics().splitlines()
        if line.startswith(WAITING)
    )
    return {
        "unexpected": sum(load.unexpected + load.broken for load in loads),
        "waiting": int(float(waiting)),
    }


def _shown(stage: Stage, found: list[Trend], loads: list[Flooded]) -> None:
    for trend in found:
        stage.said(str(trend))
    if not stage.quick:
        told = {"processes": figures(found), "p99 ms": [load.p99_ms for load in loads]}
        keep(FOLDER / "soak.json", told)


def _finding(
    lasted: str,
    counts: dict[str, int],
    found: list[Trend],
    loads: list[Flooded],
    sustained: float,
) -> Finding:
    return Finding(
        fault="a usual load goes on",
        done=f"{lasted} at {SHARE:.0%} of {sustained:,.0f}/s, of the same shoppers",
        counts=counts,
        firm=(*CLEAN, *(exactly(name, 0) for name in NOTHING)),
        figures={
            "offered/s": sum(load.offered_per_s for load in loads) / len(loads),
            "steepest MB/min": max((trend.mb_per_min for trend in found), default=0.0),
            "most descriptors more": max((trend.more_descriptors for trend in found), default=0),
            "p99 ms": loads[-1].p99_ms,
            "p99 drift": drift([load.p99_ms for load in loads]),
        },
        timed=LIMITS,
    )
