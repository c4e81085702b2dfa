"""Profiles over HTTP: as they are, as they were, by id and by what they are known by."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api.sentences import SHOP, Api, code_of, faults

SARAH = {"email": "sarah@shop.example", "shopify_customer_id": 42}
MEMBERS = {
    *("id", "namespace", "version", "created_at", "first_seen_at", "last_activity_at"),
    *("stands_for", "name", "email", "phone", "birthday", "company", "time_zone", "locale"),
    *("tags", "identifiers", "addresses", "sources", "commerce", "visits", "consents"),
    *("engagement", "lifecycle", "properties", "redirected_from"),
}


def order(number: int, amount: str, day: int, **more: Any) -> dict[str, Any]:
    return {
        "type": "RecordOrder",
        "id": f"order-{number}",
        "profile": SARAH,
        "order_id": str(number),
        "occurred_at": f"2026-11-{day:02}T10:00:00Z",
        "placed_at": f"2026-11-{day:02}T10:00:00Z",
        "total": {"amount": amount, "currency": "EUR"},
        **more,
    }


def sent(api: Api, *commands: dict[str, Any]) -> str:
    answers = [api.command(**command) for command in commands]
    assert {answer.status_code for answer in answers} == {200}
    return str(answers[-1].json()["profile_id"])


def test_a_profile_has_every_member_from_the_start(api: Api) -> None:
    who = sent(
        api, {"type": "SetContact", "id": "1", "profile": {"cookie": "c-1"}, "locale": "en-GB"}
    )
    profile = api.get(f"/v1/profiles/{who}").json()
    assert profile.keys() == MEMBERS
    assert profile["namespace"] == f"{SHOP}/live"
    assert profile["commerce"]["order_count"] == 0
    assert profile["commerce"]["lifetime_spend"] is None
    assert profile["consents"]["whatsapp"] == {"state": "never", "since": None, "address": None}
    assert profile["lifecycle"] == {
        "stage": "new",
        "since": "2026-11-21T12:00:00Z",
        "next_change_at": "2027-02-19T12:00:00Z",
    }
    assert profile["name"] == {"first": None, "last": None, "display": None}


def test_a_profile_tells_what_was_bought(api: Api) -> None:
    refund = {"type": "RecordRefund", "id": "r", "profile": SARAH, "order_id": "2"}
    refund |= {"refund_id": "r-1", "amount": {"amount": "9.60", "currency": "EUR"}}
    who = sent(api, order(1, "100.00", 3), order(2, "99.60", 5, channel="pos"), refund)
    commerce = api.get(f"/v1/profiles/{who}").json()["commerce"]
    last_order = commerce.pop("last_order")
    assert commerce == {
        "order_count": 2,
        "gross": {"amount": "199.60", "currency": "EUR"},
        "refunded": {"amount": "9.60", "currency": "EUR"},
        "lifetime_spend": {"amount": "190.00", "currency": "EUR"},
        "average_order_value": {"amount": "99.80", "currency": "EUR"},
        "first_order_at": "2026-11-03T10:00:00Z",
        "last_order_at": "2026-11-05T10:00:00Z",
        "acquisition_channel": "online",
        "channels": {"online": 1, "pos": 1, "marketplace": 0},
    }
    assert last_order["order_id"] == "2"


def test_a_profile_tells_what_shops_know_under_names_of_their_own(api: Api) -> None:
    told = {"vip": True, "points": 12.5, "size": "M", "joined": {"at": "2026-03-01T09:00:00Z"}}
    who = sent(api, {"type": "SetProperties", "id": "1", "profile": SARAH, "properties": told})
    assert api.get(f"/v1/profiles/{who}").json()["properties"] == told
    _, told_of = api.get(f"/v1/profiles/{who}/events").json()["items"]
    assert (told_of["type"], told_of["data"]) == ("properties.set", {"values": told})


@pytest.mark.parametrize(
    "properties", [{}, {"size": None}, {"": "M"}, {"joined": {"at": "2026-03-01T09:00"}}, ["M"]]
)
def test_what_is_no_property_is_refused(api: Api, properties: object) -> None:
    refused = api.command(type="SetProperties", id="1", profile=SARAH, properties=properties)
    assert code_of(refused) == (422, "invalid")
    assert all(field.startswith("properties") for field in faults(refused))


def test_activity_is_the_last_thing_the_shopper_did(api: Api) -> None:
    visit = {"type": "RecordVisit", "id": "v", "profile": SARAH, "visit_id": "v-1"}
    who = sent(api, order(1, "1", 3), visit | {"occurred_at": "2026-11-09T10:00:00Z"})
    profile = api.get(f"/v1/profiles/{who}").json()
    assert profile["last_activity_at"] == "2026-11-09T10:00:00Z"
    assert profile["first_seen_at"] == "2026-11-03T10:00:00Z"
    assert profile["visits"]["count"] == 1


def test_references_are_not_shown_as_identifiers(api: Api) -> None:
    who = sent(api, order(1, "1", 3))
    found = api.get(f"/v1/profiles/{who}/identifiers").json()
    assert [(each["kind"], each["value"]) for each in found["items"]] == [
        ("shopify_customer_id", "42"),
        ("email", "sarah@shop.example"),
    ]
    assert found["next_cursor"] is None


@pytest.mark.parametrize(
    "query",
    [
        "email=SARAH@shop.example",
        "shopify_customer_id=42",
        "shopify_customer_id=gid://shopify/Customer/42",
        "phone=%2B4930123456",
        "phone=0049 (0)30 / 123456",
        "external_id=amazon:x1",
        "external_id=Amazon:X1",
        "email=x1@marketplace.amazon.de",
    ],
)
def test_a_profile_is_found_by_what_it_is_known_by(api: Api, query: str) -> None:
    known = {"phone": "+49 30 123456", "external_id": "amazon:x1"}
    named = {"type": "SetContact", "id": "named", "first_name": "Sarah", "profile": SARAH | known}
    who = sent(api, order(1, "1", 3), named)
    found = api.get(f"/v1/profiles?{query}").json()
    assert [profile["id"] for profile in found["items"]] == [who]


def test_nobody_found_is_an_empty_list(api: Api) -> None:
    assert api.get("/v1/profiles?email=nobody@shop.example").json() == {
        "items": [],
        "next_cursor": None,
    }


@pytest.mark.parametrize("query", ["email=a@b.example&phone=1", "email=a@b.example&limit=10"])
def test_exactly_one_identifier_is_asked_for(api: Api, query: str) -> None:
    response = api.get(f"/v1/profiles?{query}")
    assert code_of(response) == (400, "invalid")
    assert "exactly one" in response.text


def test_an_identifier_that_recognises_nobody_is_named(api: Api) -> None:
    response = api.get("/v1/profiles?phone=0151")
    assert response.status_code == 422
    assert "E.164" in faults(response)["phone"]


def test_a_blocked_value_is_said_to_be_blocked(api: Api) -> None:
    response = api.get("/v1/profiles?email=noreply@shop.example")
    assert response.status_code == 422
    assert "blocked" in faults(response)["email"]


def test_a_profile_is_shown_as_it_was(api: Api) -> None:
    who = sent(api, order(1, "1", 3), order(2, "2", 5))

    def count(query: str) -> int:
        found: int = api.get(f"/v1/profiles/{who}?{query}").json()["commerce"]["order_count"]
        return found

    assert count("") == 2
    assert count("version=2") == 1
    assert count("at=2026-11-04T00:00:00Z") == 1
    assert count("known_at=2026-11-21T12:00:00%2B00:00") == 2
    assert code_of(api.get(f"/v1/profiles/{who}?at=2026-11-01T00:00:00Z"))[0] == 404


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("at=yesterday", "at"),
        ("at=2026-11-04T00:00:00", "at"),
        ("known_at=5", "known_at"),
        ("version=0", "version"),
        ("version=99999999999999999999", "version"),
        ("after=12", "after"),
    ],
)
def test_a_moment_must_be_one(api: Api, query: str, field: str) -> None:
    response = api.get(f"/v1/profiles/{uuid4()}?{query}")
    assert response.status_code == 422
    assert field in faults(response)


def test_what_was_acknowledged_can_be_read(api: Api) -> None:
    answer = api.command(**order(1, "1", 3)).json()
    path = f"/v1/profiles/{answer['profile_id']}?after={answer['position']}"
    assert api.get(path).json()["version"] == answer["version"]


@pytest.mark.parametrize("path", ["", "/events", "/identifiers"])
def test_a_stranger_is_not_found(api: Api, path: str) -> None:
    for who in (uuid4(), "nonsense", "%00", "1" * 500):
        assert code_of(api.get(f"/v1/profiles/{who}{path}")) == (404, "no_such_profile")


@pytest.mark.parametrize("path", ["", "/events", "/identifiers"])
def test_another_namespaces_profile_is_not_found(api: Api, path: str) -> None:
    who = sent(api, order(1, "1", 3))
    response = api.get(f"/v1/profiles/{who}{path}", key=api.shop.sandbox.api_key)
    assert code_of(response) == (404, "no_such_profile")


def test_the_history_tells_who_said_what_when(api: Api) -> None:
    who = sent(api, order(1, "199.60", 3))
    linked, placed = api.get(f"/v1/profiles/{who}/events").json()["items"]
    assert linked["type"] == "identity.linked"
    assert {"kind": "email", "value": "sarah@shop.example"} in linked["data"]["identifiers"]
    assert placed["type"] == "orders.placed"
    assert placed["data"]["total"] == {"amount": "199.60", "currency": "EUR"}
    assert placed["command_id"] == "order-1"
    assert placed["by"].startswith("key:c360_live_")
    assert placed["source"] == {"kind": "api"}
    assert placed["occurred_at"] == "2026-11-03T10:00:00Z"
    assert placed["recorded_at"] == "2026-11-21T12:00:00Z"
    assert placed["subject"] == who
    assert placed["erased"] is False


def test_the_history_comes_in_pages(api: Api) -> None:
    who = sent(api, *(order(n, "1", n) for n in range(1, 4)))
    path = f"/v1/profiles/{who}/events"
    whole = api.get(path).json()["items"]
    assert [each["version"] for each in whole] == list(range(1, len(whole) + 1))
    first = api.get(f"{path}?limit=4").json()
    second = api.get(f"{path}?limit=4&cursor={first['next_cursor']}").json()
    assert len(first["items"]) == 4
    assert first["items"] + second["items"] == whole
    assert second["next_cursor"] is None
    narrowed = api.get(f"{path}?type=orders.placed&cursor={first['next_cursor']}")
    assert narrowed.status_code == 422, "it goes on in the list that it is of, and in no other"
    assert api.get(f"{path}?from_version={len(whole)}").json()["items"] == whole[-1:]


def test_the_history_is_narrowed(api: Api) -> None:
    who = sent(api, order(1, "1", 1))
    path = f"/v1/profiles/{who}/events"
    assert [e["version"] for e in api.get(f"{path}?type=orders.placed").json()["items"]] == [2]
    assert api.get(f"{path}?type=visits.started").json()["items"] == []
    assert api.get(f"{path}?subject={uuid4()}").json()["items"] == []


@pytest.mark.parametrize(
    "query", ["type=%00", "subject=x", "from_version=0", "limit=201", "limit=x", "cursor=x"]
)
def test_a_narrowing_must_make_sense(api: Api, query: str) -> None:
    response = api.get(f"/v1/profiles/{uuid4()}/events?{query}")
    assert response.status_code == 422
    assert query.partition("=")[0] in faults(response)
