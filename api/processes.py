"""The API processes. They share a listening socket that outlives each of them: while one dies or
is replaced, what arrives waits in the socket for another, instead of being refused."""

import socket
import time
from pathlib import Path

from api.process import ApiProcess
from config.logs import logger
from config.settings import Settings

RESTART_PAUSE_S = 1.0  # a process that cannot start must not take the machine from the others
log = logger()


class ApiProcesses:
    """As many as the settings say. `tend` brings them there, step by step, and never waits."""

    def __init__(self, settings: Settings, listener: socket.socket, reserve: Path | None) -> None:
        """`reserve` is the file without which the disk counts as full."""
        self._settings = settings
        self._listener = listener
        self._reserve = reserve
        self._coming: list[ApiProcess] = []
        self._serving: list[ApiProcess] = []
        self._old: list[ApiProcess] = []  # still serving, each until a new one is
        self._leaving: list[ApiProcess] = []
        self._not_before = 0.0

    @property
    def any_gone(self) -> bool:
        """Whether one of them ended by itself since they were tended."""
        return any(process.is_gone for process in (*self._coming, *self._serving, *self._old))

    def renew(self) -> None:
        """Let each be replaced by a new one, which listens before the old one is told to stop.

        Those on their way start anew: they may have seen what is out of date by now.
        """
        self._old += self._serving
        for process in self._coming:
            process.leave()
        self._leaving += self._coming
        self._coming, self._serving = [], []

    def tend(self) -> None:
        """To be called several times a second."""
        self._bury()
        for process in [process for process in self._coming if process.listens()]:
            self._coming.remove(process)
            self._serving.append(process)
            self._replace_an_old_one(process)
        self._leaving = [process for process in self._leaving if not _closed(process)]
        for _ in range(self._wanted()):
            self._coming.append(ApiProcess(self._settings, self._listener, self._reserve))
            self._not_before = time.monotonic() + RESTART_PAUSE_S

    def stop(self) -> None:
        for process in (*self._coming, *self._serving, *self._old):
            process.leave()
            self._leaving.append(process)
        self._coming, self._serving, self._old = [], [], []
        while self._leaving:
            self._leaving = [process for process in self._leaving if not _closed(process)]
            time.sleep(0.02)

    def _bury(self) -> None:
        for group in (self._coming, self._serving, self._old):
            for process in [process for process in group if process.is_gone]:
                log.error("part_lost", part="api", child=process.pid)
                group.remove(process)
                process.close()

    def _wanted(self) -> int:
        """How many to start now; while old ones still serve, one at a time is enough."""
        if time.monotonic() < self._not_before:
            return 0
        missing = self._settings.api_processes - len(self._serving) - len(self._coming)
        return min(missing, 1 - len(self._coming)) if self._old else missing

    def _replace_an_old_one(self, process: ApiProcess) -> None:
        if self._old:
            old = self._old.pop()
            old.leave()
            self._leaving.append(old)
            log.info("part_renewed", part="api", child=process.pid)


def _closed(process: ApiProcess) -> bool:
    if process.has_left():
        process.close()
        return True
    return False
