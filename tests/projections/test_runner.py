"""Read models follow the log: from where they stopped, once, and past what they cannot read."""

from uuid import UUID

import psycopg
import pytest

from aggregates.log.port import SHARDS
from aggregates.log.tracking import Overtaken
from tests.actors.shopping import ADA, BOB, EVE, order
from tests.projections.store import Seen, Store, catch_up, running

MERGE = UUID("0198c000-0000-7000-8000-0000000000f1")
ROWS = "SELECT profile_id, orders FROM rm_seen.seen ORDER BY profile_id"


def test_what_happened_before_and_after_it_began_is_in_the_table(store: Store) -> None:
    store.tell(ADA, order("1"))
    with running(store, Seen()) as runner:
        catch_up(runner)
        store.tell(ADA, order("2"))
        store.tell(BOB, order("3"))
        catch_up(runner)
    assert store.rows(ROWS) == [(ADA, 2), (BOB, 1)]


def test_another_one_goes_on_where_the_first_stopped(store: Store) -> None:
    store.tell(ADA, order("1"))
    with running(store, Seen()) as first:
        assert catch_up(first) > 0
    store.tell(ADA, order("2"))
    with running(store, Seen()) as second:
        catch_up(second)
        assert catch_up(second) == 0
    assert store.rows(ROWS) == [(ADA, 2)]


def test_a_profile_that_is_not_in_memory_is_read_from_the_log(store: Store) -> None:
    for number in range(3):
        store.tell(ADA, order(str(number)))
    with running(store, Seen()) as first:
        catch_up(first)
    store.tell(ADA, order("later"))
    with running(store, Seen()) as second:
        assert catch_up(second) == 1
    assert store.rows(ROWS) == [(ADA, 4)]


def test_a_new_read_model_catches_up_with_the_others(store: Store) -> None:
    store.tell(ADA, order("1"))
    with running(store, Seen()) as runner:
        catch_up(runner)
    with running(store, Seen(), Seen("newer")) as both:
        catch_up(both)
    assert store.rows("SELECT * FROM rm_newer.seen") == store.rows("SELECT * FROM rm_seen.seen")


def test_two_readers_of_the_same_shards_do_not_both_advance(store: Store) -> None:
    with running(store, Seen()) as one, running(store, Seen()) as other:
        one.step()
        other.step()
        store.tell(ADA, order("1"))
        one.step()
        with pytest.raises(Overtaken):
            other.step()
    assert store.rows(ROWS) == [(ADA, 1)]


def test_each_worker_has_its_own_shards(store: Store) -> None:
    people = [UUID(int=n) for n in range(1, 40)]
    for one in people:
        store.tell(one, order(f"of {one}"))
    even, odd = (store.runner(Seen(), shards=range(n, SHARDS, 2)) for n in (0, 1))
    counts = [catch_up(even), catch_up(odd)]
    even.close()
    odd.close()
    assert all(counts)
    assert [profile for profile, _ in store.rows(ROWS)] == people


def test_who_cannot_be_dealt_with_is_parked_and_the_others_go_on(store: Store) -> None:
    store.tell(ADA, order("1"))
    store.tell(BOB, order("2"))
    with running(store, Seen(poison=frozenset({ADA}))) as runner:
        catch_up(runner)
    assert store.rows(ROWS) == [(BOB, 1)]
    assert store.rows("SELECT profile_id, reason FROM rm_seen.parked") == [(ADA, "ValueError")]


def test_who_was_parked_is_dealt_with_when_more_is_told(store: Store) -> None:
    store.tell(ADA, order("1"))
    with running(store, Seen(poison=frozenset({ADA}))) as runner:
        catch_up(runner)
    store.tell(ADA, order("2"))
    with running(store, Seen()) as mended:
        catch_up(mended)
    assert store.rows(ROWS) == [(ADA, 2)]
    assert store.rows("SELECT * FROM rm_seen.parked") == []


def test_whose_events_cannot_be_read_is_parked(store: Store) -> None:
    store.tell(ADA, order("1"))
    store.tell(BOB, order("2"))
    with psycopg.connect(store.dsn) as connection:
        connection.execute(
            "UPDATE events SET topic = 'orders.unheard_of' WHERE profile_id = %s", (ADA,)
        )
    with running(store, Seen()) as runner:
        catch_up(runner)
    assert store.rows(ROWS) == [(BOB, 1)]
    assert store.rows("SELECT profile_id FROM rm_seen.parked") == [(ADA,)]


def test_whose_key_cannot_be_opened_is_parked(store: Store) -> None:
    store.tell(ADA, order("1"))
    store.tell(BOB, order("2"))
    with psycopg.connect(store.dsn) as connection:
        connection.execute(
            "UPDATE subject_keys SET wrapped = %s WHERE profile_id = %s", (bytes(60), ADA)
        )
    with running(store, Seen()) as runner:
        catch_up(runner)
    assert store.rows(ROWS) == [(BOB, 1)]
    assert store.rows("SELECT profile_id FROM rm_seen.parked") == [(ADA,)]


def test_a_merge_and_its_reversal_are_followed_on_both_sides(store: Store) -> None:
    store.tell(ADA, order("1"))
    store.tell(BOB, order("2"))
    store.tell(EVE, order("3"))
    with running(store, Seen()) as runner:
        catch_up(runner)
        store.unite(ADA, BOB, MERGE)
        catch_up(runner)
        assert (ADA, 2) in store.rows(ROWS)
        store.part(ADA, MERGE)
        catch_up(runner)
    assert store.rows(ROWS) == [(ADA, 1), (BOB, 1), (EVE, 1)]
