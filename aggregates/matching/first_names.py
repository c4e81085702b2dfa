"""Bob is Robert: which first names are short for which."""

from functools import cache, lru_cache

from nicknames import NickNamer

from aggregates.matching.spelling import REMEMBERED, joined


@lru_cache(REMEMBERED)
def are_one(one: str, other: str) -> bool:
    """Whether one is short for the other, or both for the same."""
    return bool(roots(one) & roots(other))


@lru_cache(REMEMBERED)
def roots(name: str) -> frozenset[str]:
    """The name and those it may be short for: two, as a rule, and 18 of "Chris"."""
    word = joined(name)
    return frozenset({word} | _relations().canonicals_of(word))


@cache
def _relations() -> NickNamer:
    return NickNamer()
