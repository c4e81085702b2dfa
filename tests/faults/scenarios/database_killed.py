"""PostgreSQL is killed whole, the postmaster and all its children, in the middle of a burst.

Nothing acknowledged is lost, nothing is written twice, and nobody has to do anything.

Mechanism: an acknowledgement follows a commit with `synchronous_commit` on, whose record was
flushed before; with `off`, dozens are lost and versions have holes. The supervisor starts
PostgreSQL again, which replays what was flushed; without, it stays away. Hosts and API processes
open new connections where old ones broke.
"""

import time

from tests.faults.client import Client
from tests.faults.invariants import CLEAN, everything
from tests.faults.journal import Window
from tests.faults.place import Place, kill
from tests.faults.report import Finding, exactly
from tests.faults.stage import Stage
from tests.faults.traffic import Traffic
from tests.measured import Limit

CUSTOMERS = 300
BACK_S = 30.0


def run(stage: Stage) -> list[Finding]:
    place, number = stage.place, stage.fewer(10, 2)
    world, _ = place.open_shop()
    traffic = Traffic(seed=3, world=world, customers=CUSTOMERS, hot=0.05)
    with stage.journal() as journal:
        client = Client(place.url, journal)
        client.send(traffic.first_orders())
        burst = stage.fewer(3_000, 800)
        waits = [_round(place, client, traffic, burst) for _ in stage.rounds(number)]
        counts = everything(place, journal, world)
    return [
        Finding(
            fault="the database is killed",
            done=f"kill -9 of the postmaster and its children mid-burst, {number} times",
            counts=counts,
            firm=(
                *CLEAN,
                Limit("acknowledged", at_least=burst * number),
                exactly("unanswered", 0),
            ),
            figures={"slowest first success s": max(waits)},
            timed=(Limit("slowest first success s", at_most=BACK_S),),
        )
    ]


def _round(place: Place, client: Client, traffic: Traffic, count: int) -> float:
    """How long after the kill something sent after it was accepted."""
    journal, victim = client.journal, place.postmaster()
    with client.sending(traffic.take(count)):
        journal.until_taken(count // 4)
        family = [victim, *victim.children(recursive=True)]
        killed_at = time.monotonic()
        kill(*family)
    place.until_whole()
    assert place.postmaster().pid != victim.pid, "another server answers"
    waited_s = journal.first_success_s(Window(since=killed_at))
    assert waited_s is not None, "nothing of the burst was left when it was killed"
    return waited_s
