"""Why something was decided, where the event itself says so."""

from msgspec import Struct

from aggregates.explaining.reason import kinds_of, named
from aggregates.explaining.sentences import candidate
from aggregates.gate.decision import Decision
from aggregates.profile.events import consent, identity, lifecycle, lineage, messages
from aggregates.profile.profile import Event

REFUSALS = {
    "globally_unsubscribed": "The customer has unsubscribed from everything.",
    "unsubscribed": "The customer has unsubscribed from this channel.",
    "no_consent": "The customer has not agreed to messages on this channel.",
    "pending": "The customer was asked to confirm and has not yet.",
    "redacted": "The consent was erased where it was collected.",
    "suppressed": "Nothing may go to this address.",
    "daily_cap_reached": "The customer has had as many messages today as the shop allows.",
    "channel_cap_reached": "The customer has had as many messages on this channel today as may be.",
    "fatigue": "The customer has had too many messages within seven days.",
    "quiet_hours": "It was night where the customer lives.",
}
MERGES = {
    "by_hand": "Somebody said that they are the same person.",
    "merged_by_the_shop": "The shop has merged their two accounts.",
}


class WhyDecided(Struct, frozen=True):
    """`said` is for people, `rule` is stable; `decision` has what the gate looked at, with its
    numbers."""

    said: str
    rule: str | None = None
    decision: Decision | None = None


def because(event: Event) -> WhyDecided | None:  # noqa: PLR0911 - one a kind of event
    match event:
        case messages.Blocked(decision=decision) | messages.Reserved(decision=decision):
            said = refusal(decision.reason) if decision.reason else "The gate let it pass."
            return WhyDecided(said, decision.reason, decision)
        case messages.Missed(reason=reason):
            return WhyDecided(f"{refusal(reason)} Its deadline came first.", reason)
        case messages.Failed(code=code, detail=detail) if code or detail:
            return WhyDecided(detail or f"The provider said {code}.", code)
        case messages.Bounced(bounce=bounce, detail=str(detail)):
            return WhyDecided(detail, bounce)
        case consent.Suppressed(reason=reason):
            return WhyDecided(
                event.detail or f"The address is suppressed: {_words(reason)}.", reason
            )
        case consent.Withdrawn(reason=str(reason)):
            return WhyDecided(reason)
        case lifecycle.StageChanged():
            return _stage(event)
    return _identity(event)


def refusal(reason: str) -> str:
    """A sentence for a reason such as `daily_cap_reached:3/3`."""
    return REFUSALS.get(reason.partition(":")[0], f"The gate said {_words(reason)}.")


def _stage(event: lifecycle.StageChanged) -> WhyDecided:
    days = {"at_risk": event.at_risk_days, "churned": event.churned_days}.get(event.to)
    if days is None:
        return WhyDecided("What the customer did made it so.", event.to)
    return WhyDecided(f"Nothing was heard of the customer for {days} days.", event.to)


def _identity(event: Event) -> WhyDecided | None:  # noqa: PLR0911 - one a kind of event
    match event:
        case lineage.Absorbed():
            kinds = tuple(e.kind for e in event.evidence) or kinds_of((event.rule,))
            seen = f"The same {named(dict.fromkeys(kinds)) or 'thing'} was seen with both."
            said = MERGES.get(event.rule, seen)
            return WhyDecided(f"{said} {event.reason or ''}".strip(), event.rule)
        case lineage.Released(reason=str(reason)) | lineage.Restored(reason=str(reason)):
            return WhyDecided(reason)
        case lineage.KeptApart(reason=str(reason)) | identity.CandidateClosed(reason=str(reason)):
            return WhyDecided(reason)
        case identity.Unlinked(reason=str(reason)):
            return WhyDecided(reason)
        case identity.CandidateOpened():
            return WhyDecided(candidate(kinds_of(event.evidence), event.score), event.rule)
        case identity.Demoted(why=rule):
            return WhyDecided("A rule left it aside.", rule)
    return None


def _words(code: str) -> str:
    return code.replace("_", " ")
