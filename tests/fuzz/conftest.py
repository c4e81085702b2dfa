"""One product for all fuzzing; whatever a test sent, what was accepted can be read afterwards."""

import asyncio
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from uuid_utils.compat import uuid7

from actors.gateway import Gateway
from actors.identities import Identities
from aggregates.log.histories import Histories
from aggregates.log.keys import KEY_BYTES, Keyring
from aggregates.log.owners import PostgresOwners
from aggregates.log.shops import ShopLog
from api.app import create_app
from api.ports import Ports
from api.shops.registry import Created, NewShop, create_shop
from api.shops.rules import Rules
from config.embedded import EmbeddedPostgres
from tests.fuzz.world import ADMIN_TOKEN, SANDBOX_SECRET, SECRET, SHOP, InlineHost, World, noticed


@pytest.fixture(scope="session")
def world(postgres: EmbeddedPostgres) -> Iterator[World]:
    dsn = _database(postgres)
    keyring = Keyring(bytes(KEY_BYTES))
    with asyncio.Runner() as loop:
        pool = loop.run(_opened(dsn))
        host = InlineHost(dsn, keyring)
        rules = Rules(ShopLog(pool, keyring))
        loop.run(rules.catch_up())
        identities = Identities(PostgresOwners(pool), keyring, uuid7, rules.bounds)
        ports = Ports(
            gateway=Gateway([host], identities),
            histories=Histories(pool, keyring),
            identities=identities,
            pool=pool,
            keyring=keyring,
            rules=rules,
            admin_token=ADMIN_TOKEN,
            patience_s=0.0,
        )
        shop = loop.run(_shop(pool, keyring))
        noticed(dsn, keyring)
        made = World(loop, create_app(ports), dsn, shop, host)
        yield made
        made.auditable()
        loop.run(pool.close())


@pytest.fixture(autouse=True)
def readable_afterwards(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "world" in request.fixturenames:
        request.getfixturevalue("world").readable()


def _database(postgres: EmbeddedPostgres) -> str:
    superuser = postgres.dsn.replace("//customer360@/customer360", "//postgres@/postgres")
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("CREATE DATABASE fuzzed TEMPLATE customer360 OWNER customer360")
    return postgres.dsn.replace("@/customer360", "@/fuzzed")


async def _opened(dsn: str) -> AsyncConnectionPool[AsyncConnection[Any]]:
    pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
        dsn, min_size=1, max_size=4, open=False, kwargs={"autocommit": True}
    )
    await pool.open()
    return pool


async def _shop(pool: AsyncConnectionPool, keyring: Keyring) -> Created:
    async with pool.connection() as connection:
        new = NewShop(domain=SHOP, webhook_secret=SECRET, sandbox_secret=SANDBOX_SECRET)
        return await create_shop(connection, keyring, new)
