"""The API processes are killed with requests under way, again and again.

What was acknowledged is in the log exactly once. What was not is sent again with the same id and
finds itself there, or is written then.

Mechanism: a request is answered only after its batch was committed; answered before, hundreds are
lost. The batch holds the ids of its signals with their outcomes, from which repeats are answered;
without this look-up they are refused by the database for ever. The supervisor starts another API
process; without, nobody answers any more.
"""

import time

from tests.faults.client import Client
from tests.faults.invariants import CLEAN, everything
from tests.faults.journal import Window
from tests.faults.place import Place, kill
from tests.faults.report import Finding, exactly
from tests.faults.stage import Stage
from tests.faults.traffic import Traffic, repeated
from tests.measured import Limit

CUSTOMERS = 200
WINDOW = 50  # places within which a sending comes again
FIRST_SUCCESS_S = 10.0


def run(stage: Stage) -> list[Finding]:
    place = stage.place
    world, _ = place.open_shop()
    traffic = Traffic(seed=2, world=world, customers=CUSTOMERS, hot=0.1)
    number, burst = stage.fewer(20, 2), stage.fewer(2_000, 400)
    with stage.journal() as journal:
        client = Client(place.url, journal)
        client.send(traffic.first_orders())
        waits = [_round(place, client, traffic, burst) for _ in stage.rounds(number)]
        counts = everything(place, journal, world)
    return [
        Finding(
            fault="an API process is killed",
            done=f"kill -9 of every API process mid-burst, {number} times",
            counts=counts,
            firm=(
                *CLEAN,
                Limit("acknowledged", at_least=burst * number),
                exactly("unanswered", 0),
            ),
            figures={"slowest first success s": max(waits)},
            timed=(Limit("slowest first success s", at_most=FIRST_SUCCESS_S),),
        )
    ]


def _round(place: Place, client: Client, traffic: Traffic, count: int) -> float:
    """How long after the kill something sent after it was accepted."""
    burst = repeated(traffic.take(count), seed=count, window=WINDOW, times=2)
    journal = client.journal
    before = place.apis()
    with client.sending(burst):
        journal.until_taken(len(burst) // 4)
        killed_at = time.monotonic()
        kill(*before)
    place.until_whole()
    assert not {p.pid for p in before} & {p.pid for p in place.apis()}, "another process serves"
    waited_s = journal.first_success_s(Window(since=killed_at))
    assert waited_s is not None, "nothing of the burst was left when it was killed"
    return waited_s
