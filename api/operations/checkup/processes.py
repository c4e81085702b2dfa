"""The processes of a running server, found by the data folder they were told."""

import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from config.settings import PREFIX, Settings

MEMORY_MB = 1_000_000
FOLDER = f"{PREFIX}DATA_DIR"
PROGRAMS = {"postgres": "postgres", "raylet": "raylet", "gcs_server": "gcs"}
GONE = (psutil.NoSuchProcess, psutil.AccessDenied)


def processes(settings: Settings) -> list[dict[str, object]]:
    """Each with its part, pid, memory and age; none where nothing of this data folder runs."""
    supervisor = _supervisor(settings.data_dir)
    if supervisor is None:
        return []
    family = [supervisor, *supervisor.children(recursive=True)]
    found = [told for process in family for told in _told(process, supervisor)]
    return sorted(found, key=lambda one: (str(one["part"]), str(one["pid"])))


def _supervisor(data_dir: Path) -> psutil.Process | None:
    """The parent of any API process of this folder, or whoever serves it by its own words."""
    for process in psutil.process_iter():
        try:
            command = process.cmdline()
            if "api.server" in command and process.environ().get(FOLDER) == str(data_dir):
                return process.parent()
            if "serve" in command and _names(process, command, data_dir):
                return process
        except GONE:
            continue
    return None


def _names(process: psutil.Process, command: list[str], data_dir: Path) -> bool:
    return str(data_dir) in command or process.environ().get(FOLDER) == str(data_dir)


def _told(process: psutil.Process, supervisor: psutil.Process) -> Iterator[dict[str, object]]:
    try:
        with process.oneshot():
            yield {
                "part": "supervisor" if process == supervisor else _part(process),
                "pid": process.pid,
                "megabytes": round(process.memory_info().rss / MEMORY_MB),
                "uptime_s": round(time.time() - process.create_time()),
            }
    except GONE:  # Postgres ends a process with each client
        return


def _part(process: psutil.Process) -> str:
    command = process.cmdline()
    if command and command[0].startswith("ray::Host"):
        return "host"
    return "api" if "api.server" in command else PROGRAMS.get(process.name(), "ray")
