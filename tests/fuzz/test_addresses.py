"""Paths, query parameters and headers that nobody sends by accident."""

from urllib.parse import quote

import pytest

from tests.fuzz.poison import TEXTS
from tests.fuzz.world import ADMIN_TOKEN, SHOP, World, as_type, bearer

NOBODY = "0199a000-0000-7000-8000-00000000000f"
ODD = (
    *(quote(text[:5_000], safe="") for text in TEXTS),
    "%00",
    "a%00b",
    "%ff%fe",
    "%",
    "%zz",
    "&&",
    "=",
)
PROFILE = f"/v1/profiles/{NOBODY}"
IMPORT = "/admin/imports/shopify-orders"


def reading(world: World, target: str) -> int:
    return world.call("GET", target, bearer(world.shop.live.api_key)).status


@pytest.mark.parametrize(
    "name", ["email", "phone", "cookie", "external_id", "shopify_customer_id", "nobody", ""]
)
def test_no_identifier_in_an_address_makes_us_stumble(world: World, name: str) -> None:
    found = {reading(world, f"/v1/profiles?{name}={odd}") for odd in ODD}
    assert found <= {200, 400, 422}
    assert 422 in found
    assert reading(world, "/v1/profiles?email=a@b.cd&email=a@b.cd") == 400


@pytest.mark.parametrize("name", ["at", "known_at", "version", "after"])
def test_no_moment_of_a_profile_makes_us_stumble(world: World, name: str) -> None:
    for odd in (*ODD, "0", "-1", "9" * 19, "9" * 400, "1.0", "1e3"):
        assert reading(world, f"{PROFILE}?{name}={odd}") in (404, 422)


@pytest.mark.parametrize("name", ["type", "subject", "from_version", "limit", "cursor"])
def test_no_page_of_a_history_makes_us_stumble(world: World, name: str) -> None:
    for odd in (*ODD, "0", "-1", "v" + "9" * 18, "9" * 400, "a.b", "orders.placed%0a", "{}"):
        assert reading(world, f"{PROFILE}/events?{name}={odd}") in (404, 422)


@pytest.mark.parametrize("name", ["status", "limit", "cursor"])
def test_no_page_of_letters_makes_us_stumble(world: World, name: str) -> None:
    for odd in (*ODD, "0", "-1", "201", NOBODY):
        answer = world.call("GET", f"/admin/dead-letters?{name}={odd}", bearer(ADMIN_TOKEN))
        assert answer.status in (200, 422)
        if answer.status == 422:
            assert answer.fields() == {name}


@pytest.mark.parametrize("name", ["shop", "environment"])
def test_no_shop_of_an_import_makes_us_stumble(world: World, name: str) -> None:
    others = {"shop": f"environment=live&shop={SHOP}", "environment": "environment=live"}
    for odd in ODD:
        target = (
            f"{IMPORT}?{name}={odd}&{others['shop' if name == 'environment' else 'environment']}"
        )
        assert world.call("POST", target, bearer(ADMIN_TOKEN), b"{}").status in (200, 404, 422)


@pytest.mark.parametrize(
    "path", ["/v1/profiles/{}", "/v1/profiles/{}/events", "/v1/pixel/{}", "/{}"]
)
def test_no_path_makes_us_stumble(world: World, path: str) -> None:
    for odd in (*ODD, "..", "../..", "{" + NOBODY + "}", f"urn:uuid:{NOBODY}", NOBODY + "%00"):
        method = "POST" if "pixel" in path else "GET"
        key = bearer(world.shop.live.api_key)
        assert world.call(method, path.format(odd), key).status in (200, 400, 404, 405)


@pytest.mark.parametrize(
    "authorization",
    [
        *(b"", b"Bearer", b"Bearer ", b"Basic x", b"Bearer \xff", b"Bearer " + b"a" * 65_536),
        *(b"bearer c360_live_" + b"x" * 43, b"Bearer c360_live_" + b"\xc3" * 43),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/commands"),
        ("GET", PROFILE),
        ("GET", "/admin/dead-letters"),
        ("POST", IMPORT),
        ("POST", "/admin/dead-letters/retry"),
        ("POST", "/admin/dead-letters/discard"),
    ],
)
def test_no_key_but_ours_opens(world: World, method: str, path: str, authorization: bytes) -> None:
    answer = world.call(method, path, [(b"authorization", authorization)], b"{}")
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("kind", ["", ";", "text/html", "application/xml", "application/json\x00"])
def test_a_command_of_another_kind_is_refused(world: World, kind: str) -> None:
    headers = [*bearer(world.shop.live.api_key), *as_type(kind)]
    assert world.call("POST", "/v1/commands", headers, b"{}").status == 415


@pytest.mark.parametrize(
    "key", [b"", b"\x00", b"a\x00b", b"x" * 256, b"x" * 65_536, b"\xff" * 300], ids=repr
)
def test_a_poisonous_idempotency_key_is_named(world: World, key: bytes) -> None:
    headers = [*bearer(world.shop.live.api_key), (b"idempotency-key", key)]
    body = b'{"type": "AddTags", "tags": ["vip"], "profile": {"cookie": "c"}}'
    answer = world.call("POST", "/v1/commands", headers, body)
    assert (answer.status, answer.fields()) == (422, {"id"})


@pytest.mark.parametrize(
    "method", ["GET", "PUT", "DELETE", "PATCH", "HEAD", "TRACE", "BREW", "x" * 99]
)
@pytest.mark.parametrize("path", ["/webhooks/shopify", "/v1/commands", "/v1/pixel/x", IMPORT])
def test_no_method_makes_us_stumble(world: World, method: str, path: str) -> None:
    assert world.call(method, path, bearer(world.shop.live.api_key), b"{}").status == 405
