"""Segments keep themselves: by what customers do, by the time that passes, by rules that change."""

import threading
import time
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest

from actors.placement import shard_of
from aggregates.log.port import SHARDS
from aggregates.profile.decisions.consent import GrantConsent
from aggregates.profile.decisions.message_commands import RecordMessageSent
from aggregates.profile.decisions.orders import RecordOrder
from aggregates.profile.decisions.visits import RecordVisit
from aggregates.profile.money import Price
from aggregates.shop.settings import Change
from config.connections import HOST_LIMITS
from projections.segments.clock import LIMITS, Clock
from tests.actors.shopping import ADA, BOB, EVE, order
from tests.given import NOON
from tests.projections.store import catch_up
from tests.projections.test_windows import told
from tests.segments.shop import BUYERS, LATELY, Shop, kept

MADE_ANEW = {
    "customers": ("customers",), "purchases": ("orders", "lines"), "visits": ("visits",),
    "segments": ("members", "due", "settled"),
}  # fmt: skip
MERGE = UUID("0198c000-0000-7000-8000-0000000000f1")


def test_who_meets_the_rule_is_in_and_it_is_told_by_what(shop: Shop) -> None:
    shop.has(BUYERS, "bought at least 1 time")
    shop.settles()
    told = shop.store.tell(ADA, order("1"))
    shop.settles()
    assert shop.members(BUYERS) == {ADA}
    ((profile, stream, version, since),) = shop.store.rows(
        "SELECT profile_id, stream, version, since FROM rm_segments.members"
    )
    assert (profile, stream, version, since) == (ADA, ADA, told.version, NOON)
    assert shop.changes() == [(ADA, True, "event")]


def test_a_window_that_closes_is_noticed_without_any_news(shop: Shop) -> None:
    shop.store.tell(ADA, order("1"))
    shop.has(LATELY, "bought at least 1 time in the last 2 days")
    shop.settles()
    shop.passes(days=1, hours=23, minutes=59)
    assert shop.members(LATELY) == {ADA}
    shop.passes(minutes=1)
    assert shop.members(LATELY) == set()
    assert shop.changes() == [(ADA, True, "rule"), (ADA, False, "time")]
    assert shop.store.rows("SELECT * FROM rm_segments.due") == []


def test_visits_of_the_last_days_are_counted_until_they_are_over(shop: Shop) -> None:
    shop.has(LATELY, "visits at least 2 in the last 3 days")
    shop.settles()
    for number in range(2):
        visit = RecordVisit(visit_id=str(number))
        shop.store.tell(ADA, visit, at=NOON - timedelta(days=number))
    shop.settles()
    assert shop.members(LATELY) == {ADA}
    shop.passes(days=1, hours=23)
    assert shop.members(LATELY) == {ADA}
    shop.store.tell(ADA, RecordVisit(visit_id="1"), at=NOON + timedelta(days=1))  # it goes on
    shop.settles()
    shop.passes(hours=1)
    assert shop.members(LATELY) == {ADA}
    shop.passes(days=1)
    assert shop.members(LATELY) == set()
    assert [(entered, cause) for _, entered, cause in shop.changes()] == [
        (True, "event"),
        (False, "time"),
    ]


def test_visits_of_two_who_are_one_are_counted_together(shop: Shop) -> None:
    shop.has(LATELY, "visits exactly 2 in the last 3 days")
    for whom, visits in ((ADA, ("a", "both")), (BOB, ("both",))):
        for visit in visits:
            shop.store.tell(whom, RecordVisit(visit_id=visit))
    shop.settles()
    assert shop.members(LATELY) == {ADA}
    shop.store.unite(BOB, ADA, MERGE)
    shop.settles()
    assert shop.members(LATELY) == {BOB}
    shop.store.part(BOB, MERGE)
    shop.settles()
    assert shop.members(LATELY) == {ADA}


def test_time_alone_can_also_let_somebody_in(shop: Shop) -> None:
    shop.store.tell(ADA, order("1"))
    shop.has(LATELY, "stage is churned")
    shop.settles()
    shop.passes(days=60)
    assert shop.members(LATELY) == set()
    shop.passes(days=30)
    assert shop.members(LATELY) == {ADA}


@pytest.mark.parametrize("decides", ['tagged "vip" and', "visits under 9 or"])
def test_whom_time_cannot_move_is_never_looked_at_again(shop: Shop, decides: str) -> None:
    shop.store.tell(ADA, order("1"))
    shop.has(LATELY, f"{decides} bought at least 1 time in the last 2 days")
    shop.settles()
    assert shop.store.rows("SELECT * FROM rm_segments.due") == []
    shop.store.tell(BOB, order("2"))  # an event finds the same as a look at everybody
    shop.settles()
    assert shop.store.rows("SELECT * FROM rm_segments.due") == []


