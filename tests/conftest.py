"""One real PostgreSQL for the whole run, and a fresh, migrated database for each test that asks.

Where tests run in several processes, each has a PostgreSQL of its own, and those of a folder that
shares a whole server stay together.
"""

import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from config.embedded import EmbeddedPostgres
from config.migrations import migrate

TESTS = Path(__file__).parent
WITH_A_SERVER = frozenset({"cluster", "faults", "fuzz"})
NUMBERS = count(1)
FORGETFUL = {"fsync": "off", "full_page_writes": "off"}  # nobody pulls the plug in these tests


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if (folder := item.path.relative_to(TESTS).parts[0]) in WITH_A_SERVER:
            item.add_marker(pytest.mark.xdist_group(folder))


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    # not tmp_path: pytest closes its folders to every other user, and root's PostgreSQL is one
    folder = Path(tempfile.mkdtemp(prefix="c360-test-"))
    folder.chmod(0o711)
    with EmbeddedPostgres(folder / "postgres", FORGETFUL) as running:
        migrate(running.dsn)
        yield running
    shutil.rmtree(folder)


@pytest.fixture
def database(postgres: EmbeddedPostgres) -> str:
    """The DSN of an empty database at the newest schema."""
    name = f"test_{next(NUMBERS)}"
    superuser = postgres.dsn.replace("//customer360@/customer360", "//postgres@/postgres")
    with psycopg.connect(superuser, autocommit=True) as connection:
        copy = f"CREATE DATABASE {name} TEMPLATE customer360 OWNER customer360"
        connection.execute(copy.encode())
    return postgres.dsn.replace("@/customer360", f"@/{name}")
