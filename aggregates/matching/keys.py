"""Under which words a person is looked up: who shares none of them is never compared."""

from collections.abc import Iterator

from aggregates.matching.birthdays import MADE_UP
from aggregates.matching.first_names import roots
from aggregates.matching.mailboxes import mailbox
from aggregates.matching.person import Person, Place
from aggregates.matching.places import MAX_PLACES, postcode_of
from aggregates.matching.spelling import joined, sound
from aggregates.matching.streets import spelt_out

# A key that more people share is to be ignored: a common name, a made-up birthday or an office's
# telephone makes much work and finds nobody whom a rarer key does not find as well.
MAX_SHARED = 50
BEGINNING = 3  # letters of a name
HALF = 6  # letters of a street or city


def keys(person: Person) -> frozenset[str]:
    """A dozen as a rule. They are personal: store digests of them."""
    return frozenset(" ".join(parts) for parts in _all(person) if all(parts))


def _all(person: Person) -> Iterator[tuple[str, ...]]:
    yield from (("email", mailbox(email)) for email in person.emails)
    yield from (("phone", phone) for phone in person.phones)
    yield from (("account", known) for known in person.shopify_ids | person.external_ids)
    yield "names", *sorted((sound(person.first_name), sound(person.last_name)))
    if person.birthday and person.birthday not in MADE_UP:
        yield from _born(person, person.birthday)
    for place in person.places[:MAX_PLACES]:
        yield from _living(person, place)


def _born(person: Person, birthday: str) -> Iterator[tuple[str, ...]]:
    yield "birthday", birthday
    yield from (("birthday", birthday, name) for name in _names(person))
    yield "year", birthday.partition("-")[0], sound(person.last_name)


def _living(person: Person, place: Place) -> Iterator[tuple[str, ...]]:
    postcode, number = postcode_of(place), joined(place.house_number)
    city, street = joined(place.city)[:HALF], spelt_out(place.street)[:HALF]
    yield from (("postcode", postcode, name) for name in _names(person))
    yield "postcode", postcode, number, joined(person.last_name)[:BEGINNING]
    yield "postcode", postcode, person.birthday or ""
    yield "house", postcode, number, street
    yield "house", city, number, street


def _names(person: Person) -> frozenset[str]:
    """First names in full, and the last name, because the two may have been exchanged."""
    firsts = roots(person.first_name) if person.first_name else frozenset()
    return firsts | {joined(person.last_name)}
