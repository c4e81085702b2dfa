"""Values that the newest signal decides, whatever order the signals came in.

A register keeps the value with the greatest `(at, strength, value)`. The rule is a maximum,
so it is commutative, associative and idempotent: any permutation and any duplication of the
same signals leaves the same value.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

T = TypeVar("T")
K = TypeVar("K")


class Stamp(Struct, frozen=True, order=True, array_like=True):
    """When a signal happened in the world (UTC) and how far its source is to be trusted."""

    at: datetime
    strength: int = 0


class Latest(Struct, Generic[T], frozen=True, array_like=True):
    value: T
    stamp: Stamp


def newest(held: Latest[T] | None, value: T, stamp: Stamp) -> Latest[T]:
    """The register after `value` was seen at `stamp`. Equal stamps are settled by the value."""
    if held is None or stamp > held.stamp:
        return Latest(value, stamp)
    if stamp == held.stamp and _differ(value, held.value) and _rank(value) > _rank(held.value):
        return Latest(value, stamp)
    return held


def says_more(held: Latest[T] | None, value: T, stamp: Stamp) -> bool:
    """Whether a signal adds to history: all but the exact repeat of what is already held.

    A later repeat of the same value counts, because a rival that arrives late may lie between
    the two; an older rival counts, because it belongs to the history.
    """
    return held is None or held.stamp != stamp or _differ(held.value, value)


def put(held: Mapping[K, Latest[T]], key: K, value: T, stamp: Stamp) -> dict[K, Latest[T]]:
    """`held` with the register under `key` moved on."""
    return {**held, key: newest(held.get(key), value, stamp)}


def current(held: Latest[T] | None) -> T | None:
    return held.value if held else None


def _differ(one: object, other: object) -> bool:
    return one != other or type(one) is not type(other)  # Python takes 1 and true for equal


def _rank(value: object) -> bytes:
    return msgspec.json.encode(value, order="deterministic")
