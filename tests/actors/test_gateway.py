"""Signals on their way to a host: batched, sent again when in doubt, pushed back when too many."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

import msgspec
import pytest

from actors import line as tuning
from actors.gateway import Gateway
from actors.identities import Identities
from actors.placement import host_of
from actors.signals import Busy, NobodyYet, Outcome, Signal, Unavailable, UnknownProfile
from aggregates.profile.decisions.contact import SetContact
from aggregates.profile.decisions.orders import RecordRefund
from aggregates.profile.money import Price
from tests.actors.callers import LocalHost, MemoryOwners, gateway, minting, usual
from tests.actors.shopping import (
    ADA,
    BOBS_MAIL,
    KEYRING,
    each_once,
    folded,
    holds_together,
    known,
    named,
    order,
    signal,
    to,
)

T = TypeVar("T")
FIRST = UUID(int=1)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "PATIENCE_S", 0.2)
    monkeypatch.setattr(tuning, "FIRST_PAUSE_S", 0.005)
    monkeypatch.setattr(tuning, "LONGEST_PAUSE_S", 0.02)


def run(scene: Callable[[LocalHost, Gateway], Awaitable[T]]) -> tuple[T, LocalHost]:
    """What came of a scene with one host and one API process, and the host."""

    async def play() -> tuple[T, LocalHost]:
        host = LocalHost()
        return await scene(host, gateway(host)), host

    return asyncio.run(play())


async def submitted(door: Gateway, *signals: Signal) -> list[Outcome]:
    return list(await asyncio.gather(*map(door.submit, signals)))


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110  # what it waits for is none of ours to announce
            await asyncio.sleep(0.001)


def strangers(number: int) -> list[Signal]:
    return [signal(order(str(n)), by=known(email=f"{n}@example.com")) for n in range(number)]


def test_a_signal_is_answered_once_it_is_durable() -> None:
    async def scene(host: LocalHost, door: Gateway) -> Outcome:
        return await door.submit(signal(order()))

    outcome, host = run(scene)
    assert (outcome.profile_id, outcome.version) == (FIRST, 2)
    assert len(host.tables.events) == 2


def test_when_idle_a_signal_goes_at_once_and_what_comes_meanwhile_is_one_batch() -> None:
    async def scene(host: LocalHost, door: Gateway) -> list[Outcome]:
        host.open.clear()
        first = asyncio.create_task(door.submit(signal(order("0"))))
        await until(lambda: host.under_way == 1)
        others = asyncio.create_task(submitted(door, *strangers(20)))
        await until(lambda: door.waiting == 20)
        host.open.set()
        return [await first, *await others]

    outcomes, host = run(scene)
    assert len(outcomes) == 21
    assert host.sizes == [1, 20]
    assert host.most_under_way == 1


def test_answers_come_to_those_who_asked() -> None:
    async def scene(_: LocalHost, door: Gateway) -> list[tuple[Signal, Outcome]]:
        sent = strangers(30)
        return list(zip(sent, await submitted(door, *sent), strict=True))

    answered, host = run(scene)
    each_once(host.tables, answered)
    holds_together(host.tables)


def test_a_batch_has_at_most_so_many_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "MAX_BATCH", 4)

    async def scene(_: LocalHost, door: Gateway) -> list[Outcome]:
        return await submitted(door, *strangers(10))

    _, host = run(scene)
    assert sum(host.sizes) == 10
    assert max(host.sizes) == 4


def test_a_batch_has_at_most_so_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = strangers(10)
    each = max(len(msgspec.msgpack.encode(to(ADA, one, fresh=True))) for one in sent)
    monkeypatch.setattr(tuning, "MAX_BATCH_BYTES", 3 * each)

    async def scene(_: LocalHost, door: Gateway) -> list[Outcome]:
        return await submitted(door, *sent)

    _, host = run(scene)
    assert sum(host.sizes) == 10
    assert max(host.sizes) == 3


def test_a_signal_too_large_for_a_batch_goes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "MAX_BATCH_BYTES", 10)

    async def scene(_: LocalHost, door: Gateway) -> list[Outcome]:
        return await submitted(door, *strangers(3))

    outcomes, host = run(scene)
    assert host.sizes == [1, 1, 1]
    assert all(outcome.version == 2 for outcome in outcomes)


def test_each_profile_has_one_host() -> None:
    async def play() -> list[LocalHost]:
        first = LocalHost()
        hosts = [first, LocalHost(first.tables), LocalHost(first.tables)]
        owners = MemoryOwners(first.tables)
        await submitted(
            Gateway(hosts, Identities(owners, KEYRING, minting(), usual)), *strangers(30)
        )
        return hosts

    hosts = asyncio.run(play())
    for number, host in enumerate(hosts):
        came = {routed.profile for batch in host.batches for routed in batch}
        assert came
        assert {host_of(profile, len(hosts)) for profile in came} == {number}


@pytest.mark.parametrize("commits", [False, True], ids=["before", "after"])
def test_a_batch_that_was_lost_goes_again_with_the_same_ids(commits: bool) -> None:
    async def scene(host: LocalHost, door: Gateway) -> list[Outcome]:
        host.losses, host.commits = 2, commits
        return await submitted(door, *sent)

    sent = strangers(3)
    outcomes, host = run(scene)
    assert host.sizes[:1] * 3 == host.sizes[:3]
    assert [o.duplicate for o in outcomes] == [False] * 3
    each_once(host.tables, list(zip(sent, outcomes, strict=True)))


def test_a_repeat_is_called_a_duplicate() -> None:
    async def scene(_: LocalHost, door: Gateway) -> list[bool]:
        return [(await door.submit(sent)).duplicate for _ in range(2)]

    sent = signal(order())
    assert run(scene)[0] == [False, True]


def test_out_of_patience_the_host_is_unavailable() -> None:
    async def scene(host: LocalHost, door: Gateway) -> Outcome:
        host.losses = 10_000
        with pytest.raises(Unavailable, match="host-0"):
            await door.submit(sent)
        host.losses = 0
        return await door.submit(sent)

    sent = signal(order())
    outcome, host = run(scene)
    assert (outcome.version, outcome.duplicate) == (2, False)
    assert {routed.signal.id for batch in host.batches for routed in batch} == {sent.id}


def test_beyond_the_limit_we_are_busy_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "MAX_WAITING", 5)

    async def scene(host: LocalHost, door: Gateway) -> list[Outcome | BaseException]:
        host.open.clear()
        first = asyncio.create_task(door.submit(signal(order())))
        await until(lambda: host.under_way == 1)
        waiting = [asyncio.create_task(door.submit(one)) for one in strangers(7)]
        await until(lambda: sum(task.done() for task in waiting) == 2)
        host.open.set()
        return [await first, *await asyncio.gather(*waiting, return_exceptions=True)]

    outcomes, _ = run(scene)
    busy = [outcome for outcome in outcomes if isinstance(outcome, Busy)]
    assert len(busy) == 2
    assert len([outcome for outcome in outcomes if isinstance(outcome, Outcome)]) == 6


def test_two_processes_that_mint_for_one_shopper_end_with_one_profile() -> None:
    async def scene(host: LocalHost, door: Gateway) -> list[Outcome]:
        other = gateway(host, start=1000)
        host.open.clear()
        both = [
            asyncio.create_task(door.submit(signal(order("1")))),
            asyncio.create_task(other.submit(signal(order("2")))),
        ]
        await until(lambda: host.under_way == 2)  # both have minted
        host.open.set()
        return list(await asyncio.gather(*both))

    outcomes, host = run(scene)
    assert len({outcome.profile_id for outcome in outcomes}) == 1
    assert len(host.tables.keys) == 1
    assert len(folded(host.tables, outcomes[0].profile_id).orders.by_id) == 2


def test_what_follows_a_signal_that_was_outrun_finds_its_order() -> None:
    """Two processes mint for Ada; the refund waits behind the one whose profile is never made."""
    refund = RecordRefund(order_id="2", refund_id="r2", amount=Price("5.00", "EUR"))

    async def scene(host: LocalHost, door: Gateway) -> UUID:
        other = gateway(host, start=1000)
        host.open.clear()
        first = asyncio.create_task(other.submit(signal(order("1"))))
        await until(lambda: host.under_way == 1)
        outrun = asyncio.create_task(door.submit(signal(order("2"))))
        await until(lambda: host.under_way == 2)
        follows = asyncio.create_task(door.submit(signal(refund, by=(), creates=False)))
        await until(lambda: door.waiting == 1)
        host.open.set()
        ada, _, refunded = await asyncio.gather(first, outrun, follows, return_exceptions=True)
        if isinstance(refunded, NobodyYet):  # it came back before its order had an owner
            refunded = await door.submit(signal(refund, by=(), creates=False))
        assert ada.profile_id == refunded.profile_id
        return ada.profile_id

    ada, host = run(scene)
    assert host.tables.keys.keys() == {ada}
    assert folded(host.tables, ada).orders.refunds.keys() == {"r2"}


def test_two_that_claim_the_same_cookie_at_once_are_both_answered() -> None:
    async def scene(host: LocalHost, door: Gateway) -> list[Outcome]:
        await submitted(door, signal(named("Ada")), signal(named("Bob"), by=BOBS_MAIL))
        host.open.clear()
        first = asyncio.create_task(door.submit(signal(by=known(email="x@example.com"))))
        await until(lambda: host.under_way == 1)
        both = asyncio.create_task(
            submitted(
                door,
                signal(order("1"), by=known(email="ada@example.com", cookie="shared")),
                signal(order("2"), by=known(email="bob@example.com", cookie="shared")),
            )
        )
        await until(lambda: door.waiting == 2)
        host.open.set()
        await first
        return await both

    outcomes, host = run(scene)
    assert len({outcome.profile_id for outcome in outcomes}) == 2
    topics = [placed.stored.topic for placed in host.tables.events.values()]
    assert topics.count("identity.conflict_seen") == 1


def test_a_profile_that_is_not_there_is_unknown() -> None:
    async def scene(_: LocalHost, door: Gateway) -> None:
        with pytest.raises(UnknownProfile, match=str(ADA)):
            await door.submit(signal(named("Ada"), profile=ADA))

    run(scene)


def test_a_refusal_is_an_outcome() -> None:
    async def scene(_: LocalHost, door: Gateway) -> list[Outcome]:
        return await submitted(door, signal(SetContact(email="nonsense")), signal(order()))

    (refused, fine), host = run(scene)
    assert (refused.refused, fine.refused) == ("malformed_email", None)
    assert host.sizes == [2]


def test_a_caller_who_leaves_disturbs_nobody() -> None:
    async def scene(host: LocalHost, door: Gateway) -> list[Outcome]:
        host.open.clear()
        tasks = [asyncio.create_task(door.submit(one)) for one in sent]
        await until(lambda: host.under_way == 1 and door.waiting == 0)
        tasks[1].cancel()
        host.open.set()
        return [await tasks[0], await tasks[2]]

    sent = strangers(3)
    outcomes, host = run(scene)
    assert [outcome.version for outcome in outcomes] == [2, 2]
    assert len(host.tables.keys) == 3  # what was sent is kept, whoever hears of it


def test_a_caller_who_leaves_before_the_batch_is_repeated_disturbs_nobody() -> None:
    async def scene(host: LocalHost, door: Gateway) -> Outcome:
        host.losses = 3
        tasks = [asyncio.create_task(door.submit(one)) for one in strangers(2)]
        await until(lambda: len(host.batches) == 1)
        tasks[0].cancel()
        return await tasks[1]

    outcome, host = run(scene)
    assert outcome.version == 2
    assert host.sizes[-1] == 1


def test_a_host_that_fails_in_an_unforeseen_way_keeps_nobody_waiting() -> None:
    async def scene(host: LocalHost, door: Gateway) -> Outcome:
        async def broken(_: bytes) -> bytes:
            raise RuntimeError("nobody thought of this")

        host.apply, apply = broken, host.apply  # type: ignore[method-assign]  # for one call
        with pytest.raises(RuntimeError):
            async with asyncio.timeout(1):
                await door.submit(signal(order("1")))
        host.apply = apply  # type: ignore[method-assign]  # as it was
        return await door.submit(signal(order("2")))

    assert run(scene)[0].refused is None


def test_each_host_tells_its_numbers_or_that_it_is_lost() -> None:
    async def play() -> list[dict[str, object]]:
        well, lost = LocalHost(), LocalHost()
        lost.losses = 1
        owners = MemoryOwners(well.tables)
        return await Gateway([well, lost], Identities(owners, KEYRING, minting(), usual)).stats()

    assert asyncio.run(play()) == [{"batches": 0}, {"lost": "host-0: gone"}]
