"""The gate under the real thing: two API processes, hosts that are asked at once, one shopper."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from api.serve import Server
from tests.cluster.delivering import Shop
from tests.cluster.log_checks import assert_whole
from tests.places import NO_TLS

pytestmark = pytest.mark.cluster
PARALLEL, CAP = 50, 3
PATIENCE_S = 30.0


def test_of_fifty_sends_asked_for_at_once_exactly_the_cap_passes(
    server: Server, shop: Shop, second_api: str
) -> None:
    shopper = {"email": "popular@mail.example"}
    asyncio.run(_sent(shop, [server.url], [_agrees(shopper, "yes-g")]))
    asked = [_asks(shopper, f"g{n}") for n in range(PARALLEL)]
    answers = asyncio.run(_sent(shop, [server.url, second_api], asked))
    decisions = [answer["decision"] for answer in answers]
    allowed = [d for d in decisions if d["allowed"]]
    assert len(allowed) == CAP
    assert {d["reason"] for d in decisions if not d["allowed"]} == {"daily_cap_reached:3/3"}
    assert len({d["reservation"]["id"] for d in allowed}) == CAP
    assert len({answer["profile_id"] for answer in answers}) == 1
    again = asyncio.run(_sent(shop, [second_api, server.url], asked))
    assert [answer["decision"] for answer in again] == decisions
    assert all(answer["duplicate"] for answer in again)
    assert_whole(str(server.settings.database_url))


def test_what_was_granted_counts_once_it_is_confirmed_and_not_twice(
    server: Server, shop: Shop, second_api: str
) -> None:
    shopper, urls = {"email": "regular@mail.example"}, [server.url, second_api]
    asyncio.run(_sent(shop, urls, [_agrees(shopper, "yes-r")]))
    (granted,) = asyncio.run(_sent(shop, urls[:1], [_asks(shopper, "r1")]))
    confirm = {
        "type": "RecordMessageSent",
        "profile": shopper,
        "reservation": granted["decision"]["reservation"]["id"],
        "occurred_at": datetime.now(UTC).isoformat(),  # of two moments both are history
    }
    confirms = [confirm | {"id": f"confirm-{n}"} for n in range(10)]
    events = [answer["events"] for answer in asyncio.run(_sent(shop, urls, confirms))]
    assert sorted(events) == [[]] * 9 + [["messages.sent"]]
    engagement = shop.get(f"/v1/profiles/{granted['profile_id']}").json()["engagement"]
    assert engagement["sent_today"] == 1


def test_a_withdrawal_stops_what_was_granted_before(
    server: Server, shop: Shop, second_api: str
) -> None:
    shopper, here, there = {"email": "leaving@mail.example"}, [server.url], [second_api]
    asyncio.run(_sent(shop, here, [_agrees(shopper, "yes-l")]))
    asyncio.run(_sent(shop, here, [_asks(shopper, "l1")]))
    leaves = {"type": "WithdrawConsent", "id": "no-l", "profile": shopper, "scope": "global"}
    asyncio.run(_sent(shop, here, [leaves]))
    confirm = {"type": "RecordMessageSent", "id": "c-l", "profile": shopper, "message_id": "l1"}
    headers = {"Authorization": f"Bearer {shop.api_key}"}
    answer = httpx.post(
        f"{there[0]}/v1/commands", json=confirm, headers=headers, timeout=10, verify=NO_TLS
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "consent_withdrawn")
    (asked,) = asyncio.run(_sent(shop, there, [_asks(shopper, "l2")]))
    assert asked["decision"]["reason"] == "globally_unsubscribed"


def _agrees(shopper: dict[str, str], name: str) -> dict[str, Any]:
    return {
        "type": "GrantConsent",
        "id": name,
        "profile": shopper,
        "channel": "email",
        "address": shopper["email"],
    }


def _asks(shopper: dict[str, str], name: str) -> dict[str, Any]:
    return {
        "type": "RequestSend",
        "id": name,
        "message_id": name,
        "profile": shopper,
        "channel": "email",
        "source": "campaign",
    }


async def _sent(
    shop: Shop, urls: Sequence[str], commands: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """All at once, by turns to each of the processes."""
    headers = {"Authorization": f"Bearer {shop.api_key}"}
    async with httpx.AsyncClient(timeout=PATIENCE_S, headers=headers, verify=NO_TLS) as client:
        posts = (
            client.post(f"{urls[n % len(urls)]}/v1/commands", json=command)
            for n, command in enumerate(commands)
        )
        answers = await asyncio.gather(*posts)
    assert {answer.status_code for answer in answers} == {200}, answers[0].text
    return [answer.json() for answer in answers]
