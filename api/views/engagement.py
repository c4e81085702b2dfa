"""How a customer takes our messages, and how many there were lately."""

from datetime import datetime
from typing import NamedTuple

from aggregates.gate import fatigue
from aggregates.gate.caps import of_today
from aggregates.gate.facts import Asked, Facts
from aggregates.profile import engagement as counting
from aggregates.profile import sending
from aggregates.profile.events.messages import last_contact
from aggregates.profile.profile import Profile
from aggregates.shop.lifecycle_rules import LifecycleRules
from aggregates.shop.messaging_rules import MessagingRules
from api.views.shape import Engagement, EngagementParts


class Sending(NamedTuple):
    """When, by which rules and in which time zone, if nothing better is known, it is told."""

    at: datetime
    rules: MessagingRules = MessagingRules()
    time_zone: str | None = None
    lifecycle: LifecycleRules = LifecycleRules()


def engagement(profile: Profile, by: Sending) -> Engagement:
    held = counting.score(profile.messages, by.at)
    sent, _ = sending.counted(profile, by.rules, by.at)
    facts = Facts(Asked("email"), sent=sent, place=sending.whereabouts(profile, None, by.time_zone))
    then = facts.as_of(by.at)
    week = fatigue.sent_7d(then, by.at)
    return Engagement(
        score=held.total,
        parts=EngagementParts(
            **{name: value for name, value in held._asdict().items() if name != "total"}
        ),
        last_contact=last_contact(profile.messages),
        sent_today=len(of_today(then, by.at)),
        sent_7d=week,
        fatigue=fatigue.score(week),
    )
