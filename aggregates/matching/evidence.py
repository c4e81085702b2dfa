"""Everything that speaks for or against two profiles being one person, by name."""

from collections.abc import Iterable, Iterator

from aggregates.matching.birthdays import birthdays
from aggregates.matching.finding import Evidence
from aggregates.matching.identifiers import identifiers
from aggregates.matching.naming import names
from aggregates.matching.person import Person
from aggregates.matching.places import places
from aggregates.matching.spelling import alike, joined

__all__ = ["Evidence", "beside", "evidence", "of_themselves", "with_homes"]


def evidence(a: Person, b: Person) -> tuple[Evidence, ...]:
    """The same whichever comes first; what one of the two does not know says nothing."""
    return with_homes(of_themselves(a, b), a, b)


def of_themselves(a: Person, b: Person) -> tuple[Evidence, ...]:
    """Without what homes and companies say, which takes longest to find out."""
    return tuple(sorted(_of_themselves(a, b)))


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


def _of_themselves(a: Person, b: Person) -> Iterator[Evidence]:
    yield from identifiers(a, b)
    yield from names(a, b)
    if found := birthdays(a.birthday, b.birthday):
        yield found
