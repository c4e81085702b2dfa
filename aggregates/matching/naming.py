"""What two names say for and against one bearer."""

from collections.abc import Iterator
from functools import lru_cache

from aggregates.matching import first_names
from aggregates.matching.finding import Evidence
from aggregates.matching.person import Name
from aggregates.matching.spelling import REMEMBERED, alike_names, joined, plain

PARTICLE = 3  # letters at most: the "van" of two names makes no relatives


def names(a: Name, b: Name) -> Iterator[Evidence]:
    found = [*_first(a.first, b.first), *_last(a.last, b.last)]
    if all(one.name.startswith("different") for one in found):
        found = _exchanged(a, b) or found
    yield from found


@lru_cache(REMEMBERED)
def _first(one: str | None, other: str | None) -> tuple[Evidence, ...]:
    return tuple(_firsts(one, other))


@lru_cache(REMEMBERED)
def _last(one: str | None, other: str | None) -> tuple[Evidence, ...]:
    return tuple(_lasts(one, other))


def _firsts(one: str | None, other: str | None) -> Iterator[Evidence]:
    x, y = joined(one), joined(other)
    if not x or not y:
        return
    if x == y:
        yield Evidence("first_name")
    elif 1 in (len(x), len(y)):
        yield Evidence("first_initial" if x[0] == y[0] else "different_first_name")
    elif first_names.are_one(x, y):
        yield Evidence("nickname")
    elif like := max(alike_names(x, y), x in _parts(other) or y in _parts(one)):  # Eva Maria
        yield Evidence("similar_first_name", like)
    else:
        yield Evidence("different_first_name")


def _lasts(one: str | None, other: str | None) -> Iterator[Evidence]:
    x, y = joined(one), joined(other)
    if not x or not y:
        return
    if x == y:
        yield Evidence("last_name")
    elif like := max(alike_names(x, y), _shared_part(one, other)):
        yield Evidence("similar_last_name", like)
    else:
        yield Evidence("different_last_name")


def _shared_part(one: str | None, other: str | None) -> bool:
    """Garcia Lopez and Garcia."""
    shared = set(_parts(one)) & set(_parts(other))
    return any(len(part) > PARTICLE for part in shared)


def _parts(name: str | None) -> list[str]:
    return plain(name or "").split()


def _exchanged(a: Name, b: Name) -> list[Evidence]:
    """The first name of one is the last name of the other."""
    ways = (_crosses(a.first, b.last), _crosses(b.first, a.last))
    if all(ways):
        return [Evidence("first_and_last_name_exchanged")]
    return [Evidence("one_name_exchanged")] if any(ways) else []


def _crosses(first: str | None, last: str | None) -> bool:
    x, y = joined(first), joined(last)
    return bool(x and y and alike_names(x, y))
