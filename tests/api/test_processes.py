"""API processes come, serve and leave, and somebody always serves. Small programs stand in."""

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from api import process, processes
from api.processes import ApiProcesses
from config.settings import Settings
from tests.faults.waiting import until
from tests.processes import words_of

SERVES = """
import os, signal, socket, sys
told = dict(zip(sys.argv[1::2], sys.argv[2::2]))
over = []
signal.signal(signal.SIGTERM, lambda *_: over.append("told to leave"))
listener = socket.socket(fileno=int(told["--listener"]))
listener.listen()
listener.settimeout(0.02)
os.write(int(told["--ready"]), b"!")
while not over:
    try:
        caller, _ = listener.accept()
    except TimeoutError:
        continue
    caller.sendall(str(os.getpid()).encode())
    caller.close()
"""
NEVER_READY = "import time; time.sleep(60)"
NEVER_LEAVES = SERVES.replace("not over", "True")
ENDS_AT_ONCE = ""
WITHIN_S = 20.0


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "RESTART_PAUSE_S", 0.05)
    program(monkeypatch, SERVES)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        yield bound


@pytest.fixture
def two(tmp_path: Path, listener: socket.socket) -> Iterator[ApiProcesses]:
    running = ApiProcesses(Settings(data_dir=tmp_path, api_processes=2), listener, None)
    yield running
    running.stop()
    assert not children()


def program(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(process, "COMMAND", (sys.executable, "-c", text))


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children() if "--ready" in words_of(child)}


def tended(api: ApiProcesses, holds: Callable[[], bool]) -> None:
    def tend_and_look() -> bool:
        api.tend()
        return holds()

    until(tend_and_look, WITHIN_S, "nothing comes of tending")


def serving(listener: socket.socket) -> set[int]:
    """Who answers; asked often enough that everybody's turn comes."""
    return {answerer(listener) for _ in range(40)}


def answerer(listener: socket.socket) -> int:
    with socket.create_connection(listener.getsockname(), timeout=WITHIN_S) as caller:
        return int(caller.recv(20))


def test_as_many_serve_as_the_settings_say(two: ApiProcesses, listener: socket.socket) -> None:
    tended(two, lambda: len(serving(listener) if children() else ()) == 2)
    assert len(children()) == 2


def test_who_calls_before_anybody_serves_is_answered_later(
    two: ApiProcesses, listener: socket.socket
) -> None:
    with socket.create_connection(listener.getsockname(), timeout=WITHIN_S) as early:
        two.tend()
        assert int(early.recv(20)) in children()


def test_one_that_dies_is_replaced(two: ApiProcesses, listener: socket.socket) -> None:
    tended(two, lambda: len(children()) == 2 and len(serving(listener)) == 2)
    victim = serving(listener).pop()
    os.kill(victim, signal.SIGKILL)
    until(lambda: two.any_gone, WITHIN_S, "nobody notices")
    tended(two, lambda: len(serving(listener) - {victim}) == 2)


def test_while_all_are_renewed_somebody_always_answers(
    two: ApiProcesses, listener: socket.socket
) -> None:
    tended(two, lambda: len(children()) == 2 and len(serving(listener)) == 2)
    before = children()
    two.renew()
    tended(two, lambda: answerer(listener) > 0 and not before & children())
    tended(two, lambda: serving(listener) == children() and len(children()) == 2)


def test_one_on_its_way_is_renewed_as_well(
    two: ApiProcesses, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have joined a Ray that is no more."""
    program(monkeypatch, NEVER_READY)
    two.tend()
    before = children()
    program(monkeypatch, SERVES)
    two.renew()
    tended(two, lambda: len(children() - before) == 2 and len(serving(listener)) == 2)
    tended(two, lambda: not before & children())


def test_one_that_never_gets_ready_is_ended(
    two: ApiProcesses, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "READY_TIMEOUT_S", 0.0)
    program(monkeypatch, NEVER_READY)
    two.tend()
    stuck = children()
    monkeypatch.setattr(process, "READY_TIMEOUT_S", WITHIN_S)
    program(monkeypatch, SERVES)
    tended(two, lambda: len(children() - stuck) == 2 and len(serving(listener)) == 2)
    assert not stuck & children()


def test_one_that_does_not_leave_is_ended(
    two: ApiProcesses, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "DRAIN_TIMEOUT_S", 0.1)
    program(monkeypatch, NEVER_LEAVES)
    tended(two, lambda: len(children()) == 2 and len(serving(listener)) == 2)
    two.stop()
    assert not children()


def test_what_cannot_start_is_not_started_without_a_pause(
    two: ApiProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "RESTART_PAUSE_S", 60.0)
    program(monkeypatch, ENDS_AT_ONCE)
    two.tend()
    until(lambda: not children(), WITHIN_S, "an empty program does not end")
    for _ in range(5):
        two.tend()
        assert not children()
