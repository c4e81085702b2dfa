"""Who was in a segment that is thrown away has left it, and whoever mirrors members is told so."""

from datetime import timedelta
from uuid import UUID

import pytest

from tests.actors.shopping import ADA, BOB, EVE, order
from tests.segments.shop import BUYERS, LATELY, Shop
from tests.segments.test_feed import told

ENTERED, LEFT = "segment_entered", "segment_left"
KEPT_UP = ("members", "due", "settled")


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projections.segments.ending.AT_ONCE", 2)


@pytest.fixture
def bought(shop: Shop) -> Shop:
    for number, whom in enumerate((ADA, BOB, EVE)):
        shop.store.tell(whom, order(str(number)))
    shop.has(BUYERS, "bought at least 1 time in the last 2 days")
    shop.has(LATELY, "everybody")
    shop.settles()
    return shop


def of(shop: Shop, segment: UUID) -> list[tuple[UUID, str, str]]:
    """What the feed tells of it, by its ids."""
    query = f"SELECT profile_id, kind, data ->> 'cause' FROM rm_changes.changes WHERE data ->> 'segment_id' = '{segment}' ORDER BY seq"  # noqa: S608, E501 - our own
    return [(whose, kind, cause) for whose, kind, cause in shop.store.rows(query)]


def left(shop: Shop) -> list[UUID]:
    found = [(whose, cause) for whose, kind, cause in of(shop, BUYERS) if kind == LEFT]
    assert all(cause == "segment_deleted" for _, cause in found)
    return [whose for whose, _ in found]


def test_everybody_is_told_to_have_left_page_after_page(bought: Shop) -> None:
    bought.ends(BUYERS)
    for gone in (2, 3):
        assert bought.clock.step()
        assert len(left(bought)) == gone, "of a page that is written it is told at once"
    bought.settles()
    assert sorted(left(bought)) == sorted((ADA, BOB, EVE))
    assert bought.clock.step() == 0


def test_nothing_is_kept_up_of_it_and_all_of_the_others(bought: Shop) -> None:
    bought.ends(BUYERS)
    bought.settles()
    for table in KEPT_UP:
        query = f"SELECT 1 FROM rm_segments.{table} WHERE segment_id = '{BUYERS}'"  # noqa: S608 - ours
        assert bought.store.rows(query) == []
    assert bought.members(LATELY) == {ADA, BOB, EVE}


def test_who_left_before_does_not_leave_again(bought: Shop) -> None:
    bought.passes(days=2)
    bought.settles()
    bought.ends(BUYERS)
    bought.settles()
    assert [cause for *_, cause in of(bought, BUYERS)] == ["rule"] * 3 + ["time"] * 3


def test_members_that_are_made_anew_meanwhile_leave_all_the_same_and_once(bought: Shop) -> None:
    bought.ends(BUYERS)
    assert bought.clock.step()
    bought.store.execute("DROP SCHEMA rm_segments CASCADE")
    bought.runner.begin_again()
    bought.settles()
    assert sorted(left(bought)) == sorted((ADA, BOB, EVE))
    assert bought.members(LATELY) == {ADA, BOB, EVE}


def test_what_a_page_could_not_commit_is_told_by_the_next(
    bought: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> int:
        raise RuntimeError("in the middle of a page")

    bought.ends(BUYERS)
    with monkeypatch.context() as now:
        now.setattr("projections.segments.clock.Clock._settled_anew", dies)
        with pytest.raises(RuntimeError):
            bought.clock.step()
    assert left(bought) == []
    bought.settles()
    assert sorted(left(bought)) == sorted((ADA, BOB, EVE))


def test_a_feed_that_is_made_anew_tells_of_segments_that_are_gone(bought: Shop) -> None:
    bought.ends(BUYERS)
    bought.settles()
    before = told(bought)
    bought.store.execute("DROP SCHEMA rm_changes CASCADE")
    bought.runner.begin_again()
    bought.settles()
    assert sorted(told(bought)) == sorted(before)
    assert len(of(bought, BUYERS)) == 6


def test_one_that_nobody_ever_looked_at_ends_in_silence(shop: Shop) -> None:
    shop.store.tell(ADA, order("1"))
    shop.has(BUYERS, "everybody")
    shop.ends(BUYERS)
    shop.settles()
    assert of(shop, BUYERS) == []


def test_news_of_members_who_are_leaving_change_nothing(bought: Shop) -> None:
    bought.ends(BUYERS)
    assert bought.clock.step()
    for whom in (ADA, BOB, EVE):
        bought.store.tell(whom, order(f"later-{whom.hex[-4:]}"))
    bought.time[0] += timedelta(days=5)
    bought.settles()
    assert sorted(left(bought)) == sorted((ADA, BOB, EVE))
    assert [kind for _, kind, _ in of(bought, BUYERS)] == [ENTERED] * 3 + [LEFT] * 3
