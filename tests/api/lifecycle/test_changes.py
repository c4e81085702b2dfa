"""Platforms follow what changes: every change, in one order, from wherever they stopped."""

from datetime import datetime

import pytest

from api import changes
from api.changes import BEGINNING, Asked, Feed
from tests.api.lifecycle.year import DAY, Year, said
from tests.api.merges.store import ok

ALL = Asked(1, BEGINNING, 50, None)
ADA, BOB, EVE = "ada@shop.example", "bob@shop.example", "eve@shop.example"


def names(page: dict[str, object]) -> list[str]:
    items = page["items"]
    assert isinstance(items, list)
    return [item["kind"] for item in items]


def test_a_change_says_what_whose_and_when(year: Year) -> None:
    ada = year.ordered(ADA, year.start)
    year.go_on()
    (change,) = year.changes()["items"]
    happened, recorded = change.pop("occurred_at"), change.pop("recorded_at")
    assert change == {
        "id": year.rows("SELECT change_id FROM rm_changes.changes")[0][0],
        "kind": "stage_changed",
        "profile_id": ada,
        "data": {"from": "new", "to": "converted", "since": said(year.start)},
    }
    assert happened == said(year.start)
    assert year.start < datetime.fromisoformat(recorded)


def test_a_reader_goes_on_from_the_end_when_more_happens(year: Year) -> None:
    ada = year.ordered(ADA, year.start)
    year.go_on()
    first = year.changes()
    assert first["next_cursor"] is None
    nothing = year.changes(f"?cursor={first['cursor']}")
    assert (nothing["items"], nothing["cursor"]) == ([], first["cursor"])
    bob = year.ordered(BOB, year.start)
    year.store.merged(ada, bob)
    year.go_on()
    later = year.changes(f"?cursor={nothing['cursor']}")
    assert names(later) == ["merged", "stage_changed"]


def test_pages_follow_each_other_without_a_gap(year: Year) -> None:
    for mail in (ADA, BOB, EVE):
        year.ordered(mail, year.start)
    year.go_on()
    whole = year.changes()["items"]
    first = year.changes("?limit=2")
    assert first["next_cursor"] == first["cursor"]
    second = year.changes(f"?limit=2&cursor={first['next_cursor']}")
    assert [*first["items"], *second["items"]] == whole
    assert (len(whole), second["next_cursor"]) == (3, None)


def test_one_kind_may_be_followed_alone(year: Year) -> None:
    pair = [year.ordered(mail, year.start) for mail in (ADA, BOB)]
    year.go_on()
    year.store.merged(*pair)
    year.go_on()
    assert names(year.changes("?kind=merged")) == ["merged"]


def test_a_feed_that_was_made_anew_is_told_from_its_beginning(year: Year) -> None:
    year.ordered(ADA, year.start)
    year.go_on()
    before = year.changes()
    year.rows("UPDATE rm_changes.life SET id = 'abcdef12' RETURNING 1")
    assert year.changes(f"?cursor={before['cursor']}")["items"] == before["items"]


def test_before_anything_is_told_there_is_a_cursor_to_go_on_from(year: Year) -> None:
    nothing = year.changes()
    assert (nothing["items"], nothing["next_cursor"]) == ([], None)
    year.ordered(ADA, year.start)
    year.go_on()
    assert names(year.changes(f"?cursor={nothing['cursor']}")) == ["stage_changed"]


def test_the_sandbox_hears_nothing_of_the_live_shop(year: Year) -> None:
    year.ordered(ADA, year.start)
    year.go_on()
    assert year.store.get("/v1/changes", year.store.sandbox_key).json()["items"] == []


def test_a_cursor_of_another_namespace_leads_nowhere(year: Year) -> None:
    year.ordered(ADA, year.start)
    with year.store.in_sandbox():
        year.ordered(ADA, year.start)
    year.go_on()
    live, sandbox = "", year.store.sandbox_key
    for own, other in ((live, sandbox), (sandbox, live)):
        cursor = ok(year.store.get("/v1/changes", own))["cursor"]
        assert year.store.get(f"/v1/changes?cursor={cursor}", own).status == 200
        refused = year.store.get(f"/v1/changes?cursor={cursor}", other)
        assert (refused.status, refused.json()["code"]) == (404, "no_such_cursor")


