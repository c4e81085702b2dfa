"""The storefront pixel: open to every browser, telling nobody anything."""

import json
from typing import Any
from uuid import UUID

import pytest

from actors.signals import Busy, NobodyYet, Outcome
from aggregates.profile.decisions.contact import SetContact
from aggregates.profile.decisions.visits import (
    RecordCart,
    RecordCheckoutStep,
    RecordProductView,
    RecordSearch,
    RecordVisit,
)
from aggregates.profile.identifiers import Identifier
from aggregates.shop.identity_rules import IdentityRules
from api.intake.pixel import signal_of
from tests.api.sentences import NOW, Api, code_of, faults

PAGE = {"type": "page_viewed", "id": "e-1", "cookie": "client-1", "url": "https://shop.example/"}
TAKEN = {"accepted": 1, "duplicates": 0, "refused": []}


def pixel(api: Api, body: object, kind: str = "application/json") -> Any:
    path = f"/v1/pixel/{api.shop.live.pixel_key}"
    raw = body if isinstance(body, str | bytes) else json.dumps(body)
    return api.send("POST", path, content=raw, headers={"content-type": kind})


def commands_of(**members: Any) -> list[object]:
    signal = signal_of(json.dumps(PAGE | members).encode(), 1, NOW, IdentityRules())
    return [step.command for step in signal.steps][1:]


def test_an_event_is_taken_without_a_key_of_the_shop(api: Api) -> None:
    response = pixel(api, PAGE)
    assert (response.status_code, response.json()) == (200, TAKEN)
    (signal,) = api.memory.signals
    assert (signal.by, signal.source.kind) == ("pixel", "pixel")
    assert [(known.kind, known.value) for known in signal.identifiers] == [("cookie", "client-1")]


def test_a_repeat_is_counted_as_one(api: Api) -> None:
    pixel(api, PAGE)
    assert pixel(api, PAGE).json() == {"accepted": 0, "duplicates": 1, "refused": []}


def test_ids_of_different_browsers_do_not_meet(api: Api) -> None:
    pixel(api, PAGE)
    assert pixel(api, PAGE | {"cookie": "client-2"}).json() == TAKEN


def test_the_stored_ids_do_not_hold_the_cookie() -> None:
    signal = signal_of(json.dumps(PAGE).encode(), 1, NOW, IdentityRules())
    visit = signal.steps[0].command
    assert isinstance(visit, RecordVisit)
    assert "client-1" not in signal.id + visit.visit_id


def test_pages_of_a_day_are_one_visit() -> None:
    def visit(at: str) -> object:
        signal = signal_of(json.dumps(PAGE | {"occurred_at": at}).encode(), 1, NOW, IdentityRules())
        return signal.steps[0].command

    assert visit("2026-11-20T01:00:00Z") == visit("2026-11-20T23:00:00Z")
    assert visit("2026-11-20T01:00:00Z") != visit("2026-11-21T01:00:00Z")


def test_each_event_says_what_it_is() -> None:
    price = {"amount": "9.90", "currency": "EUR"}
    product = {"id": "42", "title": "Mug", "price": price}
    (viewed,) = commands_of(type="product_viewed", product=product)
    assert isinstance(viewed, RecordProductView)
    assert (viewed.product_id, viewed.title) == ("42", "Mug")
    items = [{"quantity": 2, "product_id": "42"}]
    (cart,) = commands_of(type="cart_updated", cart_token="c", items=items)  # noqa: S106
    assert isinstance(cart, RecordCart)
    assert cart.items[0].quantity == 2
    (step,) = commands_of(type="checkout_started", checkout_token="c")  # noqa: S106
    assert isinstance(step, RecordCheckoutStep)
    assert step.step == "started"
    (search,) = commands_of(type="search_performed", query="mug")
    assert isinstance(search, RecordSearch)
    (contact,) = commands_of(type="form_submitted", email="Sarah@Shop.example", first_name="S")
    assert isinstance(contact, SetContact)
    assert contact.email == "sarah@shop.example"


def test_a_form_recognises_by_what_was_typed(api: Api) -> None:
    pixel(api, PAGE | {"type": "form_submitted", "email": "sarah@shop.example", "phone": "nope"})
    assert [known.kind for known in api.memory.signals[0].identifiers] == ["cookie", "email"]


def test_a_form_cannot_claim_a_marketplaces_account(api: Api) -> None:
    pixel(api, PAGE | {"type": "form_submitted", "email": "x1@marketplace.amazon.de"})
    (signal,) = api.memory.signals
    assert [known.kind for known in signal.identifiers] == ["cookie"]


