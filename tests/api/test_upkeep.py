"""The keeper of the read models is brought back when it dies, and leaves when it is told to."""

import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from api import upkeep
from api.upkeep import Upkeep
from config.settings import Settings

STAYS = "import time; time.sleep(60)"


@pytest.fixture
def keeper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Upkeep:
    monkeypatch.setattr(upkeep, "COMMAND", (sys.executable, "-c", STAYS))
    monkeypatch.setattr(upkeep, "RESTART_PAUSE_S", 0.05)
    return Upkeep(Settings(data_dir=tmp_path))


def children() -> list[psutil.Process]:
    found = psutil.Process().children()
    return [one for one in found if one.status() != psutil.STATUS_ZOMBIE and STAYS in one.cmdline()]


def until(true: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(500):
        if true():
            return
        pause.wait(0.01)
    raise AssertionError("it never came true")


def test_one_that_was_killed_is_replaced_by_one_other(keeper: Upkeep) -> None:
    keeper.tend()
    first, second = children()
    first.send_signal(signal.SIGKILL)
    until(lambda: not first.is_running() or first.status() == psutil.STATUS_ZOMBIE)

    def tended() -> bool:
        keeper.tend()
        return len(children()) > 1

    until(tended)
    assert [one.pid for one in children() if one.pid not in (first.pid, second.pid)]
    assert sorted(one.cmdline()[-1] for one in children()) == ["0", "likeness"]
    keeper.stop()
    assert children() == []


def test_each_of_several_is_told_its_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "COMMAND", (sys.executable, "-c", STAYS))
    keepers = Upkeep(Settings(data_dir=tmp_path, readers=3))
    keepers.tend()
    assert sorted(one.cmdline()[-1] for one in children()) == ["0", "1", "2", "likeness"]
    keepers.stop()
    assert children() == []


def test_none_that_was_never_started_is_waited_for(keeper: Upkeep) -> None:
    keeper.stop()
    assert children() == []
