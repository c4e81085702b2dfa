"""A change of stage is recorded once, with its exact instant, by whichever process comes first."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from actors.signals import Busy, Outcome, Unavailable, UnknownProfile
from aggregates.shop.lifecycle_rules import LifecycleRules
from api.lifecycle import clock, restaging
from api.lifecycle.clock import PUT_OFF
from tests.api.lifecycle.year import DAY, Year, said

ADA, BOB = "ada@shop.example", "bob@shop.example"


def test_an_order_converts_at_once(year: Year) -> None:
    ada = year.ordered(ADA, year.start)
    year.go_on()
    assert year.noticed(ada) == [("new", "converted", said(year.start))]


def test_a_customer_is_told_from_the_hour_in_which_the_stage_ends(year: Year) -> None:
    ada = year.ordered(ADA, year.start)
    year.go_on()
    year.pass_days(29.9)
    assert year.tick() == 0
    year.pass_days(0.2)
    assert year.lifecycle(ada)["stage"] == "at_risk"
    year.go_on()
    assert year.noticed(ada)[1:] == [("converted", "at_risk", said(year.start + 30 * DAY))]


def test_what_was_slept_through_is_not_told_afterwards(year: Year) -> None:
    """Only where the customer is now, and since when."""
    ada = year.ordered(ADA, year.start)
    year.go_on()
    year.pass_days(200)
    year.go_on()
    assert year.noticed(ada)[1:] == [("converted", "churned", said(year.start + 90 * DAY))]


def test_three_clocks_at_the_same_time_record_it_once(year: Year) -> None:
    ada = year.ordered(ADA, year.start)
    year.read()
    assert year.tick_together(3) == [1, 1, 1]
    assert len(year.noticed(ada)) == 1
    year.read()
    assert year.tick_together(3) == [0, 0, 0]


def test_looking_again_before_the_log_was_read_records_nothing(year: Year) -> None:
    ada = year.ordered(ADA, year.start)
    year.read()
    assert [year.tick(), year.tick()] == [1, 0]
    year.rows("UPDATE rm_stages.stages SET due_at = now() RETURNING 1")
    assert year.tick() == 1
    year.go_on()
    assert len(year.noticed(ada)) == 1


def test_who_came_back_before_the_clock_looked_has_not_changed(year: Year) -> None:
    ada = year.ordered(ADA, year.start)
    year.go_on()
    year.pass_days(30)
    year.ordered(ADA, year.store.now())  # nobody has read that yet
    year.tick()
    year.go_on()
    assert [to for _, to, _ in year.noticed(ada)] == ["converted", "loyal"]
    assert year.tick() == 0


def test_a_restart_of_everything_loses_and_repeats_nothing(year: Year) -> None:
    ada = year.ordered(ADA, year.start)
    year.go_on()
    year.read_anew()
    year.pass_days(31)
    year.go_on()
    assert [to for _, to, _ in year.noticed(ada)] == ["converted", "at_risk"]


def test_one_who_cannot_be_reached_stays_due_and_the_others_are_looked_at(year: Year) -> None:
    ada, bob = year.ordered(ADA, year.start), year.ordered(BOB, year.start)
    year.read()
    with pytest.raises(Busy):
        year.tick_against(lambda signal: Busy() if str(signal.profile) == ada else None)
    assert (year.noticed(ada), len(year.noticed(bob))) == ([], 1)
    assert year.tick() == 1
    assert len(year.noticed(ada)) == 1


def test_one_who_is_refused_is_looked_at_again_later(year: Year) -> None:
    ada = UUID(year.ordered(ADA, year.start))
    year.read()
    year.tick_against(lambda _: Outcome(profile_id=ada, version=1, refused="unreadable"))
    assert year.tick() == 0
    year.pass_days(PUT_OFF / DAY)
    assert year.tick() == 1
    assert len(year.noticed(str(ada))) == 1


def test_the_clock_goes_on_after_a_bad_round(year: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "EVERY_S", 0.01)
    year.ordered(ADA, year.start)
    year.read()
    bad = iter([Busy(), RuntimeError("a bug of ours"), Unavailable("no host")])
    noticed = "SELECT 1 FROM events WHERE topic = 'lifecycle.stage_changed'"
    year.tick_on(lambda _: next(bad, None), until=lambda: bool(year.rows(noticed)))


@pytest.mark.parametrize("gone", [UnknownProfile(), "erased"])
def test_one_who_is_gone_is_looked_at_no_more(year: Year, gone: Exception | str) -> None:
    ada = UUID(year.ordered(ADA, year.start))
    year.read()
    refused = Outcome(profile_id=ada, version=1, refused="erased")
    year.tick_against(lambda _: gone if isinstance(gone, Exception) else refused)
    year.pass_days(400)
    assert year.tick() == 0


def test_an_order_of_the_first_or_the_last_day_there_is_holds_up_nobody(year: Year) -> None:
    first = year.ordered(ADA, datetime.min.replace(tzinfo=UTC))
    last = year.store.told(
        "RecordOrder",
        {"email": BOB},
        order_id="last",
        placed_at="9999-12-31T23:59:59Z",
        total={"amount": "1.00", "currency": "EUR"},
    )["profile_id"]
    year.go_on()
    assert [to for _, to, _ in year.noticed(first)] == ["churned"]
    assert year.lifecycle(last)["stage"] == "new"
    assert len(year.restaged()) == 1


def test_of_two_who_became_one_the_whole_is_told(year: Year) -> None:
    ada, bob = year.ordered(ADA, year.start), year.ordered(BOB, year.start - DAY)
    year.go_on()
    merge = year.store.merged(ada, bob)
    year.go_on()
    assert [to for _, to, _ in year.noticed(ada)] == ["converted", "loyal"]
    assert year.lifecycle(bob)["stage"] == "loyal"
    assert year.store.get(f"/v1/merges/{merge}").json()["meanwhile"]["happenings"] == []
    year.store.post(f"/v1/merges/{merge}/reversal")
    year.go_on()
    assert [to for _, to, _ in year.noticed(ada)] == ["converted", "loyal", "converted"]
    assert [to for _, to, _ in year.noticed(bob)] == ["converted"]


def test_a_shop_that_changes_its_windows_is_staged_anew(year: Year) -> None:
    ada, bob = year.ordered(ADA, year.start - 8 * DAY), year.ordered(BOB, year.start)
    year.go_on()
    year.rules = LifecycleRules(7, 14)
    assert sum(reached.looked_at for reached in year.restaged()) == 2
    year.go_on()
    assert year.noticed(ada)[1:] == [("converted", "at_risk", said(year.start - DAY))]
    assert len(year.noticed(bob)) == 1
    year.pass_days(7)
    year.go_on()
    assert year.noticed(bob)[1:] == [("converted", "at_risk", said(year.start + 7 * DAY))]


def test_a_shop_that_becomes_more_patient_is_staged_anew_too(year: Year) -> None:
    ada = year.ordered(ADA, year.start - 31 * DAY)
    year.go_on()
    year.rules = LifecycleRules(60, 180)
    year.restaged()
    year.go_on()
    assert [to for _, to, _ in year.noticed(ada)] == ["at_risk", "converted"]
    year.pass_days(28.9)
    year.go_on()
    assert len(year.noticed(ada)) == 2
    year.pass_days(0.2)
    year.go_on()
    assert year.noticed(ada)[2:] == [("converted", "at_risk", said(year.start + 29 * DAY))]


def test_staging_anew_goes_on_where_it_was_broken_off(
    year: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restaging, "AT_ONCE", 1)
    people = sorted(year.ordered(mail, year.start - 8 * DAY) for mail in (ADA, BOB, "c@d.example"))
    year.go_on()
    year.rules = LifecycleRules(7, 14)
    pages = year.restaged()
    assert [str(reached.profile) for reached in pages] == people
    assert year.restaged(pages[0].profile) == pages[1:]
