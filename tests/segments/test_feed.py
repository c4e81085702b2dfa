"""The feed tells who entered and who left: each once, in order, also when it is made anew."""

from uuid import UUID

import psycopg
import pytest

from tests.actors.shopping import ADA, BOB, EVE, order
from tests.projections.store import catch_up
from tests.segments.shop import BUYERS, LATELY, Shop

WRITE = """
    INSERT INTO segment_changes (segment_id, profile_id, entered, at, cause)
    VALUES (%s, %s, true, now(), 'rule')
"""


def told(shop: Shop) -> list[tuple[str, str, UUID]]:
    query = "SELECT change_id, kind, profile_id FROM rm_changes.changes ORDER BY seq"
    rows = shop.store.rows(query)
    return [(name, kind, whose) for name, kind, whose in rows if name.startswith("segment:")]


def test_each_change_is_told_once_in_order(shop: Shop) -> None:
    shop.has(LATELY, "bought at least 1 time in the last 2 days")
    shop.store.tell(ADA, order("1"))
    shop.settles()
    shop.passes(days=2)
    shop.settles()
    assert [row[1:] for row in told(shop)] == [("segment_entered", ADA), ("segment_left", ADA)]
    assert shop.clock.step() == 0


def test_many_changes_are_told_in_parts(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projections.segments.feed.AT_ONCE", 2)
    for number, whom in enumerate((ADA, BOB, EVE)):
        shop.store.tell(whom, order(str(number)))
    shop.has(BUYERS, "everybody")
    catch_up(shop.runner)
    assert [shop.clock.step() for _ in range(4)] == [1, 2, 1, 0]
    assert sorted(whose for *_, whose in told(shop)) == sorted((ADA, BOB, EVE))
    shop.settles()
    assert len(told(shop)) == 3


def test_what_is_committed_late_is_not_passed_over(shop: Shop) -> None:
    shop.has(BUYERS, "nobody")
    shop.settles()
    with psycopg.connect(shop.store.dsn) as slow, psycopg.connect(shop.store.dsn) as other:
        slow.execute(WRITE, (BUYERS, ADA))
        with other, other.transaction():
            other.execute(WRITE, (BUYERS, BOB))
        shop.settles()
        assert [whose for *_, whose in told(shop)] == [BOB]
        slow.commit()
    shop.settles()
    assert [whose for *_, whose in told(shop)] == [BOB, ADA]
    shop.settles()
    assert len(told(shop)) == 2


def test_a_feed_made_anew_tells_the_same_under_the_same_ids(shop: Shop) -> None:
    shop.has(LATELY, "bought at least 1 time in the last 2 days")
    shop.store.tell(ADA, order("1"))
    shop.settles()
    shop.passes(days=2)
    shop.settles()
    before = told(shop)
    shop.store.execute("DROP SCHEMA rm_changes CASCADE")
    shop.runner.begin_again()
    shop.settles()
    assert told(shop) == before
    assert len(before) == 2
