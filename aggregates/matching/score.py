"""How likely two profiles are one person's, from what speaks for and against."""

import math
from collections.abc import Iterable, Mapping

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
    return _beside_reasons(STRANGERS + against_strangers(findings, learnt), findings)


def at_most(of_themselves: Iterable[Evidence]) -> float:
    """No less than the `score` of this and whatever homes and companies may add: those tell
    people from strangers, but not from relatives."""
    return _beside_reasons(math.inf, tuple(of_themselves))


def _beside_reasons(stranger: float, findings: tuple[Evidence, ...]) -> float:
    relative = RELATIVES + against_relatives(findings)
    doubts = [1 - 1 / (1 + 2**-stranger + 2**-relative)]
    doubts += [1 - REASONS.get(one.name, 0.0) * one.strength for one in findings]
    return min(CERTAIN, 1 - math.prod(doubts))
