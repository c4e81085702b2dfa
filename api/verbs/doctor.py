"""`c360 doctor`: what an operator wants to know first when something is wrong."""

import platform
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit

import httpx
from prometheus_client.parser import text_string_to_metric_families

from api.operations.checkup.database import database
from api.operations.checkup.machine import disk_free, log_files, master_key
from api.operations.checkup.processes import processes
from api.operations.metrics import HOST
from api.verbs.server import base_url, is_running
from config.settings import Settings

PACKAGES = ("customer360", "eventsourcing", "fastapi", "msgspec", "psycopg", "ray", "uvicorn")
PATIENCE_S = 10.0
GIGABYTE = 1024**3
WAITING_MANY = 2_000  # signals


def examine(settings: Settings) -> dict[str, object]:
    """Findings by name; `warnings` is empty where all is well."""
    warnings: list[str] = []
    free = disk_free(settings, warnings)
    return {
        "versions": _versions(),
        "settings": _settings(settings),
        "data_dir": str(settings.data_dir),
        "disk_free_gb": round(free / GIGABYTE, 1),
        "master_key": master_key(settings, warnings),
        "logs_megabytes": log_files(settings),
        "database": database(settings, free, warnings),
        "server": _server(settings, warnings),
        "processes": processes(settings),
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


def _settings(settings: Settings) -> dict[str, object]:
    """Those in force, but of the database's URL only where it is: the rest may be a password."""
    shown: dict[str, object] = settings.model_dump(mode="json", exclude={"database_url"})
    if settings.database_url is None:
        return shown | {"database": "embedded"}
    url = urlsplit(settings.database_url)
    return shown | {"database": f"{url.hostname or 'local'}:{url.port or 5432}{url.path}"}


def _server(settings: Settings, warnings: list[str]) -> dict[str, object]:
    url = base_url(settings)
    if not is_running(settings):
        return {"url": url, "state": "no server of this data folder answers"}
    try:
        answer = httpx.get(f"{url}/readyz", timeout=PATIENCE_S)
        numbers = httpx.get(f"{url}/metrics", timeout=PATIENCE_S).text
    except httpx.HTTPError as error:
        warnings.append(f"server: {type(error).__name__}")
        return {"url": url, "state": "does not answer"}
    if answer.status_code != 200:
        warnings.append("the server is not ready; its parts say why")
    return {"url": url, "state": "answers", **answer.json(), **_numbers(numbers, warnings)}


def _numbers(exposition: str, warnings: list[str]) -> dict[str, object]:
    """From the metrics of the one API process that answered: the backlog, and its hosts."""
    hosts: dict[str, dict[str, object]] = {}
    waiting = 0.0
    for sample in (s for f in text_string_to_metric_families(exposition) for s in f.samples):
        if sample.name == "c360_signals_waiting":
            waiting = sample.value
        elif sample.name == "c360_host_info":
            hosts.setdefault(sample.labels["host"], {}).update(sample.labels)
        elif sample.name.startswith(HOST):
            host = hosts.setdefault(sample.labels["host"], {})
            host[sample.name.removeprefix(HOST)] = _plain(sample.value)
    if waiting > WAITING_MANY:
        warnings.append(f"{waiting:.0f} signals wait; the hosts or the database are too slow")
    return {"signals_waiting": _plain(waiting), "hosts": list(hosts.values())}


def _plain(value: float) -> float:
    return int(value) if value.is_integer() else round(value, 3)
