"""What a host keeps in memory, and what it keeps in the log to read profiles quickly."""

from collections.abc import Sequence
from uuid import UUID

import pytest

from actors.signals import Outcome
from aggregates.log import snapshots
from aggregates.log.port import Snapshot
from aggregates.log.residents import EMPTY_BYTES, Residents
from tests.actors.shopping import (
    ADA,
    BOB,
    BOBS_MAIL,
    EVE,
    Host,
    known,
    named,
    order,
    signal,
    to,
)

# --- residents ---


def test_the_least_recently_used_residents_leave_first() -> None:
    host = Host(residents=Residents(max_count=2))
    for profile, mail in ((ADA, "ada"), (BOB, "bob")):
        host.tell(profile, order(mail), by=known(email=f"{mail}@example.com"))
    host.tell(ADA, named("Ada"))
    host.tell(EVE, order("eve"), by=known(email="eve@example.com"))
    assert [host.remembers(profile) is not None for profile in (ADA, BOB, EVE)] == [
        True,
        False,
        True,
    ]


def test_residents_leave_when_together_they_are_too_large() -> None:
    host = Host(residents=Residents(max_bytes=3 * EMPTY_BYTES))
    for number in range(10):
        host.tell(UUID(int=number), order(str(number)), by=known(email=f"{number}@example.com"))
    assert 1 <= len(host.work.residents) <= 2
    assert EMPTY_BYTES < host.work.residents.bytes <= 3 * EMPTY_BYTES


def test_a_resident_too_large_to_keep_is_read_each_time() -> None:
    host = Host(residents=Residents(max_bytes=EMPTY_BYTES))
    versions = [host.tell(ADA, order(str(number))).version for number in range(3)]
    assert versions == [2, 3, 4]
    assert host.work.residents.bytes == len(host.work.residents) == 0


@pytest.mark.parametrize("max_count", [0, 1, 2])
def test_a_batch_may_be_larger_than_what_is_kept(max_count: int) -> None:
    host = Host(residents=Residents(max_count=max_count))
    shoppers = [(UUID(int=n), known(email=f"{n}@example.com")) for n in range(5)]
    for number in range(2):
        batch = [to(who, signal(order(f"{who}-{number}"), by=mail)) for who, mail in shoppers * 2]
        assert all(outcome.refused is None for outcome in host.apply(*batch))
    assert [len(host.topics(who)) for who, _ in shoppers] == [3] * 5
    assert len(host.work.residents) == max_count


def test_sizes_are_counted_once(host: Host) -> None:
    for number in range(5):
        host.tell(ADA, order(str(number)))
    host.tell(BOB, order("b"), by=BOBS_MAIL)
    state = sum(len(placed.stored.state) for placed in host.tables.events.values())
    assert host.work.residents.bytes == 2 * EMPTY_BYTES + state
    host.work.residents.drop([ADA, BOB, EVE])
    assert host.work.residents.bytes == 0


# --- snapshots ---


def test_a_snapshot_is_due_after_every_hundred_events(host: Host) -> None:
    taken = []
    for number in range(2 * snapshots.EVERY):  # the first signal has two events
        host.tell(ADA, order(str(number)))
        taken.append(host.work.save_snapshots())
    assert [n + 2 for n, due in enumerate(taken) if due] == [100, 200]
    assert host.tables.snapshots[ADA].version == 200


def test_a_batch_that_jumps_over_the_hundred_makes_it_due(host: Host) -> None:
    _fill(host, snapshots.EVERY + 20)
    assert host.work.save_snapshots() == 1
    assert host.work.save_snapshots() == 0
    assert host.tables.snapshots[ADA].version == snapshots.EVERY + 20


def test_a_snapshot_and_what_came_since_equal_the_whole(host: Host) -> None:
    _fill(host, snapshots.EVERY)
    host.work.save_snapshots()
    _fill(host, 7)
    other = Host(host.tables)
    other.tell(ADA)
    assert other.remembers(ADA) == host.folded(ADA)


def test_an_unreadable_snapshot_is_read_around(host: Host) -> None:
    _fill(host, 7)
    host.tables.snapshots[ADA] = Snapshot(ADA, 5, snapshots.SCHEMA, b"no ciphertext at all")
    other = Host(host.tables)
    assert other.tell(ADA, named("Ada")).version == 8
    assert other.remembers(ADA) == host.folded(ADA)


def test_a_long_tail_makes_a_snapshot_due(host: Host) -> None:
    _fill(host, snapshots.EVERY + 1)
    other = Host(host.tables)
    other.tell(ADA)
    assert other.work.save_snapshots() == 1


def test_an_erased_shoppers_snapshot_is_not_needed(host: Host) -> None:
    _fill(host, snapshots.EVERY)
    host.work.save_snapshots()
    host.tables.keys[ADA] = (1, b"")
    assert Host(host.tables).tell(ADA, named("Ada")).refused == "erased"


def test_snapshots_hold_nothing_in_clear(host: Host) -> None:
    host.tell(ADA, named("canary"))
    _fill(host, snapshots.EVERY)
    host.work.save_snapshots()
    assert b"canary" not in host.tables.snapshots[ADA].state


def _fill(host: Host, events: int) -> Sequence[Outcome]:
    """That many events of Ada's in one batch."""
    held = host.tables.events
    start = len(held)
    batch = [to(ADA, signal(order(f"{start}-{n}"))) for n in range(events - (start == 0))]
    return host.apply(*batch)
