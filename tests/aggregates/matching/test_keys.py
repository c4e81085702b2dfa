"""Who is looked up together."""

import pytest
from msgspec.structs import replace

from aggregates.matching.keys import keys
from aggregates.matching.person import Person
from tests.aggregates.matching.people import ANNA, AWAY, HOME, ROBERT


def meet(a: Person, b: Person) -> bool:
    return bool(keys(a) & keys(b))


@pytest.mark.parametrize(
    "changed",
    [
        replace(ROBERT, first_name="Bob", places=(AWAY,)),
        replace(ROBERT, first_name="Bob", birthday=None),
        replace(ROBERT, last_name="Smyth", birthday=None, places=(AWAY,)),
        replace(ROBERT, first_name="Smith", last_name="Robert", birthday=None, places=(AWAY,)),
        replace(ROBERT, first_name=None, last_name="Jones", places=(AWAY,)),
        replace(ROBERT, first_name=None, birthday="1960-03-15", places=(AWAY,)),
        replace(ROBERT, first_name="Bob", last_name="Jones", birthday=None),
        replace(ROBERT, first_name=None, birthday=None, places=(replace(HOME, street="Lane"),)),
        replace(ROBERT, first_name=None, last_name=None, birthday=None),
        replace(
            ROBERT, last_name="Jones", birthday=None, places=(replace(HOME, postcode="BA1 1AB"),)
        ),
    ],
)
def test_a_person_is_found_though_much_has_changed(changed: Person) -> None:
    assert meet(ROBERT, changed)


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
