"""Looking for a host in Ray's directory, which may hang while the hosts themselves work."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator

import pytest
import ray

from actors import calling
from actors.calling import RayHost
from actors.line import HostLost

AT_ONCE = 20  # more than asyncio has threads
WITHIN_S = 20.0


class Method:
    """What Ray gives for a method of a handle: called remotely, awaited."""

    def __init__(self, answer: Callable[[], object]) -> None:
        self._answer = answer

    def remote(self, *_: object) -> Awaitable[object]:
        async def answered() -> object:
            return self._answer()

        return answered()


class Handle:
    def __init__(self, answer: Callable[[], object]) -> None:
        self.stats = Method(answer)


class Directory:
    """Ray's, which knows one host. Says nothing while it is not `open`."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        self.asked = 0
        self.handle = Handle(lambda: {"pid": 1})

    def get_actor(self, name: str, namespace: str) -> Handle:
        self.asked += 1
        assert self.open.wait(WITHIN_S)
        if (name, namespace) != ("host-0", "shop"):
            raise ValueError(f"no {name} in {namespace}")
        return self.handle


@pytest.fixture
def directory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Directory]:
    known = Directory()
    monkeypatch.setattr(ray, "get_actor", known.get_actor)
    monkeypatch.setattr(calling, "FIND_TIMEOUT_S", WITHIN_S)
    yield known
    known.open.set()


@pytest.fixture
def hanging(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> Directory:
    monkeypatch.setattr(calling, "FIND_TIMEOUT_S", 0.05)
    directory.open.clear()
    return directory


def dies() -> object:
    raise ray.exceptions.ActorDiedError


def hiccups() -> object:
    raise ray.exceptions.ActorUnavailableError("the connection broke", b"0" * 16)


async def lost(host: RayHost) -> bool:
    try:
        await host.stats()
    except HostLost:
        return True
    return False


def test_a_host_is_looked_up_once_and_called_ever_after(directory: Directory) -> None:
    async def scene() -> list[dict[str, object]]:
        host = RayHost(0, "shop")
        return [await host.stats() for _ in range(3)]

    assert asyncio.run(scene()) == [{"pid": 1}] * 3
    assert directory.asked == 1


def test_one_that_nobody_knows_is_lost_and_looked_for_again(directory: Directory) -> None:
    async def scene() -> list[bool]:
        host = RayHost(7, "shop")
        return [await lost(host), await lost(host)]

    assert asyncio.run(scene()) == [True, True]
    assert directory.asked == 2


def test_one_that_died_for_good_is_looked_up_anew_and_one_that_only_hiccups_is_not(
    directory: Directory,
) -> None:
    async def scene(fault: Callable[[], object]) -> dict[str, object]:
        host = RayHost(0, "shop")
        directory.handle = Handle(fault)
        assert await lost(host)
        directory.handle = Handle(lambda: {"pid": 2})
        return {"lost": await lost(host)}

    assert asyncio.run(scene(dies)) == {"lost": False}
    assert asyncio.run(scene(hiccups)) == {"lost": True}


def test_while_the_directory_hangs_nobody_waits_long_and_nothing_piles_up(
    hanging: Directory,
) -> None:
    async def scene() -> list[bool]:
        host = RayHost(0, "shop")
        all_lost = await asyncio.gather(*(lost(host) for _ in range(AT_ONCE)))
        assert hanging.asked == 1
        assert await asyncio.to_thread(lambda: "asyncio's own threads are free")
        return all_lost

    assert asyncio.run(scene()) == [True] * AT_ONCE


def test_what_the_directory_says_late_is_good_for_the_next_caller(hanging: Directory) -> None:
    async def scene() -> None:
        host = RayHost(0, "shop")
        assert await lost(host)
        hanging.open.set()
        while await lost(host):
            pass

    asyncio.run(asyncio.wait_for(scene(), WITHIN_S))
    assert hanging.asked == 1
