"""Creating the hosts, in a process of its own that lasts only as long as that takes.

A driver of Ray takes over the signals and some 60 MB of whatever process it lives in.
"""

import os
import subprocess
import sys
import time

from actors.cluster import PING_TIMEOUT_S, START_TIMEOUT_S, ClusterError
from config.children import start_child
from config.settings import Settings, environment_of

COMMAND = (sys.executable, "-m", "actors.cluster")
TIMEOUT_S = START_TIMEOUT_S + 2 * PING_TIMEOUT_S
POLL_S = 0.05


class HostCreation:
    """Begun whenever hosts may be missing; those that are there stay as they are."""

    def __init__(self, settings: Settings) -> None:
        self._log = settings.ray_dir / "hosts.log"
        # the operator's RAY_AUTH_… too
        self._environment = {**os.environ, **environment_of(settings)}
        self._child: subprocess.Popen[bytes] | None = None
        self._deadline = 0.0

    def begin(self) -> None:
        """From the beginning, also if it was under way."""
        self.abandon()
        self._log.parent.mkdir(parents=True, exist_ok=True)  # with another's Ray nobody did
        self._child = start_child(COMMAND, self._log, self._environment)
        self._deadline = time.monotonic() + TIMEOUT_S

    def is_done(self) -> bool:
        """Whether every host has answered a ping. Raises ClusterError; begin again then."""
        if self._child is None:
            return True
        code = self._child.poll()
        if code is None and time.monotonic() < self._deadline:
            return False
        self.abandon()
        if code is None:
            raise ClusterError(f"the hosts were not created within {TIMEOUT_S} s")
        if code:
            raise ClusterError(self._last_words())
        return True

    def wait(self) -> None:
        """Raises ClusterError."""
        while not self.is_done():
            time.sleep(POLL_S)

    def abandon(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None

    def _last_words(self) -> str:
        return self._log.read_text(errors="replace").strip().rpartition("\n")[2]
