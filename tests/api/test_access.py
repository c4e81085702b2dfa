"""Who gets in: keys, their scopes, and what is said to those who do not."""

import asyncio
from collections.abc import Sequence

import pytest
from psycopg_pool import AsyncConnectionPool

from api.ports import Ports
from api.shops.directory import Directory
from api.shops.keys import Scope, create_key, prefix_of, revoke_key
from api.shops.registry import namespace_of
from tests.api.sentences import SHOP, Api, code_of

PATH = "/v1/profiles?email=sarah@shop.example"


def new_key(loop: asyncio.Runner, pool: AsyncConnectionPool, scopes: Sequence[Scope]) -> str:
    async def create() -> str:
        async with pool.connection() as connection:
            number = await namespace_of(connection, SHOP, "live")
            return await create_key(connection, number, "live", scopes)

    return loop.run(create())


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "nonsense"])
def test_without_a_key_nobody_gets_in(api: Api, header: str) -> None:
    response = api.send("GET", PATH, headers={"Authorization": header})
    assert code_of(response) == (401, "unauthorized")
    assert response.headers["www-authenticate"] == 'Bearer realm="customer360"'


@pytest.mark.parametrize("key", ["guess", "c360_live_" + "x" * 43, "c360_live_" + "x" * 10_000])
def test_an_unknown_key_is_told_so(api: Api, key: str) -> None:
    response = api.get(PATH, key=key)
    assert code_of(response) == (401, "unauthorized")
    assert 'error="invalid_token"' in response.headers["www-authenticate"]
    assert key not in response.text


def test_a_key_without_the_scope_is_forbidden(
    api: Api, loop: asyncio.Runner, pool: AsyncConnectionPool
) -> None:
    reader = new_key(loop, pool, ["read"])
    assert api.get(PATH, key=reader).status_code == 200
    response = api.post("/v1/commands", "{}", key=reader)
    assert code_of(response) == (403, "forbidden")
    assert 'scope="write"' in response.headers["www-authenticate"]


def test_a_revoked_key_does_not_get_in(
    api: Api, loop: asyncio.Runner, pool: AsyncConnectionPool
) -> None:
    key = new_key(loop, pool, ["read"])

    async def revoke() -> int:
        async with pool.connection() as connection:
            return await revoke_key(connection, prefix_of(key))

    assert loop.run(revoke()) == 1
    assert code_of(api.get(PATH, key=key)) == (401, "unauthorized")


def test_only_a_hash_of_a_key_is_stored(
    api: Api, loop: asyncio.Runner, pool: AsyncConnectionPool
) -> None:
    async def stored() -> str:
        async with pool.connection() as connection:
            rows = await connection.execute("SELECT api_keys::text FROM api_keys")
            return str(await rows.fetchall())

    assert api.shop.live.api_key not in loop.run(stored())


def test_the_directory_asks_once_for_many_who_ask_at_once(
    loop: asyncio.Runner, ports: Ports, api: Api
) -> None:
    directory = Directory(ports.pool, ports.keyring)
    asked = 0
    load = directory._rows

    async def counted(query: str, *values: str | bytes) -> object:
        nonlocal asked
        asked += 1
        return await load(query, *values)  # type: ignore[arg-type]  # passed on as it came

    directory._rows = counted  # type: ignore[method-assign, assignment]  # to count the queries

    async def many() -> None:
        await asyncio.gather(*(directory.doors(SHOP) for _ in range(50)))
        await asyncio.gather(*(directory.doors("no.myshopify.com") for _ in range(50)))

    loop.run(many())
    assert asked == 2
