"""What each finding weighs against strangers, counted in a labelled set."""

from collections import Counter
from collections.abc import Iterable, Iterator
from math import log2
from random import Random

from aggregates.matching.evidence import evidence
from aggregates.matching.weights import LEARNT
from tests.matching.labelled import Labelled, Pair

STRANGERS = 100_000  # pairs, drawn at random; among so many some share a birthday
SEED = 1


def learnt(people: Labelled, pairs: Iterable[Pair]) -> dict[str, float]:
    """In bits: log2 of how much oftener a finding is made of one person than of two strangers.

    Half a finding is added to either side, so that what was never seen is rare, not impossible.
    """
    same, strange = Counter[str](), Counter[str]()
    for a, b in pairs:
        told = same if (a, b) in people.same else strange
        told.update(["", *(found.name for found in evidence(people.people[a], people.people[b]))])
    return {name: log2(_share(same, name) / _share(strange, name)) for name in LEARNT}


def sample(people: Labelled) -> Iterator[Pair]:
    """All that are one person, and strangers."""
    yield from sorted(people.same)
    dice, everybody = Random(SEED), range(len(people.people))  # noqa: S311 - no secret
    for _ in range(STRANGERS):
        a, b = sorted(dice.sample(everybody, 2))
        if (a, b) not in people.same:
            yield a, b


def _share(counted: Counter[str], name: str) -> float:
    return (counted[name] + 0.5) / (counted[""] + 1)
