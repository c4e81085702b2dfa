"""The connection to the database breaks just when a commit is under way.

Cut after the commit, the database has what nobody was told of; cut before it, nothing is there.
The host cannot know which, and neither may be lost, written twice or answered as a conflict.

Mechanism: a broken connection becomes LogUnreachable, never StreamMoved, and drops what the host
remembers; whoever applies the same signal again finds its outcome by its id before anything is
decided (`ShardWork._remembered`). The gateway repeats a batch whose answer it never got, and does
not call its own repetition a duplicate.
"""

from collections import Counter
from contextlib import closing
from itertools import count
from uuid import UUID

from eventsourcing.persistence import PersistenceError
from uuid_utils.compat import uuid7

from actors.shard import Contended
from actors.signals import Routed
from aggregates.log.port import LogUnreachable
from aggregates.log.postgres import PostgresLog
from tests.actors.shopping import Host, known, order, signal, to
from tests.faults.client import Client
from tests.faults.invariants import CLEAN, everything, whole
from tests.faults.ledger import number
from tests.faults.letters import until_none_wait
from tests.faults.network.proxy import HOST
from tests.faults.network.remote import Remote, remote_database
from tests.faults.network.wire import Moment
from tests.faults.report import Finding, exactly
from tests.faults.stage import Stage
from tests.faults.traffic import Traffic
from tests.measured import Limit

CUSTOMERS = 20
TRIES = 3
AT_ONCE = 8  # connections of the client: small batches are many commits
MANY = 25  # sendings at a time
EVERY = {Moment.COMMITTED: 1, Moment.COMMIT: 2}  # what was never written needs a commit that works
ORDERS = "SELECT count(*) FROM events WHERE topic = 'orders.placed' AND profile_id = ANY (%s)"
WORDS = {Moment.COMMITTED: "after the commit", Moment.COMMIT: "before the commit"}


def run(stage: Stage) -> list[Finding]:
    with remote_database(stage.folder) as remote:
        findings = [_of_one_host(stage, remote, moment) for moment in EVERY]
        return [*findings, _of_the_product(stage, remote)]


def _of_one_host(stage: Stage, remote: Remote, moment: Moment) -> Finding:
    """The host's work alone, without Ray and HTTP, so that each cut is one signal's."""
    cuts, before = stage.fewer(200, 20), remote.proxy.cuts
    profiles = [uuid7() for _ in range(CUSTOMERS)]
    counts = Counter({"unreachable": 0, "conflicts": 0, "told wrongly": 0})
    remote.proxy.cut(moment, HOST, EVERY[moment])
    with closing(PostgresLog(remote.dsn(application_name=HOST))) as log:
        host = Host(log=log)
        for number in count():
            if remote.proxy.cuts - before == cuts:
                break
            counts.update(_told(host, _placed(profiles, number), moment))
            counts["orders"] += 1
    remote.proxy.forward()
    counts.update(_found(remote, profiles))
    return Finding(
        fault="the connection breaks",
        variant=f"{WORDS[moment]}, one host's work",
        done=f"{cuts} times, each signal then applied again",
        counts={"cut": remote.proxy.cuts - before, **counts},
        firm=(
            exactly("cut", cuts),
            exactly("unreachable", cuts),
            exactly("written", counts["orders"]),
            *(exactly(name, 0) for name in ("conflicts", "told wrongly", "holes", "broken links")),
        ),
    )


def _placed(profiles: list[UUID], number: int) -> Routed:
    """Nobody else's order: its number is an identifier, which only one profile can own."""
    whom = profiles[number % CUSTOMERS]
    placed = order(f"{profiles[0]}-{number}")
    told = signal(placed, by=known(email=f"customer-{whom}@shop.example"))
    return to(whom, told, fresh=number < CUSTOMERS)


def _told(host: Host, sent: Routed, moment: Moment) -> Counter[str]:
    """What a host says of one signal until it answers."""
    counts: Counter[str] = Counter()
    for _ in range(TRIES):
        try:
            (outcome,) = host.apply(sent)
        except LogUnreachable:
            counts["unreachable"] += 1
        except (PersistenceError, Contended):
            counts["conflicts"] += 1
        else:
            was_written = bool(counts["unreachable"]) and moment is Moment.COMMITTED
            counts["told wrongly"] += (
                outcome.duplicate != was_written or outcome.refused is not None
            )
            break
    return counts


def _found(remote: Remote, profiles: list[UUID]) -> Counter[str]:
    with remote.connected() as connection:
        return Counter({"written": number(connection, ORDERS, profiles), **whole(remote)})


def _of_the_product(stage: Stage, remote: Remote) -> Finding:
    cuts, before = stage.fewer(200, 10), remote.proxy.cuts
    with stage.running(database_url=remote.dsn()) as place, stage.journal() as journal:
        world, _ = place.open_shop()
        traffic = Traffic(seed=11, world=world, customers=CUSTOMERS)
        client = Client(place.url, journal, AT_ONCE)
        client.send(traffic.first_orders())
        remote.proxy.cut(Moment.COMMITTED, HOST)
        for nth in stage.rounds(cuts):
            while remote.proxy.cuts - before <= nth:
                client.send(traffic.take(MANY))
        remote.proxy.forward()
        until_none_wait(place, world)
        first_tries = [attempt for attempt in journal.attempts if attempt.number == 1]
        counts = {
            **everything(place, journal, world),
            "cut": remote.proxy.cuts - before,
            "conflicts": len(journal.refused) + journal.statuses()["500"],
            "told wrongly": sum(attempt.result == "duplicate" for attempt in first_tries),
        }
    return Finding(
        fault="the connection breaks",
        variant="after the commit, the whole product",
        done=f"at least {cuts} times under webhooks and commands",
        counts=counts,
        firm=(
            *CLEAN,
            Limit("cut", at_least=cuts),
            *(exactly(name, 0) for name in ("unanswered", "conflicts", "told wrongly")),
        ),
    )
