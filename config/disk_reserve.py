"""Room on the embedded database's disk, held back so that a full disk stops writing, not reading.

PostgreSQL goes down when it cannot extend its write-ahead log, and does not come up again before
it can. So a file takes up room while there is enough. When room gets scarce the file goes, and
its absence tells the API to turn writes away until there is enough again.
"""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from config.edges import Outage
from config.failures import failure
from config.logs import logger

EVERY_S = 0.05  # the database may want its next 16 MB at any moment
CALM_S = 1.0  # so long there must be enough; a file being written may come and go
MB = 1_000_000
log = logger()


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


class DiskReserve:
    """Half of `reserve_mb` is the file; the other half is the room below which it is given up.

    Once given up it is taken back when it has fitted three times for a moment: there is room for
    the file, and for some time after.
    """

    def __init__(
        self,
        file: Path,
        reserve_mb: int,
        free: Callable[[Path], int] = free_bytes,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.file = file
        self._half = reserve_mb * MB // 2
        self._enough = 3 * self._half
        self._free_bytes = free
        self._clock = clock
        self._not_before = 0.0

    @property
    def shortage(self) -> str | None:
        """Why nothing can be stored, for people; None while there is room."""
        if self.file.exists():
            return None
        return (
            f"the disk of {self.file.parent} is full: {self._free // MB} MB are free, "
            f"{self._enough // MB} MB are needed"
        )

    def keep(self) -> None:
        """Gives the file up or takes it back. To be called many times a second."""
        free, held = self._free, self._held
        if held == self._half:
            if free < self._half:
                self._not_before = self._clock() + CALM_S
                self.file.unlink()
                log.error("disk_full", bytes=free)
        elif free + held < self._enough:
            self._not_before = self._clock() + CALM_S
            self.file.unlink(missing_ok=True)  # of another size: the setting was changed
        elif self._clock() >= self._not_before:
            self._take()
            log.info("disk_reserved", bytes=self._half)

    @property
    def _free(self) -> int:
        return self._free_bytes(self.file.parent)

    @property
    def _held(self) -> int:
        try:
            return self.file.stat().st_size
        except FileNotFoundError:
            return 0

    def _take(self) -> None:
        """Complete under its name at once, because its name is what others look at."""
        growing = self.file.with_suffix(".growing")
        try:
            with growing.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, self._half)
            growing.rename(self.file)
        finally:
            growing.unlink(missing_ok=True)


@contextmanager
def kept(reserve: DiskReserve) -> Iterator[None]:
    """Looked after in a thread of its own: whatever else is stuck, room must be given back."""
    over, trouble = threading.Event(), Outage("disk_not_reserved", "disk_looked_after")

    def look_after() -> None:
        while not over.wait(EVERY_S):
            _attempt(reserve, trouble)

    _attempt(reserve, trouble)
    thread = threading.Thread(target=look_after, name="disk-reserve", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _attempt(reserve: DiskReserve, trouble: Outage) -> None:
    try:
        reserve.keep()
    except OSError as error:  # somebody else was quicker to fill the disk
        trouble.failed(**failure(error))
    else:
        trouble.over()
