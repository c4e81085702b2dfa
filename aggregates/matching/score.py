"""How likely two profiles are one person's, from what speaks for and against."""

from collections.abc import Iterable, Mapping
from math import prod

from aggregates.matching.finding import Evidence
from aggregates.matching.weights import (
    LEARNT,
    REASONS,
    RELATIVES,
    STRANGERS,
    against_relatives,
    against_strangers,
)

CERTAIN = 0.99  # no more; the rest is for people to say
WORTH_ASKING = 0.25  # from here on a candidate is opened: a Gmail address alone, not a cookie


def score(evidence: Iterable[Evidence], learnt: Mapping[str, float] = LEARNT) -> float:
    """0 to `CERTAIN`. A shared identifier is a reason beside what names and addresses say."""
    findings = tuple(evidence)
    doubts = [1 - _likely(findings, learnt)]
    doubts += [1 - REASONS.get(one.name, 0.0) * one.strength for one in findings]
    return min(CERTAIN, 1 - prod(doubts))


def _likely(findings: tuple[Evidence, ...], learnt: Mapping[str, float]) -> float:
    stranger = STRANGERS + against_strangers(findings, learnt)
    relative = RELATIVES + against_relatives(findings)
    return 1 / (1 + 2**-stranger + 2**-relative)
