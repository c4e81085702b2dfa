"""One of the host processes is killed in the middle of a burst, again and again.

Nothing acknowledged is lost, nothing is written twice. The shoppers of the other host notice
nothing; those of the killed one wait until Ray has started it anew.

Mechanism: `max_restarts` of the Ray actor brings the host back; without, it is never whole again.
The host looks the ids of a batch up before it decides anything; without, repeats of what the dead
one had committed are never answered, because the database refuses to write them twice. Each host
has a line of its own in the gateway; with one line for all, senders of the other host wait as long
as those of the killed one, or fail.
"""

import time
from statistics import quantiles
from typing import NamedTuple

from api.demo.seeds import chance
from tests.faults.client import Client
from tests.faults.invariants import CLEAN, everything
from tests.faults.journal import Journal, Window
from tests.faults.place import Place, kill
from tests.faults.report import Finding, exactly
from tests.faults.stage import Stage
from tests.faults.traffic import Sending, Traffic, repeated
from tests.measured import Limit

CUSTOMERS = 500
WINDOW = 50  # places within which a sending comes again
CONNECTIONS = 1_000  # nobody of the other host may wait for one behind those who wait
BACK_S = 5.0  # promised of 19 in 20 kills
UNHARMED_MS = 1_000.0


class Kill(NamedTuple):
    """What the killed host's shoppers met since the kill, and the others since before it."""

    killed: Window
    others: Window


def run(stage: Stage) -> list[Finding]:
    place, number, per_s = stage.place, stage.fewer(20, 2), stage.fewer(400, 150)
    assert place.settings.hosts == 2, "the other host is the one that was not killed"
    world, _ = place.open_shop()
    traffic = Traffic(seed=1, world=world, customers=CUSTOMERS, hot=0.05)
    with stage.journal() as journal:
        client = Client(place.url, journal, connections=CONNECTIONS)
        client.send(traffic.first_orders())
        journal.group(place.homes(world, traffic.profile_keys))
        burst = stage.fewer(5_000, 400)
        kills = [
            _killed(place, client, repeated(traffic.take(burst), nth, WINDOW, times=2), per_s, nth)
            for nth in stage.rounds(number)
        ]
        counts = {
            **everything(place, journal, world),
            "failed at the other host": sum(journal.failures(one.others) for one in kills),
        }
    return [
        Finding(
            fault="a host is killed",
            done=f"kill -9 of one of two hosts mid-burst, {number} times, {per_s} requests/s",
            counts=counts,
            firm=(
                *CLEAN,
                Limit("acknowledged", at_least=burst * number),
                exactly("unanswered", 0),
                exactly("failed at the other host", 0),
            ),
            figures=_figures(journal, kills),
            timed=(
                Limit("first success p95 s", at_most=BACK_S),
                Limit("other host's slowest p99 ms", at_most=UNHARMED_MS),
            ),
        )
    ]


def _killed(place: Place, client: Client, burst: list[Sending], per_s: int, nth: int) -> Kill:
    number = nth % place.settings.hosts
    victim, begun_at = place.host(number), time.monotonic()
    before = chance("kill", nth).randrange(len(burst) // 8, len(burst) // 2)
    with client.sending(burst, per_s):
        client.journal.until_taken(before)
        killed_at = time.monotonic()
        kill(victim)
    place.until_whole()
    assert place.host(number).pid != victim.pid, "another process does its work"
    over_at = time.monotonic()
    return Kill(Window(killed_at, over_at, number), Window(begun_at, over_at, 1 - number))


def _figures(journal: Journal, kills: list[Kill]) -> dict[str, float]:
    waits_s = [journal.first_success_s(one.killed) for one in kills]
    known_s = [wait_s for wait_s in waits_s if wait_s is not None]
    assert len(known_s) == len(waits_s), "nothing of a burst was left when the host was killed"
    return {
        "first success p95 s": quantiles(known_s, n=20, method="inclusive")[-1],
        "slowest s": max(known_s),
        "other host's slowest p99 ms": max(journal.latency_ms(99, one.others) for one in kills),
    }
