"""`c360 doctor`: what an operator wants to know first when something is wrong."""

import platform
import shutil
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import httpx
import psycopg

from api.verbs.server import base_url, is_running
from config.account import PostgresFailed
from config.database import running_database
from config.migrations import MigrationRefused, pending
from config.settings import Settings

PACKAGES = ("customer360", "eventsourcing", "fastapi", "msgspec", "psycopg", "ray", "uvicorn")
LOW_DISK = 2 * 1024**3  # bytes; Postgres needs about one for its log alone
PATIENCE_S = 10.0


def examine(settings: Settings) -> dict[str, Any]:
    """Findings by name; `warnings` is empty where all is well."""
    warnings: list[str] = []
    return {
        "versions": _versions(),
        "data_dir": str(settings.data_dir),
        "disk_free_gb": _disk(settings, warnings),
        "database": _database(settings, warnings),
        "server": _server(settings, warnings),
        "warnings": warnings,
    }


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def _disk(settings: Settings, warnings: list[str]) -> float:
    folder = settings.data_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < LOW_DISK:
        warnings.append(f"less than {LOW_DISK // 1024**3} GB free below {folder}")
    return round(free / 1024**3, 1)


def _database(settings: Settings, warnings: list[str]) -> dict[str, Any]:
    if settings.database_url is None and not settings.postgres_dir.exists():
        return {"state": "not created yet; c360 serve creates it"}
    try:
        with running_database(settings) as dsn:
            return _inside(dsn, warnings)
    except (psycopg.Error, PostgresFailed, MigrationRefused) as error:
        warnings.append(f"database: {error}")
        return {"state": "unreachable"}


def _inside(dsn: str, warnings: list[str]) -> dict[str, Any]:
    if missing := pending(dsn):
        warnings.append(f"migrations to apply: {', '.join(missing)}; c360 serve applies them")
        return {"state": "old tables"}
    with psycopg.connect(dsn) as connection:
        letters = _number(connection, "SELECT count(*) FROM dead_letters WHERE status = 'open'")
        if letters:
            warnings.append(f"{letters} open dead letters; see c360 dead-letters list")
        return {
            "state": "answers",
            "postgres": connection.info.server_version,
            "megabytes": _number(
                connection, "SELECT pg_database_size(current_database()) / 1000000"
            ),
            "shops": _number(connection, "SELECT count(*) FROM shops"),
            "events": _number(connection, "SELECT count(*) FROM events"),
            "open_dead_letters": letters,
        }


def _number(connection: psycopg.Connection, query: "psycopg.abc.Query") -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _server(settings: Settings, warnings: list[str]) -> dict[str, Any]:
    url = base_url(settings)
    if not is_running(settings):
        return {"url": url, "state": "no server of this data folder answers"}
    try:
        answer = httpx.get(f"{url}/readyz", timeout=PATIENCE_S)
    except httpx.HTTPError as error:
        warnings.append(f"server: {type(error).__name__}")
        return {"url": url, "state": "does not answer"}
    if answer.status_code != 200:
        warnings.append("the server is not ready")
    return {"url": url, "state": "answers", **answer.json()}
