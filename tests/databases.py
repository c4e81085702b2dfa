"""Databases that tests have for themselves, on the server they share."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import psycopg

from config.embedded import EmbeddedPostgres

NUMBERS = count(1)


@contextmanager
def empty_database(postgres: EmbeddedPostgres) -> Iterator[str]:
    name = f"test_{next(NUMBERS)}"
    # by files: to write each page to the write-ahead log as well takes twice as long
    copy = f"CREATE DATABASE {name} TEMPLATE customer360 OWNER customer360 STRATEGY file_copy"
    _by_superuser(postgres, copy)
    yield postgres.dsn.replace("@/customer360", f"@/{name}")
    _by_superuser(postgres, f"DROP DATABASE {name} WITH (FORCE)")


def _by_superuser(postgres: EmbeddedPostgres, statement: str) -> None:
    superuser = postgres.dsn.replace("//customer360@/customer360", "//postgres@/postgres")
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(statement.encode())
