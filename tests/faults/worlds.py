"""Shops of a running deployment, as their clients know them."""

from itertools import count
from typing import NamedTuple

import httpx
from psycopg import AsyncConnection

from aggregates.log.keys import Keyring
from api.shops.keys import Environment
from api.shops.registry import Created, NewShop, create_shop, namespace_of
from tests.places import NO_TLS

NUMBERS = count(1)


class World(NamedTuple):
    """One environment of one shop, as its clients know it."""

    url: str
    domain: str
    environment: str
    secret: str
    api_key: str
    pixel_key: str
    namespace: int

    def get(self, path: str, **parameters: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.api_key}"}
        url = self.url + path
        return httpx.get(url, params=parameters, headers=headers, timeout=10, verify=NO_TLS)


async def opened(url: str, dsn: str, keyring: Keyring) -> tuple[World, World]:
    """A new shop's live and sandbox environments, each with a secret of its own."""
    domain = f"shop-{next(NUMBERS)}.myshopify.com"
    new = NewShop(
        domain=domain,
        webhook_secret=f"the live secret of {domain}",
        sandbox_secret=f"the sandbox secret of {domain}",
        currency="GBP",
    )
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        made = await create_shop(connection, keyring, new)
        live = await namespace_of(connection, domain, "live")
        sandbox = await namespace_of(connection, domain, "sandbox")
    return _world(url, new, made, "live", live), _world(url, new, made, "sandbox", sandbox)


def _world(url: str, new: NewShop, made: Created, name: Environment, namespace: int) -> World:
    secret = new.webhook_secret if name == "live" else new.sandbox_secret
    keys = made.live if name == "live" else made.sandbox
    assert secret is not None
    return World(url, new.domain, name, secret, keys.api_key, keys.pixel_key, namespace)
