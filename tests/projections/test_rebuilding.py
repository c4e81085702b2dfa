"""Tables made anew take the place of the old ones, and whoever kept those goes on with them."""

import pytest

from projections.rebuilding import rebuild
from projections.runner import Renewed
from tests.actors.shopping import ADA, BOB, EVE, KEYRING, order
from tests.projections.store import Seen, Store, catch_up, running

ROWS = "SELECT * FROM rm_seen.seen ORDER BY profile_id"


def test_made_anew_the_tables_are_equal(store: Store) -> None:
    for whom in (ADA, BOB, ADA):
        store.tell(whom, order(f"of {whom}"))
    with running(store, Seen()) as runner:
        catch_up(runner)
    before = store.rows(ROWS)
    store.execute("UPDATE rm_seen.seen SET orders = 77")
    shown: list[tuple[int, int]] = []
    events = rebuild(store.dsn, KEYRING, Seen(), lambda *told: shown.append(told))
    assert store.rows(ROWS) == before
    assert shown[-1] == (events, events)


def test_there_need_not_have_been_any_before(store: Store) -> None:
    store.tell(ADA, order("1"))
    rebuild(store.dsn, KEYRING, Seen())
    assert len(store.rows(ROWS)) == 1


def test_who_kept_the_old_ones_up_goes_on_with_the_new(store: Store) -> None:
    store.tell(ADA, order("1"))
    with running(store, Seen()) as keeper:
        catch_up(keeper)
        rebuild(store.dsn, KEYRING, Seen())
        store.tell(EVE, order("2"))
        with pytest.raises(Renewed):
            keeper.step()
        keeper.begin_again()
        catch_up(keeper)
    assert [orders for *_, orders in store.rows(ROWS)] == [1, 1]


def test_who_was_parked_is_dealt_with_by_the_mended_code(store: Store) -> None:
    store.tell(ADA, order("1"))
    with running(store, Seen(poison=frozenset({ADA}))) as runner:
        catch_up(runner)
    rebuild(store.dsn, KEYRING, Seen())
    assert len(store.rows(ROWS)) == 1
    assert store.rows("SELECT * FROM rm_seen.parked") == []


def test_what_was_broken_off_begins_anew(store: Store) -> None:
    store.tell(ADA, order("1"))
    store.execute("CREATE SCHEMA rm_seen_next; CREATE TABLE rm_seen_next.seen (what integer)")
    rebuild(store.dsn, KEYRING, Seen())
    assert len(store.rows(ROWS)) == 1
