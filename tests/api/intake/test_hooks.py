"""Shopify's webhooks over HTTP: durable, kept, or refused in a way that Shopify repeats."""

import json
from typing import Any
from uuid import UUID

import pytest

from actors.signals import Busy, Outcome, Unavailable
from api.intake.hooks import MAX_BODY
from tests.api.sentences import SANDBOX_SECRET, SECRET, Api, code_of

ORDER: dict[str, Any] = {
    "id": 820982911946154508,
    "name": "#1001",
    "email": "sarah@shop.example",
    "created_at": "2026-11-20T10:00:00Z",
    "updated_at": "2026-11-20T10:00:00Z",
    "currency": "EUR",
    "total_price": "199.60",
    "customer": {"id": 115310627314723954, "email": "sarah@shop.example"},
}
REFUND = {
    "id": 509562969,
    "order_id": ORDER["id"],
    "created_at": "2026-11-21T10:00:00Z",
    "transactions": [
        {"id": 1, "kind": "refund", "status": "success", "amount": "9.60", "currency": "EUR"}
    ],
}


def letters(api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.admin("GET", "/dead-letters").json()["items"]
    return found


def test_a_signed_order_becomes_a_signal(api: Api) -> None:
    response = api.webhook("orders/create", ORDER)
    assert (response.status_code, response.json()) == (200, {"result": "accepted"})
    (signal,) = api.memory.signals
    assert signal.id == "shopify:delivery-1"
    assert signal.by == "shopify"


def test_a_repeated_delivery_changes_nothing(api: Api) -> None:
    api.webhook("orders/create", ORDER)
    assert api.webhook("orders/create", ORDER).json() == {"result": "duplicate"}


def test_the_secret_that_verifies_decides_the_world(api: Api) -> None:
    api.webhook("orders/create", ORDER)
    api.webhook("orders/create", ORDER, secret=SANDBOX_SECRET)
    live, sandbox = (signal.namespace for signal in api.memory.signals)
    assert live != sandbox
    query = "/v1/profiles?email=sarah@shop.example"
    assert api.get(query).json()["items"][0]["namespace"].endswith("/live")
    answered = api.get(query, key=api.shop.sandbox.api_key).json()
    assert answered["items"][0]["namespace"].endswith("/sandbox")


def test_a_wrong_signature_is_refused(api: Api) -> None:
    another = SECRET + "!"
    assert code_of(api.webhook("orders/create", ORDER, another)) == (401, "bad_signature")
    assert code_of(api.send("POST", "/webhooks/shopify", content=b"{}")) == (404, "unknown_shop")
    assert api.memory.signals == []


@pytest.mark.parametrize("domain", ["other.myshopify.com", "", "not a domain", "x" * 300])
def test_an_unknown_shop_is_refused(api: Api, domain: str) -> None:
    response = api.webhook("orders/create", ORDER, **{"X-Shopify-Shop-Domain": domain})
    assert code_of(response) == (404, "unknown_shop")


def test_the_domain_is_read_without_regard_to_case(api: Api) -> None:
    headers = {"X-Shopify-Shop-Domain": "Quiet-Store.MyShopify.com"}
    assert api.webhook("orders/create", ORDER, **headers).status_code == 200


def test_other_methods_are_refused(api: Api) -> None:
    response = api.send("GET", "/webhooks/shopify")
    assert code_of(response) == (405, "method_not_allowed")
    assert response.headers["allow"] == "POST"


def test_a_body_beyond_2_mb_is_refused_before_it_is_read(api: Api) -> None:
    assert code_of(api.webhook("orders/create", b" " * (MAX_BODY + 1))) == (413, "too_large")


def test_a_body_without_a_length_is_counted_while_it_comes(api: Api) -> None:
    async def chunks() -> Any:
        for _ in range(3):
            yield b" " * (MAX_BODY // 2)

    response = api.send("POST", "/webhooks/shopify", content=chunks())
    assert code_of(response) == (413, "too_large")


@pytest.mark.parametrize(
    ("topic", "body", "reason"),
    [
        ("orders/create", b"{", "untranslatable"),
        ("orders/create", b'{"id": 1}', "untranslatable"),
        ("orders/invented", b"{}", "unknown_topic"),
        ("products/create", b"{}", "not_yet_handled"),
        ("refunds/create", json.dumps(REFUND).encode(), "awaiting_owner"),
    ],
)
def test_what_was_signed_is_kept_with_its_reason(
    api: Api, topic: str, body: bytes, reason: str
) -> None:
    response = api.webhook(topic, body)
    assert (response.status_code, response.json()) == (200, {"result": "kept"})
    (letter,) = letters(api)
    assert (letter["topic"], letter["reason"], letter["status"]) == (topic, reason, "open")


def test_a_refused_signal_is_kept(api: Api) -> None:
    api.memory.answers = lambda _: Outcome(
        profile_id=UUID(int=1), version=1, refused="no", detail="why"
    )
    assert api.webhook("orders/create", ORDER).json() == {"result": "kept"}
    assert [(letter["reason"], letter["detail"]) for letter in letters(api)] == [("no", "why")]


def test_a_bug_of_ours_loses_nothing(api: Api) -> None:
    api.memory.answers = lambda _: RuntimeError("sarah@shop.example")
    assert api.webhook("orders/create", ORDER).json() == {"result": "kept"}
    (letter,) = letters(api)
    assert (letter["reason"], letter["detail"]) == ("internal", "RuntimeError")


def test_a_delivery_kept_twice_is_one_letter(api: Api) -> None:
    for _ in range(2):
        api.webhook("orders/invented", b"{}")
    assert len(letters(api)) == 1


@pytest.mark.parametrize(
    ("raised", "wait"),
    [(Busy(3), "3"), (Unavailable("away"), "2"), (Unavailable("locked", 5), "5")],
)
def test_shopify_is_asked_to_come_back(api: Api, raised: Exception, wait: str) -> None:
    api.memory.answers = lambda _: raised
    response = api.webhook("orders/create", ORDER)
    assert response.status_code == 503
    assert response.headers["retry-after"] == wait
    assert letters(api) == []


def test_nothing_personal_is_stored_in_the_open(api: Api) -> None:
    api.memory.answers = lambda _: RuntimeError("bug")
    api.webhook("orders/create", ORDER)
    assert "sarah" not in json.dumps(letters(api))
