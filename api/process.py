"""One API process as its supervisor sees it: coming, serving, leaving."""

import os
import select
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from config.children import start_child
from config.settings import Settings, environment_of

COMMAND = (sys.executable, "-m", "api.server")
READY_TIMEOUT_S = 90.0
DRAIN_TIMEOUT_S = 13.0  # then by force; longer than a process takes for its own drain


class ApiProcess:
    """One of them: coming until it says that it listens, leaving once it was told to stop."""

    def __init__(self, settings: Settings, listener: socket.socket, reserve: Path | None) -> None:
        self._ready, said = os.pipe()
        command = [
            *COMMAND, "--listener", str(listener.fileno()), "--ready", str(said),
            *(("--reserve", str(reserve)) if reserve is not None else ()),
        ]  # fmt: skip
        try:
            self._child: subprocess.Popen[bytes] = start_child(
                command,
                settings.data_dir / "api.log",
                {**os.environ, **environment_of(settings)},
                pass_fds=(listener.fileno(), said),
            )
        except OSError:
            os.close(self._ready)
            raise
        finally:
            os.close(said)
        self._give_up_at = time.monotonic() + READY_TIMEOUT_S

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def is_gone(self) -> bool:
        return self._child.poll() is not None

    def listens(self) -> bool:
        """Asked until it says yes. One that takes too long is killed."""
        readable, _, _ = select.select([self._ready], [], [], 0)
        if readable and os.read(self._ready, 1):
            return True
        if time.monotonic() > self._give_up_at:
            self._child.kill()
        return False

    def leave(self) -> None:
        """No new requests; those under way are answered."""
        self._give_up_at = time.monotonic() + DRAIN_TIMEOUT_S
        with suppress(ProcessLookupError):
            self._child.terminate()

    def has_left(self) -> bool:
        """Asked until it says yes. One that takes too long is killed."""
        if self.is_gone:
            return True
        if time.monotonic() > self._give_up_at:
            self._child.kill()
        return False

    def close(self) -> None:
        os.close(self._ready)
