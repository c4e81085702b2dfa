"""Brings a database to the tables this code needs: numbered SQL files, forward only."""

import hashlib
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

import psycopg

from config.connections import limited
from config.failpoints import reach

SQL = files("config") / "sql"
LOCK = 0x0C360  # any number, as long as every migrator of this product takes the same
TURN_PATIENCE = "10min"  # how long one migrator waits for another before it gives up
TABLE_PATIENCE = "30s"  # a migration queueing for a busy table holds up everybody behind it

TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    number     integer PRIMARY KEY,
    name       text NOT NULL,
    checksum   bytea NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)"""


class MigrationRefused(RuntimeError):
    """The database and the files of this version do not fit together; nothing was changed."""


class Migration(NamedTuple):
    number: int
    name: str  # the file's name without .sql, such as 0001_log
    checksum: bytes
    sql: bytes


def migrate(dsn: str, folder: Traversable = SQL) -> list[str]:
    """Applies what is missing, each file in its own transaction; returns the names applied.

    Two migrators take turns, so the second finds nothing left to do. Connect straight to the
    server: a pooler that swaps sessions would lose the lock.
    """
    wanted = shipped(folder)
    with psycopg.connect(limited(dsn, "c360-migrations"), autocommit=True) as connection:
        _take_turn(connection)
        connection.execute(TABLE)
        missing = _missing(_applied(connection), wanted)
        for migration in missing:
            _apply(connection, migration)
            reach("migration.between")
    return [migration.name for migration in missing]


def pending(dsn: str, folder: Traversable = SQL) -> list[str]:
    """The names `migrate` would apply, oldest first."""
    with psycopg.connect(limited(dsn, "c360-migrations")) as connection:
        missing = _missing(_applied(connection), shipped(folder))
    return [migration.name for migration in missing]


def at_head(dsn: str, folder: Traversable = SQL) -> bool:
    return not pending(dsn, folder)


def shipped(folder: Traversable = SQL) -> list[Migration]:
    """The files in order. Raises MigrationRefused if their numbers are not 1, 2, 3 …"""
    found = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    migrations = [_read(file) for file in found]
    for expected, migration in enumerate(migrations, start=1):
        if migration.number != expected:
            raise MigrationRefused(f"{migration.name}.sql should have number {expected:04}")
    return migrations


def _read(file: Traversable) -> Migration:
    name = file.name.removesuffix(".sql")
    digits = name.partition("_")[0]
    if not digits.isdecimal():
        raise MigrationRefused(f"{file.name} should be called NNNN_name.sql")
    sql = file.read_bytes().replace(b"\r\n", b"\n")  # git may check out either
    return Migration(int(digits), name, hashlib.sha256(sql).digest(), sql)


def _take_turn(connection: psycopg.Connection) -> None:
    connection.execute(f"SET lock_timeout = '{TURN_PATIENCE}'".encode())
    try:
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))  # released with the connection
    except psycopg.errors.LockNotAvailable as error:
        raise MigrationRefused(f"another migrator is still busy after {TURN_PATIENCE}") from error
    connection.execute(f"SET lock_timeout = '{TABLE_PATIENCE}'".encode())


def _applied(connection: psycopg.Connection) -> list[tuple[int, str, bytes]]:
    known = connection.execute("SELECT to_regclass('schema_migrations') IS NOT NULL").fetchone()
    if known == (False,):
        return []
    query = "SELECT number, name, checksum FROM schema_migrations ORDER BY number"
    return [(number, name, bytes(checksum)) for number, name, checksum in connection.execute(query)]


def _missing(applied: list[tuple[int, str, bytes]], wanted: list[Migration]) -> list[Migration]:
    if len(applied) > len(wanted):
        raise MigrationRefused(
            f"the database is at {applied[-1][1]} and this version ends at "
            f"{wanted[-1].name if wanted else 'nothing'}; start a newer version"
        )
    for expected, (row, migration) in enumerate(zip(applied, wanted, strict=False), start=1):
        number, name, checksum = row
        if number != expected:
            raise MigrationRefused(f"the database lacks migration {expected:04} but has {name}")
        if checksum != migration.checksum:
            raise MigrationRefused(
                f"{migration.name}.sql was changed after it was applied; "
                "restore it and put the change into a new file"
            )
    return wanted[len(applied) :]


def _apply(connection: psycopg.Connection, migration: Migration) -> None:
    with connection.transaction():
        connection.execute(migration.sql)
        reach("migration.before_record")
        connection.execute(
            "INSERT INTO schema_migrations (number, name, checksum) VALUES (%s, %s, %s)",
            migration[:3],
        )
