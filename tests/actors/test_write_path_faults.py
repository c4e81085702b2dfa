"""Whatever goes wrong on the way to the database and back, the same batch again is harmless."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import msgspec
import psycopg
import pytest

from actors.blockades import LEFT_ALONE
from actors.hosting import Hosting
from actors.placement import shard_of
from actors.shard import ShardWork
from actors.signals import Outcome, Routed
from aggregates.log import audit, snapshots
from aggregates.log.keys import read_keyring
from aggregates.log.postgres import PostgresLog
from aggregates.profile.profile import Profile
from config import failpoints
from config.failpoints import FailpointReached, parsed
from tests.actors.shopping import ADA, BOB, BOBS_MAIL, KEYRING, named, order, signal, to
from tests.given import NOON

WITHIN_S = 10.0
PLACES = ["log.before_commit", "log.after_commit", "host.before_adopt"]
DURABLE = PLACES[1:]
BEGINNING = ("identity.linked", "orders.placed")

Arm = Callable[[str], None]


@pytest.fixture
def arm(monkeypatch: pytest.MonkeyPatch) -> Arm:
    return lambda text: monkeypatch.setattr(failpoints, "faults", parsed(text))


@pytest.fixture
def log(database: str) -> Iterator[PostgresLog]:
    with closing(PostgresLog(database)) as log:
        yield log


@pytest.fixture
def host(log: PostgresLog) -> ShardWork:
    return ShardWork(log, KEYRING)


@pytest.fixture
def batch() -> list[Routed]:
    """Two new shoppers, one of whom is heard of twice."""
    return [
        to(ADA, signal(order("1")), fresh=True),
        to(BOB, signal(order("2"), by=BOBS_MAIL), fresh=True),
        to(ADA, signal(named("Ada"))),
    ]


@pytest.mark.parametrize("place", PLACES)
def test_a_batch_that_failed_is_applied_once_by_the_next_attempt(
    host: ShardWork, database: str, batch: list[Routed], arm: Arm, place: str
) -> None:
    arm(f"{place}=raise@1-2")
    for _ in range(2 if place == "log.before_commit" else 1):  # what is durable is answered
        with pytest.raises(FailpointReached):
            host.apply(batch, NOON)
    answered = host.apply(batch, NOON)
    assert [outcome.events for outcome in answered] == [BEGINNING, BEGINNING, ("contact.given",)]
    assert {outcome.duplicate for outcome in answered} == {place in DURABLE}
    _each_once(database, events=5, signals=3)


@pytest.mark.parametrize("place", PLACES)
def test_memory_is_right_after_a_failure(
    host: ShardWork, log: PostgresLog, batch: list[Routed], arm: Arm, place: str
) -> None:
    host.apply(batch, NOON)
    arm(f"{place}=raise@1")
    with pytest.raises(FailpointReached):
        host.apply([to(ADA, signal(named("Augusta")))], NOON)
    assert host.residents.get(ADA) is None
    (outcome,) = host.apply([to(ADA, signal(named("Ada Augusta")))], NOON)
    assert outcome.version == (5 if place in DURABLE else 4)
    assert _remembers(host) == _remembers(_fresh_host(log))


@pytest.mark.parametrize("place", PLACES)
def test_two_owners_with_the_same_batch_write_it_once(
    host: ShardWork, database: str, batch: list[Routed], arm: Arm, place: str
) -> None:
    arm(f"{place}=sleep:0.3@1")
    with closing(PostgresLog(database)) as other, ThreadPoolExecutor(1) as pool:
        slow = pool.submit(host.apply, batch, NOON)
        _until(lambda: repr(failpoints.faults[place].hits) == "count(2)")
        quick = ShardWork(other, KEYRING).apply(batch, NOON)
        first, second = slow.result(), quick
    assert [outcome.events for outcome in first] == [outcome.events for outcome in second]
    assert [outcome.position for outcome in first] == [outcome.position for outcome in second]
    _each_once(database, events=5, signals=3)


def test_an_owner_who_was_overtaken_before_it_remembered_reads_again(
    host: ShardWork, database: str, log: PostgresLog, batch: list[Routed], arm: Arm
) -> None:
    arm("host.before_adopt=sleep:0.3@1")
    with closing(PostgresLog(database)) as other, ThreadPoolExecutor(1) as pool:
        slow = pool.submit(host.apply, batch, NOON)
        _until(lambda: repr(failpoints.faults["host.before_adopt"].hits) == "count(2)")
        ShardWork(other, KEYRING).apply([to(ADA, signal(named("Augusta")))], NOON)
        slow.result()
    (outcome,) = host.apply([to(ADA, signal(named("Ada Augusta")))], NOON)
    assert outcome.version == 5
    _each_once(database, events=7, signals=5)
    assert _remembers(host) == _remembers(_fresh_host(log))


def test_an_answer_that_does_not_leave_the_host_is_given_again(
    database: str, tmp_path: Path, batch: list[Routed], arm: Arm
) -> None:
    key = tmp_path / "master.key"
    read_keyring(key, create=True)
    hosting = Hosting(database, str(key))
    arm("host.before_answer=raise@1")
    with pytest.raises(FailpointReached):
        hosting.apply(msgspec.msgpack.encode(batch))
    answers = hosting.apply(msgspec.msgpack.encode(batch))
    assert [o.duplicate for o in msgspec.msgpack.decode(answers, type=list[Outcome])] == [True] * 3
    _each_once(database, events=5, signals=3)
    hosting._work._log.close()


@pytest.mark.parametrize("place", ["snapshot.before_save", "snapshot.before_commit"])
def test_a_snapshot_that_fails_leaves_nothing_of_itself_and_harms_nobody(
    host: ShardWork, log: PostgresLog, arm: Arm, place: str
) -> None:
    host.apply([to(ADA, signal(order(str(n)))) for n in range(snapshots.EVERY)], NOON)
    arm(f"{place}=raise@1")
    with pytest.raises(FailpointReached):
        host.save_snapshots()
    assert log.streams([ADA])[ADA].snapshot is None
    (outcome,) = host.apply([to(ADA, signal(named("Ada")))], NOON)
    assert outcome.version == snapshots.EVERY + 2
    other = ShardWork(log, KEYRING)
    other.apply([to(ADA, signal(named("Augusta")))], NOON)
    assert other.save_snapshots() == 1  # a long tail makes it due again
    assert _remembers(other) == _remembers(_fresh_host(log))


def test_who_waits_for_a_foreign_lock_gives_up_soon_and_the_others_are_served(
    host: ShardWork, database: str
) -> None:
    host.apply([to(ADA, signal(named("Ada"))), to(BOB, signal(named("Bob"), by=BOBS_MAIL))], NOON)
    batch = [to(ADA, signal(named("Augusta"))), to(BOB, signal(named("Rob"), by=BOBS_MAIL))]
    with psycopg.connect(database) as foreign:
        foreign.execute(TAKE_NEXT, (shard_of(ADA),))
        hers, his = host.apply(batch, NOON)
        assert (hers.blocked, his.blocked, his.version) == (True, False, 3)
        foreign.rollback()
    again, repeated = host.apply(batch, NOON + LEFT_ALONE)
    assert (again.version, again.duplicate, repeated.duplicate) == (3, False, True)


def _remembers(host: ShardWork) -> tuple[Profile, int]:
    held = host.residents.get(ADA)
    assert held is not None
    return held.profile, held.version


def _fresh_host(log: PostgresLog) -> ShardWork:
    """One that has read Ada from the log."""
    host = ShardWork(log, KEYRING)
    host.apply([to(ADA, signal())], NOON)
    return host


def _each_once(database: str, events: int, signals: int) -> None:
    """So many events of so many signals, at versions and positions without hole or repeat."""
    with psycopg.connect(database) as connection:
        assert audit.verify(connection) == audit.Audit(checked=events)
        counted = connection.execute(
            "SELECT count(*), count(DISTINCT (profile_id, version)),"
            " (SELECT count(*) FROM commands),"
            " (SELECT bool_and(n = top) FROM (SELECT count(*) AS n, max(version) AS top"
            "  FROM events GROUP BY profile_id) AS streams) FROM events"
        ).fetchone()
    assert counted == (events, events, signals, True)


TAKE_NEXT = """
    INSERT INTO events (shard, position, namespace_id, profile_id, version, topic, state, chain)
    SELECT shard, max(position) + 1, 0, gen_random_uuid(), 1, 'nothing', '', '' FROM events
    WHERE shard = %s GROUP BY shard
"""


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)
