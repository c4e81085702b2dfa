"""Somebody keeps a transaction open that has written to our tables, or locked one.

What does not meet its locks goes on, reading in any case. What does is asked to come again, in
time, and taken when the transaction is over: under the same id, and once.

Mechanism: `lock_timeout` (`HOST_LIMITS`) ends the wait of a host whose batch met the lock, which
then goes shard by shard and leaves the locked one alone for a while (`Blockades`); the gateway
refuses who would meet the lock (`Locked`), gives every request its patience and no more, and turns
new ones away at once for a host that is stalled; the host looks the ids of a repeated batch up
before it decides anything.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg import Connection
from psycopg.errors import UniqueViolation
from psycopg.rows import TupleRow
from uuid_utils.compat import uuid7

from actors.placement import shard_of
from tests.faults.beside import under_load
from tests.faults.client import Client
from tests.faults.invariants import CLEAN, everything
from tests.faults.journal import Window
from tests.faults.latencies import normal_again_s, turned_away, waited_s
from tests.faults.place import OWNERS, Place
from tests.faults.probes import probing, reading
from tests.faults.report import Finding, exactly
from tests.faults.samples import watched
from tests.faults.stage import Stage
from tests.faults.traffic import Traffic
from tests.faults.worlds import World
from tests.measured import Limit

CUSTOMERS, PER_S = 200, 100
CONNECTIONS = 2_000  # nobody waits for one behind those who wait for the lock
PATIENCE_S = 90.0  # where nobody can write for a minute
BEFORE_S = 2
AHEAD = 2  # appends until the shard comes to the position that is taken
TRIES = 100
ANSWERED_S, NORMAL_S = 5.0, 5.0  # Shopify gives up after five
OTHERS, BESIDE, BLOCKED = 0, 1, 2  # the other hosts' shoppers, those of other shards, the blocked
WRITE = "INSERT INTO commands (key, outcome) VALUES (%s, '')"
TAKE = """
    INSERT INTO events (shard, position, namespace_id, profile_id, version, topic, state, chain)
    SELECT shard, max(position) + %s, 0, %s, 1, 'nothing', '', '' FROM events
    WHERE shard = %s GROUP BY shard
"""
INDEXED = "LOCK TABLE events IN SHARE MODE"
Lock = Callable[[Connection[TupleRow], int], None]


def run(stage: Stage) -> list[Finding]:
    position = _held(stage, _take, "a position of one shard", meets=(BLOCKED, BESIDE))
    if stage.quick:
        return [position]
    return [
        position,
        _held(stage, _write, "a row nobody wants", meets=()),
        _held(
            stage, _index, "all of a table, as an index being made", meets=(BLOCKED, BESIDE, OTHERS)
        ),
    ]


def _write(connection: Connection[TupleRow], _shard: int) -> None:
    connection.execute(WRITE, (uuid7().bytes,))


def _take(connection: Connection[TupleRow], shard: int) -> None:
    """Again where the shard came there first."""
    for _ in range(TRIES):
        try:
            connection.execute(TAKE, (AHEAD, uuid7(), shard))
        except UniqueViolation:
            connection.rollback()
        else:
            return
    raise AssertionError(f"the shard was quicker {TRIES} times")


def _index(connection: Connection[TupleRow], _shard: int) -> None:
    connection.execute(INDEXED)


def _held(stage: Stage, lock: Lock, variant: str, meets: tuple[int, ...]) -> Finding:
    place, lasts_s = stage.place, stage.fewer(60, 5)
    world, _ = place.open_shop()
    traffic = Traffic(seed=62, world=world, customers=CUSTOMERS, hot=0.2)
    with stage.journal() as journal, watched(place) as memory:
        client = Client(place.url, journal, connections=CONNECTIONS, patience_s=PATIENCE_S)
        client.send(traffic.first_orders())
        shards = _shards(place, world, traffic)
        blocked = shards[traffic.hottest]
        journal.group({name: _group(shard, blocked, place) for name, shard in shards.items()})
        began = time.monotonic()
        with (
            probing(reading(world, traffic.profile_keys[1])) as read,
            under_load(client, traffic, PER_S),
        ):
            time.sleep(BEFORE_S)
            since = time.monotonic()
            with _transaction(place, lock, blocked):
                time.sleep(lasts_s)
            over = time.monotonic()
            time.sleep(stage.fewer(15, 1))
        place.until_whole()
        during = Window(since, over)
        spared = {OTHERS, BESIDE, BLOCKED} - {*meets}
        counts = {
            **everything(place, journal, world),
            "5xx but 503": journal.server_errors() - journal.statuses()["503"],
            "failed without meeting it": sum(
                journal.failures(Window(since, over, group)) for group in spared
            ),
            "processes grown too big": len(memory.too_big),
        }
    return Finding(
        fault="a foreign transaction is open",
        variant=f"on {variant}",
        done=f"for {lasts_s} s at {PER_S} requests/s, then rolled back",
        counts=counts,
        firm=(*CLEAN, *(exactly(name, 0) for name in NOTHING)),
        figures={
            "turned away": len(waited_s(journal, turned_away, during)),
            "slowest to be turned away s": max(waited_s(journal, turned_away, during), default=0.0),
            "served beside": 1 - journal.error_rate(Window(since, over, BESIDE)),
            "read": read.share(),
            "normal again s": normal_again_s(journal, Window(began, since), over),
        },
        timed=(
            Limit("slowest to be turned away s", at_most=ANSWERED_S),
            *(() if OTHERS in meets else (Limit("served beside", at_least=0.99),)),
            Limit("read", at_least=0.99),
            Limit("normal again s", at_most=NORMAL_S),
        ),
    )


NOTHING = ("unanswered", "5xx but 503", "failed without meeting it", "processes grown too big")


def _shards(place: Place, world: World, traffic: Traffic) -> dict[str, int]:
    key = place.keyring.namespace(world.namespace)
    digests = {key.digest("shopify_customer_id", one): one for one in traffic.profile_keys}
    with place.connected() as connection:
        rows = connection.execute(OWNERS, (world.namespace, list(digests)), binary=True)
        return {digests[digest]: shard_of(owner) for digest, owner in rows.fetchall()}


def _group(shard: int, blocked: int, place: Place) -> int:
    if shard == blocked:
        return BLOCKED
    return BESIDE if shard % place.settings.hosts == blocked % place.settings.hosts else OTHERS


@contextmanager
def _transaction(place: Place, lock: Lock, shard: int) -> Iterator[None]:
    with psycopg.connect(place.dsn) as connection:
        lock(connection, shard)
        yield
        connection.rollback()
