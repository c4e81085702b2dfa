"""A disk small enough to be filled, what fills it, and whether a database on it is unharmed."""

import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.account import account_for
from config.binaries import programs_for
from tests.faults.stage import Skipped
from tests.faults.waiting import until

STEP_BYTES = 4_000_000
STEPS_EVERY_S = 0.05
FILLED_S = 60.0
CRUMB_BYTES = 4_096  # what a disk gives at least
BAD_PAGES = re.compile(r"^Bad checksums: +(\d+)$", re.MULTILINE)


class Disk:
    """A small file system of its own, with our ballast on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"
        self._over = threading.Event()
        self._eater: threading.Thread | None = None

    @property
    def is_full(self) -> bool:
        return self._free < CRUMB_BYTES

    def fill(self) -> None:
        """To the last byte, at once."""
        with self._ballast.open("ab") as file:
            while not self.is_full:
                _grow(file.fileno(), self._free)

    def eat(self) -> None:
        """Little by little, as a forgotten log grows. Returns when it is full; whatever others
        free is eaten as well, until `empty`."""
        self._over.clear()
        self._eater = threading.Thread(target=self._eat, name="eater", daemon=True)
        self._eater.start()
        until(lambda: self.is_full, FILLED_S, "the disk is not full")

    def empty(self) -> None:
        if self._eater is not None:
            self._over.set()
            self._eater.join()
            self._eater = None
        self._ballast.unlink()

    @property
    def _free(self) -> int:
        return shutil.disk_usage(self.folder).free

    def _eat(self) -> None:
        with self._ballast.open("ab") as file:
            while not self._over.wait(STEPS_EVERY_S):
                _grow(file.fileno(), min(STEP_BYTES, self._free))


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Disk]:
    """Mounted at `folder` while the block runs. Raises Skipped."""
    options = f"size={megabytes}m,mode=0711"
    done = _run("mount", "-t", "tmpfs", "-o", options, "c360-faults", str(folder))
    if done.returncode:
        raise Skipped(f"a small disk needs the right to mount one: {done.stderr.strip()}")
    try:
        yield Disk(folder)
    finally:
        _run("umount", "--lazy", str(folder))  # whoever leaves late may still hold a file


def _grow(descriptor: int, by: int) -> None:
    """By `by` bytes, or by as many as there still are."""
    while by >= CRUMB_BYTES:
        try:
            os.posix_fallocate(descriptor, os.fstat(descriptor).st_size, by)
        except OSError:  # others took some of it meanwhile
            by //= 2
        else:
            return


def _run(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours


@contextmanager
def short_folder() -> Iterator[Path]:
    """One whose name leaves Ray room for its sockets, so that all of a server lies in it."""
    folder = Path(tempfile.mkdtemp(prefix="c", dir="/tmp"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        folder.rmdir()


def bad_pages(postgres: Path) -> int:
    """Of a database that is not running: pages that are not what was written there."""
    data = postgres / "data"
    account = account_for(data)
    program = programs_for(account, copies=postgres.parent) / "pg_checksums"
    said = account.spawn(subprocess.PIPE, program, "--check", "-D", data).communicate()[0].decode()
    found = BAD_PAGES.search(said)
    assert found is not None, said
    return int(found[1])
