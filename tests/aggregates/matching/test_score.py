"""Whom we would ask about, and whom not."""

import pytest
from msgspec.structs import replace

from aggregates.matching.evidence import Evidence, evidence
from aggregates.matching.person import Person, Place
from aggregates.matching.score import CERTAIN, WORTH_ASKING, score
from tests.aggregates.matching.people import AWAY, HOME, ROBERT, worth_asking

POSTCODE = Place(postcode="BA1 1AA")


def test_bob_is_robert_where_surname_and_postcode_are_the_same() -> None:
    robert = Person(first_name="Robert", last_name="Smith", places=(POSTCODE,))
    assert worth_asking(robert, replace(robert, first_name="Bob"))


def test_bob_is_not_robert_where_only_the_names_agree() -> None:
    robert = Person(first_name="Robert", last_name="Smith")
    assert not worth_asking(robert, replace(robert, first_name="Bob"))


def test_two_of_one_name_in_a_city_are_not_asked_about() -> None:
    robert = Person(first_name="Robert", last_name="Smith", places=(Place(city="London"),))
    assert not worth_asking(robert, robert)


@pytest.mark.parametrize("other", ["Anna", "James", "Ronald"])
def test_twins_are_two(other: str) -> None:
    assert not worth_asking(ROBERT, replace(ROBERT, first_name=other))


def test_twins_on_one_computer_are_still_two() -> None:
    robert = replace(ROBERT, cookies=frozenset({"GA1.2.77"}))
    assert not worth_asking(robert, replace(robert, first_name="Anna"))


@pytest.mark.parametrize("born", ["1982-11-02", "1990-03-14", "2001-03-14"])
def test_a_father_and_a_son_of_one_name_and_house_are_two(born: str) -> None:
    assert not worth_asking(ROBERT, replace(ROBERT, birthday=born))


def test_a_couple_is_two() -> None:
    robert = replace(ROBERT, birthday=None)
    assert not worth_asking(robert, replace(robert, first_name="Anna"))


def test_who_exchanged_day_and_month_is_one() -> None:
    assert worth_asking(
        replace(ROBERT, birthday="1960-03-04"), replace(ROBERT, birthday="1960-04-03")
    )


def test_who_moved_house_is_known_by_the_birthday() -> None:
    assert worth_asking(ROBERT, replace(ROBERT, places=(AWAY,)))


def test_who_moved_house_is_not_known_by_the_name_alone() -> None:
    robert = replace(ROBERT, birthday=None)
    assert not worth_asking(robert, replace(robert, places=(AWAY,)))


def test_who_exchanged_first_and_last_name_is_one() -> None:
    assert worth_asking(ROBERT, replace(ROBERT, first_name="Smith", last_name="Robert"))


def test_who_took_another_surname_and_stayed_is_one() -> None:
    anna = replace(ROBERT, first_name="Anna")
    assert worth_asking(anna, replace(anna, last_name="Jones"))


def test_who_would_not_tell_the_birthday_is_one() -> None:
    assert worth_asking(ROBERT, replace(ROBERT, birthday="1967-01-01"))


def test_a_mistyped_name_and_street_are_one() -> None:
    typed = replace(ROBERT, last_name="Smiht", places=(replace(HOME, street="Maim Street"),))
    assert worth_asking(ROBERT, typed)


def test_the_less_alike_the_less_it_counts() -> None:
    sure = (Evidence("last_name"), Evidence("postcode"))
    close, far = Evidence("similar_first_name", 0.95), Evidence("similar_first_name", 0.8)
    assert score([*sure, close]) > score([*sure, far])


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ("shared_phone", 0.5),
        ("same_email_two_accounts", 0.5),
        ("gmail_equal", 0.3),
        ("shared_cookie", 0.1),
    ],
)
def test_an_identifier_alone_is_a_reason_of_known_weight(known: str, expected: float) -> None:
    assert score([Evidence(known)]) == pytest.approx(expected, abs=0.001)


def test_a_phone_or_a_gmail_address_alone_is_worth_asking_a_cookie_is_not() -> None:
    reasons = {name: score([Evidence(name)]) for name in ("shared_phone", "gmail_equal")}
    assert min(reasons.values()) >= WORTH_ASKING > score([Evidence("shared_cookie")])


def test_a_couple_with_one_telephone_is_worth_asking() -> None:
    robert = replace(ROBERT, phones=frozenset({"+441225000111"}))
    assert worth_asking(robert, replace(robert, first_name="Anna", birthday="1963-05-02"))


def test_nothing_in_common_is_almost_nothing() -> None:
    assert score([]) < 0.001


def test_nobody_is_certain() -> None:
    known = replace(ROBERT, phones=frozenset({"+441225000111"}), emails=frozenset({"r@s.uk"}))
    assert score(evidence(known, known)) == CERTAIN == 0.99
