"""Readiness tells the truth, part by part, and quickly."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from api.operations import shared
from api.operations.health import Health, Part
from api.operations.hosts import Hosts
from api.ports import Ports
from tests.api.memory import Memory
from tests.api.sentences import Api


@pytest.fixture
def condition(ports: Ports) -> Iterator[Ports]:
    yield ports
    ports.condition.draining = ports.condition.disk_full = False


def test_ready_means_every_part_is(api: Api) -> None:
    response = api.send("GET", "/readyz")
    assert response.status_code == 200
    assert {name: part["ready"] for name, part in response.json()["parts"].items()} == {
        "database": True,
        "migrations": True,
        "hosts": True,
        "disk": True,
        "draining": True,
        "projections": True,
    }


def test_a_lost_host_is_named(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stats() -> list[dict[str, object]]:
        return [{"host": 0}, {"lost": "gone"}]

    monkeypatch.setattr(api.memory, "stats", stats)
    assert not_ready(api) == {"hosts": "1 of 2 hosts do not answer: 1"}


@pytest.mark.parametrize("flag", ["draining", "disk_full"])
def test_what_the_process_knows_of_itself_counts(api: Api, condition: Ports, flag: str) -> None:
    setattr(condition.condition, flag, True)
    assert not_ready(api).keys() == {flag.removesuffix("_full")}


def test_hosts_that_hang_cost_every_probe_a_moment_and_are_asked_once(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[None] = []
    hanging = asyncio.Event()

    async def stats() -> list[dict[str, object]]:
        asked.append(None)
        await hanging.wait()
        return [{"host": 0}]

    monkeypatch.setattr(api.memory, "stats", stats)
    monkeypatch.setattr(shared, "PATIENCE_S", 0.2)
    assert not_ready(api) == not_ready(api) == {"hosts": "no answer in time"}
    assert len(asked) == 1
    hanging.set()  # else whoever asks in the next test would wait for this answer
    assert api.send("GET", "/readyz").status_code == 200


def test_a_database_that_takes_no_writes_is_not_ready(
    loop: asyncio.Runner, ports: Ports, shops_database: str
) -> None:
    dsn = psycopg.conninfo.make_conninfo(
        shops_database, options="-c default_transaction_read_only=on"
    )
    assert loop.run(parts_over(dsn, ports))["database"] == Part(
        False, "takes no writes: read-only, or a standby"
    )


def test_tables_of_another_version_are_not_ready(
    loop: asyncio.Runner, ports: Ports, database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DELETE FROM schema_migrations")
    assert loop.run(parts_over(database, ports))["migrations"] == Part(
        False, "the tables are not those of this version"
    )


def test_a_database_that_is_gone_is_told_without_its_address(
    loop: asyncio.Runner, ports: Ports
) -> None:
    found = loop.run(parts_over("host=/nowhere", ports))
    assert found["database"] == found["migrations"] == Part(False, "cannot be reached")


async def parts_over(dsn: str, ports: Ports) -> dict[str, Part]:
    async with AsyncConnectionPool(
        dsn, min_size=1, max_size=2, open=False, timeout=0.5, kwargs={"autocommit": True}
    ) as pool:
        other = replace(ports, pool=pool, gateway=Memory())
        return await Health(other, Hosts(other)).parts()


def not_ready(api: Api) -> dict[str, str]:
    response = api.send("GET", "/readyz")
    assert response.status_code == 503
    parts = response.json()["parts"]
    return {name: part["detail"] for name, part in parts.items() if not part["ready"]}