def test_of_all_that_must_turn_the_last_is_waited_for(shop: Shop) -> None:
    shop.store.tell(ADA, order("1"))
    shop.has(LATELY, "last order more than 2 days ago and last activity more than 5 days ago")
    shop.settles()
    assert shop.store.rows("SELECT due_at FROM rm_segments.due") == [(NOON + timedelta(days=5),)]
    shop.passes(days=4, hours=23)
    assert shop.members(LATELY) == set()
    shop.passes(hours=1)
    assert shop.members(LATELY) == {ADA}


def test_an_average_is_compared_as_it_is_shown(shop: Shop) -> None:
    for number, total in enumerate(("80.00", "80.00", "80.01")):
        price = Price(total, "EUR")
        bought = RecordOrder(order_id=str(number), placed_at=NOON, total=price)
        shop.store.tell(ADA, bought)
    shop.has(BUYERS, "average order value over 80")
    shop.has(LATELY, "average order value at least 80")
    shop.settles()
    assert (shop.members(BUYERS), shop.members(LATELY)) == (set(), {ADA})


def test_consent_that_ends_ends_membership(shop: Shop) -> None:
    until = NOON + timedelta(days=2)
    shop.store.tell(ADA, GrantConsent(channel="email", address="a@mail.example", expires_at=until))
    shop.has(LATELY, "opted into email")
    shop.settles()
    shop.passes(days=1, hours=23)
    assert shop.members(LATELY) == {ADA}
    shop.passes(hours=1)
    assert shop.members(LATELY) == set()


def test_who_may_be_written_to_changes_with_the_hour(shop: Shop) -> None:
    shop.store.tell(ADA, GrantConsent(channel="sms", address="+12025550123"))  # it is 7 there
    shop.has(LATELY, "may receive SMS now")
    shop.has(BUYERS, "may receive SMS apart from quiet hours")
    shop.settles()
    assert (shop.members(LATELY), shop.members(BUYERS)) == (set(), {ADA})
    for hours, members in ((2, {ADA}), (12, set()), (12, {ADA})):
        shop.passes(hours=hours)
        assert (shop.members(LATELY), shop.members(BUYERS)) == (members, {ADA})


def test_who_is_written_to_too_often_is_out_until_tomorrow(shop: Shop) -> None:
    shop.store.tell(ADA, GrantConsent(channel="email", address="a@mail.example"))
    shop.has(LATELY, "may receive email now")
    shop.settles()
    for number in range(3):
        sent = RecordMessageSent(
            message_id=str(number), channel="email", message_class="marketing", source="campaign"
        )
        shop.store.tell(ADA, sent, at=NOON - timedelta(hours=1))
    shop.settles()
    assert shop.members(LATELY) == set()
    shop.passes(hours=12)
    assert shop.members(LATELY) == {ADA}


