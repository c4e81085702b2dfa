"""GET /v1/profiles/{id}/properties: what holds, and every change that led there."""

from typing import Any

import pytest

from api.history import properties
from tests.api.merges.store import ok
from tests.api.segments.counter import Counter

SARAH, TOM = {"email": "sarah@shop.example"}, {"email": "tom@shop.example"}


def known(shop: Counter, day: int = 1, whom: dict[str, str] = SARAH, **values: object) -> str:
    at = f"2026-11-{day:02}T10:00:00Z"
    told = shop.store.told("SetProperties", whom, properties=values, occurred_at=at)
    return str(told["profile_id"])


def path(whom: str) -> str:
    return f"/v1/profiles/{whom}/properties"


def listed(shop: Counter, whom: str) -> dict[str, dict[str, Any]]:
    shop.noticed()
    return {one["name"]: one for one in shop.get(path(whom))["items"]}


def values(shop: Counter, whom: str, name: str, **query: object) -> list[Any]:
    """All pages."""
    shop.noticed()
    pages = shop.pages(f"{path(whom)}/{name}/history", **query)
    return [change["value"] for page in pages for change in page]


def test_a_property_says_since_when_and_which_event_made_it_so(shop: Counter) -> None:
    sarah = known(shop, 1, tier="silver", size="M")
    known(shop, 2, tier="gold")
    told = listed(shop, sarah)
    assert (told["tier"]["value"], told["tier"]["since"]) == ("gold", "2026-11-02T10:00:00Z")
    change = told["tier"]["from_change"]
    assert (change["at"], change["source"]["kind"]) == ("2026-11-02T10:00:00Z", "api")
    assert change["by"].startswith("key:c360_live_")
    assert change["event"]["topic"] == "properties.set"
    (event,) = shop.get(change["event"]["href"])["items"]
    assert event["data"]["values"] == {"tier": "gold"}
    assert told["size"]["from_change"]["at"] == "2026-11-01T10:00:00Z"


def test_every_change_is_told_newest_first_and_which_one_holds(shop: Counter) -> None:
    sarah = known(shop, 2, tier="silver")
    known(shop, 3, tier=True)
    known(shop, 1, tier="bronze", other="x")
    shop.noticed()
    changes = shop.get(listed(shop, sarah)["tier"]["history"])["items"]
    assert [(one["value"], one["holds"]) for one in changes] == [
        (True, True),
        ("silver", False),
        ("bronze", False),
    ]
    assert changes[2]["at"] < changes[0]["at"], "what came late has its own place"


def test_contact_details_have_a_history_too(shop: Counter) -> None:
    told = shop.store.told("SetContact", SARAH, first_name="Sara", company="Mugs")
    sarah = str(told["profile_id"])
    shop.store.told("SetContact", SARAH, first_name="Sarah")
    shop.store.told("SetAddress", SARAH, kind="shipping", address={"city": "Berlin"})
    assert values(shop, sarah, "contact.first_name") == ["Sarah", "Sara"]
    held = listed(shop, sarah)
    assert held["contact.first_name"]["value"] == "Sarah"
    assert held["contact.company"]["from_change"]["event"]["topic"] == "contact.given"
    assert held["contact.shipping"]["value"] == {"city": "Berlin"}


def test_tags_tell_what_was_added_and_taken_away(shop: Counter) -> None:
    sarah = str(shop.store.told("AddTags", SARAH, tags=["vip", "new"])["profile_id"])
    shop.store.told("RemoveTags", SARAH, tags=["new"])
    shop.noticed()
    changes = shop.get(f"{path(sarah)}/contact.tags/history")["items"]
    told = [(one["change"], one["value"], one["holds"]) for one in changes]
    assert told == [("removed", ["new"], True), ("added", ["new", "vip"], False)]
    assert listed(shop, sarah)["contact.tags"]["value"] == ["vip"]


def test_pages_follow_each_other_whatever_lies_between(
    shop: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(properties, "AT_ONCE", 2)
    monkeypatch.setattr(properties, "ROUNDS", 2)
    for day in range(1, 15):
        sarah = known(shop, day, **({"size": day} if day in (1, 2, 9, 14) else {"other": day}))
    assert values(shop, sarah, "size", limit=2) == [14, 9, 2, 1]
    assert values(shop, sarah, "size", limit=50) == [14, 9, 2, 1]


@pytest.mark.parametrize("name", ["a/b", "history", "a b%", "Größe", "a/history", "a\0b"])
def test_any_name_has_its_address(shop: Counter, name: str) -> None:
    sarah = known(shop, **{name: "M"})
    (change,) = shop.get(listed(shop, sarah)[name]["history"])["items"]
    assert (change["value"], change["holds"]) == ("M", True)


def test_nothing_that_was_never_said_has_a_history(shop: Counter) -> None:
    sarah = known(shop, tier="gold")
    shop.noticed()
    answer = shop.ask("GET", f"{path(sarah)}/size/history")
    assert (answer.status, answer.json()["code"]) == (404, "no_such_property")


def test_nothing_crosses_a_namespace_and_no_cursor_a_property(shop: Counter) -> None:
    for day in (1, 2, 3):
        sarah = known(shop, day, tier=day, size=day)
    shop.noticed()
    cursor = shop.get(f"{path(sarah)}/tier/history", limit=1)["next_cursor"]
    other = shop.ask("GET", f"{path(sarah)}/size/history", query={"cursor": cursor})
    assert (other.status, other.fields()) == (422, {"cursor"})
    sandbox = shop.world.shop.sandbox.api_key
    for address in (path(sarah), f"{path(sarah)}/tier/history"):
        assert shop.ask("GET", address, None, sandbox, {"cursor": cursor}).status == 404


def test_after_a_merge_both_have_spoken_and_after_its_reversal_each_for_itself(
    shop: Counter,
) -> None:
    sarah, tom = known(shop, 1, tier="gold"), known(shop, 2, TOM, tier="silver")
    merge = shop.store.merged(sarah, tom)
    assert values(shop, tom, "tier") == ["silver", "gold"]
    ok(shop.store.post(f"/v1/merges/{merge}/reversal", {"reason": "two people"}))
    assert (values(shop, sarah, "tier"), values(shop, tom, "tier")) == (["gold"], ["silver"])
