"""One real PostgreSQL for all tests that leave it as it was, and fresh folders for the others."""

import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from config.embedded import EmbeddedPostgres

NUMBERS = count(1)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    # not tmp_path: pytest closes its folders to every other user, and root's PostgreSQL is one
    folder = Path(tempfile.mkdtemp(prefix="c360-test-"))
    folder.chmod(0o711)
    (folder / "data").mkdir(mode=0o700)
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedPostgres]:
    folder = Path(tempfile.mkdtemp(prefix="c360-test-"))
    with EmbeddedPostgres(folder / "postgres") as running:
        yield running
    shutil.rmtree(folder)


@pytest.fixture
def empty_database(server: EmbeddedPostgres) -> str:
    name = f"empty_{next(NUMBERS)}"
    with psycopg.connect(as_superuser(server.dsn), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER customer360".encode())
    return server.dsn.replace("@/customer360", f"@/{name}")


def as_superuser(dsn: str) -> str:
    return dsn.replace("//customer360@/customer360", "//postgres@/postgres")
