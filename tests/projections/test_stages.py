"""The stage of every customer is in a table, and the clock finds whose stage ends by an index."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from aggregates.profile.decisions.lifecycle import RecordStage
from aggregates.profile.decisions.orders import RecordOrder
from aggregates.profile.money import Price
from aggregates.shop.lifecycle_rules import LifecycleRules
from api.lifecycle.clock import DUE
from projections.runner import Runner
from projections.stages import Stages
from tests.actors.shopping import ADA, BOB, order
from tests.given import NOON
from tests.projections.store import Store, catch_up, running

MERGE = UUID("0198c000-0000-7000-8000-0000000000f1")
ROWS = "SELECT profile_id, stage, since, recorded_stage, due_at FROM {}.stages ORDER BY profile_id"
DAY = timedelta(days=1)


class Calendar:
    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def reader(store: Store, calendar: Calendar) -> Iterator[Runner]:
    with running(store, Stages(now=calendar.now)) as runner:
        yield runner


def rows(store: Store, schema: str = "rm_stages") -> list[tuple[object, ...]]:
    return store.rows(ROWS.format(schema))


def look(store: Store, whom: UUID, at: datetime) -> tuple[str, ...]:
    return store.tell(whom, RecordStage(at)).events


def placed(number: str, at: datetime) -> RecordOrder:
    return RecordOrder(order_id=number, placed_at=at, total=Price("1.00", "EUR"))


def test_a_change_that_was_not_recorded_yet_is_due_at_once(store: Store, reader: Runner) -> None:
    store.tell(ADA, order("1"))
    catch_up(reader)
    assert rows(store) == [(ADA, "converted", NOON, "new", NOON)]


def test_what_was_recorded_is_due_when_it_ends(store: Store, reader: Runner) -> None:
    store.tell(ADA, order("1"))
    assert look(store, ADA, NOON) == ("lifecycle.stage_changed",)
    catch_up(reader)
    assert rows(store) == [(ADA, "converted", NOON, "converted", NOON + 30 * DAY)]


def test_who_is_gone_is_never_due(store: Store, reader: Runner, calendar: Calendar) -> None:
    store.tell(ADA, order("1"))
    calendar.at = NOON + 100 * DAY
    look(store, ADA, calendar.at)
    catch_up(reader)
    assert rows(store) == [(ADA, "churned", NOON + 90 * DAY, "churned", None)]


def test_absorbing_twice_and_rebuilding_leave_the_same_rows(
    store: Store, reader: Runner, calendar: Calendar
) -> None:
    store.tell(ADA, order("1"))
    catch_up(reader)
    look(store, ADA, NOON)
    store.tell(ADA, placed("2", NOON + DAY))
    store.tell(BOB, order("3"))
    catch_up(reader)
    once = rows(store)
    with psycopg.connect(store.dsn) as connection:
        connection.execute("DELETE FROM rm_stages.tracking")
    with running(store, Stages(now=calendar.now)) as again:
        assert catch_up(again) > 0
    assert rows(store) == once
    with running(store, Stages(now=calendar.now, name="newer")) as anew:
        catch_up(anew)
    assert rows(store, "rm_newer") == once


def test_the_part_of_another_has_no_row_until_they_are_parted(store: Store, reader: Runner) -> None:
    store.tell(ADA, order("1"))
    store.tell(BOB, placed("2", NOON - DAY))
    catch_up(reader)
    apart = rows(store)
    store.unite(ADA, BOB, MERGE)
    catch_up(reader)
    assert rows(store) == [(ADA, "loyal", NOON, "new", NOON)]
    store.part(ADA, MERGE)
    catch_up(reader)
    assert rows(store) == apart


def test_what_was_recorded_of_both_is_recorded_anew_of_each(store: Store, reader: Runner) -> None:
    store.tell(ADA, order("1"))
    store.tell(BOB, placed("2", NOON - DAY))
    store.unite(ADA, BOB, MERGE)
    assert look(store, ADA, NOON) == ("lifecycle.stage_changed",)
    store.part(ADA, MERGE)
    catch_up(reader)
    (adas, bobs) = rows(store)
    assert (adas[1], adas[3], bobs[1], bobs[3]) == ("converted", "loyal", "converted", "new")
    assert look(store, ADA, NOON) == look(store, BOB, NOON) == ("lifecycle.stage_changed",)
    assert look(store, ADA, NOON) == look(store, BOB, NOON) == ()


def test_each_shop_has_its_own_windows(store: Store, calendar: Calendar) -> None:
    calendar.at = NOON + 8 * DAY
    store.tell(ADA, order("1"))
    with running(store, Stages(lambda _: LifecycleRules(7, 14), calendar.now)) as strict:
        catch_up(strict)
    ((_, stage, since, *_),) = rows(store)
    assert (stage, since) == ("at_risk", NOON + 7 * DAY)


def test_whoever_is_quiet_costs_nothing(store: Store, reader: Runner) -> None:
    """Of 100,000 of whom two are due, the clock reads two by the index."""
    catch_up(reader)
    with psycopg.connect(store.dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO rm_stages.stages (profile_id, namespace_id, version, stage, active_stage,"
            " recorded_stage, due_at) SELECT gen_random_uuid(), 1, 1, 'new', 'new', 'new',"
            " %s::timestamptz + make_interval(secs => n) FROM generate_series(-1, 99_998) n",
            (NOON,),
        )
        connection.execute("ANALYZE rm_stages.stages")
        explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {DUE}"
        ((plan,),) = connection.execute(explain.encode(), {"now": NOON, "most": 500}).fetchall()
    scan = plan[0]["Plan"]["Plans"][0]
    assert (scan["Node Type"], scan["Index Name"]) == ("Index Scan", "stages_due")
    assert scan["Actual Rows"] == 2
