"""Everything that speaks for or against two profiles being one person, by name."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from aggregates.matching.birthdays import birthdays
from aggregates.matching.finding import Evidence
from aggregates.matching.identifiers import identifiers
from aggregates.matching.naming import names
from aggregates.matching.person import Name, Person
from aggregates.matching.places import places
from aggregates.matching.spelling import REMEMBERED, alike, joined

__all__ = ["Evidence", "beside", "evidence", "of_themselves", "with_homes"]


def evidence(a: Person, b: Person) -> tuple[Evidence, ...]:
    """The same whichever comes first; what one of the two does not know says nothing."""
    return with_homes(of_themselves(a, b), a, b)


def of_themselves(a: Person, b: Person) -> tuple[Evidence, ...]:
    """Without what homes and companies say, which takes longest to find out."""
    told = _of_bearers(a.name, a.birthday, b.name, b.birthday)
    shared = tuple(identifiers(a, b))
    return tuple(sorted((*shared, *told))) if shared else told


def with_homes(own: Iterable[Evidence], a: Person, b: Person) -> tuple[Evidence, ...]:
    """All there is; `own` is what was found of themselves."""
    return tuple(sorted((*own, *_of_homes(a, b))))


def beside(kind: str, a: Person, b: Person) -> tuple[Evidence, ...]:
    """The same of two who are known to share an identifier of this kind, wherever it was seen."""
    shared = Evidence(_SHARED.get(kind, "shared_account"))
    if kind == "email" and a.shopify_ids and b.shopify_ids:
        shared = Evidence("same_email_two_accounts")
    return tuple(sorted({*evidence(a, b), shared}))


_SHARED = {"email": "shared_email", "phone": "shared_phone", "cookie": "shared_cookie"}


def _of_homes(a: Person, b: Person) -> Iterator[Evidence]:
    yield from places(a, b)
    one, other = joined(a.company), joined(b.company)
    if one and other and (like := alike(one, other)):
        yield Evidence("company", like)


@lru_cache(REMEMBERED)  # many pairs have the names and birthdays of another
def _of_bearers(a: Name, born: str | None, b: Name, other_born: str | None) -> tuple[Evidence, ...]:
    found = birthdays(born, other_born)
    return tuple(sorted((*names(a, b), *((found,) if found else ()))))
