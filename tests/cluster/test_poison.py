"""Thousands of poisonous requests and hundreds of slow ones: answered, remembered, forgotten."""

import asyncio
import json
import socket
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from hmac import digest
from typing import NamedTuple

import httpx
import psutil
import psycopg
import pytest

from aggregates.log.keys import Keyring, read_keyring
from api.letters.letter import Letter
from api.serve import Server
from tests.api.webhooks.said import WHOLE
from tests.cluster.conftest import SECRET, worlds
from tests.cluster.delivering import Shop
from tests.cluster.log_checks import assert_whole
from tests.fuzz.poison import BODIES, VALUES
from tests.fuzz.samples import places, put
from tests.places import NO_TLS
from tests.processes import parts_of

pytestmark = pytest.mark.cluster
DOMAIN = "poisoned.myshopify.com"
ROUNDS = 5
CONNECTIONS = 16
GROWTH_BYTES = 50_000_000
HOARDED = 40
HOARDED_CHARACTERS = 400_000
SLOW = 400  # half of them heads that do not end, half bodies that drip
DRIPS = 3
NDJSON = "application/x-ndjson"
NAMESPACE = "SELECT namespace_id FROM namespaces JOIN shops USING (shop_id) WHERE domain = %s"


class Sending(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes


class Poisoner:
    """Every round sends the same under new ids."""

    def __init__(self, server: Server, shop: Shop) -> None:
        token = server.settings.admin_token_file.read_text().strip()
        self._admin = {"Authorization": f"Bearer {token}"}
        self._key = {"Authorization": f"Bearer {shop.api_key}"}
        self._shop = shop

    def round(self, number: int) -> Iterator[Sending]:
        for name, body in BODIES.items():
            yield from self._everywhere(body)
            yield self._delivered(f"{number}-{name}", "orders/create", body)
        for topic, whole in WHOLE.items():
            for place, path in enumerate(places(whole)):
                value = VALUES[(place + number * 31) % len(VALUES)]
                body = json.dumps(put(whole, path, value)).encode()
                yield self._delivered(f"{number}-{topic}-{place}", topic, body)
        for nth in range(HOARDED):
            yield self._delivered(f"{number}-hoarded-{nth}", "orders/create", _hoarded(number, nth))

    def _everywhere(self, body: bytes) -> Iterator[Sending]:
        for kind in ("application/json", NDJSON):
            yield Sending("/v1/commands", self._key | {"Content-Type": kind}, body)
            yield Sending("/v1/pixel/nobody", {"Content-Type": kind}, body)
        imports = f"/admin/imports/shopify-orders?shop={self._shop.domain}"
        yield Sending(imports, self._admin, body)
        yield Sending("/admin/dead-letters/discard", self._admin, body)

    def _delivered(self, webhook_id: str, topic: str, body: bytes) -> Sending:
        signature = b64encode(digest(SECRET.encode(), body, "sha256")).decode()
        said = {"Topic": topic, "Shop-Domain": DOMAIN, "Hmac-Sha256": signature}
        said["Webhook-Id"] = webhook_id
        headers = {f"X-Shopify-{name}": value for name, value in said.items()}
        return Sending("/webhooks/shopify", headers, body)


def test_poison_is_refused_or_kept_and_no_memory_of_it_stays(server: Server) -> None:
    shop = worlds(server, DOMAIN)[0]
    poisoner = Poisoner(server, shop)
    warm = _sent(server, poisoner.round(0))
    before = _memory()
    answers = {k: v for n in range(1, ROUNDS) for k, v in _sent(server, poisoner.round(n)).items()}
    grown = {name: after - before[name] for name, after in _memory().items()}
    assert max(grown.values()) < GROWTH_BYTES, grown
    assert len(answers) == len(warm) * (ROUNDS - 1)
    _assert_remembered(server, answers)
    assert_whole(str(server.settings.database_url))


def test_who_is_slow_does_not_stop_the_others(server: Server, shop: Shop) -> None:
    address = (server.settings.host, server.settings.port)
    head = f"POST /v1/commands HTTP/1.1\r\nAuthorization: Bearer {shop.api_key}\r\n".encode()
    with ExitStack() as closing, httpx.Client(timeout=20, verify=NO_TLS) as client:
        slow = [closing.enter_context(socket.create_connection(address)) for _ in range(SLOW)]
        for nth, connection in enumerate(slow):
            connection.sendall(head + (b"Content-Length: 99\r\n\r\n" if nth % 2 else b"X: "))
        for drip in range(DRIPS):
            for connection in slow:
                connection.sendall(b" ")
            order = _order(drip)
            headers = {"Authorization": f"Bearer {shop.api_key}"}
            for _ in range(20):
                answer = client.post(f"{server.url}/v1/commands", json=order, headers=headers)
                assert answer.status_code == 200, answer.text
                assert client.get(f"{server.url}/readyz").status_code == 200


def _hoarded(number: int, nth: int) -> bytes:
    """A price that is worth remembering to nobody."""
    line = {"price": "9" * HOARDED_CHARACTERS + f"{number}{nth}", "quantity": 1}
    return json.dumps(WHOLE["orders/create"] | {"line_items": [line]}).encode()


def _order(number: int) -> dict[str, object]:
    return {
        "type": "RecordOrder",
        "id": f"beside-the-slow-{number}",
        "profile": {"email": "ada@lane.shop"},
        "order_id": str(number),
        "placed_at": "2026-11-20T10:00:00Z",
        "total": {"amount": "1.00", "currency": "GBP"},
    }


def _sent(server: Server, sendings: Iterable[Sending]) -> dict[str, tuple[Sending, str]]:
    """Each signed delivery with what it was answered, by its id. Nothing is answered by a 5xx."""
    return asyncio.run(_send(server.url, iter(sendings)))


async def _send(url: str, sendings: Iterator[Sending]) -> dict[str, tuple[Sending, str]]:
    answers: dict[str, tuple[Sending, str]] = {}

    async def connection(client: httpx.AsyncClient) -> None:
        for sending in sendings:
            answer = await client.post(
                url + sending.path, headers=sending.headers, content=sending.body
            )
            assert answer.status_code < 500, (sending, answer.text)
            if webhook_id := sending.headers.get("X-Shopify-Webhook-Id"):
                assert answer.status_code == 200, (sending, answer.text)
                answers[webhook_id] = (sending, answer.json()["result"])

    async with httpx.AsyncClient(timeout=30, verify=NO_TLS) as client:
        await asyncio.gather(*(connection(client) for _ in range(CONNECTIONS)))
    return answers


def _assert_remembered(server: Server, answers: dict[str, tuple[Sending, str]]) -> None:
    """Each signed delivery is processed or among the dead letters."""
    keyring = read_keyring(server.settings.master_key_file)
    with psycopg.connect(str(server.settings.database_url)) as connection:
        namespace = min(connection.execute(NAMESPACE, (DOMAIN,)).fetchall())[0]
        processed = {key for (key,) in connection.execute("SELECT key FROM commands")}
        letters = {key for (key,) in connection.execute("SELECT letter_id FROM dead_letters")}
    kept = 0
    for webhook_id, (sending, result) in answers.items():
        if result == "kept":
            assert _letter(namespace, webhook_id, sending).letter_id(keyring) in letters
            kept += 1
        else:
            assert _processed_as(namespace, webhook_id, keyring) in processed, result
    assert kept > len(answers) // 4
    assert kept < len(answers)


def _letter(namespace: int, webhook_id: str, sending: Sending) -> Letter:
    topic = sending.headers["X-Shopify-Topic"]
    return Letter(
        namespace=namespace,
        source="shopify",
        topic=topic,
        received_at=datetime.now(UTC),
        body=sending.body,
        key=webhook_id,
    )


def _processed_as(namespace: int, webhook_id: str, keyring: Keyring) -> bytes:
    return keyring.namespace(namespace).digest("command", f"shopify:{webhook_id}")


def _memory() -> dict[str, int]:
    """RSS in bytes of every API process and host."""
    found = parts_of(psutil.Process())
    return {
        f"{name} {process.pid}": process.memory_info().rss
        for process, name in found
        if name in ("api", "host")
    }
