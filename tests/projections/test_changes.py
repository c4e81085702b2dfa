"""What others react to is told once each, in one order, without anything personal."""

import threading
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest

from aggregates.profile.decisions.lifecycle import RecordStage
from aggregates.profile.decisions.lineage import OpenCandidate
from projections.changes import TURN, ChangeFeed
from projections.runner import Runner
from tests.actors.shopping import ADA, BOB, EVE, order
from tests.given import NOON
from tests.projections.store import Store, catch_up, running

MERGE = UUID("0198c000-0000-7000-8000-0000000000f1")
CANDIDATE = UUID("0198c000-0000-7000-8000-0000000000f2")
ROWS = "SELECT change_id, kind, profile_id, data FROM {}.changes ORDER BY seq"


@pytest.fixture
def reader(store: Store) -> Iterator[Runner]:
    with running(store, ChangeFeed()) as runner:
        yield runner


def told(store: Store, schema: str = "rm_changes") -> list[tuple[object, ...]]:
    return store.rows(ROWS.format(schema))


def a_life(store: Store) -> None:
    """Ada orders and is noticed, becomes one with Bob, and two again."""
    store.tell(ADA, order("1"))
    store.tell(ADA, RecordStage(NOON))
    store.tell(BOB, order("2"))
    store.unite(ADA, BOB, MERGE)
    store.part(ADA, MERGE)
    store.ask(EVE, OpenCandidate(CANDIDATE, EVE, ADA, 0.5, "alike", ("name_equal",)))


def test_changes_are_told_in_order_with_what_others_need(store: Store, reader: Runner) -> None:
    store.tell(EVE, order("3"))
    a_life(store)
    catch_up(reader)
    changes = told(store)
    assert [(kind, whose) for _, kind, whose, _ in changes] == [
        ("stage_changed", ADA),
        ("merged", ADA),
        ("unmerged", ADA),
        ("candidate_opened", EVE),
    ]
    stage, merged, unmerged, candidate = (data for *_, data in changes)
    assert stage == {"from": "new", "to": "converted", "since": "2026-11-21T12:00:00Z"}
    assert merged == {
        "merge_id": str(MERGE),
        "absorbed": str(BOB),
        "subjects": [str(BOB)],
        "rule": "by_hand",
    }
    assert unmerged == {"merge_id": str(MERGE), "released": str(BOB), "subjects": [str(BOB)]}
    assert candidate == {
        "candidate_id": str(CANDIDATE),
        "other": str(ADA),
        "score": 0.5,
        "rule": "alike",
    }


def test_a_change_is_named_by_the_place_of_its_event(store: Store, reader: Runner) -> None:
    a_life_of_one = store.tell(ADA, order("1")), store.tell(ADA, RecordStage(NOON))
    catch_up(reader)
    ((change_id, *_),) = told(store)
    assert change_id == a_life_of_one[1].position


def test_absorbing_twice_and_rebuilding_tell_the_same(store: Store, reader: Runner) -> None:
    store.tell(EVE, order("3"))
    a_life(store)
    catch_up(reader)
    once = told(store)
    with psycopg.connect(store.dsn) as connection:
        connection.execute("DELETE FROM rm_changes.tracking")
    with running(store, ChangeFeed()) as again:
        assert catch_up(again) > 0
    assert told(store) == once
    with running(store, ChangeFeed("newer")) as anew:
        catch_up(anew)
    assert told(store, "rm_newer") == once
    lives = "SELECT a.id = b.id FROM rm_changes.life a, rm_newer.life b"
    assert store.rows(lives) == [(False,)]


def test_what_nobody_reacts_to_is_not_told(store: Store, reader: Runner) -> None:
    store.tell(ADA, order("1"))
    catch_up(reader)
    assert told(store) == []


def test_no_number_is_given_while_another_worker_has_not_committed_its_own(store: Store) -> None:
    """Else a reader could pass over the smaller number that is committed last."""
    store.tell(ADA, order("1"))
    store.tell(ADA, RecordStage(NOON))
    with running(store, ChangeFeed()) as runner, psycopg.connect(store.dsn) as other:
        runner.step()  # opens, and reads what there is
        store.tell(BOB, order("2"))
        store.tell(BOB, RecordStage(NOON))
        other.execute("SELECT pg_advisory_xact_lock(%s)", (TURN,))
        counting = threading.Thread(target=catch_up, args=(runner,))
        counting.start()
        _until_somebody_waits(store)
        other.execute(
            "INSERT INTO rm_changes.changes (namespace_id, change_id, kind, profile_id,"
            " occurred_at, recorded_at, data) VALUES (1, '0:0', 'merged', %s, now(), now(), '{}')",
            (EVE,),
        )
        other.commit()
        counting.join(30)
    assert [whose for _, _, whose, _ in told(store)] == [ADA, EVE, BOB]


def _until_somebody_waits(store: Store) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    while store.rows(waiting) == [(0,)]:
        pass
