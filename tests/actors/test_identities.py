"""From identifiers to a profile, for all that ask at the moment."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import pytest

from actors import identities, minted
from actors.identities import Identities
from actors.signals import NobodyYet, Outcome, Routed, Signal, Unavailable
from aggregates.log.memory import MemoryTables
from aggregates.profile.decisions.consent import WithdrawConsent
from aggregates.profile.decisions.message_commands import RequestSend
from aggregates.profile.identifiers import Identifier
from aggregates.shop.bounds import Bounds, bounds_of
from aggregates.shop.identity_rules import Alarms, IdentityRules, Limits
from aggregates.shop.messaging_rules import MessagingRules
from aggregates.shop.quiet_hours import QuietHours, RegionHours
from aggregates.shop.settings import Settings
from tests.actors.callers import MemoryOwners, minting
from tests.actors.shopping import (
    ADA,
    ADAS_MAIL,
    BOB,
    BOBS_MAIL,
    EVE,
    KEYRING,
    OTHER_SHOP,
    SHOP,
    known,
    named,
    order,
    signal,
)

T = TypeVar("T")
FIRST, SECOND = UUID(int=1), UUID(int=2)


class Desk:
    """Identities over what the tables know."""

    def __init__(self) -> None:
        self.tables = MemoryTables()
        self.owners = MemoryOwners(self.tables)
        self.rules: dict[int, Bounds] = {}
        self.identities = Identities(self.owners, KEYRING, minting(), self.rules_of)

    def rules_of(self, namespace: int) -> Bounds:
        return self.rules.get(namespace, Bounds())

    def owns(self, profile: UUID, *identifiers: Identifier, namespace: int = SHOP) -> None:
        digest = KEYRING.namespace(namespace).digest
        for one in identifiers:
            self.tables.identifiers[namespace, digest(one.kind, one.value)] = profile

    async def route(self, *signals: Signal) -> list[Routed]:
        return list(await asyncio.gather(*map(self.identities.route, signals)))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def test_a_signal_goes_to_the_owner_of_its_identifier(desk: Desk) -> None:
    desk.owns(ADA, *ADAS_MAIL)
    (routed,) = run(desk.route(signal(named("Ada"))))
    assert (routed.profile, routed.fresh) == (ADA, False)
    assert routed.recognise.identifiers == ADAS_MAIL


def test_the_first_signal_of_a_shopper_mints_an_id(desk: Desk) -> None:
    (routed,) = run(desk.route(signal(named("Ada"))))
    assert (routed.profile, routed.fresh) == (FIRST, True)


def test_a_signal_without_identifiers_is_a_shopper_of_its_own(desk: Desk) -> None:
    routed = run(desk.route(signal(by=()), signal(by=())))
    assert [(r.profile, r.fresh) for r in routed] == [(FIRST, True), (SECOND, True)]
    assert desk.owners.asked == []


def test_a_signal_that_names_a_profile_goes_there(desk: Desk) -> None:
    desk.owns(ADA, *ADAS_MAIL)
    (routed,) = run(desk.route(signal(named("Ada"), profile=BOB)))
    assert (routed.profile, routed.fresh) == (BOB, False)
    assert routed.owned_elsewhere == frozenset(ADAS_MAIL)


def test_all_that_wait_are_looked_up_at_once(desk: Desk) -> None:
    desk.owns(ADA, *ADAS_MAIL)
    routed = run(desk.route(*(signal(order(str(n))) for n in range(50))))
    assert {r.profile for r in routed} == {ADA}
    assert [len(keys) for keys in desk.owners.asked] == [51]  # the mail once, fifty orders


def test_what_arrives_meanwhile_waits_for_the_next_look_up(desk: Desk) -> None:
    async def later() -> list[Routed]:
        desk.owners.free.clear()
        first = asyncio.create_task(desk.route(signal()))
        await asyncio.sleep(0.01)  # it is being looked up
        others = asyncio.create_task(desk.route(signal(), signal()))
        await asyncio.sleep(0.01)
        desk.owners.free.set()
        return await first + await others

    assert {routed.profile for routed in run(later())} == {FIRST}
    assert len(desk.owners.asked) == 2


def test_a_look_up_has_a_limit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identities, "MAX_LOOKUP", 2)
    routed = run(desk.route(*(signal(by=known(email=f"{n}@example.com")) for n in range(5))))
    assert len({r.profile for r in routed}) == 5
    assert [len(keys) for keys in desk.owners.asked] == [2, 2, 1]


def test_signals_of_one_new_shopper_share_the_minted_id(desk: Desk) -> None:
    (cookie,) = known(cookie="k1")
    together = run(desk.route(signal(by=[*ADAS_MAIL, cookie]), signal(), signal(by=[cookie])))
    assert [(r.profile, r.fresh) for r in together] == [
        (FIRST, True),
        (FIRST, False),
        (FIRST, False),
    ]


def test_a_minted_id_is_remembered_while_its_first_signal_is_under_way(desk: Desk) -> None:
    async def later() -> tuple[Routed, Routed]:
        (first,) = await desk.route(signal())
        (second,) = await desk.route(signal())
        return first, second

    first, second = run(later())
    assert (second.profile, second.fresh) == (first.profile, False)


def test_a_minted_id_is_forgotten_once_its_signal_is_answered(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(minted, "SETTLE_S", 0.01)

    async def later() -> Routed:
        (first,) = await desk.route(signal())
        desk.identities.settled(first, None)
        await asyncio.sleep(0.05)
        return (await desk.route(signal()))[0]

    assert run(later()).profile == SECOND  # for all we know now, nobody ever made the first one


def test_an_id_whose_profile_was_not_made_is_forgotten_at_once(desk: Desk) -> None:
    async def later() -> Routed:
        (first,) = await desk.route(signal())
        desk.identities.settled(first, Outcome(profile_id=first.profile, version=0, outrun=True))
        return (await desk.route(signal()))[0]

    assert run(later()).profile == SECOND


def test_the_log_outranks_what_was_minted(desk: Desk) -> None:
    async def later() -> Routed:
        await desk.route(signal())
        desk.owns(ADA, *ADAS_MAIL)  # another process was faster
        return (await desk.route(signal()))[0]

    assert run(later()).profile == ADA


def test_who_is_known_is_not_in_dispute_with_who_is_to_come(desk: Desk) -> None:
    """The other may never come; should he claim the cookie first, this signal comes again."""
    (cookie,) = known(cookie="k1")
    desk.owns(ADA, *ADAS_MAIL)
    stranger, ada = run(desk.route(signal(by=[cookie]), signal(by=[*ADAS_MAIL, cookie])))
    assert (stranger.profile, stranger.fresh) == (FIRST, True)
    assert (ada.profile, ada.owned_elsewhere, ada.recognise.others) == (ADA, frozenset(), ())
    assert set(ada.recognise.identifiers) == {*ADAS_MAIL, cookie}


def test_of_two_who_are_to_come_the_one_of_the_strongest_identifier_is_followed(desk: Desk) -> None:
    (cookie,) = known(cookie="k1")
    routed = run(desk.route(*(signal(by=by) for by in ([cookie], ADAS_MAIL, [*ADAS_MAIL, cookie]))))
    assert [(r.profile, r.fresh) for r in routed] == [
        (FIRST, True),
        (SECOND, True),
        (SECOND, False),
    ]
    assert routed[2].owned_elsewhere == frozenset()


def test_a_profile_named_by_id_is_not_in_dispute_with_who_is_to_come(desk: Desk) -> None:
    _, ada = run(desk.route(signal(by=BOBS_MAIL), signal(by=BOBS_MAIL, profile=ADA)))
    assert (ada.profile, ada.owned_elsewhere) == (ADA, frozenset())


def test_shops_share_no_identifiers(desk: Desk) -> None:
    desk.owns(ADA, *ADAS_MAIL)
    here, there = run(desk.route(signal(), signal(namespace=OTHER_SHOP)))
    assert (here.profile, there.profile) == (ADA, FIRST)


def test_who_may_not_create_waits_for_somebody(desk: Desk) -> None:
    with pytest.raises(NobodyYet):
        run(desk.route(signal(creates=False)))
    desk.owns(ADA, *ADAS_MAIL)
    assert run(desk.route(signal(creates=False)))[0].profile == ADA


def test_who_may_not_create_follows_one_who_may(desk: Desk) -> None:
    routed = run(desk.route(signal(), signal(creates=False)))
    assert [r.profile for r in routed] == [FIRST, FIRST]


def test_nobody_yet_concerns_its_signal_alone(desk: Desk) -> None:
    async def both() -> list[Routed | BaseException]:
        sent = signal(by=BOBS_MAIL, creates=False), signal()
        return await asyncio.gather(*map(desk.identities.route, sent), return_exceptions=True)

    nobody, routed = run(both())
    assert isinstance(nobody, NobodyYet)
    assert isinstance(routed, Routed)


def test_the_strongest_owner_wins_and_the_conflict_is_noted(desk: Desk) -> None:
    account, mail, cookie = known(shopify_customer_id="42", email="ada@example.com", cookie="k1")
    desk.owns(BOB, mail)
    desk.owns(ADA, account)
    desk.owns(EVE, cookie)
    (routed,) = run(desk.route(signal(by=[cookie, mail, account])))
    assert routed.profile == ADA
    assert routed.recognise.identifiers == (account,)
    assert routed.recognise.others == (str(BOB), str(EVE))
    assert routed.recognise.disputed == ("cookie", "email")
    assert routed.recognise.decided_by == "shopify_customer_id"
    assert routed.owned_elsewhere == {mail, cookie}


def test_an_unreachable_log_is_unavailable_to_all_that_wait(desk: Desk) -> None:
    async def all_of_them() -> list[Routed | BaseException]:
        waiting = [desk.identities.route(signal()) for _ in range(3)]
        return await asyncio.gather(*waiting, return_exceptions=True)

    desk.owners.failures = 1
    assert all(isinstance(answer, Unavailable) for answer in run(all_of_them()))
    assert run(desk.route(signal()))[0].fresh


def test_a_failure_nobody_thought_of_keeps_nobody_waiting(desk: Desk) -> None:
    async def all_of_them() -> list[Routed | BaseException]:
        sent = signal(by=[Identifier("horoscope", "leo")]), signal()
        return await asyncio.gather(*map(desk.identities.route, sent), return_exceptions=True)

    desk.owns(EVE, Identifier("horoscope", "leo"))
    failed, fine = run(all_of_them())
    assert isinstance(failed, KeyError)
    assert isinstance(fine, Routed)


def test_who_gives_up_waiting_disturbs_nobody(desk: Desk) -> None:
    async def one_leaves() -> Routed:
        leaving = asyncio.create_task(desk.identities.route(signal(by=BOBS_MAIL)))
        staying = asyncio.create_task(desk.identities.route(signal()))
        await asyncio.sleep(0)
        leaving.cancel()
        return await staying

    assert run(one_leaves()).recognise.identifiers == ADAS_MAIL


def test_who_gave_up_waiting_mints_nothing(desk: Desk) -> None:
    async def one_leaves() -> Routed:
        leaving = asyncio.create_task(desk.identities.route(signal()))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.sleep(0.01)
        return (await desk.route(signal()))[0]

    assert run(one_leaves()).fresh


@pytest.mark.parametrize("steps", range(8))
def test_whenever_somebody_gives_up_waiting_no_id_is_left_behind(desk: Desk, steps: int) -> None:
    async def one_leaves() -> tuple[object, Routed]:
        leaving = asyncio.create_task(desk.identities.route(signal()))
        for _ in range(steps):
            await asyncio.sleep(0)
        leaving.cancel()
        (left,) = await asyncio.gather(leaving, return_exceptions=True)
        return left, (await desk.route(signal()))[0]

    left, routed = run(one_leaves())
    assert routed.fresh is isinstance(left, asyncio.CancelledError)


def test_owners_can_be_asked_for(desk: Desk) -> None:
    desk.owns(ADA, *ADAS_MAIL)
    asked = desk.identities.owners(SHOP, ADAS_MAIL + BOBS_MAIL)
    assert run(asked) == {ADAS_MAIL[0]: ADA}
    desk.owners.failures = 1
    with pytest.raises(Unavailable):
        run(desk.identities.owners(SHOP, ADAS_MAIL))


def test_a_signal_takes_the_bounds_of_its_own_shop_along(desk: Desk) -> None:
    strict = Bounds(Limits(email=1), Alarms(phone=9))
    desk.rules[SHOP] = strict
    desk.owns(ADA, *ADAS_MAIL)
    known_here, new_here, elsewhere = run(
        desk.route(signal(), signal(by=BOBS_MAIL), signal(namespace=OTHER_SHOP))
    )
    assert (known_here.rules, new_here.rules, elsewhere.rules) == (strict, strict, Bounds())
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(new_here), type=Routed) == new_here


def test_rules_of_messaging_travel_only_where_they_are_asked_for(desk: Desk) -> None:
    quiet = QuietHours(regions={"FR": RegionHours(dates=frozenset({"05-01", "07-14"}))})
    rules = bounds_of(Settings(messaging=MessagingRules(quiet_hours=quiet)))
    desk.rules[SHOP] = rules
    send, no = RequestSend(channel="sms"), WithdrawConsent(source="unsubscribe_link")
    order_, asked, left = run(desk.route(signal(), signal(send), signal(no)))
    assert (asked.rules, left.rules, order_.rules) == (rules, rules, Bounds())
    assert len(msgspec.msgpack.encode(order_.rules)) == 1
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(asked), type=Routed) == asked


def test_usual_bounds_cost_a_signal_one_byte() -> None:
    blocking = IdentityRules(
        limits=Limits(email=5), blocked=frozenset(f"{n}@x.example" for n in range(1_000))
    )
    assert len(msgspec.msgpack.encode(bounds_of(Settings(blocking)))) == 1


def test_while_a_shops_rules_are_not_known_its_signals_are_put_off(desk: Desk) -> None:
    def unknown(_namespace: int) -> Bounds:
        raise Unavailable("not read yet")

    asking = Identities(desk.owners, KEYRING, minting(), unknown)
    with pytest.raises(Unavailable):
        run(asking.route(signal()))
