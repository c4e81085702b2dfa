"""What would be asked of a labelled set, and how much of it rightly."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from aggregates.matching.evidence import evidence
from aggregates.matching.score import WORTH_ASKING, score
from aggregates.matching.weights import LEARNT
from tests.matching.labelled import Labelled, Pair

THRESHOLDS = (0.0, 0.001, 0.01, 0.1, WORTH_ASKING, 0.5, 0.75, 0.9, 0.95)


class Point(Struct, frozen=True):
    """Of all pairs that are one person `recall` are asked, and `precision` of those asked are."""

    threshold: float
    asked: int
    recall: float
    precision: float


def scored(
    people: Labelled, pairs: Iterable[Pair], learnt: Mapping[str, float] = LEARNT
) -> dict[Pair, float]:
    known = people.people
    return {(a, b): score(evidence(known[a], known[b]), learnt) for a, b in pairs}


def point(people: Labelled, scores: Mapping[Pair, float], threshold: float) -> Point:
    asked = {pair for pair, found in scores.items() if found >= threshold}
    right = len(asked & people.same)
    return Point(threshold, len(asked), right / len(people.same), right / max(1, len(asked)))


def curve(people: Labelled, scores: Mapping[Pair, float]) -> list[Point]:
    return [point(people, scores, threshold) for threshold in THRESHOLDS]