def test_a_borrowed_address_in_a_form_has_no_power_to_merge(api: Api) -> None:
    pixel(api, PAGE | {"type": "form_submitted", "email": "sarah@mailinator.com"})
    (signal,) = api.memory.signals
    assert signal.powerless == (Identifier("email", "sarah@mailinator.com"),)


def test_a_form_with_a_mistyped_address_is_still_a_visit(api: Api) -> None:
    assert pixel(api, PAGE | {"type": "form_submitted", "email": "sarah@"}).json() == TAKEN


def test_many_events_are_taken_at_once(api: Api) -> None:
    sent = [PAGE, PAGE | {"id": "e-2"}, PAGE | {"cookie": ""}, {"type": "nonsense"}]
    lines = "\n".join(json.dumps(each) for each in sent)
    answer = pixel(api, lines, "application/x-ndjson").json()
    assert answer["accepted"] == 2
    assert [(each["line"], each["why"]["status"]) for each in answer["refused"]] == [
        (3, 422),
        (4, 422),
    ]


def test_a_beacon_may_say_text_plain(api: Api) -> None:
    assert pixel(api, PAGE, "text/plain;charset=UTF-8").json() == TAKEN


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "nonsense"}, "type"),
        ({"cookie": None}, "cookie"),
        ({"occurred_at": "2026-11-21T13:00:00Z"}, "occurred_at"),
        ({"type": "product_viewed"}, "product"),
    ],
)
def test_what_is_wrong_is_named(api: Api, change: dict[str, Any], field: str) -> None:
    response = pixel(api, PAGE | change)
    assert response.status_code == 422
    assert field in faults(response)


def test_a_cookie_that_recognises_nobody_is_refused(api: Api) -> None:
    assert "cookie" in faults(pixel(api, PAGE | {"cookie": "undefined"}))


@pytest.mark.parametrize("key", ["c360_pixel_nonsense", "%00", "c360_pixel_" + "x" * 24])
def test_an_unknown_pixel_key_is_refused(api: Api, key: str) -> None:
    response = api.send("POST", f"/v1/pixel/{key}", content=json.dumps(PAGE))
    assert code_of(response) == (404, "unknown_pixel")
    assert response.headers["access-control-allow-origin"] == "*"


def test_limits_are_named(api: Api) -> None:
    lines = f"{json.dumps(PAGE)}\n" * 101
    assert code_of(pixel(api, lines, "application/x-ndjson")) == (413, "too_many_lines")
    assert code_of(pixel(api, " " * 300_000)) == (413, "too_large")


def test_a_browser_may_ask_first(api: Api) -> None:
    response = api.send("OPTIONS", f"/v1/pixel/{api.shop.live.pixel_key}")
    assert response.status_code == 204
    assert response.headers["access-control-allow-headers"] == "Content-Type"


def test_every_browser_may_read_the_answer(api: Api) -> None:
    assert pixel(api, PAGE).headers["access-control-allow-origin"] == "*"
    assert pixel(api, "{").headers["access-control-allow-origin"] == "*"


def test_a_busy_gateway_asks_for_everything_again(api: Api) -> None:
    api.memory.answers = lambda _: Busy(4)
    response = pixel(api, json.dumps(PAGE), "application/x-ndjson")
    assert code_of(response) == (503, "busy")
    assert response.headers["retry-after"] == "4"


def test_an_event_we_stumble_over_leaves_the_others_alone(api: Api) -> None:
    stumbled = [RuntimeError("bug"), NobodyYet()]
    api.memory.answers = lambda signal: stumbled.pop() if signal.id.endswith(":bad") else None
    sent = [PAGE | {"id": "bad"}, PAGE, PAGE | {"id": "bad"}]
    answer = pixel(api, "\n".join(json.dumps(each) for each in sent), "application/x-ndjson")
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)
    assert [each["why"]["status"] for each in answer.json()["refused"]] == [404, 500]


def test_an_event_that_could_not_be_decided_counts_as_accepted_because_it_is_kept(api: Api) -> None:
    api.memory.answers = lambda _: Outcome(profile_id=UUID(int=1), version=0, refused="internal")
    assert pixel(api, PAGE).json() == TAKEN
    assert pixel(api, json.dumps(PAGE), "application/x-ndjson").json() == TAKEN
    (letter,) = api.admin("GET", "/dead-letters").json()["items"]
    assert (letter["source"], letter["reason"]) == ("pixel", "internal")
