"""Everything a log promises is asked of both logs, over tables that are empty."""

from collections.abc import Iterator

import psycopg
import pytest

from aggregates.log.port import EventLog
from config.embedded import EmbeddedPostgres
from tests.aggregates.log.worlds import TABLES, InMemory, InPostgres, World

LOGS = "log_tests"


@pytest.fixture(scope="session")
def shared_database(postgres: EmbeddedPostgres) -> str:
    superuser = postgres.dsn.replace("//customer360@/customer360", "//postgres@/postgres")
    with psycopg.connect(superuser, autocommit=True) as connection:
        copy = f"CREATE DATABASE {LOGS} TEMPLATE customer360 OWNER customer360"
        connection.execute(copy.encode())
    return postgres.dsn.replace("@/customer360", f"@/{LOGS}")


@pytest.fixture
def emptied(shared_database: str) -> str:
    """The DSN of empty tables; emptying is much cheaper than a database for each test."""
    with psycopg.connect(shared_database, autocommit=True) as connection:
        for name in TABLES:
            connection.execute(f"DELETE FROM {name}".encode())  # noqa: S608  # our own names
    return shared_database


@pytest.fixture(params=["memory", "postgres"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    made: InMemory | InPostgres = (
        InMemory() if request.param == "memory" else InPostgres(request.getfixturevalue("emptied"))
    )
    yield made
    made.close()


@pytest.fixture
def log(world: World) -> EventLog:
    return world.open()
