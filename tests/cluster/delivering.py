"""Delivering signed webhooks from many connections, the way Shopify does: again until taken."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import httpx

from api.demo.bench import bench_orders
from tests.places import NO_TLS

PATIENCE_S = 60
PAUSE_S = 0.1


class Shop(NamedTuple):
    url: str
    domain: str
    secret: str
    api_key: str

    def get(self, path: str, **parameters: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.api_key}"}
        return httpx.get(
            self.url + path, params=parameters, headers=headers, timeout=10, verify=NO_TLS
        )


class Delivery(NamedTuple):
    headers: dict[str, str]
    body: bytes


def orders(shop: Shop, count: int, customers: int, seed: int) -> list[Delivery]:
    return [Delivery(*d) for d in bench_orders(count, customers, seed, shop.domain, shop.secret)]


def deliver(
    urls: Sequence[str], deliveries: Iterable[Delivery], connections: int = 32
) -> dict[str, str]:
    """What each delivery was answered, by webhook id; 5xx and broken connections are repeated."""
    return asyncio.run(_deliver(urls, list(deliveries), connections))


async def _deliver(
    urls: Sequence[str], deliveries: list[Delivery], connections: int
) -> dict[str, str]:
    answers: dict[str, str] = {}
    queue = iter(enumerate(deliveries))

    async def connection() -> None:
        async with httpx.AsyncClient(timeout=15, verify=NO_TLS) as client:
            for nth, delivery in queue:
                url = urls[nth % len(urls)] + "/webhooks/shopify"
                answers[delivery.headers["X-Shopify-Webhook-Id"]] = await _taken(
                    client, url, delivery
                )

    async with asyncio.timeout(PATIENCE_S * 3):
        await asyncio.gather(*(connection() for _ in range(connections)))
    return answers


async def _taken(client: httpx.AsyncClient, url: str, delivery: Delivery) -> str:
    for _ in range(int(PATIENCE_S / PAUSE_S)):
        try:
            response = await client.post(url, headers=delivery.headers, content=delivery.body)
        except httpx.TransportError:
            await asyncio.sleep(PAUSE_S)
            continue
        if response.status_code < 500:
            assert response.status_code == 200, response.text
            result: str = response.json()["result"]
            return result
        await asyncio.sleep(PAUSE_S)
    raise AssertionError("a delivery was never taken")
