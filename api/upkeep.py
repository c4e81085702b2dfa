"""The processes that keep read models up to date, as their supervisor sees them."""

import os
import subprocess
import sys
import time

from config.children import start_child
from config.logs import logger
from config.settings import Settings, environment_of
from projections.shares import shares

COMMAND = (sys.executable, "-m", "projections.worker")
RESTART_PAUSE_S = 1.0  # one that cannot start must not take the machine from the others
STOP_TIMEOUT_S = 5.0  # then by force: a page that was cut off is read again
log = logger()


class Upkeep:
    """As many such processes as the settings say, each with a share of its own."""

    def __init__(self, settings: Settings) -> None:
        self._readers = [_Reader(settings, share) for share in shares(settings.readers)]

    def tend(self) -> None:
        """Brings them there and never waits. To be called several times a second."""
        for reader in self._readers:
            reader.tend()

    def stop(self) -> None:
        for reader in self._readers:
            reader.terminate()
        for reader in self._readers:
            reader.wait()


class _Reader:
    """At most one process."""

    def __init__(self, settings: Settings, share: str) -> None:
        self._settings = settings
        self._share = share
        self._child: subprocess.Popen[bytes] | None = None
        self._not_before = 0.0

    def tend(self) -> None:
        if self._child is not None and self._child.poll() is not None:
            log.error("part_lost", part="projections", child=self._child.pid)
            self._child = None
        if self._child is None and time.monotonic() >= self._not_before:
            self._not_before = time.monotonic() + RESTART_PAUSE_S
            self._child = start_child(
                (*COMMAND, self._share),
                self._settings.data_dir / "projections.log",
                {**os.environ, **environment_of(self._settings)},
            )

    def terminate(self) -> None:
        if self._child is not None:
            self._child.terminate()

    def wait(self) -> None:
        if self._child is None:
            return
        try:
            self._child.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
