"""Visits one by one: each once, at the moment it was last heard of, with whoever it is of now."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from aggregates.profile.decisions.visits import RecordProductView, RecordVisit
from aggregates.profile.events import visits
from projections.runner import FEWEST, Runner
from projections.visits import VisitTimes
from tests.actors.shopping import ADA, BOB, EVE
from tests.given import NOON
from tests.projections.store import Store, catch_up, running

MERGE = UUID("0198c000-0000-7000-8000-0000000000f1")
AGAIN = UUID("0198c000-0000-7000-8000-0000000000f2")
LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def reader(store: Store) -> Iterator[Runner]:
    with running(store, VisitTimes()) as runner:
        yield runner


def came(store: Store, whom: UUID, visit: str, at: datetime = NOON) -> None:
    store.tell(whom, RecordVisit(visit_id=visit), at=at)


def held(store: Store) -> list[tuple[UUID, str, datetime]]:
    query = "SELECT profile_id, visit_id, at FROM rm_visits.visits ORDER BY 1, 2"
    return [(whose, visit, at) for whose, visit, at in store.rows(query)]


def test_a_visit_is_one_however_many_pages_it_has(store: Store, reader: Runner) -> None:
    came(store, ADA, "one")
    catch_up(reader)
    came(store, ADA, "one", LATER)
    store.tell(ADA, RecordProductView(product_id="mug"), at=LATER + timedelta(hours=1))
    catch_up(reader)
    assert held(store) == [(ADA, "one", LATER)]


def test_what_comes_late_does_not_move_it_back(store: Store, reader: Runner) -> None:
    for at in (LATER, NOON):
        came(store, ADA, "one", at)
        catch_up(reader)
    assert held(store) == [(ADA, "one", LATER)]


def test_a_visit_that_two_told_of_is_one_while_they_are_one(store: Store, reader: Runner) -> None:
    came(store, ADA, "one")
    came(store, BOB, "one", LATER)
    came(store, BOB, "two")
    catch_up(reader)
    apart = [(ADA, "one", NOON), (BOB, "one", LATER), (BOB, "two", NOON)]
    assert held(store) == sorted(apart)
    store.unite(ADA, BOB, MERGE)
    catch_up(reader)
    assert held(store) == [(ADA, "one", LATER), (ADA, "two", NOON)]
    store.part(ADA, MERGE)
    catch_up(reader)
    assert held(store) == sorted(apart)


def test_a_survivor_whose_news_are_read_later_has_the_visits_too(
    store: Store, reader: Runner
) -> None:
    for number in range(2 * FEWEST):  # the merge is on a later page of the survivor's shard
        came(store, ADA, f"a{number}")
    came(store, BOB, "b")
    store.unite(ADA, BOB, MERGE)
    catch_up(reader)
    assert [whose for whose, visit, _ in held(store) if visit == "b"] == [ADA]


def test_of_too_many_the_newest_are_kept(
    store: Store, reader: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits, "MAX_VISITS", 2)
    for number in range(4):
        came(store, ADA, str(number), NOON + timedelta(hours=number))
        catch_up(reader)
    assert [visit for _, visit, _ in held(store)] == ["2", "3"]


def test_of_who_is_erased_nothing_is_left(store: Store, reader: Runner) -> None:
    came(store, ADA, "one")
    came(store, BOB, "two")
    catch_up(reader)
    erased = f"UPDATE subject_keys SET wrapped = '' WHERE profile_id = '{ADA}'"  # noqa: S608 - ours
    store.execute(erased)
    store.execute("DELETE FROM rm_visits.tracking")
    with running(store, VisitTimes()) as anew:
        catch_up(anew)
    assert [whose for whose, *_ in held(store)] == [BOB]


@pytest.mark.parametrize("seed", range(3))
def test_bit_by_bit_or_at_once_it_is_the_same(store: Store, seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - it must be repeatable
    with running(store, VisitTimes()) as reader:
        for number in range(60):
            at = NOON + timedelta(minutes=dice.randint(0, 1000))
            came(store, dice.choice((ADA, BOB, EVE)), str(dice.randint(0, 9)), at)
            if number == 20:
                store.unite(ADA, BOB, MERGE)
            if number == 30:
                store.unite(EVE, ADA, AGAIN)
            if number == 40:
                store.part(EVE, AGAIN)
            if dice.random() < 0.3:
                catch_up(reader)
        catch_up(reader)
    before = held(store)
    store.execute("DROP SCHEMA rm_visits CASCADE")
    with running(store, VisitTimes()) as anew:
        catch_up(anew)
    assert held(store) == before
    assert {whose for whose, *_ in before} == {ADA, EVE}
