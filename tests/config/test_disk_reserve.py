"""Room that is held back while there is enough, given up when there is not, and taken back."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from config.disk_reserve import CALM_S, EVERY_S, MB, DiskReserve, kept

RESERVE_MB = 2
HALF = MB


class Disk:
    """As big as we say; the reserve lies on it, and time passes only when told to."""

    def __init__(self, folder: Path, free: int) -> None:
        self.file = folder / "reserve"
        self.rest = free  # with no reserve on it
        self.now = 0.0
        self.reserve = DiskReserve(self.file, RESERVE_MB, lambda _: self.free, lambda: self.now)

    @property
    def free(self) -> int:
        return self.rest - (self.file.stat().st_size if self.file.exists() else 0)

    def keep(self, rest: int, after_s: float = 0.0) -> bool:
        """Whether there is a reserve once it was looked at again."""
        self.rest = rest
        self.now += after_s
        self.reserve.keep()
        return self.file.exists()


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    made = Disk(tmp_path, 10 * HALF)
    made.reserve.keep()
    return made


def test_with_room_enough_half_of_the_reserve_is_a_file(disk: Disk) -> None:
    assert disk.file.stat().st_size == HALF
    assert disk.reserve.shortage is None


def test_on_a_fuller_disk_none_is_taken(tmp_path: Path) -> None:
    disk = Disk(tmp_path, 3 * HALF - 1)
    assert not disk.keep(disk.rest)
    assert not disk.keep(disk.rest, after_s=CALM_S * 2)


def test_it_is_given_up_when_less_than_the_other_half_is_free(disk: Disk) -> None:
    assert disk.keep(2 * HALF)
    assert not disk.keep(2 * HALF - 1)


def test_once_given_up_it_is_not_taken_back_before_it_fits_three_times(disk: Disk) -> None:
    disk.keep(0)
    assert not disk.keep(3 * HALF - 1, after_s=CALM_S)
    assert disk.keep(3 * HALF, after_s=CALM_S)


def test_it_is_not_taken_back_while_room_comes_and_goes(disk: Disk) -> None:
    disk.keep(0)
    assert not disk.keep(9 * HALF, after_s=CALM_S / 2)
    assert not disk.keep(0, after_s=CALM_S / 4)
    assert not disk.keep(9 * HALF, after_s=CALM_S / 2)
    assert disk.keep(9 * HALF, after_s=CALM_S)


def test_whoever_asks_is_told_how_much_is_missing(disk: Disk) -> None:
    disk.keep(HALF // 2)
    wanted = f"the disk of {disk.file.parent} is full: 0 MB are free, 3 MB are needed"
    assert disk.reserve.shortage == wanted


def test_a_reserve_of_another_size_is_replaced_where_there_is_room(disk: Disk) -> None:
    disk.file.write_bytes(b"x")
    assert disk.keep(10 * HALF)
    assert disk.file.stat().st_size == HALF


def test_a_reserve_of_another_size_says_nothing_about_the_disk(disk: Disk) -> None:
    disk.file.write_bytes(b"x")
    assert not disk.keep(HALF)


def test_it_is_looked_after_while_the_block_runs_and_stays_behind(tmp_path: Path) -> None:
    disk = Disk(tmp_path, 10 * HALF)
    with kept(disk.reserve):
        assert disk.file.exists()
        disk.rest = 0
        assert _soon(lambda: not disk.file.exists())
        disk.rest, disk.now = 10 * HALF, CALM_S * 2
        assert _soon(disk.file.exists)
    assert disk.file.exists()


def test_what_goes_wrong_once_does_not_end_the_looking(tmp_path: Path) -> None:
    folder = tmp_path / "not there yet"
    disk = Disk(folder, 10 * HALF)
    with kept(disk.reserve):
        folder.mkdir()
        assert _soon(disk.file.exists)


def _soon(holds: Callable[[], bool]) -> bool:
    pause = threading.Event()
    return any(holds() or pause.wait(EVERY_S) for _ in range(200))
