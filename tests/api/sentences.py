"""api.post(...) and what came of it: given signals, when a request, then an answer and signals."""

import asyncio
import base64
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
from starlette.types import ASGIApp

from api.shops.registry import Created
from tests.api.memory import Memory

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SHOP = "quiet-store.myshopify.com"
SECRET = "a secret of the live shop"  # noqa: S105 - made up here
SANDBOX_SECRET = "a secret of the test shop"  # noqa: S105
ADMIN_TOKEN = "the operator's token"  # noqa: S105


@dataclass
class Api:
    loop: asyncio.Runner
    app: ASGIApp
    memory: Memory
    shop: Created

    def get(self, path: str, key: str | None = None, **more: Any) -> httpx.Response:
        return self.send("GET", path, key=key or self.shop.live.api_key, **more)

    def command(self, **members: Any) -> httpx.Response:
        return self.post_json("/v1/commands", members)

    def commands(self, lines: str | bytes) -> httpx.Response:
        headers = {"content-type": "application/x-ndjson"}
        return self.post("/v1/commands", lines, headers)

    def post_json(self, path: str, body: object, key: str | None = None) -> httpx.Response:
        return self.post(path, json.dumps(body), {"content-type": "application/json"}, key)

    def post(
        self,
        path: str,
        body: str | bytes,
        headers: dict[str, str] | None = None,
        key: str | None = None,
    ) -> httpx.Response:
        key = key or self.shop.live.api_key
        return self.send("POST", path, key=key, content=body, headers=headers or {})

    def webhook(
        self, topic: str, body: object, secret: str = SECRET, **headers: str
    ) -> httpx.Response:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        signature = base64.b64encode(hmac.digest(secret.encode(), raw, "sha256")).decode()
        said = {
            "X-Shopify-Topic": topic,
            "X-Shopify-Shop-Domain": SHOP,
            "X-Shopify-Hmac-Sha256": signature,
            "X-Shopify-Webhook-Id": "delivery-1",
        }
        return self.send("POST", "/webhooks/shopify", content=raw, headers={**said, **headers})

    def admin(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.send(method, f"/admin{path}", key=ADMIN_TOKEN, **more)

    def send(self, method: str, path: str, key: str | None = None, **more: Any) -> httpx.Response:
        async def request() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
                return await client.request(method, path, **more)

        if key is not None:
            more["headers"] = {**(more.get("headers") or {}), "Authorization": f"Bearer {key}"}
        return self.loop.run(request())


def lines(response: httpx.Response) -> list[dict[str, Any]]:
    return msgspec.json.Decoder(dict[str, Any]).decode_lines(response.content)


def faults(response: httpx.Response) -> dict[str, str]:
    """The fields a problem document names, each with its problem."""
    assert response.headers["content-type"] == "application/problem+json"
    return {fault["field"]: fault["problem"] for fault in response.json()["errors"]}


def code_of(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == response.status_code
    assert {"type", "title", "status", "detail", "code"} <= problem.keys()
    return response.status_code, problem["code"]
