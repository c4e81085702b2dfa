"""Merges and their reversal: whatever happened in between, everybody gets back what is theirs."""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from uuid_utils.compat import uuid7

from aggregates.profile.decisions.consent import Command, GrantConsent, WithdrawConsent
from aggregates.profile.decisions.message_commands import (
    RecordMessageFailed,
    RecordMessageSent,
    RequestSend,
)
from aggregates.profile.identifiers import Identifier
from tests.actors.merges import POOL, Town, at
from tests.actors.shopping import ADAS_MAIL, BOBS_MAIL, known, named, order, signal

COOKIE = known(cookie="k1")


@pytest.fixture
def town() -> Town:
    return Town()


def test_reversed_at_once_both_are_as_they_were(town: Town) -> None:
    ada = town.send(signal(order("1"), named("Ada"), by=ADAS_MAIL)).profile_id
    bob = town.send(signal(order("2"), named("Bob"), by=BOBS_MAIL)).profile_id
    before = town.fingerprint(ada), town.fingerprint(bob)
    merge_id = uuid7()
    town.unite(ada, bob, merge_id)
    assert set(town.fingerprint(ada).orders.by_id) == {"1", "2"}
    town.part(merge_id)
    assert (town.fingerprint(ada), town.fingerprint(bob)) == before
    town.holds()


def test_what_happened_meanwhile_goes_to_whom_it_is_about(town: Town) -> None:
    ada = town.send(signal(order("1"), by=ADAS_MAIL)).profile_id
    bob = town.send(signal(order("2"), by=BOBS_MAIL)).profile_id
    merge_id = uuid7()
    town.unite(ada, bob, merge_id)
    assert town.send(signal(order("3"), named("Bob"), by=BOBS_MAIL)).profile_id == ada
    town.part(merge_id)
    town.send(signal(order("4"), by=BOBS_MAIL))
    assert set(town.fingerprint(ada).orders.by_id) == {"1"}
    assert set(town.fingerprint(bob).orders.by_id) == {"2", "3", "4"}
    town.holds()


class Merging(RuleBasedStateMachine):
    """Signals, merges by rule and by hand, nested, reversals and repeats, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.town = Town()
        self.hours = 0
        self.orders = 1000

    @rule(seen=st.lists(st.sampled_from(POOL), min_size=1, max_size=4, unique=True))
    def something_is_bought(self, seen: list) -> None:
        self.orders += 1
        self.hours += 1
        self.town.send(signal(order(str(self.orders)), by=seen, at=at(self.hours)))

    @rule(
        seen=st.lists(st.sampled_from(POOL), min_size=1, max_size=3, unique=True),
        name=st.sampled_from(["Ada", "Bob", "Eve"]),
        late=st.integers(0, 50),
    )
    def somebody_says_a_name(self, seen: list, name: str, late: int) -> None:
        self.town.send(signal(named(name), by=seen, at=at(self.hours - late)))

    @rule(
        seen=st.lists(st.sampled_from(POOL), min_size=1, max_size=2, unique=True),
        message=st.sampled_from(["m1", "m2", "m3"]),
        kind=st.sampled_from([RequestSend, RecordMessageSent, RecordMessageFailed]),
        address=st.sampled_from([None, "shopper0@mail.example", "ada@mail.example"]),
    )
    def somebody_is_written_to(
        self, seen: list, message: str, kind: type, address: str | None
    ) -> None:
        where = {} if kind is RecordMessageFailed else {"channel": "email", "address": address}
        self.town.send(signal(kind(message_id=message, **where), by=seen, at=at(self.hours)))

    @rule(
        who=st.sampled_from([one for one in POOL if one.kind == "email"]),
        address=st.sampled_from([one.value for one in POOL if one.kind == "email"]),
        answer=st.sampled_from(["yes", "address", "channel", "global"]),
    )
    def somebody_says_yes_or_no(self, who: Identifier, address: str, answer: str) -> None:
        self.hours += 1
        if answer == "yes":
            said: Command = GrantConsent(channel="email", address=address)
        else:
            said = WithdrawConsent(scope=answer, channel="email", address=address)
        self.town.send(signal(said, by=[who], at=at(self.hours)))

    @precondition(lambda self: self.town.sent)
    @rule(data=st.data())
    def it_comes_again(self, data: st.DataObject) -> None:
        again = data.draw(st.sampled_from(self.town.sent))
        assert self.town.send(again) is not None

    @precondition(lambda self: len(self.town.heads) > 1)
    @rule(data=st.data())
    def two_are_united(self, data: st.DataObject) -> None:
        pair = st.lists(st.sampled_from(self.town.heads), min_size=2, max_size=2, unique=True)
        self.town.unite(*data.draw(pair), uuid7())

    @precondition(lambda self: self.town.merges)
    @rule(data=st.data())
    def a_merge_is_undone(self, data: st.DataObject) -> None:
        merge_id = data.draw(st.sampled_from(self.town.merges))
        assert self.town.part(merge_id).refused is None

    @precondition(lambda self: len(self.town.heads) > 1)
    @rule(data=st.data())
    def a_merge_is_undone_at_once(self, data: st.DataObject) -> None:
        pair = st.lists(st.sampled_from(self.town.heads), min_size=2, max_size=2, unique=True)
        one, other = data.draw(pair)
        before = self.town.fingerprint(one), self.town.fingerprint(other)
        merge_id = uuid7()
        if self.town.unite(one, other, merge_id).refused is None:
            self.town.part(merge_id)
            after = self.town.fingerprint(one), self.town.fingerprint(other)
            assert after == before

    def teardown(self) -> None:
        self.town.holds()


Merging.TestCase.settings = settings(
    max_examples=int(os.environ.get("HISTORIES", "100")),  # `make soak` looks at more
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestAnyHistory = Merging.TestCase
