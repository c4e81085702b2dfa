"""What two people's addresses say; who has several is judged by the two that fit best."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

from aggregates.matching.finding import Evidence
from aggregates.matching.person import Person, Place
from aggregates.matching.spelling import REMEMBERED, alike, joined, one_slip
from aggregates.matching.streets import spelt_out
from aggregates.matching.weights import against_strangers

MAX_PLACES = 5  # of one person
_PLUS_FOUR = re.compile(r"^(\d{5})-\d{4}$", re.ASCII)  # a US postcode down to the side of a street


def places(a: Person, b: Person) -> tuple[Evidence, ...]:
    pairs = product(a.places[:MAX_PLACES], b.places[:MAX_PLACES])
    found = [tuple(sorted(_compared(x, y))) for x, y in pairs]
    return (
        found[0]
        if len(found) == 1
        else max(found, key=lambda one: (against_strangers(one), one), default=())
    )


def postcode_of(place: Place) -> str:
    return _postcode(place.postcode or "")


@lru_cache(REMEMBERED)
def _postcode(text: str) -> str:
    return joined(_PLUS_FOUR.sub(r"\1", text.strip()))


def _compared(x: Place, y: Place) -> Iterator[Evidence]:
    if _differ(x.country, y.country):
        yield Evidence("different_country")
        return  # the same postcode in two countries is two places
    if _agree(x.region, y.region):  # one that differs may be the same in short
        yield Evidence("region")
    yield from _postcodes(postcode_of(x), postcode_of(y))
    yield from _cities(joined(x.city), joined(y.city))
    yield from _streets(x, y)


def _postcodes(x: str, y: str) -> Iterator[Evidence]:
    if x and y:
        similar = "similar_postcode" if one_slip(x, y) else "different_postcode"
        yield Evidence("postcode" if x == y else similar)


def _cities(x: str, y: str) -> Iterator[Evidence]:
    if x and y:
        like = alike(x, y)
        yield Evidence("city", like) if like else Evidence("different_city")


def _streets(x: Place, y: Place) -> Iterator[Evidence]:
    """A house number says something only of the same street."""
    one, other = spelt_out(x.street), spelt_out(y.street)
    if not one or not other:
        return
    if not (like := alike(one, other)):
        yield Evidence("different_street")
        return
    numbered = _agree(x.house_number, y.house_number)
    yield Evidence("address" if numbered else "street", like)
    if _differ(x.house_number, y.house_number):
        yield Evidence("different_house_number")


def _agree(one: str | None, other: str | None) -> bool:
    return bool(joined(one)) and joined(one) == joined(other)


def _differ(one: str | None, other: str | None) -> bool:
    return bool(joined(one) and joined(other)) and joined(one) != joined(other)
