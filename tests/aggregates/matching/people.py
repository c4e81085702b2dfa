"""People that the tests of this folder begin with; each test changes what it is about."""

from msgspec.structs import replace

from aggregates.matching.evidence import evidence
from aggregates.matching.person import Person, Place
from aggregates.matching.score import WORTH_ASKING, score

HOME = Place(street="Main Street", house_number="12", city="Bath", postcode="BA1 1AA", country="GB")
AWAY = Place(
    street="Harbour Road", house_number="3", city="Leeds", postcode="LS1 4DY", country="GB"
)
ROBERT = Person(first_name="Robert", last_name="Smith", birthday="1960-03-14", places=(HOME,))
ANNA = replace(ROBERT, first_name="Anna", last_name="Miller")


def found(a: Person, b: Person) -> set[str]:
    return {one.name for one in evidence(a, b)}


def worth_asking(a: Person, b: Person) -> bool:
    return score(evidence(a, b)) >= WORTH_ASKING