def test_what_platforms_stored_before_cursors_were_sealed_goes_on_working(year: Year) -> None:
    pair = [year.ordered(mail, year.start) for mail in (ADA, BOB)]
    year.go_on()
    ((life,),) = year.rows("SELECT id FROM rm_changes.life")
    whole = year.changes()["items"]
    seqs = [seq for (seq,) in year.rows("SELECT seq FROM rm_changes.changes ORDER BY seq")]
    assert year.changes(f"?cursor=c{life}-{seqs[0]}")["items"] == whole[1:]
    at_end = year.changes(f"?cursor=c{life}-{seqs[1]}")
    assert (at_end["items"], at_end["cursor"]) == ([], f"c{life}-{seqs[1]}")
    year.store.merged(*pair)
    year.go_on()
    assert names(year.changes(f"?cursor={at_end['cursor']}"))[0] == "merged"
    for beginning in (f"c{life}-0", "c0-0", f"cabcdef12-{seqs[1]}"):
        assert year.changes(f"?cursor={beginning}")["items"][:2] == whole


def test_an_unsealed_cursor_that_was_given_to_nobody_here_is_refused(year: Year) -> None:
    year.ordered(ADA, year.start)
    year.go_on()
    ((life, seq),) = year.rows("SELECT id, seq FROM rm_changes.life, rm_changes.changes")
    for cursor, key in ((f"c{life}-{seq}", year.store.sandbox_key), (f"c{life}-{seq + 1}", "")):
        refused = year.store.get(f"/v1/changes?cursor={cursor}", key)
        assert (refused.status, refused.json()["code"]) == (404, "no_such_cursor")


def test_a_cursor_of_another_list_is_refused(year: Year) -> None:
    for mail in (ADA, BOB):
        year.store.told("GrantConsent", {"email": ADA}, channel="email", address=mail)
    ada = year.ordered(ADA, year.start)
    other = ok(year.store.get(f"/v1/profiles/{ada}/events?limit=1"))["next_cursor"]
    refused = year.store.get(f"/v1/changes?cursor={other}")
    assert (refused.status, refused.fields()) == (422, {"cursor"})


def test_without_a_key_nothing_is_told(year: Year) -> None:
    assert year.store.get("/v1/changes", "c360_live_unheard_of").status == 401


def test_whoever_waits_is_answered_when_the_time_is_over(year: Year) -> None:
    assert year.changes("?wait=0.2")["items"] == []


def test_whoever_waits_is_answered_as_soon_as_there_is_news(year: Year) -> None:
    year.ordered(ADA, year.start)
    year.read()
    assert names(year.changes_while_time_passes("?wait=30")) == ["stage_changed"]


def test_whoever_waits_takes_up_no_room(year: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    feed, waiting = opened(year), list[int]()

    async def counted(_: float) -> None:
        waiting.append(feed.held_up)
        if len(waiting) == 3:
            year.store.ports.condition.draining = True

    monkeypatch.setattr(changes, "sleep", counted)
    page, _ = year.store.run(feed.news(ALL, 30))
    assert (waiting, feed.held_up, page.rows) == ([1, 1, 1], 0, [])


@pytest.fixture
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    async def waits(_: float) -> None:
        raise AssertionError("somebody waits")

    monkeypatch.setattr(changes, "sleep", waits)


@pytest.mark.usefixtures("nobody_waits")
def test_nobody_waits_for_a_server_that_stops(year: Year) -> None:
    year.store.ports.condition.draining = True
    page, _ = year.store.run(opened(year).news(ALL, 30))
    assert page.rows == []


@pytest.mark.usefixtures("nobody_waits")
def test_of_too_many_nobody_waits(year: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "MAX_WAITING", 0)
    page, _ = year.store.run(opened(year).news(ALL, 30))
    assert page.rows == []


def opened(year: Year) -> Feed:
    return Feed(year.store.ports.pool, year.store.ports.condition, 30)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("cursor=5", "cursor"),
        ("cursor=c1-", "cursor"),
        ("kind=everything", "kind"),
        ("limit=201", "limit"),
        ("wait=31", "wait"),
        ("wait=-1", "wait"),
        ("wait=nan", "wait"),
    ],
)
def test_what_makes_no_sense_is_refused(year: Year, query: str, field: str) -> None:
    refused = year.store.get(f"/v1/changes?{query}")
    assert refused.status == 422
    assert refused.fields() == {field}


def test_days_pass_in_the_order_in_which_they_were_noticed(year: Year) -> None:
    year.ordered(ADA, year.start)
    year.go_on()
    year.pass_days(31)
    year.go_on()
    year.pass_days(60)
    year.go_on()
    told = [(one["data"]["to"], one["occurred_at"]) for one in year.changes()["items"]]
    assert told == [
        ("converted", said(year.start)),
        ("at_risk", said(year.start + 30 * DAY)),
        ("churned", said(year.start + 90 * DAY)),
    ]
