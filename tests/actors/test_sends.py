"""Sends asked for at once, answered again, and shared by those who were united."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from uuid_utils.compat import uuid7

from actors.gateway import Gateway
from actors.identities import Identities
from actors.remembered import Remembered
from actors.signals import Outcome, Signal
from aggregates.gate.decision import Decision
from aggregates.log.memory import MemoryTables
from aggregates.profile.decisions.consent import GrantConsent
from aggregates.profile.decisions.message_commands import RecordMessageSent, RequestSend
from aggregates.profile.decisions.reservations import reservation_id
from aggregates.profile.sending import counted
from aggregates.shop.messaging_rules import MessagingRules
from tests.actors.callers import LocalHost, MemoryOwners, gateway, minting, usual
from tests.actors.merges import Town
from tests.actors.shopping import ADA, ADAS_MAIL, BOBS_MAIL, KEYRING, Host, named, signal, to
from tests.consenting import yes_to
from tests.given import NOON

PARALLEL, CAP = 50, 3


def asks(name: str, address: str | None = None) -> RequestSend:
    return RequestSend(message_id=name, channel="email", source="campaign", address=address)


def decision(outcome: Outcome) -> Decision:
    assert outcome.answer is not None
    return msgspec.json.decode(outcome.answer, type=Decision)


def requests(number: int, *before: GrantConsent) -> list[Signal]:
    """At the same time, by clocks that differ a little."""
    return [
        signal(*before, asks(f"m{n}"), at=NOON + timedelta(milliseconds=7 * (n % 5)))
        for n in range(number)
    ]


@pytest.mark.parametrize("hosts", [1, 2])
def test_of_fifty_asked_for_at_once_by_two_processes_exactly_the_cap_passes(hosts: int) -> None:
    """Also where two hosts take themselves for the owner of the shopper."""
    tables = MemoryTables()
    owners = [LocalHost(tables) for _ in range(hosts)]

    async def scene() -> list[Outcome]:
        doors = [gateway(owners[n % hosts], start=1 + 1_000 * n) for n in range(2)]
        await doors[0].submit(signal(*yes_to("ada@example.com")))
        asked = (doors[n % 2].submit(one) for n, one in enumerate(requests(PARALLEL)))
        return list(await asyncio.gather(*asked))

    outcomes = asyncio.run(scene())
    allowed = [outcome for outcome in outcomes if decision(outcome).allowed]
    assert len(allowed) == CAP
    assert all(outcome.events == ("messages.reserved",) for outcome in allowed)
    reasons = {decision(o).reason for o in outcomes if not decision(o).allowed}
    assert reasons == {"daily_cap_reached:3/3"}


def test_a_first_message_to_somebody_new_is_counted_like_any_other() -> None:
    async def scene() -> list[Outcome]:
        tables = MemoryTables()
        host, yes = LocalHost(tables), yes_to("ada@example.com")
        doors = [
            Gateway(
                [host], Identities(MemoryOwners(tables), KEYRING, minting(1 + 1_000 * n), usual)
            )
            for n in range(2)
        ]
        asked = (doors[n % 2].submit(one) for n, one in enumerate(requests(10, *yes)))
        return list(await asyncio.gather(*asked))

    outcomes = asyncio.run(scene())
    assert len({outcome.profile_id for outcome in outcomes}) == 1
    assert sum(decision(outcome).allowed for outcome in outcomes) == CAP


def test_a_repeat_is_answered_as_before(host: Host) -> None:
    asked = signal(asks("m1"))
    host.tell(ADA, *yes_to("ada@example.com"))
    first = host.tell(ADA, asks("m0"))
    assert decision(first).allowed
    again = [host.apply(to(ADA, asked))[0] for _ in range(2)]
    assert again[0].answer == again[1].answer
    assert (again[0].duplicate, again[1].duplicate) == (False, True)
    assert host.topics(ADA).count("messages.reserved") == 2
    for n in range(2, 9):
        host.tell(ADA, asks(f"m{n}"))
    blocked = signal(asks("m9"))
    one, two = (host.apply(to(ADA, blocked))[0] for _ in range(2))
    assert not decision(one).allowed
    assert one.answer == two.answer


def test_only_what_asks_the_gate_is_answered_by_it(host: Host) -> None:
    assert host.tell(ADA, named("Ada")).answer is None
    assert host.tell(ADA, RecordMessageSent(message_id="m1", channel="email")).answer is None


def test_what_was_remembered_before_there_were_answers_is_still_read() -> None:
    old = msgspec.msgpack.encode([ADA, 3, ["orders.placed"], "1:2", b"print"])
    assert msgspec.msgpack.decode(old, type=Remembered).answer is None


def test_who_are_one_share_the_cap_and_keep_what_went_to_their_own_address() -> None:
    town = Town()
    ada = town.send(signal(*yes_to("ada@example.com"), by=ADAS_MAIL)).profile_id
    bob = town.send(signal(*yes_to("bob@example.com"), by=BOBS_MAIL)).profile_id
    town.send(signal(asks("m1"), by=ADAS_MAIL))
    town.send(signal(asks("m2"), by=BOBS_MAIL))
    merge_id = uuid7()
    town.unite(ada, bob, merge_id)
    third = town.send(signal(asks("m3", "bob@example.com"), by=ADAS_MAIL))
    assert decision(third).allowed
    fourth = town.send(signal(asks("m4"), by=BOBS_MAIL))
    assert decision(fourth).reason == "daily_cap_reached:3/3"
    confirm = RecordMessageSent(reservation=reservation_id("m3"))
    assert town.send(signal(confirm, by=ADAS_MAIL)).events == ("messages.sent",)
    assert town.send(signal(confirm, by=BOBS_MAIL)).events == ()
    town.part(merge_id)
    assert set(town.told(ada).messages.by_id) == {"m1"}
    assert set(town.told(bob).messages.by_id) == {"m2", "m3"}
    assert len(counted(town.told(bob), MessagingRules(), NOON)[0]) == 1
    town.holds()
