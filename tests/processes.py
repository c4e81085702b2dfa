"""The processes of a running server, by what they are."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil


def supervisor_of(data_dir: Path) -> psutil.Process:
    """The `c360 serve` on this folder, which is a child of ours."""
    return next(child for child in psutil.Process().children() if str(data_dir) in child.cmdline())


def parts_of(supervisor: psutil.Process) -> Iterator[tuple[psutil.Process, str]]:
    """Everything it started, by name: host, api, raylet, gcs, postgres, or else ray."""
    for process in supervisor.children(recursive=True):
        try:
            yield process, _name(process)
        except psutil.NoSuchProcess:  # Postgres ends a process with each client
            continue


def kill(*processes: psutil.Process) -> None:
    """SIGKILL, all at once. What is gone already is gone."""
    for process in processes:
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)


def _name(process: psutil.Process) -> str:
    command, program = process.cmdline(), process.name()
    if command and command[0].startswith("ray::Host"):
        return "host"
    if "api.server" in command:
        return "api"
    return {"postgres": "postgres", "raylet": "raylet", "gcs_server": "gcs"}.get(program, "ray")


def descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def is_there(process: psutil.Process) -> bool:
    """The dead may be unburied."""
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def words_of(process: psutil.Process) -> list[str]:
    """Its command line; nothing of one that has ended."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []
