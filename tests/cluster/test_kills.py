"""What dies may die: nothing acknowledged is lost, nothing is written twice."""

import os
import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from api.serve import Server
from tests.cluster.conftest import until_ready
from tests.cluster.delivering import Shop, deliver, orders
from tests.cluster.log_checks import assert_whole, placed_by
from tests.places import NO_TLS

pytestmark = pytest.mark.cluster
PID = re.compile(r'^c360_host_pid\{host="\d+"\} (\S+)$', re.MULTILINE)


def test_killing_hosts_mid_burst_loses_nothing_acknowledged(server: Server, shop: Shop) -> None:
    """Mechanism: ids are looked up before a batch is decided again; Ray restarts hosts."""
    deliveries = orders(shop, 1_500, 300, seed=11)
    with _every(1.0, 3, lambda round_: _kill(_hosts(shop.url)[round_ % 2])) as rounds:
        answers = deliver([shop.url], deliveries, connections=64)
    assert len(rounds) >= 2, "the burst was over before anything died"
    assert len(answers) == len(deliveries)
    _assert_exactly_once(server, answers)
    until_ready(shop.url)


def test_killing_the_database_mid_burst_loses_nothing_acknowledged(
    server: Server, shop: Shop
) -> None:
    """Mechanism: acknowledged after the flush; the supervisor starts the database again."""
    deliveries = orders(shop, 800, 200, seed=12)
    pid_file = server.settings.postgres_dir / "data" / "postmaster.pid"
    stopped = threading.Event()
    watching = threading.Thread(target=server.watch, args=(stopped,))
    watching.start()
    try:
        with _every(0.7, 1, lambda _: _kill(int(pid_file.read_text().split()[0]))) as rounds:
            answers = deliver([shop.url], deliveries, connections=32)
    finally:
        stopped.set()
        watching.join()
    assert rounds
    assert len(answers) == len(deliveries)
    _assert_exactly_once(server, answers)
    until_ready(shop.url)


def _assert_exactly_once(server: Server, answers: dict[str, str]) -> None:
    dsn = str(server.settings.database_url)
    placed = placed_by(dsn)
    assert {webhook: placed.get(webhook) for webhook in answers} == dict.fromkeys(answers, 1)
    assert_whole(dsn)


@contextmanager
def _every(pause_s: float, times: int, act: Callable[[int], None]) -> Iterator[list[int]]:
    """Does `act` while the block runs; the list tells which rounds came to pass."""
    done: list[int] = []
    over = threading.Event()

    def rounds() -> None:
        for round_ in range(times):
            if over.wait(pause_s):
                return
            act(round_)
            done.append(round_)

    thread = threading.Thread(target=rounds)
    thread.start()
    try:
        yield done
    finally:
        over.set()
        thread.join()


def _hosts(url: str) -> list[int]:
    for _ in range(100):
        found = PID.findall(httpx.get(f"{url}/metrics", timeout=10, verify=NO_TLS).text)
        if len(found) == 2:
            return [int(float(pid)) for pid in found]
        threading.Event().wait(0.1)
    raise AssertionError("the hosts do not come back")


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
