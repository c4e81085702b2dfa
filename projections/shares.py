"""Who of several processes keeps which read models up to date."""

from collections.abc import Sequence

from aggregates.log.port import SHARDS

# Compares customers of all shards with each other, and has all of them at hand: two of its kind
# would each read what the other has read, and nobody waits for it.
LIKENESS = "likeness"
WITH_CLOCK = "0"


def shares(readers: int) -> list[str]:
    """A name for each process: numbers for those that share what customers and people look at."""
    return [*map(str, range(readers)), LIKENESS]


def shards_of(share: str, readers: int) -> Sequence[int]:
    return range(SHARDS) if share == LIKENESS else range(int(share), SHARDS, readers)
