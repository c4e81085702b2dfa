"""What rules look at is what the profile itself says, whoever asks: the gate, consent, the score,
the stage."""

from datetime import datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given, settings

from aggregates.gate.facts import Asked
from aggregates.profile import engagement, lifecycle, sending
from aggregates.profile.channels import CHANNELS, Channel
from aggregates.profile.permission import reached_by
from aggregates.shop.settings import Settings
from projections.segments.evaluate import holds, look
from projections.segments.rule import (
    Consent,
    ConsentState,
    Engagement,
    MayReceive,
    Rule,
    Stage,
    StageName,
)
from tests.segments.agreement import setting_at
from tests.segments.crowd import AFTERWARDS, Shopper, crowd, facts_by_hand
from tests.segments.rules import instants, shops

SHOPPERS = crowd(40, 7)
FACTS = {one.profile_id: facts_by_hand(one) for one in SHOPPERS}
at_any_moment = settings(max_examples=25, deadline=None, derandomize=True, database=None)


def holding(shopper: Shopper, rule: Rule, now: datetime, shop: Settings) -> bool:
    return holds(rule, FACTS[shopper.profile_id], setting_at(now, shop))


@pytest.mark.parametrize("channel", CHANNELS)
def test_who_may_receive_is_whom_the_gate_lets_a_campaign_write_to(channel: Channel) -> None:
    answers = set()

    @at_any_moment
    @given(instants, shops)
    def judge(now: datetime, shop: Settings) -> None:
        for one in SHOPPERS:
            zone, rules = shop.clock.time_zone, shop.messaging
            said = sending.decide(one.profile, Asked(channel), now, rules, time_zone=zone).decision
            assert holding(one, MayReceive(channel), now, shop) == said.allowed
            asleep = said.allowed or said.reason == "quiet_hours"
            assert holding(one, MayReceive(channel, "ignored"), now, shop) == asleep
            answers.add(said.checks[-1].check if not said.allowed else "yes")

    judge()
    assert answers > {"yes", "consent"}


@at_any_moment
@given(instants)
def test_consent_stands_as_the_profile_says(now: datetime) -> None:
    for one in SHOPPERS:
        for channel in CHANNELS:
            said = reached_by(one.profile, channel, now).standing.state
            for state in get_args(ConsentState):
                wanted = Consent(channel, (state,))
                assert holding(one, wanted, now, Settings()) == (state == said)


@at_any_moment
@given(instants)
def test_the_score_is_that_of_the_profile(now: datetime) -> None:
    for one in SHOPPERS:
        said = engagement.score(one.profile.messages, now).total
        facts, wanted = FACTS[one.profile_id], Engagement("at_least", 50)
        assert look(wanted, facts, setting_at(now)).found == said


@pytest.mark.parametrize("days", range(0, 120, 7))
def test_the_stage_is_that_of_the_profile(days: int) -> None:
    now = AFTERWARDS + timedelta(days=days)
    for one in SHOPPERS:
        said = lifecycle.stage(one.profile, Settings().lifecycle, now)
        for stage in get_args(StageName):
            assert holding(one, Stage((stage,)), now, Settings()) == (stage == said)
