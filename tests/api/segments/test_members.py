"""Who is in a segment, who came and went, and why."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from tests.api.merges.store import ok
from tests.api.segments.counter import Counter

SARAH, TOM = {"email": "sarah@shop.example"}, {"email": "tom@shop.example"}
BUYERS = "bought at least 1 time"


def test_a_member_is_told_with_what_let_her_in(shop: Counter) -> None:
    segment = shop.made(BUYERS)
    sarah = shop.store.ordered("1", **SARAH)
    shop.noticed()
    (member,) = shop.get(f"/v1/segments/{segment}/members")["items"]
    assert (member["profile_id"], member["email"]) == (sarah, SARAH["email"])
    assert member["membership"]["cause"] == "event"
    event = member["membership"]["event"]
    assert event["profile_id"] == sarah
    assert event["version"] == shop.store.profile(sarah)["version"]


def test_members_come_page_after_page(shop: Counter) -> None:
    everybody = {shop.store.seen(email=f"p{number}@shop.example") for number in range(5)}
    segment = shop.made("everybody")
    pages = shop.pages(f"/v1/segments/{segment}/members", limit=2)
    assert [len(page) for page in pages] == [2, 2, 1]
    assert {one["profile_id"] for page in pages for one in page} == everybody


@pytest.mark.parametrize("part", ["members", "changes"])
def test_a_cursor_is_good_for_its_own_list_only(shop: Counter, part: str) -> None:
    for number in range(3):
        shop.store.seen(email=f"p{number}@shop.example")
    one, other = shop.made("everybody", "one"), shop.made("everybody", "other")
    path = f"/v1/segments/{one}/{part}"
    cursor = shop.get(path, limit=1)["next_cursor"]
    elsewhere = [f"/v1/segments/{other}/{part}", "/v1/changes"]
    if part == "changes":
        elsewhere.append(f"{path}?from=2026-01-01T00:00:00Z")
    for wrong in elsewhere:
        goes_on = f"{wrong}{'&' if '?' in wrong else '?'}cursor={cursor}"
        assert shop.ask("GET", goes_on).fields() == {"cursor"}
    assert shop.ask("GET", path, query={"cursor": "garbage"}).status == 422
    foreign = shop.ask("GET", path, None, shop.world.shop.sandbox.api_key, {"cursor": cursor})
    assert (foreign.status, foreign.json()["code"]) == (404, "no_such_cursor")


def test_changes_are_told_between_two_instants(shop: Counter) -> None:
    segment = shop.made(BUYERS)
    sarah, tom = shop.store.ordered("1", **SARAH), shop.store.ordered("2", **TOM)
    shop.noticed()
    path = f"/v1/segments/{segment}/changes"
    told = [change for page in shop.pages(path, limit=1) for change in page]
    assert {(one["profile_id"], one["entered"]) for one in told} == {(sarah, True), (tom, True)}
    at = told[0]["at"]
    assert len(shop.get(path, **{"from": at})["items"]) == 2
    assert shop.get(path, until=at)["items"] == []
    later = (datetime.fromisoformat(at) + timedelta(days=1)).isoformat()
    assert shop.get(path, **{"from": later})["items"] == []
    assert shop.ask("GET", path, query={"until": "yesterday"}).fields() == {"until"}


def test_who_leaves_because_time_passes_is_told_without_an_event(shop: Counter) -> None:
    sarah = shop.store.ordered("1", **SARAH)
    segment = shop.made(f"{BUYERS} in the last 3000 days")
    shop.store.ahead = timedelta(days=3001)
    shop.noticed()
    left = shop.get(f"/v1/segments/{segment}/changes")["items"][-1]
    assert (left["profile_id"], left["entered"]) == (sarah, False)
    assert (left["cause"], left["event"]) == ("time", None)


def test_why_names_every_condition_and_what_was_found(shop: Counter) -> None:
    sarah = shop.store.ordered("1", **SARAH)
    segment = shop.made(f"{BUYERS} in the last 3000 days and (city is known or visits over 2)")
    told = shop.get(f"/v1/segments/{segment}/why/{sarah}")
    assert (told["inside"], told["membership"], told["changes_at"]) == (False, None, None)
    assert told["checks"] == [
        {
            "place": "rule.all[0]",
            "wanted": f"{BUYERS} in the last 3000 days",
            "found": "1",
            "passed": True,
        },
        {
            "place": "rule.all[1].any[0]",
            "wanted": "city is known",
            "found": None,
            "passed": False,
        },
        {
            "place": "rule.all[1].any[1]",
            "wanted": "visits over 2",
            "found": "0",
            "passed": False,
        },
    ]


def test_why_foretells_when_the_answer_changes(shop: Counter) -> None:
    sarah = shop.store.ordered("1", **SARAH)
    segment = shop.made(f"{BUYERS} in the last 3000 days")
    told = shop.get(f"/v1/segments/{segment}/why/{sarah}")
    assert told["inside"] is True
    placed = datetime.fromisoformat("2026-11-20T10:00:00Z")
    assert datetime.fromisoformat(told["changes_at"]) == placed + timedelta(days=3000)


def test_an_order_at_the_end_of_the_calendar_breaks_nothing(shop: Counter) -> None:
    total = {"amount": "10.00", "currency": "EUR"}
    end = "9999-12-31T23:59:59Z"
    told = shop.store.told("RecordOrder", SARAH, order_id="1", placed_at=end, total=total)
    segment = shop.made(f"{BUYERS} in the last 3000 days or last order within the last 9 days")
    why = shop.get(f"/v1/segments/{segment}/why/{told['profile_id']}")
    assert (why["inside"], why["changes_at"]) == (False, end)


def test_why_of_somebody_unknown_is_not_there(shop: Counter) -> None:
    segment = shop.made("everybody")
    answer = shop.ask("GET", f"/v1/segments/{segment}/why/{uuid4()}")
    assert (answer.status, answer.json()["code"]) == (404, "no_such_profile")


def test_a_profile_knows_its_segments_also_under_the_id_it_had(shop: Counter) -> None:
    sarah, tom = shop.store.ordered("1", **SARAH), shop.store.seen(**TOM)
    one, _ = shop.made(BUYERS, "one"), shop.made("nobody", "two")
    shop.store.merged(sarah, tom)
    shop.noticed()
    for known in (sarah, tom):
        held = shop.get(f"/v1/profiles/{known}/segments")["items"]
        assert [each["id"] for each in held] == [one]
    assert shop.ask("GET", f"/v1/profiles/{uuid4()}/segments").status == 404


def test_whoever_follows_changes_hears_of_it(shop: Counter) -> None:
    segment = shop.made(f"{BUYERS} in the last 3000 days")
    sarah = shop.store.ordered("1", **SARAH)
    shop.noticed()
    shop.store.ahead = timedelta(days=3001)
    shop.noticed()
    entered, left = (
        shop.get("/v1/changes", kind=kind)["items"] for kind in ("segment_entered", "segment_left")
    )
    assert [one["profile_id"] for one in (*entered, *left)] == [sarah, sarah]
    version = shop.store.profile(sarah)["version"]
    told = {"segment_id": segment, "cause": "event"}
    assert entered[0]["data"] == {**told, "event": {"profile_id": sarah, "version": version}}
    assert left[0]["data"] == {"segment_id": segment, "cause": "time", "event": None}
    everything = [one["id"] for page in shop.pages("/v1/changes", limit=1) for one in page]
    assert [one for one in everything if one.startswith("segment:")] == [
        entered[0]["id"],
        left[0]["id"],
    ]


def test_why_tells_how_many_visits_were_in_the_window_and_when_one_leaves_it(
    shop: Counter,
) -> None:
    now = shop.store.now().replace(microsecond=0)
    for number, days in enumerate((0, 5, 40)):
        at = (now - timedelta(days=days)).isoformat()
        told = {"visit_id": f"v{number}", "occurred_at": at}
        sarah = shop.store.told("RecordVisit", SARAH, **told)["profile_id"]
    segment = shop.made("visits at least 2 times in the last 30 days")
    assert shop.members(segment) == [sarah]
    why = shop.get(f"/v1/segments/{segment}/why/{sarah}")
    assert why["checks"] == [
        {
            "place": "rule",
            "wanted": "visits at least 2 in the last 30 days",
            "found": "2",
            "passed": True,
        }
    ]
    assert datetime.fromisoformat(why["changes_at"]) == now + timedelta(days=25)
    preview = {"text": "visits exactly 1 in the last 3 days and visits exactly 3"}
    assert ok(shop.ask("POST", "/v1/segments/preview", preview))["count"] == 1


def test_whoever_mirrors_members_hears_that_a_segment_was_thrown_away(shop: Counter) -> None:
    segment = shop.made(BUYERS)
    sarah = shop.store.ordered("1", **SARAH)
    shop.noticed()
    cursor = shop.get("/v1/changes")["cursor"]
    assert shop.ask("DELETE", f"/v1/segments/{segment}").status == 200
    shop.noticed()
    (left,) = shop.get("/v1/changes", cursor=cursor)["items"]
    assert (left["kind"], left["profile_id"]) == ("segment_left", sarah)
    why = {"segment_id": segment, "cause": "segment_deleted", "event": None}
    assert left["data"] == why
    assert shop.get(f"/v1/profiles/{sarah}/segments")["items"] == []
    assert shop.ask("DELETE", f"/v1/segments/{segment}").status == 404
