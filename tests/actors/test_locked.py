"""A shard that is known to be locked is asked for only now and then; the others as ever."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from actors import locked
from actors.gateway import Gateway
from actors.placement import shard_of
from actors.signals import Outcome, Routed, Unavailable
from tests.actors.callers import LocalHost, gateway
from tests.actors.shopping import BOBS_MAIL, order, signal

NEVER_S = 3_600.0


class LockedHost(LocalHost):
    """Somebody holds a lock on every shard while it is `locked`."""

    locked = False

    def _applied(self, routed: list[Routed]) -> list[Outcome]:
        if not self.locked:
            return super()._applied(routed)
        return [Outcome(profile_id=one.profile, version=0, blocked=True) for one in routed]


def play(scene: Callable[[LockedHost, Gateway], Awaitable[None]]) -> None:
    async def played() -> None:
        host = LockedHost()
        door = gateway(host)
        await door.submit(signal(order("first")))
        host.locked = True
        with pytest.raises(Unavailable):
            await door.submit(signal(order("met")))
        await scene(host, door)

    asyncio.run(played())


def test_who_would_meet_the_lock_is_refused_before_the_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(locked, "LOOK_EVERY_S", NEVER_S)

    async def scene(host: LockedHost, door: Gateway) -> None:
        asked = len(host.batches)
        with pytest.raises(Unavailable) as told:
            await door.submit(signal(order("next")))
        assert (len(host.batches), told.value.retry_after_s) == (asked, locked.AGAIN_IN_S)

    play(scene)


def test_the_other_shards_of_the_host_are_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locked, "LOOK_EVERY_S", NEVER_S)

    async def scene(host: LockedHost, door: Gateway) -> None:
        host.locked = False
        his = await door.submit(signal(order("his"), by=BOBS_MAIL))
        assert shard_of(his.profile_id) != shard_of(host.batches[0][0].profile)
        assert his.refused is None

    play(scene)


def test_one_finds_out_whether_it_is_gone_and_then_all_are_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(locked, "LOOK_EVERY_S", 0.02)

    async def scene(host: LockedHost, door: Gateway) -> None:
        await asyncio.sleep(0.05)
        host.locked = False
        asked = len(host.batches)
        outcome = await door.submit(signal(order("looking")))
        again = await asyncio.gather(*(door.submit(signal(order(f"{n}"))) for n in range(3)))
        assert len(host.batches) > asked
        assert {one.refused for one in (outcome, *again)} == {None}

    play(scene)


def test_while_one_looks_the_others_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locked, "LOOK_EVERY_S", 0.2)

    async def scene(host: LockedHost, door: Gateway) -> None:
        await asyncio.sleep(0.25)
        asked = len(host.batches)
        both = (door.submit(signal(order(name))) for name in ("looks", "waits"))
        met = await asyncio.gather(*both, return_exceptions=True)
        assert [type(one) for one in met] == [Unavailable, Unavailable]
        assert sum(map(len, host.batches[asked:])) == 1

    play(scene)
