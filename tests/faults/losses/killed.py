"""A node dies at once, as when its power fails; later another takes its place."""

import time

from tests.faults.invariants import CLEAN
from tests.faults.journal import Window
from tests.faults.nodes import cluster
from tests.faults.report import Finding, exactly
from tests.faults.shopping import shopping
from tests.faults.spread import Spread, server
from tests.faults.stage import Stage
from tests.measured import Limit

PER_S = 40
MOVED_S = 60.0
SERVED = 0.99


def killed(stage: Stage, place: Spread) -> Finding:
    node = place.cluster.nodes[1]
    number = place.number_on(node)
    other = place.host(1 - number)
    with shopping(stage, place, seed=41) as shop:
        journal = shop.journal
        with shop.client.sending(shop.traffic.take(stage.fewer(1_200, 400)), PER_S):
            journal.until_taken(100)
            killed_at = time.monotonic()
            node.kill()
            place.until_whole()
        moved, stayed = (Window(killed_at, group=group) for group in (number, 1 - number))
        counts = {
            **shop.counts(),
            "5xx of the other host": journal.server_errors(stayed),
            "other host gone": int(place.host(1 - number) != other),
        }
        moved_s = journal.first_success_s(moved) or float("inf")
    return Finding(
        fault="a node of the cluster is lost",
        variant="killed",
        done="kill -9 of all processes of one of two nodes, under load",
        counts=counts,
        firm=(
            *CLEAN,
            exactly("unanswered", 0),
            *(exactly(name, 0) for name in ("5xx of the other host", "other host gone")),
        ),
        figures={"moved s": moved_s, "served by the other": 1 - journal.error_rate(stayed)},
        timed=(Limit("moved s", at_most=MOVED_S), Limit("served by the other", at_least=SERVED)),
    )


def killed_and_replaced(stage: Stage) -> list[Finding]:
    """Everything goes on where it is; a server that starts uses the new node, too."""
    with cluster(stage.folder) as joined:
        joined.join()
        with server(stage, joined) as place:
            lost = killed(stage, place)
            new = joined.join()
            with shopping(stage, place, seed=42) as shop:
                shop.client.send(shop.traffic.take(500))
                counts = shop.counts()
            moved_back = len(new.hosts())
        with server(stage, joined) as place:
            place.until_whole()
            spread = len(new.hosts())
    return [
        lost,
        Finding(
            fault="a node of the cluster is lost",
            variant="and replaced",
            done="a new node joins instead of the killed one; then c360 serve is started again",
            counts={**counts, "hosts moved back": moved_back, "after the start": spread},
            firm=(*CLEAN, exactly("unanswered", 0), exactly("after the start", 1)),
        ),
    ]
