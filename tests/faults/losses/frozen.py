"""A node stops, is given up, and wakes when another has its work: two owners of the same shards."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from tests.faults.client import Client
from tests.faults.freezing import frozen, wake
from tests.faults.invariants import CLEAN
from tests.faults.journal import Window
from tests.faults.ledger import Ledger, number
from tests.faults.nodes import Node
from tests.faults.place import Place
from tests.faults.report import Finding
from tests.faults.shopping import Shopping, shopping
from tests.faults.spread import spread
from tests.faults.stage import Stage
from tests.faults.waiting import until
from tests.measured import Limit

CUSTOMERS = 60
AT_ONCE = 30
MOVED_S, WAKES_S, ENDS_S = 60.0, 20.0, 60.0
# longer than anybody waits for an answer, so that the sleeping host has what nobody sends again
PATIENT = {
    "RAY_health_check_initial_delay_ms": "1000",
    "RAY_health_check_period_ms": "2000",
    "RAY_health_check_timeout_ms": "3000",
    "RAY_health_check_failure_threshold": "3",
}
SLOW = {"C360_FAILPOINTS": "log.before_commit=sleep:1"}
OPEN = """
    SELECT count(*) FROM pg_stat_activity
    WHERE application_name = 'c360-host' AND state = 'idle in transaction'
"""
ROLLED_BACK = "SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()"


def frozen_idle(stage: Stage) -> Finding:
    """It finds in its mailbox, when it wakes, what it was sent while it slept."""
    return _frozen(stage, {}, "frozen between two batches")


def frozen_in_transaction(stage: Stage) -> Finding:
    """Its transaction is open, and holds the keys that the new owner needs."""
    return _frozen(stage, SLOW, "frozen inside a transaction")


def _frozen(stage: Stage, variables: Mapping[str, str], variant: str) -> Finding:
    with (
        spread(stage, variables, patience=PATIENT) as place,
        shopping(stage, place, seed=43, customers=CUSTOMERS) as shop,
    ):
        node = place.cluster.nodes[1]
        owned = place.number_on(node)
        old = place.host(owned)
        rolled_back = _asked(place, ROLLED_BACK)
        with _left_behind(shop, node, owned, inside=bool(variables)) as frozen_at:
            place.until_whole()
            shop.client.send(shop.about(owned, 2 * CUSTOMERS))
            wake(old)  # alone: its node will end it
            until(lambda: _asked(place, ROLLED_BACK) > rolled_back, WAKES_S, "nobody was refused")
            shop.client.send(shop.about(owned, CUSTOMERS))
        until(lambda: not node.processes(), ENDS_S, "the old node does not end")
        shop.client.send(shop.about(owned, CUSTOMERS))
        counts = {
            **shop.counts(),
            "refused commits": _asked(place, ROLLED_BACK) - rolled_back,
            "written late": _late(shop),
        }
        moved_s = shop.journal.first_success_s(Window(frozen_at, group=owned)) or float("inf")
    return Finding(
        fault="a node of the cluster is lost",
        variant=variant,
        done="SIGSTOP of one of two nodes; SIGCONT when its shards are written elsewhere",
        counts=counts,
        firm=(
            *CLEAN,
            Limit("refused commits", at_least=1),
            *(() if variables else (Limit("written late", at_least=1),)),
        ),
        figures={"moved s": moved_s},
        timed=(Limit("moved s", at_most=MOVED_S),),
    )


@contextmanager
def _left_behind(shop: Shopping, node: Node, owned: int, inside: bool) -> Iterator[float]:
    """The node sleeps, and has been sent what its senders have given up. Yields since when."""
    hasty = Client(shop.place.url, shop.journal, AT_ONCE, patience_s=0)
    lost, family = shop.about(owned, AT_ONCE), node.processes()
    with ExitStack() as sleep:
        if inside:
            with hasty.sending(lost):
                shop.journal.until_taken(1)
                until(lambda: _asked(shop.place, OPEN) > 0, WAKES_S, "no transaction is open")
                sleep.enter_context(frozen(*family))
                since = time.monotonic()
        else:
            sleep.enter_context(frozen(*family))
            since = time.monotonic()
            hasty.send(lost)
        yield since


def _late(shop: Shopping) -> int:
    """What nobody waited for any more, and was written all the same."""
    with shop.place.connected() as connection:
        ledger = Ledger(connection, shop.place.keyring, shop.world.namespace)
        return len(ledger.outcomes(sorted(shop.journal.unanswered)))


def _asked(place: Place, query: str) -> int:
    with place.connected() as connection:
        return number(connection, query)
