"""Who is looked up together."""

import pytest
from msgspec.structs import replace

from aggregates.matching.keys import keys
from aggregates.matching.person import Person, Place
from tests.aggregates.matching.people import ANNA, AWAY, HOME, ROBERT


def meet(a: Person, b: Person) -> bool:
    return bool(keys(a) & keys(b))


def test_a_person_is_found_though_much_has_changed() -> None:
    moved = replace(ROBERT, places=(AWAY,))
    assert meet(ROBERT, replace(moved, first_name="Bob", last_name="Jones"))
    assert meet(ROBERT, replace(moved, last_name="Smyth", birthday=None))
    assert meet(ROBERT, replace(moved, first_name="Smith", last_name="Robert", birthday=None))
    assert meet(ROBERT, replace(moved, first_name="James", birthday="1960-03-15"))


AT = Place(postcode="BA1 1AA")
DOOR = replace(AT, house_number="12")
HOUSE = replace(HOME, postcode=None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Person(birthday="1960-03-14"), Person(birthday="1960-03-14")),
        (Person(first_name="Bob", places=(AT,)), Person(first_name="Robert", places=(AT,))),
        (Person(first_name="Smith", places=(AT,)), Person(last_name="Smith", places=(AT,))),
        (Person(last_name="Smith", places=(DOOR,)), Person(last_name="Smiht", places=(DOOR,))),
        (Person(places=(HOUSE,)), Person(places=(replace(HOUSE, street="Main St."),))),
        (
            Person(places=(replace(HOME, city=None),)),
            Person(places=(replace(HOME, city="Bristol"),)),
        ),
    ],
)
def test_so_little_is_enough_to_be_looked_up(one: Person, other: Person) -> None:
    assert meet(one, other)


@pytest.mark.parametrize(
    "known", [Person(first_name="Bob"), Person(last_name="Smith"), Person(places=(AT,))]
)
def test_where_a_birthday_is_too_common_it_still_counts_beside_something_else(
    known: Person,
) -> None:
    person = replace(known, birthday="1960-03-14")
    assert len(keys(person) - keys(known) - keys(Person(birthday="1960-03-14"))) > 0


def test_an_identifier_in_another_spelling_is_found() -> None:
    one = Person(emails=frozenset({"rob.smith@gmail.com"}))
    assert meet(one, Person(emails=frozenset({"robsmith@googlemail.com"})))


@pytest.mark.parametrize("field", ["phones", "emails", "shopify_ids", "external_ids"])
def test_an_identifier_leads_to_all_who_have_it(field: str) -> None:
    one, other = (replace(who, **{field: frozenset({"a@b.shop"})}) for who in (ROBERT, Person()))
    assert meet(one, other)


def test_strangers_are_not_looked_up() -> None:
    stranger = replace(ANNA, birthday="1971-12-02", places=(AWAY,))
    assert not meet(ROBERT, stranger)


def test_a_made_up_birthday_brings_nobody_together() -> None:
    assert not meet(
        replace(ROBERT, birthday="1970-01-01", places=()),
        replace(ANNA, birthday="1970-01-01", places=()),
    )


def test_nothing_known_is_no_key() -> None:
    assert keys(Person()) == frozenset()
