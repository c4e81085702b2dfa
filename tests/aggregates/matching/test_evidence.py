"""What is found in two people, by name."""

import pytest
from msgspec.structs import replace

from aggregates.matching.evidence import evidence
from aggregates.matching.person import Person, Place
from tests.aggregates.matching.people import ANNA, AWAY, HOME, ROBERT, found


def firsts(one: str, other: str) -> set[str]:
    return found(Person(first_name=one), Person(first_name=other))


def lasts(one: str, other: str) -> set[str]:
    return found(Person(last_name=one), Person(last_name=other))


def born(one: str, other: str) -> set[str]:
    return found(Person(birthday=one), Person(birthday=other))


def living(one: Place, other: Place) -> set[str]:
    return found(Person(places=(one,)), Person(places=(other,)))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Robert", "robert ", "first_name"),
        ("René", "Rene", "first_name"),
        ("Jor dan", "Jordan", "first_name"),
        ("Bob", "Robert", "nickname"),
        ("Bob", "Rob", "nickname"),
        ("Chris", "Christopher", "nickname"),
        ("Nicholas", "Nichloas", "similar_first_name"),
        ("Eva Maria", "Eva", "similar_first_name"),
        ("Karl-Heinz", "Heinz", "similar_first_name"),
        ("R.", "Robert", "first_initial"),
        ("R.", "Anna", "different_first_name"),
        ("Tim", "Tom", "different_first_name"),
        ("Emma", "Olivia", "different_first_name"),
    ],
)
def test_first_names(one: str, other: str, expected: str) -> None:
    assert firsts(one, other) == {expected}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("O'Connor", "OConnor", "last_name"),
        ("Müller", "Muller", "last_name"),
        ("Müller", "Mueller", "similar_last_name"),
        ("García López", "Garcia", "similar_last_name"),
        ("van Dijk", "van Berg", "different_last_name"),
        ("Smith", "Jones", "different_last_name"),
    ],
)
def test_last_names(one: str, other: str, expected: str) -> None:
    assert lasts(one, other) == {expected}


def test_first_and_last_name_may_be_exchanged_and_mistyped() -> None:
    other = Person(first_name="Smiht", last_name="Robert")
    assert found(Person(first_name="Robert", last_name="Smith"), other) == {
        "first_and_last_name_exchanged"
    }


def test_one_name_in_the_others_place_is_no_proof_of_another_person() -> None:
    other = Person(first_name="Coffey", last_name="Timothy")
    assert found(Person(first_name="Timothy", last_name="Dominey"), other) == {"one_name_exchanged"}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("1960-03-14", "1960-03-14", "birthday"),
        ("1960-03-04", "1960-04-03", "birthday_day_and_month_exchanged"),
        ("1960-03-14", "1960-03-15", "similar_birthday"),
        ("1909-11-11", "1990-11-11", "similar_birthday"),
        ("--03-14", "1960-03-14", "birthday_without_year"),
        ("--03-14", "--03-14", "birthday_without_year"),
        ("--03-14", "1960-04-15", "different_birthday"),
        ("1960-03-14", "1971-12-02", "different_birthday"),
        ("1960-03-14", "1990-03-14", "birthdays_a_generation_apart"),
        ("1960-03-14", "1984-09-30", "birthdays_a_generation_apart"),
    ],
)
def test_birthdays(one: str, other: str, expected: str) -> None:
    assert born(one, other) == {expected}


@pytest.mark.parametrize("made_up", ["1970-01-01", "1900-01-01", "yesterday", ""])
def test_a_birthday_that_cannot_be_believed_says_nothing(made_up: str) -> None:
    assert born(made_up, made_up) == born(made_up, "1960-03-14") == set()


def test_the_same_address() -> None:
    assert living(HOME, replace(HOME, street="Main St.")) == {"address", "postcode", "city"}


def test_a_street_is_the_same_in_short_and_in_full() -> None:
    assert living(Place(street="Hofstr."), Place(street="Hofstraße")) == {"street"}
    assert living(Place(street="High St"), Place(street="High Street")) == {"street"}


def test_the_same_house_number_in_another_street_says_nothing() -> None:
    assert living(HOME, replace(HOME, street="Oak Lane")) == {
        "different_street", "postcode", "city",
    }  # fmt: skip


def test_another_house_of_the_street() -> None:
    assert living(Place(street="Main Street", house_number="12"), HOME) == {"address"}
    assert living(Place(street="Main Street", house_number="14"), HOME) == {
        "street", "different_house_number",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("94110-1234", "94110", "postcode"),
        ("ba11aa", "BA1 1AA", "postcode"),
        ("4814", "4184", "similar_postcode"),
        ("2089", "4020", "different_postcode"),
    ],
)
def test_postcodes(one: str, other: str, expected: str) -> None:
    assert living(Place(postcode=one), Place(postcode=other)) == {expected}


def test_the_same_postcode_of_another_country_is_another_place() -> None:
    vienna = Place(postcode="1010", country="AT")
    assert living(vienna, replace(vienna, country="AU")) == {"different_country"}


def test_a_region_says_something_where_it_is_written_in_the_same_way() -> None:
    assert living(Place(region="CA"), Place(region="ca")) == {"region"}
    assert living(Place(region="CA"), Place(region="California")) == set()


def test_a_firm_in_common() -> None:
    assert found(Person(company="Lane Ltd."), Person(company="LANE LTD")) == {"company"}
    assert found(Person(company="Lane Ltd."), Person(company="Harbour AG")) == set()


def test_of_several_addresses_those_speak_that_agree() -> None:
    both = Person(places=(AWAY, HOME))
    assert found(both, Person(places=(HOME,))) == {"address", "postcode", "city"}


def test_identifiers_that_two_profiles_share() -> None:
    one = Person(
        phones=frozenset({"+441225000111"}), cookies=frozenset({"c"}), external_ids=frozenset({"x"})
    )
    assert found(one, one) == {"shared_phone", "shared_cookie", "shared_account"}


def test_one_email_with_two_accounts() -> None:
    one = Person(emails=frozenset({"r@smith.uk"}), shopify_ids=frozenset({"1"}))
    assert found(one, replace(one, shopify_ids=frozenset({"2"}))) == {"same_email_two_accounts"}
    assert found(one, replace(one, shopify_ids=frozenset())) == {"shared_email"}


def test_gmail_delivers_both_to_one_mailbox() -> None:
    dots = Person(emails=frozenset({"rob.smith@gmail.com"}))
    assert found(dots, Person(emails=frozenset({"robsmith+shop@googlemail.com"}))) == {
        "gmail_equal"
    }
    assert not found(
        Person(emails=frozenset({"rob.smith@smith.uk"})),
        Person(emails=frozenset({"robsmith@smith.uk"})),
    )


def test_evidence_never_repeats_a_value_of_a_person() -> None:
    known = replace(ROBERT, emails=frozenset({"r@smith.uk"}), phones=frozenset({"+441225000111"}))
    told = repr((evidence(known, known), evidence(known, ANNA)))
    for value in ("robert", "smith", "main", "bath", "ba1", "1960", "+44"):
        assert value not in told.lower()
