"""GET and PUT /v1/pins: what each user wants to see first."""

import pytest

from api.shops import pins
from api.shops.keys import prefix_of
from tests.api.merges.store import ok
from tests.api.segments.counter import Counter
from tests.fuzz.world import Answer


def put(shop: Counter, names: object, key: str | None = None, **query: object) -> Answer:
    return shop.ask("PUT", "/v1/pins", {"pins": names}, key, query)


def pinned(shop: Counter, **query: object) -> list[str]:
    return list(shop.get("/v1/pins", **query)["pins"])


def test_nothing_is_pinned_at_first(shop: Counter) -> None:
    user = f"key:{prefix_of(shop.world.shop.live.api_key)}"
    assert shop.get("/v1/pins") == {"user": user, "pins": [], "changed_at": None}


def test_pins_stay_in_their_order(shop: Counter) -> None:
    assert ok(put(shop, ["tier", "contact.email", "Größe"]))["changed_at"] is not None
    assert pinned(shop) == ["tier", "contact.email", "Größe"]
    put(shop, ["Größe", "tier"])
    assert pinned(shop) == ["Größe", "tier"]
    put(shop, [])
    assert pinned(shop) == []


def test_each_user_has_their_own(shop: Counter) -> None:
    put(shop, ["tier"], user="anna")
    put(shop, ["size"], user="u-17")
    put(shop, ["vip"])
    assert (pinned(shop, user="anna"), pinned(shop, user="u-17")) == (["tier"], ["size"])
    assert pinned(shop) == ["vip"]


def test_pins_of_one_world_are_not_those_of_another(shop: Counter) -> None:
    sandbox = shop.world.shop.sandbox.api_key
    put(shop, ["tier"], user="anna")
    assert ok(shop.ask("GET", "/v1/pins", None, sandbox, {"user": "anna"}))["pins"] == []
    put(shop, ["size"], sandbox, user="anna")
    assert pinned(shop, user="anna") == ["tier"]


@pytest.mark.parametrize(
    ("names", "field"),
    [
        (["tier", "size", "tier"], "pins[2]"),
        (["tier", ""], "pins[1]"),
        (["x" * 109], "pins[0]"),
        (["a\0b"], "pins[0]"),
        ([7], "pins[0]"),
        (["x"] * 51, "pins"),
        ("tier", "pins"),
    ],
)
def test_what_is_wrong_is_named(shop: Counter, names: object, field: str) -> None:
    refused = put(shop, names)
    assert refused.status == 422
    assert {name.replace("[...]", "[0]") for name in refused.fields()} <= {field, "pins[0]"}
    assert pinned(shop) == []


@pytest.mark.parametrize("user", ["", "key:c360_live_x", "anna@shop.example", "x" * 101, "a\0"])
def test_nobody_has_such_a_name(shop: Counter, user: str) -> None:
    assert shop.ask("GET", "/v1/pins", query={"user": user}).fields() == {"user"}
    assert put(shop, ["tier"], user=user).fields() == {"user"}


def test_only_who_may_write_pins(shop: Counter) -> None:
    shop.world.rows("UPDATE api_keys SET scopes = '{read}' RETURNING 1")
    assert put(shop, ["tier"]).status == 403
    assert pinned(shop) == []


def test_beyond_a_number_of_users_nobody_new_pins(
    shop: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pins, "MOST_USERS", 2)
    assert [put(shop, ["tier"], user=user).status for user in "abc"] == [200, 200, 409]
    assert put(shop, ["size"], user="a").status == 200
    assert pinned(shop, user="a") == ["size"]
