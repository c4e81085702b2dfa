"""Signed deliveries with a member turned into something else: an event or a letter, each alone."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from api.webhooks.shopify.translate import TRANSLATORS
from tests.api.webhooks.said import WHOLE
from tests.fuzz import doors
from tests.fuzz.poison import RAW_VALUES
from tests.fuzz.samples import Path, places, put
from tests.fuzz.world import NUMBERS, World, signed

Json = dict[str, Any]
WRONG: tuple[object, ...] = (
    *(None, "", " ", "x", "\x00", "\x00x", "9" * 40, "x" * 5_000, "ﬃ" * 300 + "@lane.shop"),
    *("1e5", "NaN", "-0.00", "€€€", "0000-01-01", "9999-12-31T23:59:59-14:00", "\u202e\u2028"),
    *(0, -1, 2**53, 2**64, 10**400, -(10**400), 1.5, -1e300, True, False),
    *([], {}, [None], [[]], {"": None}, ["x"] * 300, [{}] * 300),
)
ORDER_ID = 820982911946154508


def body_of(topic: str) -> Json:
    """A true body of that topic, or of another with the same translator."""
    if topic in WHOLE:
        return dict(WHOLE[topic])
    resource = topic.partition("/")[0].partition(".")[0]
    similar = next(known for known in WHOLE if known.startswith(resource))
    return dict(WHOLE[similar])


def of_its_own(body: Json) -> bytes:
    """The body about another thing than any before, so that it repeats none."""
    text = json.dumps(body)
    return text.replace(str(ORDER_ID), str(ORDER_ID + next(NUMBERS))).encode()


def members() -> Iterator[Any]:
    """Every member that a translator reads; what lies within others only where it comes first."""
    met: set[object] = set()
    for topic, translator in TRANSLATORS.items():
        for path in places(body_of(topic)):
            about = getattr(translator, "__qualname__", "") if len(path) == 1 else path[-2]
            if (about, path[-1]) not in met:
                met.add((about, path[-1]))
                yield pytest.param(topic, path, id=f"{topic} {'.'.join(map(str, path))}")


@pytest.mark.parametrize(("topic", "path"), list(members()))
def test_a_wrong_member_harms_its_delivery_alone(world: World, topic: str, path: Path) -> None:
    true = body_of(topic)
    wrong = [json.dumps(put(true, path, value)).encode() for value in WRONG]
    wrong += [_raw(true, path, value) for value in RAW_VALUES]
    good = [of_its_own(WHOLE["orders/create"]) for _ in range(2)]
    deliveries = [("orders/create", good[0]), *((topic, each) for each in wrong)]
    deliveries.append(("orders/create", good[1]))
    answers = world.all(
        *(("POST", "/webhooks/shopify", signed(said, body), body) for said, body in deliveries)
    )
    results = [answer.json()["result"] for answer in answers]
    assert {answer.status for answer in answers} == {200}
    assert (results[0], results[-1]) == ("accepted", "accepted")
    assert set(results) <= {"accepted", "duplicate", "kept"}
    assert _bugs(world) == []


@pytest.mark.parametrize("topic", [*TRANSLATORS, "orders/invented", "", "a" * 300, "ORDERS/CREATE"])
@pytest.mark.parametrize("body", [b"{}", b"null", b"[]", b'{"id": 1}', b"\xff", b""])
def test_any_topic_with_any_body_is_taken(world: World, topic: str, body: bytes) -> None:
    assert doors.webhook(world, body, topic).status == 200
    assert _bugs(world) == []


@pytest.mark.parametrize(
    "header", ["webhook-id", "event-id", "triggered-at", "api-version", "name"]
)
@pytest.mark.parametrize(
    "value", [b"", b"\xff\xfe", b"a" * 65_536, b"0001-01-01T00:00:00+23:59", b"\xe2\x80\xae", b"{}"]
)
def test_a_strange_header_loses_no_delivery(world: World, header: str, value: bytes) -> None:
    body = of_its_own(WHOLE["orders/create"])
    assert _delivered(world, body, {header: value}) == 200
    assert _bugs(world) == []


@pytest.mark.parametrize("signature", [b"", b"x", b"\xff" * 44, b"A" * 43 + b"=", b"a" * 65_536])
def test_what_is_not_signed_is_refused(world: World, signature: bytes) -> None:
    assert _delivered(world, b"{}", {"hmac-sha256": signature}) == 401


def test_a_body_under_the_signature_of_another_is_refused(world: World) -> None:
    headers = signed("orders/create", b"{} ")
    assert world.call("POST", "/webhooks/shopify", headers, b"{}").status == 401


@pytest.mark.parametrize(
    "domain", [b"", b"x", b"\xff", b"a" * 65_536, b"other.myshopify.com", b"..", b"a\xc3\xbc.shop"]
)
def test_a_shop_nobody_knows_is_not_found(world: World, domain: bytes) -> None:
    assert _delivered(world, b"{}", {"shop-domain": domain}) == 404


def _delivered(world: World, body: bytes, changed: Mapping[str, bytes]) -> int:
    headers = signed("orders/create", body, changed=changed)
    return world.call("POST", "/webhooks/shopify", headers, body).status


def _raw(true: Json, path: Path, value: bytes) -> bytes:
    mark = "here it goes"
    return json.dumps(put(true, path, mark)).encode().replace(f'"{mark}"'.encode(), value)


def _bugs(world: World) -> list[Any]:
    return world.rows("SELECT topic, detail FROM dead_letters WHERE reason = 'internal'")