def test_where_a_crowd_is_due_everybody_is_looked_at(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for size in ("AT_ONCE", "CROWD"):
        monkeypatch.setattr(f"projections.segments.clock.{size}", 2)
    for number, whom in enumerate((ADA, BOB, EVE)):
        shop.store.tell(whom, order(str(number)))
    shop.has(LATELY, "bought at least 1 time in the last 2 days")
    shop.settles()
    shop.time[0] += timedelta(days=2)
    assert shop.clock.step() == 2
    assert shop.members(LATELY) == set()
    shop.settles()
    assert [cause for _, entered, cause in shop.changes() if not entered] == ["time"] * 3


def test_what_a_shop_decides_is_applied_to_everybody(shop: Shop) -> None:
    shop.store.tell(ADA, order("1"))
    shop.has(LATELY, "stage is at_risk")
    shop.has(BUYERS, f"in segment {LATELY}")
    shop.settles()
    shop.passes(days=10)
    assert shop.members(LATELY) == set()
    told(shop.store.dsn, 1, Change("lifecycle.at_risk_days", 30, 7))
    shop.settles()
    assert shop.members(LATELY) == shop.members(BUYERS) == {ADA}
    shop.store.tell(BOB, order("2"))
    shop.settles()
    shop.passes(days=7)
    assert shop.members(LATELY) == {ADA, BOB}


def test_a_changed_rule_is_applied_to_everybody(shop: Shop) -> None:
    shop.store.tell(ADA, order("1"))
    shop.store.tell(BOB, RecordVisit(visit_id="v"))
    shop.has(BUYERS, "bought at least 1 time")
    shop.settles()
    shop.has(BUYERS, "visits over 0")
    shop.settles()
    assert shop.members(BUYERS) == {BOB}
    assert shop.changes()[1:] in (
        [(ADA, False, "rule"), (BOB, True, "rule")],
        [(BOB, True, "rule"), (ADA, False, "rule")],
    )


def test_a_merge_moves_membership_and_its_reversal_moves_it_back(shop: Shop) -> None:
    shop.has(BUYERS, "bought at least 1 time")
    shop.has(LATELY, "bought at least 2 times in the last 30 days")
    shop.store.tell(ADA, order("1"))
    shop.store.tell(BOB, order("2"))
    shop.settles()
    assert shop.members(BUYERS) == {ADA, BOB}
    shop.store.unite(ADA, BOB, MERGE)
    shop.settles()
    assert (shop.members(BUYERS), shop.members(LATELY)) == ({ADA}, {ADA})
    shop.store.part(ADA, MERGE)
    shop.settles()
    assert (shop.members(BUYERS), shop.members(LATELY)) == ({ADA, BOB}, set())


def test_a_part_that_is_read_late_still_counts_for_the_whole(shop: Shop) -> None:
    shop.has(LATELY, "bought at least 2 times in the last 30 days")
    shop.settles()
    shop.store.tell(ADA, order("1"))
    shop.store.tell(BOB, order("2"))
    shop.store.unite(ADA, BOB, MERGE)
    late = shard_of(BOB)
    assert late != shard_of(ADA)
    models = kept(lambda: NOON)
    for shards in ({*range(SHARDS)} - {late}, {late}):
        runner = shop.store.runner(*models, shards=shards)
        catch_up(runner)
        runner.close()
    assert shop.members(LATELY) == {ADA}


def test_reading_everything_again_changes_nothing(shop: Shop) -> None:
    shop.has(BUYERS, "bought at least 1 time")
    shop.store.tell(ADA, order("1"))
    shop.settles()
    before = shop.store.rows("SELECT * FROM rm_segments.members"), shop.changes()
    shop.store.execute("DELETE FROM rm_segments.tracking")
    shop.runner.begin_again()
    shop.settles()
    assert (shop.store.rows("SELECT * FROM rm_segments.members"), shop.changes()) == before


def test_made_anew_nobody_has_entered_again(shop: Shop) -> None:
    shop.has(BUYERS, "bought at least 1 time")
    shop.store.tell(ADA, order("1"))
    shop.settles()
    before = shop.store.rows("SELECT * FROM rm_segments.members"), shop.changes()
    shop.store.execute("DROP SCHEMA rm_segments CASCADE")
    shop.runner.begin_again()
    shop.settles()
    assert (shop.store.rows("SELECT * FROM rm_segments.members"), shop.changes()) == before


@pytest.mark.parametrize("anew", [("customers",), ("purchases",), ("visits",), tuple(MADE_ANEW)])
def test_nobody_leaves_because_a_read_model_is_only_being_made(
    shop: Shop, anew: tuple[str, ...]
) -> None:
    shop.has(BUYERS, "bought at least 1 time in the last 2 days")
    shop.has(LATELY, "visits over 0 in the last 2 days")
    for whom in (ADA, BOB):
        shop.store.tell(whom, order(whom.hex), RecordVisit(visit_id="v"))
    shop.settles()
    before = shop.changes()
    for name in anew:
        for table in (*MADE_ANEW[name], "tracking"):
            shop.store.execute(f"DELETE FROM rm_{name}.{table}")  # noqa: S608 - our own
        shop.store.execute(f"UPDATE rm_{name}.made SET id = gen_random_uuid()")  # noqa: S608 - our own
    for segment, rule in ((BUYERS, "bought at least 1 time"), (LATELY, "visits over 0")):
        shop.has(segment, f"{rule} in the last 3 days")
    shop.time[0] += timedelta(days=2)
    assert shop.clock.step() == 0
    shop.runner.begin_again()
    shop.settles()
    assert shop.members(BUYERS) == shop.members(LATELY) == {ADA, BOB}
    assert shop.changes() == before


def test_a_page_of_many_answers_takes_its_time(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(HOST_LIMITS, "transaction_timeout", "1s")
    monkeypatch.setattr("projections.segments.membership.MANY", 1)
    slow = "CREATE TRIGGER slow BEFORE INSERT ON segment_changes EXECUTE FUNCTION slow()"
    shop.has(BUYERS, "bought at least 1 time")
    shop.has(LATELY, "bought at least 1 time in the last 2 days")
    shop.settles()
    shop.store.execute(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
        f" 'BEGIN PERFORM pg_sleep(0.7); RETURN NULL; END'; {slow}"
    )
    shop.store.tell(ADA, order("1"))
    shop.settles()
    assert shop.members(LATELY) == {ADA}


def test_a_segment_that_takes_too_long_keeps_no_other_from_going_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "statement_timeout", "500ms")
    shop.store.execute(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN PERFORM pg_sleep(2); RETURN NEW; END'; CREATE TRIGGER slow BEFORE INSERT ON"
        f" segment_changes FOR EACH ROW WHEN (NEW.segment_id = '{BUYERS}') EXECUTE FUNCTION slow()"
    )
    shop.store.tell(ADA, order("1"))
    shop.has(BUYERS, "bought at least 1 time")
    shop.has(LATELY, "bought at least 1 time in the last 2 days")
    shop.settles()
    assert (shop.members(BUYERS), shop.members(LATELY)) == (set(), {ADA})
    shop.store.execute("DROP TRIGGER slow ON segment_changes")
    shop.passes(minutes=9)
    assert shop.members(BUYERS) == set()
    shop.passes(minutes=1)
    assert shop.members(BUYERS) == {ADA}


def test_one_whose_windows_cannot_be_looked_at_keeps_no_other_from_going_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "statement_timeout", "500ms")
    shop.store.tell(ADA, order("1"))
    for segment in (BUYERS, LATELY):
        shop.has(segment, "bought at least 1 time in the last 2 days")
    shop.settles()
    shop.store.execute(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN PERFORM pg_sleep(2); RETURN OLD; END'; CREATE TRIGGER slow BEFORE DELETE ON"
        f" rm_segments.members FOR EACH ROW WHEN (OLD.segment_id = '{BUYERS}')"
        " EXECUTE FUNCTION slow()"
    )
    shop.passes(days=2)
    assert (shop.members(BUYERS), shop.members(LATELY)) == ({ADA}, set())
    shop.store.execute("DROP TRIGGER slow ON rm_segments.members")
    shop.passes(minutes=10)
    assert shop.members(BUYERS) == set()


