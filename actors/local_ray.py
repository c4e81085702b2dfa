"""A Ray head of our own: a child process, started again as soon as any part of it dies.

Losing it loses no data: the hosts keep nothing that the database does not.
"""

import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from config.children import start_child

STOP_TIMEOUT_S = 10
OBJECT_STORE_BYTES = 80_000_000  # batches travel inline; the store is hardly used


class LocalRay:
    """`temp_dir` must be short: Ray puts Unix sockets below it."""

    def __init__(self, ray_dir: Path, temp_dir: Path) -> None:
        self._log = ray_dir / "ray.log"
        self._temp_dir = temp_dir
        self._port = _free_port()
        self._child: subprocess.Popen[bytes] | None = None
        self._family: set[psutil.Process] = set()

    @property
    def address(self) -> str:
        """The same after every restart, so that whoever joined finds the new one."""
        return f"127.0.0.1:{self._port}"

    def ensure_running(self) -> bool:
        """Says whether it had to be started again. To be called every second or so.

        The child watches over its own parts: when one dies, it ends the others and itself.
        """
        if self._child is not None and self._child.poll() is None:
            self._remember(self._child.pid)
            return False
        self.restart()
        return True

    def restart(self) -> None:
        self.stop()
        self._child = start_child(self._command(), self._log)

    def stop(self) -> None:
        """By force, which loses nothing; a drain would take Ray 30 seconds."""
        if self._child is None:
            return
        self._remember(self._child.pid)
        for process in self._family:
            with suppress(psutil.NoSuchProcess):  # also if another has its number by now
                process.kill()
        self._child.kill()
        self._child.wait(STOP_TIMEOUT_S)
        psutil.wait_procs(self._family, STOP_TIMEOUT_S)
        self._child, self._family = None, set()

    def __enter__(self) -> Self:
        self.restart()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _remember(self, pid: int) -> None:
        """Parts whose parent was killed are ours no more by descent."""
        known = {process for process in self._family if process.is_running()}
        self._family = known.union(_descendants(pid))

    def _command(self) -> list[str]:
        return [
            sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block",
            f"--port={self._port}", "--node-ip-address=127.0.0.1", "--include-dashboard=false",
            "--disable-usage-stats", f"--temp-dir={self._temp_dir}", "--num-cpus=2",
            f"--object-store-memory={OBJECT_STORE_BYTES}", "--log-color=false",
        ]  # fmt: skip


class JoinedRay:
    """A Ray of somebody else's, who keeps it running."""

    def __init__(self, address: str) -> None:
        self.address = address

    def ensure_running(self) -> bool:
        return False

    def restart(self) -> None:
        """Not ours to restart; new hosts may be created in it all the same."""


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number
