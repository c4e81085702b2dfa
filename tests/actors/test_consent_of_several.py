"""Consent while a profile stands for several: after the reversal a no binds both sides, a yes only
the side of its address."""

from datetime import timedelta
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from aggregates.profile.decisions.consent import Command, GrantConsent, SuppressAddress
from aggregates.profile.decisions.consent import WithdrawConsent as Withdraw
from aggregates.profile.permission import refusal
from tests.actors.merges import Town
from tests.actors.shopping import known, order, signal
from tests.given import NOON

ADA, BOB = "ada@mail.example", "bob@mail.example"
ADAS, BOBS = known(email=ADA), known(email=BOB)
LATER = NOON + timedelta(days=9)


def yes(address: str, text: str | None = None) -> GrantConsent:
    return GrantConsent(channel="email", address=address, level="single", text=text)


class Two:
    """Ada and Bob, who are taken for one until the merge is undone."""

    def __init__(self, *before: Command) -> None:
        self.town = Town()
        self.ada = self.town.send(signal(order("1"), by=ADAS)).profile_id
        self.bob = self.town.send(signal(order("2"), by=BOBS)).profile_id
        self.hours = 0
        for command in before:
            self.say(command, self.ada if command.address == ADA else self.bob)
        self.merge_id = uuid7()
        self.town.unite(self.ada, self.bob, self.merge_id)

    def say(self, command: Command, whom: UUID | None = None) -> tuple[str, ...]:
        self.hours += 1
        moment = NOON + timedelta(hours=self.hours)
        said = signal(command, by=(), profile=whom or self.ada, at=moment, creates=False)
        return self.town.send(said).events

    def part(self) -> None:
        self.town.part(self.merge_id)
        self.town.holds()

    def may_be_written_to(self) -> dict[str, bool]:
        sides = {ADA: self.ada, BOB: self.bob}
        return {
            address: refusal(self.town.told(one), "email", address, "marketing", LATER) is None
            for address, one in sides.items()
        }


@pytest.mark.parametrize("speaker", [ADA, BOB])
@pytest.mark.parametrize(
    "no", [Withdraw(scope="global"), Withdraw(scope="channel", channel="email")]
)
def test_a_no_said_meanwhile_binds_both(no: Withdraw, speaker: str) -> None:
    two = Two(yes(ADA), yes(BOB))
    two.say(no, two.ada if speaker == ADA else two.bob)
    two.part()
    assert two.may_be_written_to() == {ADA: False, BOB: False}


def test_a_click_on_the_link_binds_both_and_tells_the_other_nothing_of_the_address() -> None:
    two = Two(yes(ADA), yes(BOB))
    click = Withdraw(channel="email", address=BOB, source="unsubscribe_link", ip="192.0.2.7")
    assert two.say(click) == ("consent.withdrawn",) * 2
    two.part()
    assert two.may_be_written_to() == {ADA: False, BOB: False}
    adas, bobs = (two.town.told(one).consent.everywhere for one in (two.ada, two.bob))
    assert adas is not None
    assert bobs is not None
    assert (adas.value.address, adas.value.ip) == (None, None)
    assert (bobs.value.address, bobs.value.ip) == (BOB, "192.0.2.7")


def test_a_no_to_one_address_stays_with_it() -> None:
    two = Two(yes(ADA), yes(BOB))
    assert two.say(Withdraw(channel="email", address=BOB)) == ("consent.withdrawn",)
    two.part()
    assert two.may_be_written_to() == {ADA: True, BOB: False}


def test_a_yes_said_meanwhile_goes_to_the_side_of_its_address() -> None:
    two = Two()
    assert two.say(yes(BOB)) == ("consent.granted",)
    two.part()
    assert two.may_be_written_to() == {ADA: False, BOB: True}
    assert not two.town.told(two.ada).consent.addresses


def test_a_yes_of_one_after_a_no_of_both_opens_one_side() -> None:
    two = Two(yes(ADA), yes(BOB))
    two.say(Withdraw(scope="global"))
    two.say(yes(BOB, text="Yes, write to me."))
    two.part()
    assert two.may_be_written_to() == {ADA: False, BOB: True}


def test_a_no_said_before_the_merge_binds_the_united_and_then_one_side() -> None:
    two = Two(yes(ADA), yes(BOB), Withdraw(scope="global", address=ADA))
    both = two.town.told(two.ada)
    for address in (ADA, BOB):
        assert refusal(both, "email", address, "marketing", LATER) == "globally_unsubscribed"
    two.part()
    assert two.may_be_written_to() == {ADA: False, BOB: True}


def test_a_bounce_stays_with_the_address() -> None:
    two = Two(yes(ADA), yes(BOB))
    two.say(SuppressAddress(channel="email", address=BOB, reason="hard_bounce"))
    two.part()
    assert two.may_be_written_to() == {ADA: True, BOB: False}


def test_an_address_that_nobody_is_known_by_goes_to_whom_the_signal_is_about() -> None:
    two = Two()
    push = GrantConsent(channel="push", address="device-1")
    two.say(push, two.bob)
    two.part()
    assert not two.town.told(two.ada).consent.addresses
    assert list(two.town.told(two.bob).consent.addresses) == ["push:device-1"]


def test_the_same_no_again_says_nothing_more() -> None:
    two = Two()
    no = signal(Withdraw(scope="global"), by=(), profile=two.ada, creates=False)
    again = signal(Withdraw(scope="global"), by=(), profile=two.ada, creates=False)
    assert len(two.town.send(no).events) == 2
    assert two.town.send(again).events == ()
