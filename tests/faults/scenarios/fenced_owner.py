"""Two hosts take themselves for the owner of one shard, and one of them is held up while writing.

As after a partition: a host that cannot reach the database does not know that another one has
taken its place. Whoever writes second is refused, forgets what it remembered, and goes on from
what the other one wrote. Three orders: held before it begins, and the other writes meanwhile; held
before its commit until the server gives it up, and the other writes then; held before its commit,
and the other, who waits for it, is refused in the end.

Mechanism: the unique keys `(profile_id, version)` and `(shard, position)` of the events; after a
refusal or a lost answer the owner drops its residents and the heads of its shards
(`ShardWork._doubt`); `idle_in_transaction_session_timeout` frees what a lost owner holds.
"""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from typing import NamedTuple
from uuid import UUID

from uuid_utils.compat import uuid7

from actors.placement import shard_of
from actors.shard import Contended
from actors.signals import Routed
from aggregates.log.port import LogUnreachable, StreamMoved, Unit
from aggregates.log.postgres import PostgresLog
from aggregates.log.restoring import restored
from tests.actors.shopping import KEYRING, Host, known, order, signal, to
from tests.faults.invariants import whole
from tests.faults.ledger import number
from tests.faults.network.remote import Remote, remote_database
from tests.faults.network.wire import Moment
from tests.faults.report import Finding, exactly
from tests.faults.stage import Stage
from tests.faults.waiting import until

NAMES = ("first-owner", "second-owner")
SOON = "-c%20idle_in_transaction_session_timeout%3D300"  # ms; the product's own takes seconds
TRIES = 3
PATIENCE_S = 30.0
WAITING = (
    "SELECT EXISTS (SELECT FROM pg_stat_activity"
    " WHERE application_name = %s AND wait_event_type = 'Lock')"
)
ORDERS = "SELECT count(*) FROM events WHERE topic = 'orders.placed'"
ORDERS_A_ROUND = 4  # the two that make Ada and Bob known, and one of each owner


class Play(NamedTuple):
    """The first owner is held at a moment. The `loser`, 0 or 1, is to learn it by `error`."""

    name: str
    held_at: Moment
    options: str  # of the first owner's connection
    second_waits: bool  # for the first one, which is therefore released before the second is done
    loser: int
    error: type[Exception]


PLAYS = (
    Play("held before it begins", Moment.BEGIN, "", False, 0, StreamMoved),
    Play("given up before its commit", Moment.COMMIT, SOON, False, 0, LogUnreachable),
    Play("held before its commit", Moment.COMMIT, "", True, 1, StreamMoved),
)


class WatchedLog(PostgresLog):
    """Remembers how each append went."""

    def __init__(self, dsn: str) -> None:
        super().__init__(dsn)
        self.appends: list[str] = []

    def append(self, unit: Unit) -> None:
        try:
            super().append(unit)
        except (StreamMoved, LogUnreachable) as error:
            self.appends.append(type(error).__name__)
            raise
        self.appends.append("accepted")


class Owner:
    """One that takes itself for the only one of its shards."""

    def __init__(self, dsn: str) -> None:
        self.log = WatchedLog(dsn)
        self.host = Host(log=self.log)
        self.unanswered = 0

    def apply(self, routed: Routed) -> None:
        """As the gateway does: again, until there is an answer."""
        for _ in range(TRIES):
            with suppress(LogUnreachable, Contended):
                (outcome,) = self.host.apply(routed)
                assert outcome.events, "the order was placed, by this attempt or by an earlier one"
                return
        self.unanswered += 1

    def is_wrong_about(self, shopper: UUID, direct: str) -> bool:
        """Whether it remembers anything else than what the log says; nothing is right, too: it
        forgets where an answer was lost, and may have been answered by what was stored."""
        with closing(PostgresLog(direct)) as log:
            stored = restored(log, KEYRING, shopper, log.streams([shopper])[shopper])
            return self.host.remembers(shopper) not in (None, stored.profile)


def run(stage: Stage) -> list[Finding]:
    rounds = stage.fewer(20, 3)
    found = {play: Counter[str]() for play in PLAYS}
    with remote_database(stage.folder) as remote:
        for nth in stage.rounds(rounds * len(PLAYS)):
            play = PLAYS[nth % len(PLAYS)]
            found[play].update(_played(remote, play, on_one_profile=nth % 2 == 0))
    return [_finding(play, rounds, counts) for play, counts in found.items()]


def _played(remote: Remote, play: Play, on_one_profile: bool) -> dict[str, int]:
    """Both write to Ada, so that one version is taken, or one to Bob: then it is a position."""
    ada, bob = _of_one_shard()
    with _owners(remote, play) as owners, remote.connected() as connection:
        before = number(connection, ORDERS)
        for who in (ada, bob):
            owners[0].apply(_order(who, fresh=True))
        loser, orders = owners[play.loser], (_order(ada), _order(ada if on_one_profile else bob))
        loser.log.appends.clear()
        _collide(remote, play, owners, orders)
        return {
            "fenced": int(loser.log.appends[0] == play.error.__name__),
            "accepted though fenced": int(loser.log.appends[0] == "accepted"),
            "unanswered": sum(owner.unanswered for owner in owners),
            "wrong residents": loser.is_wrong_about(orders[play.loser].profile, remote.direct),
            "orders": number(connection, ORDERS) - before,
            "holes": (log := whole(remote))["holes"],
            "broken links": log["broken links"],
        }


def _collide(
    remote: Remote, play: Play, owners: tuple[Owner, Owner], orders: tuple[Routed, Routed]
) -> None:
    stop = remote.proxy.stop(play.held_at, NAMES[0])
    with ThreadPoolExecutor() as threads:
        first = threads.submit(owners[0].apply, orders[0])
        stop.wait_reached()
        second = threads.submit(owners[1].apply, orders[1])
        until(lambda: _has_come(remote, play, second), PATIENCE_S, "the second owner is not there")
        stop.release()
        first.result(PATIENCE_S)
        second.result(PATIENCE_S)


def _has_come(remote: Remote, play: Play, second: Future[None]) -> bool:
    """To where the first owner may be released."""
    if not play.second_waits:
        return second.done()
    with remote.connected() as connection:
        return connection.execute(WAITING, (NAMES[1],)).fetchone() == (True,)


@contextmanager
def _owners(remote: Remote, play: Play) -> Iterator[tuple[Owner, Owner]]:
    first = Owner(remote.dsn(application_name=NAMES[0], options=play.options))
    second = Owner(remote.dsn(application_name=NAMES[1]))
    with closing(first.log), closing(second.log):
        yield first, second


def _of_one_shard() -> tuple[UUID, UUID]:
    ada = bob = uuid7()
    while bob == ada or shard_of(bob) != shard_of(ada):
        bob = uuid7()
    return ada, bob


def _order(whom: UUID, fresh: bool = False) -> Routed:
    told = signal(order(str(uuid7())), by=known(email=f"{whom}@shop.example"))
    return to(whom, told, fresh=fresh)


def _finding(play: Play, rounds: int, counts: Counter[str]) -> Finding:
    wrongs = ("accepted though fenced", "unanswered", "wrong residents", "holes", "broken links")
    return Finding(
        fault="a second owner of a shard",
        variant=play.name,
        done=f"{rounds} times, on the same profile and on two of a shard",
        counts=counts,
        firm=(
            exactly("fenced", rounds),
            exactly("orders", ORDERS_A_ROUND * rounds),
            *(exactly(name, 0) for name in wrongs),
        ),
    )
