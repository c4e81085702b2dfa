"""`c360 serve` as a child process that ends with its block, and with us."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil

from config.children import start_child
from config.embedded import is_postgres
from config.settings import Settings, environment_of
from tests.faults.waiting import until
from tests.places import NO_TLS
from tests.processes import descendants, is_there, kill

STARTS_S = 120.0
ENDS_S = 90.0


@contextmanager
def served(
    settings: Settings, variables: Mapping[str, str], hasty: bool = False
) -> Iterator[psutil.Process]:
    """The supervisor, ready; `variables` outrank what the settings say.

    Who is `hasty` does not wait for it to end in good order, and starts nothing there again.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    log = settings.data_dir / "serve.log"
    before = log.stat().st_size if log.exists() else 0
    command = [sys.executable, "-m", "api.cli", "serve"]
    child = start_child(command, log, {**os.environ, **environment_of(settings), **variables})
    try:
        until(lambda: _has_said(child, log, before), STARTS_S, f"not ready, see {log}")
        if child.poll() is not None:
            raise RuntimeError(f"the server did not start:\n{log.read_text()[-2_000:]}")
        yield psutil.Process(child.pid)
    finally:
        _end(child, settings.data_dir, hasty)


def _has_said(child: "subprocess.Popen[bytes]", log: Path, before: int) -> bool:
    """That it is ready, or nothing more for ever; an earlier one said so `before`."""
    return child.poll() is not None or b"is ready at" in log.read_bytes()[before:]


def _end(child: "subprocess.Popen[bytes]", data_dir: Path, hasty: bool) -> None:
    """In good order; by force what does not end so, or has lost its supervisor."""
    family = descendants(child.pid)  # while they are: some no longer show whose they are
    (child.kill if hasty else child.terminate)()
    try:
        child.wait(ENDS_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    ours = (one for one in psutil.process_iter() if _is_of(one, data_dir))
    left = {one for one in (*family, *ours) if is_there(one)}
    for process in left:
        _stop(process)
    with suppress(TimeoutError):
        until(lambda: not any(map(is_there, left)), ENDS_S, "they do not end")
    kill(*left)


def _stop(process: psutil.Process) -> None:
    """At once. PostgreSQL is asked to: killed, it would leave its shared memory behind."""
    if not is_postgres(process.pid):
        kill(process)
        return
    with suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGQUIT)


def _is_of(process: psutil.Process, data_dir: Path) -> bool:
    """PostgreSQL is started without our environment, but told its folder."""
    try:
        given = process.environ().get("C360_DATA_DIR")
        return given == str(data_dir) or f"{data_dir}/postgres/data" in process.cmdline()
    except psutil.Error:  # gone meanwhile, or somebody else's
        return False


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5, verify=NO_TLS).status_code == 200
    except httpx.TransportError:
        return False
