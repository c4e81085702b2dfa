"""Five times as many orders are sent as can be served.

What is too much is turned away at once, with the request to come again. What is taken is answered
in time and stored. Nobody has to wait to be let in, memory does not grow, and as soon as the load
is over everything is as before.

Mechanism: `Room` lets in only as many requests as are answered soon, the others are refused by
`SparingProtocol` before an application is called for them; listening with several handles
(`ACCEPTS`) lets new connections in beside a thousand busy ones.
"""

import time

from tests.faults.client import Client
from tests.faults.flood import Flood, Flooded
from tests.faults.invariants import CLEAN, everything
from tests.faults.journal import Journal, Window
from tests.faults.latencies import normal_again_s, p99_ms, turned_away, waited_s
from tests.faults.probes import Asked, Probe, probing
from tests.faults.report import Finding, exactly
from tests.faults.samples import watched
from tests.faults.stage import Stage
from tests.faults.traffic import Traffic
from tests.measured import Limit

TIMES = 5  # as much as can be served
USUAL, CROWD = 64, 1_000  # connections
BESIDE_PER_S = 50  # requests of a client that notes what it was answered
CUSTOMERS = 100
LOOK_S = 0.25


def run(stage: Stage) -> list[Finding]:
    place, seconds = stage.place, stage.fewer(60, 5)
    before_s, after_s = stage.fewer(3, 1), stage.fewer(15, 1)
    flood = Flood(stage.folder, place.open_shop()[0], customers=stage.fewer(5_000, 500))
    flood.run(USUAL, seconds=1)
    world, _ = place.open_shop()
    traffic = Traffic(seed=41, world=world, customers=CUSTOMERS)
    with stage.journal() as journal:
        # as many as may be needed: waiting for one of ours is not waiting for an answer
        client = Client(place.url, journal, connections=CROWD)
        client.send(traffic.first_orders())
        with watched(place) as memory:
            sustained = flood.run(USUAL, stage.fewer(10, 2))
            lasts_s = before_s + seconds + after_s
            with (
                client.sending(traffic.take(lasts_s * BESIDE_PER_S), per_s=BESIDE_PER_S),
                probing(Asked(f"{place.url}/readyz"), LOOK_S) as ready,
                probing(Asked(f"{place.url}/metrics"), LOOK_S) as metrics,
            ):
                began = time.monotonic()
                time.sleep(before_s)
                since = time.monotonic()
                flooded = flood.run(CROWD, seconds, TIMES * sustained.accepted_per_s)
                until = time.monotonic()
        place.until_whole()
        counts = {
            **everything(place, journal, world),
            **flood.proof(place),
            **_surprises(journal, flooded, ready, metrics),
            "processes grown too big": len(memory.too_big),
        }
        before, during = Window(began, since), Window(since, until)
        figures = {
            "sustained/s": sustained.accepted_per_s,
            "offered/s": flooded.offered_per_s,
            "times sustained": flooded.offered_per_s / sustained.accepted_per_s,
            "accepted/s": flooded.accepted_per_s,
            "accepted p99 ms": journal.latency_ms(99, during),
            "refused p99 ms": p99_ms(waited_s(journal, turned_away, during)),
            "normal again s": normal_again_s(journal, before, until),
            "slowest readyz s": ready.slowest_s,
            "slowest metrics s": metrics.slowest_s,
            "most grown MB": memory.most_grown_mb,
        }
    return [
        Finding(
            fault="too much load",
            done=f"{TIMES} times what is sustained for {seconds} s, from {CROWD:,} connections"
            f" of wrk on the same cores, {BESIDE_PER_S}/s beside it are measured",
            counts=counts,
            firm=(
                *CLEAN,
                *(exactly(name, 0) for name in ("unanswered", *NOTHING)),
                Limit("accepted", at_least=1),
                Limit("turned away", at_least=1),
            ),
            figures=figures,
            timed=(
                Limit("times sustained", at_least=TIMES * 0.8),
                Limit("accepted p99 ms", at_most=2_000),
                Limit("refused p99 ms", at_most=200),
                Limit("normal again s", at_most=10),
            ),
        )
    ]


NOTHING = (
    "accepted and not stored",
    "stored twice",
    "unexpected answers",
    "broken connections",
    "no answer to probes",
    "processes grown too big",
)


def _surprises(journal: Journal, flooded: Flooded, ready: Probe, metrics: Probe) -> dict[str, int]:
    statuses = journal.statuses()
    known = ("200", "429", "503")
    probes = [*ready.told, *metrics.told]
    return {
        "turned away": flooded.statuses.get("503", 0),
        "unexpected answers": flooded.unexpected
        + sum(seen for status, seen in statuses.items() if status not in known),
        "broken connections": flooded.broken,
        "no answer to probes": sum(told.status is None for told in probes),
    }
