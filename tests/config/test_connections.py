"""Connections as the product opens them: limited, replaced when dead, never left in doubt."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import quote

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from config.connections import API_LIMITS, HostConnection, api_pool, limited, limiting

Pool = AsyncConnectionPool[AsyncConnection[TupleRow]]


def in_pool(dsn: str, act: Callable[[Pool], Awaitable[None]]) -> None:
    async def run() -> None:
        async with api_pool(dsn) as pool:
            await act(pool)

    asyncio.run(run())


async def asked(pool: Pool, question: str) -> object:
    async with pool.connection() as connection:
        row = await (await connection.execute(question.encode())).fetchone()
        return row[0] if row else None


def test_every_limit_is_in_force(database: str) -> None:
    async def look(pool: Pool) -> None:
        for name, limit in API_LIMITS.items():
            assert await asked(pool, f"SHOW {name}") == limit
        assert await asked(pool, "SHOW application_name") == "c360-api"

    in_pool(database, look)


def test_instants_are_in_utc_wherever_the_database_stands(database: str) -> None:
    name = conninfo_to_dict(database)["dbname"]
    with psycopg.connect(database) as connection:
        connection.execute(f"ALTER DATABASE {name} SET timezone = 'America/New_York'".encode())

    async def look(pool: Pool) -> None:
        assert await asked(pool, "SHOW timezone") == "UTC"
        first = await asked(pool, "SELECT '0001-01-01 00:00:00+00'::timestamptz")
        assert first == datetime.min.replace(tzinfo=UTC)

    in_pool(database, look)


def test_what_the_url_says_outranks_our_limits(database: str) -> None:
    url = f"{database}&application_name=mine&options={quote('-c statement_timeout=77s')}"

    async def look(pool: Pool) -> None:
        assert await asked(pool, "SHOW statement_timeout") == "77s"
        assert await asked(pool, "SHOW lock_timeout") == API_LIMITS["lock_timeout"]
        assert await asked(pool, "SHOW application_name") == "mine"

    in_pool(url, look)


def test_no_parameter_of_the_url_is_lost() -> None:
    url = "postgresql://me@one:1,two:2/db?sslmode=verify-full&sslrootcert=ca.pem&connect_timeout=9"
    found = conninfo_to_dict(limited(f"{url}&target_session_attrs=read-write", "c360-host"))
    assert found | conninfo_to_dict(url) == found
    assert (found["connect_timeout"], found["tcp_user_timeout"]) == ("9", "5000")
    assert found["target_session_attrs"] == "read-write"


def test_a_limit_an_older_server_does_not_know_is_left_out(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(*limiting({"of_the_future": "1s", "lock_timeout": "3s"}))
        assert connection.execute("SHOW lock_timeout").fetchone() == ("3s",)


def test_idle_connections_that_ended_are_replaced_before_anybody_uses_them(database: str) -> None:
    async def look(pool: Pool) -> None:
        at_once = [asked(pool, "SELECT pg_sleep(0.2)") for _each in range(pool.max_size)]
        await asyncio.gather(*at_once)
        _end_all_connections(database)
        assert await asked(pool, "SELECT 1") == 1

    in_pool(database, look)


def test_a_query_given_up_leaves_no_connection_whose_answer_is_still_to_come(
    database: str,
) -> None:
    async def look(pool: Pool) -> None:
        async with pool.connection() as connection:
            with suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    await connection.execute("SELECT pg_sleep(60)")
            assert connection.closed
        assert await asked(pool, "SELECT 1") == 1

    in_pool(database, look)


def test_a_server_that_says_nothing_is_given_up(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.connections.API_ANSWER_S", 0.1)
    monkeypatch.setattr("config.connections.HOST_ANSWER_S", 0.1)

    async def look(pool: Pool) -> None:
        async with pool.connection() as connection:
            await connection.execute("SET statement_timeout = 0")
            with pytest.raises(psycopg.OperationalError):
                await connection.execute("SELECT pg_sleep(60)")
            assert connection.closed

    in_pool(database, look)
    with HostConnection.connect(database) as connection:
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT pg_sleep(60)")
        assert connection.closed


def test_too_many_clients_pass_as_soon_as_there_is_room(database: str) -> None:
    async def look(pool: Pool) -> None:
        with pytest.raises(psycopg.OperationalError):
            await asked(pool, "SELECT 1")
        _allow(database, 100)
        assert await asked(pool, "SELECT 1") == 1

    _allow(database, 0)
    in_pool(database, look)


def _end_all_connections(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _allow(dsn: str, connections: int) -> None:
    """How many the database takes, as the server's owner decides it."""
    name = conninfo_to_dict(dsn)["dbname"]
    superuser = dsn.replace(f"//customer360@/{name}", "//postgres@/postgres")
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} CONNECTION LIMIT {connections}".encode())
