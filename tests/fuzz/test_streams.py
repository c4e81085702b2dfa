"""Bodies that come in pieces: too many, too few, too slowly, or another length than was said."""

import asyncio

import pytest
from starlette.types import Message

from api import bodies
from tests.fuzz.world import ADMIN_TOKEN, NDJSON, SHOP, Headers, World, as_type, bearer, signed

MB = 1024 * 1024
GONE: Message = {"type": "http.disconnect"}
UNFINISHED: Message = {"type": "http.request", "body": b'{"ty', "more_body": True}


def ways_in(world: World) -> dict[str, tuple[str, list[tuple[bytes, bytes]], int]]:
    """Path, headers, and the most bytes that are taken."""
    key, token = bearer(world.shop.live.api_key), bearer(ADMIN_TOKEN)
    pixel = f"/v1/pixel/{world.shop.live.pixel_key}"
    return {
        "webhook": ("/webhooks/shopify", signed("orders/create", b"{}"), 2 * MB),
        "command": ("/v1/commands", key, 2 * MB),
        "commands": ("/v1/commands", [*key, *as_type(NDJSON)], 8 * MB),
        "pixel": (pixel, as_type("application/json"), MB // 4),
        "import": (f"/admin/imports/shopify-orders?shop={SHOP}", token, 8 * MB),
        "contacts": (f"/admin/imports/contacts?shop={SHOP}&source=crm", token, 8 * MB),
        "retry": ("/admin/dead-letters/retry", token, MB // 4),
        "discard": ("/admin/dead-letters/discard", token, MB // 4),
    }


WAYS = ("webhook", "command", "commands", "pixel", "import", "contacts", "retry", "discard")


@pytest.mark.parametrize("way", WAYS)
def test_a_body_of_one_byte_too_many_is_refused(world: World, way: str) -> None:
    path, headers, limit = ways_in(world)[way]
    chunk = b" " * (MB // 16)
    chunks = [chunk] * (limit // len(chunk))
    assert world.call("POST", path, headers, *chunks, b" ").status == 413
    assert world.call("POST", path, headers, b" " * (limit + 1)).status == 413
    assert world.call("POST", path, headers, *chunks).status in (400, 401, 422)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("length", [b"99999999999", b"9" * 5_000, b"8388609"])
def test_a_length_beyond_the_limit_is_believed(world: World, way: str, length: bytes) -> None:
    path, headers, _ = ways_in(world)[way]
    said: Headers = [*headers, (b"content-length", length)]
    assert world.call("POST", path, said, b"{}").status == 413


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("length", [b"", b"-1", b"abc", b"0", b"1e9", b"\xb2", b"0x10"])
def test_a_length_that_lies_is_not_needed(world: World, way: str, length: bytes) -> None:
    path, headers, _ = ways_in(world)[way]
    said: Headers = [*headers, (b"content-length", length)]
    assert world.call("POST", path, said, b"[", b"]").status in (200, 400, 401, 422)


@pytest.mark.parametrize("way", WAYS)
def test_a_client_who_hangs_up_is_forgotten(world: World, way: str) -> None:
    path, headers, _ = ways_in(world)[way]
    assert world.call("POST", path, headers, UNFINISHED, GONE).status == 299
    assert world.call("POST", path, headers, GONE).status == 299


@pytest.mark.parametrize("way", WAYS)
def test_a_body_in_many_pieces_is_one_body(world: World, way: str) -> None:
    path, headers, _ = ways_in(world)[way]
    assert world.call("POST", path, headers, *([b"", b"{"] * 5_000)).status in (200, 400, 401, 422)


@pytest.mark.parametrize("way", WAYS)
def test_a_body_that_stops_is_given_up(
    world: World, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "PATIENCE_S", 0.05)
    path, headers, _ = ways_in(world)[way]

    async def nothing_more() -> Message:
        await asyncio.sleep(60)
        return GONE

    assert world.call("POST", path, headers, UNFINISHED, then=nothing_more).status == 408
