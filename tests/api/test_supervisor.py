"""What the supervisor does about parts that die; here they are only told to have died."""

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from actors import creating
from actors.local_ray import JoinedRay
from api import supervisor
from api.processes import ApiProcesses
from api.readiness import HostsWatch
from api.supervisor import Server
from api.upkeep import Upkeep
from config.account import PostgresFailed
from config.settings import Settings
from tests.faults.waiting import until

WITHIN_S = 20.0
NOTED = "import pathlib, sys; pathlib.Path(sys.argv[1]).open('a').write('!'); "
SUCCEEDS = NOTED
FAILS_ONCE = NOTED + "sys.exit('no' if pathlib.Path(sys.argv[1]).stat().st_size == 1 else 0)"


class Database:
    """Somebody's, that may not come up again."""

    dsn = "postgresql://nobody@127.0.0.1:9/nothing"
    broken = False

    def ensure_running(self) -> bool:
        if self.broken:
            raise PostgresFailed("no space left")
        return False


class Ray(JoinedRay):
    """Dies when told to."""

    died = False
    restarts = 0

    def ensure_running(self) -> bool:
        died, self.died = self.died, False
        return died

    def restart(self) -> None:
        self.restarts += 1


class Apis(ApiProcesses):
    """No processes: how often each was asked for."""

    tended = 0
    renewed = 0

    def tend(self) -> None:
        self.tended += 1

    def renew(self) -> None:
        self.renewed += 1


class Lost(HostsWatch):
    """Says that hosts are gone when told to."""

    gone = False
    expected = 0

    def are_gone(self) -> bool:
        gone, Lost.gone = Lost.gone, False
        return gone

    def are_coming(self) -> None:
        Lost.expected += 1


class NoUpkeep(Upkeep):
    """Counts how often it is tended, and starts nothing."""

    tended = 0

    def tend(self) -> None:
        self.tended += 1


class Parts:
    """A server whose parts are all stand-ins; `made` counts the programs that create hosts."""

    def __init__(self, folder: Path, listener: socket.socket) -> None:
        settings = Settings(data_dir=folder, port=listener.getsockname()[1])
        self.database, self.ray = Database(), Ray("127.0.0.1:9")
        self.apis = Apis(settings, listener, None)
        self.upkeep = NoUpkeep(settings)
        self.server = Server(settings, self.database, self.ray, self.apis, self.upkeep)
        self._notes = folder / "notes"

    @property
    def made(self) -> int:
        return self._notes.stat().st_size if self._notes.exists() else 0

    def creating_by(self, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
        command = (sys.executable, "-c", program, str(self._notes))
        monkeypatch.setattr(creating, "COMMAND", command)

    @contextmanager
    def watched(self, renewal: threading.Event | None = None) -> Iterator[None]:
        stopped = threading.Event()
        watching = threading.Thread(target=self.server.watch, args=(stopped, renewal))
        watching.start()
        try:
            yield
        finally:
            stopped.set()
            watching.join()
            self.server.stop()

    def until_tended(self, times: int = 3) -> None:
        wanted = self.apis.tended + times
        until(lambda: self.apis.tended >= wanted, WITHIN_S, "nobody tends the API")


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parts]:
    monkeypatch.setattr(supervisor, "WATCH_S", 0.01)
    monkeypatch.setattr(supervisor, "HostsWatch", Lost)
    monkeypatch.setattr(Lost, "gone", False)
    monkeypatch.setattr(Lost, "expected", 0)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Parts(tmp_path, listener)
        made.creating_by(monkeypatch, SUCCEEDS)
        yield made


def test_while_all_is_well_nothing_is_made_anew(parts: Parts) -> None:
    with parts.watched():
        parts.until_tended(10)
    assert (parts.made, parts.apis.renewed, parts.ray.restarts) == (0, 0, 0)


def test_a_ray_that_died_gets_hosts_and_api_processes_of_its_own(parts: Parts) -> None:
    with parts.watched():
        parts.ray.died = True
        until(lambda: parts.made == 1, WITHIN_S, "nobody creates hosts")
        parts.until_tended()
    assert (parts.made, parts.apis.renewed, Lost.expected) == (1, 1, 1)


def test_hosts_that_are_gone_get_another_ray(parts: Parts) -> None:
    with parts.watched():
        Lost.gone = True
        until(lambda: parts.made == 1, WITHIN_S, "nobody creates hosts")
        parts.until_tended()
    assert (parts.ray.restarts, parts.apis.renewed, Lost.expected) == (1, 1, 1)


def test_hosts_that_could_not_be_created_are_created_in_another_attempt(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts.creating_by(monkeypatch, FAILS_ONCE)
    with parts.watched():
        parts.ray.died = True
        until(lambda: parts.made == 2, WITHIN_S, "nobody tries again")
        parts.until_tended(10)
    assert parts.made == 2


def test_a_part_that_cannot_be_brought_back_keeps_nobody_from_the_others(parts: Parts) -> None:
    parts.database.broken = True
    with parts.watched():
        parts.ray.died = True
        until(lambda: parts.made == 1, WITHIN_S, "nobody creates hosts")
        parts.until_tended()


def test_told_to_renew_the_api_it_does_so_once(parts: Parts) -> None:
    renewal = threading.Event()
    with parts.watched(renewal):
        renewal.set()
        until(lambda: not renewal.is_set(), WITHIN_S, "nobody listens")
        parts.until_tended()
    assert parts.apis.renewed == 1
