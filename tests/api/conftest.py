"""One API over one database with one shop for all tests; each finds it empty."""

import asyncio
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from starlette.types import ASGIApp

from aggregates.log.keys import KEY_BYTES, Keyring
from aggregates.log.shops import ShopLog
from api.app import create_app
from api.ports import Ports
from api.shops.registry import Created, NewShop, create_shop
from api.shops.rules import Rules
from config.embedded import EmbeddedPostgres
from tests.api.memory import Memory
from tests.api.sentences import ADMIN_TOKEN, NOW, SANDBOX_SECRET, SECRET, SHOP, Api


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    return Keyring(bytes(KEY_BYTES))


@pytest.fixture(scope="session")
def shops_database(postgres: EmbeddedPostgres) -> str:
    superuser = postgres.dsn.replace("//customer360@/customer360", "//postgres@/postgres")
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("CREATE DATABASE shops TEMPLATE customer360 OWNER customer360")
    return postgres.dsn.replace("@/customer360", "@/shops")


@pytest.fixture(scope="session")
def pool(loop: asyncio.Runner, shops_database: str) -> Iterator[AsyncConnectionPool]:
    async def opened() -> AsyncConnectionPool[AsyncConnection[Any]]:
        made = AsyncConnectionPool(
            shops_database, min_size=1, max_size=4, open=False, kwargs={"autocommit": True}
        )
        await made.open()
        return made

    pool = loop.run(opened())
    yield pool
    loop.run(pool.close())


@pytest.fixture(scope="session")
def shop(loop: asyncio.Runner, pool: AsyncConnectionPool, keyring: Keyring) -> Created:
    async def create() -> Created:
        async with pool.connection() as connection:
            new = NewShop(domain=SHOP, webhook_secret=SECRET, sandbox_secret=SANDBOX_SECRET)
            return await create_shop(connection, keyring, new)

    return loop.run(create())


@pytest.fixture(scope="session")
def memory() -> Memory:
    return Memory(now=lambda: NOW)


@pytest.fixture(scope="session")
def rules(loop: asyncio.Runner, pool: AsyncConnectionPool, keyring: Keyring) -> Rules:
    made = Rules(ShopLog(pool, keyring))
    loop.run(made.catch_up())
    return made


@pytest.fixture(scope="session")
def ports(memory: Memory, pool: AsyncConnectionPool, keyring: Keyring, rules: Rules) -> Ports:
    return Ports(
        gateway=memory,
        histories=memory,
        identities=memory,
        pool=pool,
        keyring=keyring,
        rules=rules,
        admin_token=ADMIN_TOKEN,
        now=lambda: NOW,
    )


@pytest.fixture(scope="session")
def app(ports: Ports) -> ASGIApp:
    return create_app(ports)


@pytest.fixture
def api(
    loop: asyncio.Runner, app: ASGIApp, memory: Memory, pool: AsyncConnectionPool, shop: Created
) -> Api:
    """Over a memory that remembers nothing and tables without letters and identifiers."""

    async def empty() -> None:
        async with pool.connection() as connection:
            await connection.execute("DELETE FROM dead_letters")
            await connection.execute("DELETE FROM identifiers")

    loop.run(empty())
    memory.forget()
    return Api(loop, app, memory, shop)
