"""The node that knows all others is lost, and with it the cluster, until its operator starts it."""

import time

from tests.faults.invariants import CLEAN
from tests.faults.probes import probing, reading
from tests.faults.report import Finding, exactly
from tests.faults.shopping import shopping
from tests.faults.spread import spread
from tests.faults.stage import Stage
from tests.measured import Limit

BRIEFLY_S, LONG_S = 5.0, 75.0  # Ray's own processes wait for a minute
BACK_S = 90.0
READS = 0.99
PER_S = 10


def head_lost_briefly(stage: Stage) -> Finding:
    return _head_lost(stage, BRIEFLY_S)


def head_lost_for_long(stage: Stage) -> Finding:
    return _head_lost(stage, LONG_S)


def _head_lost(stage: Stage, away_s: float) -> Finding:
    with spread(stage, {}) as place, shopping(stage, place, seed=44) as shop:
        load = shop.traffic.take(int((away_s + 45) * PER_S))
        read = reading(shop.world, shop.traffic.hottest)
        with shop.client.sending(load, PER_S), probing(read) as reads:
            shop.journal.until_taken(50)
            place.cluster.stop()  # a head refuses to start beside others of the same machine
            time.sleep(away_s)
            began = time.monotonic()
            place.cluster.start_head()
            place.until_whole(2 * BACK_S)
            back_s = time.monotonic() - began
        counts = shop.counts()
    return Finding(
        fault="the head of the cluster is lost",
        variant=f"for {away_s:.0f} s",
        done="kill -9 of all nodes; then another head starts on the same address",
        counts=counts,
        firm=(*CLEAN, exactly("unanswered", 0)),
        figures={
            "back after its start s": back_s,
            "reads": reads.share(),
            "slowest read s": reads.slowest_s,
        },
        timed=(Limit("back after its start s", at_most=BACK_S), Limit("reads", at_least=READS)),
    )
