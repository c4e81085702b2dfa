"""The network between a node and all others goes away, and comes back when nobody waits for it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.invariants import CLEAN
from tests.faults.journal import Window
from tests.faults.network.namespaces import Namespace, NoNamespace, namespace
from tests.faults.nodes import cluster
from tests.faults.report import Finding, exactly
from tests.faults.shopping import shopping
from tests.faults.spread import Spread, server
from tests.faults.stage import Stage
from tests.faults.waiting import until
from tests.measured import Limit

PER_S = 20
AWAY_S = 60
MOVED_S, ENDS_S = 60.0, 90.0
SERVED = 0.99


def parted(stage: Stage) -> list[Finding]:
    try:
        with _apart(stage) as (place, cable):
            return [_parted(stage, place, cable)]
    except NoNamespace as reason:
        stage.said(f"no node is parted from the others: {reason}")
        return []


@contextmanager
def _apart(stage: Stage) -> Iterator[tuple[Spread, Namespace]]:
    """A head in this network, a node at the other end of a cable, a host on each."""
    with namespace() as cable, cluster(stage.folder, head=cable.near) as joined:
        joined.join(namespace=cable)
        with server(stage, joined) as place:
            yield place, cable


def _parted(stage: Stage, place: Spread, cable: Namespace) -> Finding:
    node = place.cluster.nodes[1]
    owned = place.number_on(node)
    with shopping(stage, place, seed=45) as shop:
        journal = shop.journal
        with shop.client.sending(shop.traffic.take((AWAY_S + 15) * PER_S), PER_S):
            journal.until_taken(100)
            since = time.monotonic()
            cable.part()
            time.sleep(AWAY_S)
            cable.heal()
            until(lambda: not node.processes(), ENDS_S, "the node that was away does not end")
            place.until_whole()
        moved, stayed = (Window(since, group=group) for group in (owned, 1 - owned))
        counts = {**shop.counts(), "5xx of the other host": journal.server_errors(stayed)}
        moved_s = journal.first_success_s(moved) or float("inf")
    return Finding(
        fault="a node of the cluster is lost",
        variant="parted from the others",
        done=f"its network says nothing for {AWAY_S} s, under load, then is whole again",
        counts=counts,
        firm=(*CLEAN, *(exactly(name, 0) for name in ("unanswered", "5xx of the other host"))),
        figures={"moved s": moved_s, "served by the other": 1 - journal.error_rate(stayed)},
        timed=(Limit("moved s", at_most=MOVED_S), Limit("served by the other", at_least=SERVED)),
    )
