"""An API process whose clock we set: it joins a running server's database and Ray."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.alone import another_api
from tests.faults.place import Place
from tests.faults.stage import Skipped

LIBRARIES = "faketime/libfaketimeMT.so.1"  # below the folders of libraries, as Debian installs it


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
    file = folder / "clock"
    file.write_text("+0\n")
    with another_api(place, folder, _faked(file)) as (url, _):
        yield Clock(file, url)


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
