"""Conditions on how customers can be reached and take our messages, in plain Python."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from projections.segments import reaching, reactions
from projections.segments.facts import Facts
from projections.segments.look import COMPARED, Look
from projections.segments.rule import Consent, Engagement, Fatigue, MayReceive, Messages
from projections.segments.setting import Setting

Reached: TypeAlias = Consent | MayReceive | Fatigue | Engagement | Messages


def look(rule: Reached, facts: Facts, setting: Setting) -> Look:
    match rule:
        case Consent(channel, states):
            stand = reaching.stand_at(facts.stands, channel, setting.now)
            state = stand.state if stand else "never"
            return Look(state, state in states)
        case MayReceive():
            said = reaching.answer(rule, facts.stands, facts.mails, setting)
            return Look(said, said == reaching.YES)
        case Fatigue():
            tired = reaching.fatigue(facts.mails, setting)
            return Look(tired, COMPARED[rule.compare](tired, Decimal(rule.score)))
        case Engagement():
            score = reactions.score(facts.mails, setting.now)
            return Look(score, score is not None and COMPARED[rule.compare](score, rule.score))
        case Messages():
            moments, since = reactions.moments(rule, facts.mails), _since(rule, setting)
            count = sum(since < at <= setting.now for at in moments)
            return Look(count, COMPARED[rule.compare](count, rule.count))


def turns(rule: Reached, facts: Facts, setting: Setting) -> Iterator[datetime]:
    match rule:
        case Consent(channel):
            stand = reaching.stand_at(facts.stands, channel, setting.now)
            yield from [stand.until] if stand and stand.until else []
        case MayReceive():
            yield from reaching.answer_turns(rule, facts.stands, facts.mails, setting)
        case Fatigue():
            yield from reaching.fatigue_turns(facts.mails, setting)
        case Engagement():
            yield from reactions.score_turns(rule, facts.mails, setting.now)
        case Messages():
            for at in reactions.moments(rule, facts.mails):
                yield at if at > setting.now else at + timedelta(days=rule.days)


def _since(rule: Messages, setting: Setting) -> datetime:
    return setting.now - timedelta(days=rule.days)
