"""An API process whose clock we set: it joins a running server's database and Ray."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.children import start_child
from config.settings import environment_of
from tests.faults.place import Place
from tests.faults.serving import is_ready
from tests.faults.stage import Skipped
from tests.faults.waiting import until
from tests.places import free_port

LIBRARIES = "faketime/libfaketimeMT.so.1"  # below the folders of libraries, as Debian installs it
STARTS_S = 60.0
ENDS_S = 20.0


class Clock:
    """Of one process: what it says differs from the truth by what was last set."""

    def __init__(self, file: Path, url: str) -> None:
        self._file = file
        self.url = url
        self.step(0)

    def step(self, seconds: int) -> None:
        """From now on it goes so many seconds wrong."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{seconds:+d}\n")
        new.rename(self._file)  # never half written for a reader


@contextmanager
def api_with_own_clock(place: Place, folder: Path) -> Iterator[Clock]:
    """Raises Skipped where libfaketime is not installed."""
    port = free_port()
    clock = Clock(folder / "clock", f"http://127.0.0.1:{port}")
    found = {"database_url": place.dsn, "ray_address": _address(place), "port": port}
    settings = place.settings.model_copy(update=found)
    environment = {**os.environ, **environment_of(settings), **_faked(folder / "clock")}
    api = start_child([sys.executable, "-m", "api.server"], folder / "api.log", environment)
    try:
        until(lambda: is_ready(clock.url), STARTS_S, f"no API, see {folder / 'api.log'}")
        yield clock
    finally:
        api.terminate()
        api.wait(ENDS_S)


def _faked(clock: Path) -> dict[str, str]:
    """The wall clock alone: the monotonic one is no human's to set."""
    found = sorted(Path("/usr/lib").glob(f"*/{LIBRARIES}"))
    if not found:
        raise Skipped("libfaketime is not installed (Debian: faketime)")
    return {
        "LD_PRELOAD": str(found[0]),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }


def _address(place: Place) -> str:
    """Where the server's own Ray is."""
    (port,) = (
        word.partition("=")[2]
        for word in place.gcs().cmdline()
        if word.startswith("--gcs_server_port=")
    )
    return f"127.0.0.1:{port}"
