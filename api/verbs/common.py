"""What the verbs of the command line share: options, settings, the database, printing."""

import asyncio
import errno
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec
import typer

from config.settings import PREFIX, Settings, load_settings

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    from aggregates.log.keys import Keyring

T = TypeVar("T")
DataDir = Annotated[Path | None, typer.Option(help="Where everything is kept; else C360_DATA_DIR.")]
Port = Annotated[int | None, typer.Option(help="Else C360_PORT or 8360.")]
Host = Annotated[str | None, typer.Option(help="Else C360_HOST or 127.0.0.1.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class Failed(Exception):
    """A verb could not do its work; the message says why and what would help."""


def settings_of(
    data_dir: Path | None = None, port: int | None = None, host: str | None = None
) -> Settings:
    """An option outranks its variable, here and in every process we start. Raises BadSettings."""
    given = {"DATA_DIR": data_dir, "PORT": port, "HOST": host}
    os.environ.update({PREFIX + k: str(v) for k, v in given.items() if v is not None})
    return load_settings()


def with_database(
    settings: Settings, act: "Callable[[AsyncConnection, Keyring], Awaitable[T]]"
) -> T:
    """Runs `act` on the database, which is started for the moment if no server runs it."""
    from aggregates.log.keys import read_keyring
    from config.database import running_database
    from config.migrations import migrate

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    keyring = read_keyring(settings.master_key_file, create=True)
    with running_database(settings) as dsn:
        migrate(dsn)
        return asyncio.run(_acted(dsn, keyring, act))


async def _acted(
    dsn: str, keyring: "Keyring", act: "Callable[[AsyncConnection, Keyring], Awaitable[T]]"
) -> T:
    from psycopg import AsyncConnection

    from config.connections import limited

    async with await AsyncConnection.connect(
        limited(dsn, "c360-cli"), autocommit=True
    ) as connection:
        return await act(connection, keyring)


def is_known(error: Exception) -> bool:
    """Whether its message is enough for a person to go on."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOSPC
    return isinstance(error, _known_failures())


def _known_failures() -> tuple[type[Exception], ...]:
    import httpx
    import psycopg

    from actors.cluster import ClusterError
    from aggregates.log.keys import BadMasterKey
    from api.demo.orders_import import ImportStopped
    from api.letters.store import BadStatus
    from api.serve import NotReady
    from api.shops.keys import BadScope
    from api.shops.names import BadShop
    from config.account import PostgresFailed
    from config.database import UnsafeDatabase
    from config.migrations import MigrationRefused
    from config.settings import BadSettings

    return (
        *(BadSettings, BadShop, BadScope, BadStatus, BadMasterKey, MigrationRefused),
        *(PostgresFailed, UnsafeDatabase, ClusterError, NotReady, ImportStopped),
        *(psycopg.OperationalError, httpx.HTTPError),
    )


def printed(found: object, as_json: bool = True) -> None:
    """JSON for programs, or lines for people."""
    plain = msgspec.to_builtins(found)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(plain), indent=2).decode())
    elif isinstance(plain, Sequence) and not isinstance(plain, str):
        _table(plain)
    else:
        for name, value in plain.items():
            typer.echo(f"{name}: {_text(value)}")


def _table(rows: Sequence[Mapping[str, object]]) -> None:
    if not rows:
        typer.echo("none")
        return
    cells = [[name.upper() for name in rows[0]], *([_text(v) for v in r.values()] for r in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    for row in cells:
        typer.echo("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip())


def _text(value: object) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
