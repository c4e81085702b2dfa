"""The database: the one C360_DATABASE_URL names, or else a PostgreSQL of our own."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Protocol

import psycopg

from config.connections import limited
from config.embedded import EmbeddedPostgres
from config.settings import Settings

UNSAFE = {
    "fsync": "a power cut can destroy the database",
    "full_page_writes": "a power cut can destroy the database",
    "synchronous_commit": "a crash can lose events already acknowledged",
}


class UnsafeDatabase(RuntimeError):
    """The server may lose what it has acknowledged, so we refuse to serve from it."""


class Database(Protocol):
    @property
    def dsn(self) -> str: ...

    def ensure_running(self) -> bool:
        """Says whether it had to be started again. To be called every second or so."""
        ...


@dataclass(frozen=True)
class ForeignDatabase:
    """Somebody else runs it and restarts it."""

    dsn: str

    def ensure_running(self) -> bool:
        return False


def open_database(settings: Settings) -> AbstractContextManager[Database]:
    """For the supervisor, which keeps calling `ensure_running`."""
    if settings.database_url is not None:
        return nullcontext(ForeignDatabase(settings.database_url))
    return EmbeddedPostgres(settings.postgres_dir)


@contextmanager
def running_database(settings: Settings) -> Iterator[str]:
    """Yields a DSN; the database answers there until the block ends."""
    with open_database(settings) as database:
        yield database.dsn


def check_durable(dsn: str) -> None:
    """Raises UnsafeDatabase unless what this server acknowledges survives a crash."""
    with psycopg.connect(limited(dsn, "c360-supervisor")) as connection:
        rows = connection.execute(
            "SELECT name, setting FROM pg_settings WHERE name = ANY (%s)",
            ([*UNSAFE, "synchronous_standby_names"],),
        )
        settings: dict[str, str] = dict(rows.fetchall())
    faults = [f"{name} = {settings[name]}: {UNSAFE[name]}" for name in _unsafe(settings)]
    if faults:
        raise UnsafeDatabase(f"{'; '.join(faults)}; set each to 'on' and restart the server")


def _unsafe(settings: dict[str, str]) -> list[str]:
    # with standbys, "local" would acknowledge what a failover then forgets
    weak = {"off", "local"} if settings["synchronous_standby_names"] else {"off"}
    return [name for name in UNSAFE if settings[name] in weak]
