"""The list of customers over HTTP: sought, filtered, sorted, page after page."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, get_args

import pytest

from api.customers.asked import Sort
from tests.api.lifecycle.year import said
from tests.api.segments.counter import Counter
from tests.fuzz.world import asked, bearer

PATH = "/v1/profiles"
ANN, BEN, CAI = "ann@shop.example", "ben@shop.example", "cai@shop.example"
TEN = {"amount": "10.00", "currency": "EUR"}
PLACES = {ANN: ("Köln", "DE"), BEN: ("Lyon", "FR")}


@pytest.fixture
def town(shop: Counter) -> Counter:
    """Ann of Köln with two orders, Ben of Lyon with one, Cai without a name."""
    names = {ANN: ("Ann", "Özil", "Optik Özil"), BEN: ("Ben", "Dupont", None)}
    for number, email in enumerate((ANN, ANN, BEN)):
        at, whom = said(shop.store.now()), {"email": email}
        shop.store.told("RecordOrder", whom, order_id=f"o{number}", placed_at=at, total=TEN)
    for email, (first, last, company) in names.items():
        told = {"first_name": first, "last_name": last, "company": company}
        shop.store.told("SetContact", {"email": email}, **told)
        city, country = PLACES[email]
        address = {"city": city, "country": country}
        shop.store.told("SetAddress", {"email": email}, kind="shipping", address=address)
    shop.store.seen(email=CAI)
    shop.noticed()
    return shop


def emails(shop: Counter, **query: object) -> list[str]:
    return [one["email"] for one in shop.get(PATH, **query)["items"]]


def test_a_customer_is_told_with_what_a_list_shows(town: Counter) -> None:
    (ann,) = town.get(PATH, q="özil")["items"]
    profile = town.store.profile(ann["id"])
    assert ann == {
        "id": profile["id"],
        "name": "Ann Özil",
        "email": ANN,
        "phone": None,
        "company": "Optik Özil",
        "city": "Köln",
        "country": "DE",
        "sources": ["api"],
        "order_count": 2,
        "lifetime_spend": {"amount": "20.00", "currency": "EUR"},
        "average_order_value": {"amount": "10.00", "currency": "EUR"},
        "last_order_at": profile["commerce"]["last_order_at"],
        "stage": profile["lifecycle"]["stage"],
        "created_at": ann["created_at"],
        "last_activity_at": profile["last_activity_at"],
    }


def test_who_has_no_name_is_called_by_the_address(town: Counter) -> None:
    (cai,) = town.get(PATH, q="cai")["items"]
    assert (cai["name"], cai["order_count"], cai["lifetime_spend"]) == (CAI, 0, None)


@pytest.mark.parametrize(
    ("q", "whom"),
    [
        ("ann", {ANN}),
        ("OZIL", {ANN}),
        ("optik koln", {ANN}),
        ("dupond", {BEN}),
        ("lyo", {BEN}),
        ("fr", {BEN}),
        ("ann lyon", set()),
        ("shop", {ANN, BEN, CAI}),
        ("  ", {ANN, BEN, CAI}),
        ("***", set()),
    ],
)
def test_a_search_finds_by_any_of_it(town: Counter, q: str, whom: set[str]) -> None:
    assert set(emails(town, q=q)) == whom


@pytest.mark.parametrize("q", [BEN, " BEN@shop.example", "benj@b.example", f"\u202a{BEN}\u202c"])
def test_an_email_written_out_leads_to_the_one_who_has_it(town: Counter, q: str) -> None:
    other = {"kind": "email", "value": "benj@b.example"}
    ben = town.store.told("LinkIdentifier", {"email": BEN}, **other)["profile_id"]
    town.noticed()
    page = town.get(PATH, q=q, sort="name")
    assert page["exact"] == ben == page["items"][0]["id"]


def test_the_exact_one_comes_first_and_once(town: Counter) -> None:
    for longer in ("ann@shop.example.org", "ann@shop.example.net", "ann@shop.example.com"):
        town.store.seen(email=longer)
    town.noticed()
    for limit in (1, 2, 3):
        pages = town.pages(PATH, q=ANN, sort="-email", limit=limit)
        listed = [one["email"] for page in pages for one in page]
        assert listed == [ANN, f"{ANN}.org", f"{ANN}.net", f"{ANN}.com"]


def test_the_exact_one_is_named_also_where_the_filters_leave_it_out(town: Counter) -> None:
    page = town.get(PATH, q=BEN, stage="loyal")
    assert page["items"] == []
    assert page["exact"] is not None


@pytest.mark.parametrize("sort", get_args(Sort))
def test_pages_hold_everybody_once_in_the_order_asked_for(town: Counter, sort: str) -> None:
    pages = town.pages(PATH, sort=sort, limit=1)
    listed = [one for page in pages for one in page]
    assert sorted(one["email"] for one in listed) == [ANN, BEN, CAI]
    keys = [_key(one, sort.removeprefix("-")) for one in listed]
    known = [key for key in keys if key is not None]
    assert known == sorted(known, reverse=sort.startswith("-"))
    assert keys[len(known) :] == [None] * (len(keys) - len(known))


def _key(row: Mapping[str, Any], column: str) -> Any:
    if column == "lifetime_spend":
        return float(row[column]["amount"]) if row[column] else 0
    return row[column]


def test_stages_change_while_nobody_does_anything(town: Counter) -> None:
    days = ((0, "loyal", "converted", "new"), (31, "at_risk", "at_risk", "new"))
    for passed, *stages in (*days, (91, "churned", "churned", "churned")):
        town.store.ahead = timedelta(days=passed)
        listed = {one["email"]: one["stage"] for one in town.get(PATH)["items"]}
        assert listed == dict(zip((ANN, BEN, CAI), stages, strict=True))
        for stage in {*stages, "engaged"}:
            assert set(emails(town, stage=stage)) == {e for e, s in listed.items() if s == stage}


def test_a_stage_is_that_by_the_windows_of_the_shop(town: Counter) -> None:
    windows = {"lifecycle": {"at_risk_days": 2, "churned_days": 4}}
    town.store.on_plan("pro")
    assert town.ask("PUT", "/v1/shop/settings", windows).status == 200
    town.store.ahead = timedelta(days=3)
    assert set(emails(town, stage="at_risk")) == {ANN, BEN}
    for one in town.get(PATH)["items"]:
        assert one["stage"] == town.store.profile(one["id"])["lifecycle"]["stage"]


def test_filters_hold_together(town: Counter) -> None:
    segment = town.made("bought at least 1 time")
    assert set(emails(town, segment=segment)) == {ANN, BEN}
    assert emails(town, segment=segment, stage="loyal", q="shop") == [ANN]
    assert emails(town, segment=segment, source="elsewhere") == []
    assert set(emails(town, segment=segment, source="api")) == {ANN, BEN}


def test_what_was_just_written_is_waited_for(town: Counter) -> None:
    told = town.store.told("RecordVisit", {"email": "new@shop.example"}, visit_id="v")

    async def later() -> None:
        await asyncio.sleep(0.1)
        town.noticed()

    answer = town.store.get_while(f"{PATH}?after={told['position']}", later())
    assert "new@shop.example" in {one["email"] for one in answer.json()["items"]}


def test_whoever_waits_is_let_go_when_the_process_stops(town: Counter) -> None:
    told = town.store.told("RecordVisit", {"email": "new@shop.example"}, visit_id="v")
    town.store.ports.condition.draining = True
    path, key = f"{PATH}?after={told['position']}", bearer(town.world.shop.live.api_key)
    answer = town.store.run(asked(town.world.app, "GET", path, key, ()))
    assert (answer.status, answer.json()["code"]) == (503, "catching_up")


def test_a_look_up_by_an_identifier_is_what_it_was(town: Counter) -> None:
    (found,) = town.get(PATH, email=ANN)["items"]
    assert found["commerce"]["order_count"] == 2
    assert town.ask("GET", PATH, query={"email": ANN, "sort": "name"}).status == 400


def test_who_was_merged_is_listed_as_one(town: Counter) -> None:
    ann, ben = (town.get(PATH, email=each)["items"][0]["id"] for each in (ANN, BEN))
    town.store.merged(ann, ben)
    town.noticed()
    (one,) = town.get(PATH, stage="loyal")["items"]
    assert (one["id"], one["order_count"]) == (ann, 3)
    assert town.get(PATH, q=BEN)["exact"] == ann