def test_a_segment_follows_the_one_it_names(shop: Shop) -> None:
    shop.has(BUYERS, "bought at least 1 time in the last 2 days")
    shop.has(LATELY, f"not in segment {BUYERS}")
    shop.store.tell(ADA, order("1"))
    shop.store.tell(BOB, RecordVisit(visit_id="v"))
    shop.settles()
    assert shop.members(LATELY) == {BOB}
    shop.passes(days=2)
    assert shop.members(LATELY) == {ADA, BOB}


def test_a_running_clock_needs_no_help_and_outlives_its_connection(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.segments.clock.PERIOD_S", 0.02)
    shop.store.tell(ADA, order("1"))
    catch_up(shop.runner)
    stopped, clock = threading.Event(), Clock(shop.store.dsn)
    running = threading.Thread(target=clock.run, args=(stopped,))
    running.start()
    for segment in (BUYERS, LATELY):
        shop.has(segment, "bought at least 1 time")
        _until(shop, segment, {ADA})
        ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        assert shop.store.rows(f"{ended} WHERE application_name = 'c360-segments'") == [(1,)]
    stopped.set()
    running.join()


def _until(shop: Shop, segment: UUID, members: set[UUID]) -> None:
    for _ in range(1_000):
        if shop.members(segment) == members:
            return
        time.sleep(0.02)
    raise AssertionError("it never happened")


@pytest.mark.parametrize("seed", range(3))
def test_kept_up_bit_by_bit_it_is_what_it_would_be_made_at_once(shop: Shop, seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - it must be repeatable
    shop.has(BUYERS, "bought at least 2 times in the last 10 days or order total over 100")
    shop.has(LATELY, "last activity within the last 5 days and not stage is new")
    for number in range(80):
        whom = dice.choice((ADA, BOB, EVE))
        at = shop.time[0] - timedelta(hours=dice.randint(0, 200))
        bought = RecordOrder(
            order_id=str(number), placed_at=at, total=Price(f"{dice.randint(1, 60)}", "EUR")
        )
        shop.store.tell(whom, dice.choice((bought, RecordVisit(visit_id=str(number)))), at=at)
        if dice.random() < 0.4:
            shop.settles()
            shop.passes(hours=dice.randint(0, 50))
    shop.settles()
    kept = [shop.members(one) for one in (BUYERS, LATELY)]
    shop.store.execute("DROP SCHEMA rm_segments CASCADE; DELETE FROM segment_changes")
    shop.runner.begin_again()
    shop.settles()
    assert kept == [shop.members(one) for one in (BUYERS, LATELY)]
