"""Somebody holds a lock in the database: who does not meet it is served all the same."""

from datetime import timedelta

import pytest

from actors import blockades
from actors.placement import shard_of
from actors.shard import MOST_BLOCKED
from aggregates.log.memory import MemoryLog, MemoryTables
from aggregates.log.port import LogBlocked, Unit
from tests.actors.callers import minting
from tests.actors.shopping import ADA, BOB, BOBS_MAIL, Host, known, order, signal, to


class LockedLog(MemoryLog):
    """Nothing is written to the shards that are `locked`."""

    def __init__(self, tables: MemoryTables) -> None:
        super().__init__(tables)
        self.locked: set[int] = set()
        self.met = 0

    def append(self, unit: Unit) -> None:
        if any(placed.position.shard in self.locked for placed in unit.events):
            self.met += 1
            raise LogBlocked("LockNotAvailable")
        super().append(unit)


@pytest.fixture
def log() -> LockedLog:
    return LockedLog(MemoryTables())


@pytest.fixture
def host(log: LockedLog) -> Host:
    return Host(log.tables, log)


def test_a_locked_shard_does_not_hold_up_the_others(host: Host, log: LockedLog) -> None:
    assert shard_of(ADA) != shard_of(BOB)
    log.locked = {shard_of(ADA)}
    hers, his = host.apply(to(ADA, signal(order("1"))), to(BOB, signal(order("2"), by=BOBS_MAIL)))
    assert (hers.blocked, his.blocked) == (True, False)
    assert host.topics(BOB) == ["identity.linked", "orders.placed"]
    assert host.topics(ADA) == []


def test_nobody_waits_again_for_what_was_just_found_locked(host: Host, log: LockedLog) -> None:
    log.locked = {shard_of(ADA)}
    host.apply(to(ADA, signal(order("1"))))
    met = log.met
    (again,) = host.apply(to(ADA, signal(order("1"))))
    assert (again.blocked, log.met) == (True, met)


@pytest.mark.parametrize("hours", [0, -1])
def test_after_a_while_it_is_tried_by_itself(host: Host, log: LockedLog, hours: int) -> None:
    """Also where the clock was set back meanwhile."""
    log.locked = {shard_of(ADA)}
    host.apply(to(ADA, signal(order("1"))))
    log.locked = set()
    host.now += blockades.LEFT_ALONE + timedelta(hours=hours)
    hers, his = host.apply(to(ADA, signal(order("1"))), to(BOB, signal(order("2"), by=BOBS_MAIL)))
    assert (hers.refused, hers.blocked, his.blocked) == (None, False, False)


def test_what_was_blocked_is_taken_once_when_it_comes_again(host: Host, log: LockedLog) -> None:
    hers = to(ADA, signal(order("1")))
    log.locked = {shard_of(ADA)}
    host.apply(hers)
    log.locked = set()
    host.now += blockades.LEFT_ALONE
    first, second = [host.apply(hers)[0] for _ in range(2)]
    assert (first.duplicate, second.duplicate) == (False, True)
    assert host.topics(ADA) == ["identity.linked", "orders.placed"]


def test_where_everything_is_locked_it_is_not_tried_one_by_one(host: Host, log: LockedLog) -> None:
    mint = minting()
    shoppers = [mint() for _ in range(20)]
    log.locked = {shard_of(shopper) for shopper in shoppers}
    batch = [
        to(one, signal(order(str(n)), by=known(cookie=f"k{n}"))) for n, one in enumerate(shoppers)
    ]
    with pytest.raises(LogBlocked):
        host.apply(*batch)
    assert log.met == 1 + MOST_BLOCKED + 1
