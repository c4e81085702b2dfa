"""Kept deliveries: listed, retried by hand and by themselves, discarded."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

from psycopg_pool import AsyncConnectionPool

from actors.signals import Busy, Outcome
from aggregates.log.keys import Keyring
from api.letters.retries import Retries, Tally
from api.letters.store import DeadLetters
from api.operations.counts import Counts
from api.ports import Ports
from tests.api.intake.test_hooks import ORDER, REFUND, letters
from tests.api.sentences import Api, code_of


def post(api: Api, verb: str, body: object) -> Any:
    return api.admin("POST", f"/dead-letters/{verb}", content=json.dumps(body)).json()


def test_a_letter_is_retried_after_a_fix(api: Api) -> None:
    api.memory.answers = lambda _: RuntimeError("bug")
    api.webhook("orders/create", ORDER)
    assert post(api, "retry", {"all": True}) == {"retried": 0, "failed": 1}
    api.memory.answers = lambda _: None
    (letter,) = letters(api)
    assert letter["attempts"] == 1
    assert post(api, "retry", {"letters": [letter["letter_id"]]}) == {"retried": 1, "failed": 0}
    assert letters(api) == []
    first, *_, last = api.memory.signals
    assert first == last
    assert api.get("/v1/profiles?email=sarah@shop.example").json()["items"]


def test_letters_are_retried_by_reason(api: Api) -> None:
    api.webhook("orders/invented", b"{}", **{"X-Shopify-Webhook-Id": "1"})
    api.webhook("products/create", b"{}", **{"X-Shopify-Webhook-Id": "2"})
    assert post(api, "retry", {"reason": "unknown_topic"}) == {"retried": 0, "failed": 1}


def test_a_letter_that_is_gone_is_not_retried(api: Api) -> None:
    assert post(api, "retry", {"letters": [str(uuid4())]}) == {"retried": 0, "failed": 1}


def test_a_command_kept_for_a_bug_is_retried_as_it_was_sent(api: Api) -> None:
    api.memory.answers = lambda _: Outcome(
        profile_id=UUID(int=1), version=0, refused="internal", detail="KeyError"
    )
    body = {"type": "SetContact", "profile": {"email": "sarah@shop.example"}, "first_name": "S"}
    api.post("/v1/commands", json.dumps(body), {"Idempotency-Key": "from-header"})
    api.memory.answers = lambda _: None
    assert post(api, "retry", {"all": True}) == {"retried": 1, "failed": 0}
    first, second = api.memory.signals
    assert first == second


def test_discarded_letters_stay_discarded(api: Api) -> None:
    api.webhook("orders/invented", b"{}")
    assert post(api, "discard", {"reason": "unknown_topic"}) == {"discarded": 1}
    api.webhook("orders/invented", b"{}")
    assert letters(api) == []
    found = api.admin("GET", "/dead-letters?status=discarded").json()["items"]
    assert [letter["status"] for letter in found] == ["discarded"]


def test_a_busy_gateway_stops_the_retries(api: Api) -> None:
    api.webhook("refunds/create", REFUND)
    api.memory.answers = lambda _: Busy(2)
    response = api.admin("POST", "/dead-letters/retry", content='{"all":true}')
    assert code_of(response) == (503, "busy")
    assert [letter["attempts"] for letter in letters(api)] == [0]


def test_what_to_retry_must_be_said_in_one_way(api: Api) -> None:
    for body in ("{}", '{"all":true,"reason":"x"}', '{"letters":["x"]}'):
        response = api.admin("POST", "/dead-letters/retry", content=body)
        assert code_of(response) == (422, "invalid")


def test_letters_are_listed_in_pages(api: Api) -> None:
    for number in range(3):
        api.webhook("orders/invented", b"{}", **{"X-Shopify-Webhook-Id": str(number)})
    first = api.admin("GET", "/dead-letters?limit=2").json()
    second = api.admin("GET", f"/dead-letters?limit=2&cursor={first['next_cursor']}").json()
    assert (len(first["items"]), len(second["items"])) == (2, 1)
    ids = {letter["letter_id"] for letter in first["items"] + second["items"]}
    assert len(ids) == 3
    assert second["next_cursor"] is None
    assert code_of(api.admin("GET", "/dead-letters?cursor=x")) == (422, "invalid")


def test_a_refund_is_taken_up_once_its_order_is_known(
    api: Api, ports: Ports, loop: asyncio.Runner, keyring: Keyring
) -> None:
    api.webhook("refunds/create", REFUND)
    dead_letters = DeadLetters(ports.pool, keyring)
    assert loop.run(dead_letters.arrived(10)) == []
    api.webhook("orders/create", ORDER, **{"X-Shopify-Webhook-Id": "delivery-2"})
    loop.run(claim_all(api, ports.pool, keyring))
    retries = Retries(ports, dead_letters, Counts())
    arrived = loop.run(dead_letters.arrived(10))
    assert loop.run(retries.these(arrived)) == Tally(retried=1, failed=0)
    (profile,) = api.get("/v1/profiles?email=sarah@shop.example").json()["items"]
    assert profile["commerce"]["refunded"] == {"amount": "9.60", "currency": "EUR"}


def test_a_letter_that_fails_again_is_left_alone_for_a_while(
    api: Api, ports: Ports, loop: asyncio.Runner, keyring: Keyring
) -> None:
    api.webhook("refunds/create", REFUND)
    api.webhook("orders/create", ORDER, **{"X-Shopify-Webhook-Id": "delivery-2"})
    loop.run(claim_all(api, ports.pool, keyring))
    api.memory.owned.clear()
    dead_letters = DeadLetters(ports.pool, keyring)
    retries = Retries(ports, dead_letters, Counts())
    arrived = loop.run(dead_letters.arrived(10))
    assert loop.run(retries.these(arrived)) == Tally(retried=0, failed=1)
    assert loop.run(dead_letters.arrived(10)) == []


async def claim_all(api: Api, pool: AsyncConnectionPool, keyring: Keyring) -> None:
    """What the hosts do: put the identifiers they saw into the table."""
    async with pool.connection() as connection:
        for (namespace, known), profile in api.memory.owned.items():
            digest = keyring.namespace(namespace).digest(known.kind, known.value)
            await connection.execute(
                "INSERT INTO identifiers VALUES (%s, %s, %s)", (namespace, digest, profile)
            )
