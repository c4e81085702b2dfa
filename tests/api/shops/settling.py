"""What the owner of a shop says of its settings over HTTP, and hears."""

import asyncio
import json
from itertools import count
from typing import Any

import httpx
from psycopg_pool import AsyncConnectionPool
from starlette.types import ASGIApp

from aggregates.log.keys import Keyring
from api.shops.keys import Scope, create_key
from api.shops.registry import NewShop, create_shop, namespace_of
from tests.api.memory import Memory
from tests.api.sentences import Api

PATH = "/v1/shop/settings"
NUMBERS = count(1)
Json = dict[str, Any]


class Owner:
    """Of a shop that nobody else has to do with."""

    def __init__(
        self, loop: asyncio.Runner, app: ASGIApp, pool: AsyncConnectionPool, keyring: Keyring
    ) -> None:
        self.loop, self.pool = loop, pool
        domain = f"settled-{next(NUMBERS)}.example"

        async def create() -> None:
            async with pool.connection() as connection:
                self.shop = await create_shop(connection, keyring, NewShop(domain=domain))
                self.namespace = await namespace_of(connection, domain, "live")
                self.sandbox = await namespace_of(connection, domain, "sandbox")

        loop.run(create())
        self.api = Api(loop, app, Memory(), self.shop)

    def key(self, *scopes: Scope) -> str:
        async def create() -> str:
            async with self.pool.connection() as connection:
                return await create_key(connection, self.namespace, "live", scopes)

        return self.loop.run(create())

    def put(self, body: object, key: str | None = None, **headers: str) -> httpx.Response:
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        key = key or self.shop.live.api_key
        return self.api.send("PUT", PATH, key=key, content=sent, headers=named)

    def wants(self, reason: str | None = None, **identity: object) -> Json:
        """The whole as it is afterwards."""
        answer = self.put({"identity": identity} | ({"reason": reason} if reason else {}))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def reads(self, key: str | None = None) -> Json:
        answer = self.api.get(PATH, key)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def history(self, **asked: object) -> Json:
        answer = self.api.get(f"{PATH}/history", params=asked)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())
