"""What is true of any two people."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from aggregates.matching.evidence import Evidence, evidence, of_themselves
from aggregates.matching.keys import keys
from aggregates.matching.person import Person, Place
from aggregates.matching.score import CERTAIN, at_most, score
from aggregates.matching.weights import FAMILY, JUDGED, LEARNT, REASONS

NAMES = ("", "Ann", "Anna", "Bob", "Robert", "Smith", "Smyth", "Müller", "Garcia Lopez", "株式")
DATES = ("", "1960-03-14", "1960-14-03", "1960-03-15", "1990-03-14", "--03-14", "1970-01-01", "x")
ALL = {**REASONS, **JUDGED, **LEARNT}
AGREEING = sorted(name for name, weight in ALL.items() if weight > 0)
# a busy machine is no failure
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def some(*values: str) -> st.SearchStrategy[str | None]:
    return st.none() | st.sampled_from(values)


def few(*values: str) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), max_size=2)


PLACES = st.builds(
    Place,
    street=some("", "Main St", "Main Street", "Oak Lane"),
    house_number=some("", "1", "12", "12a"),
    city=some("", "Bath", "Leeds"),
    postcode=some("", "BA1 1AA", "BA1 1AB", "94110-1234", "94110"),
    region=some("", "CA"),
    country=some("GB", "US"),
)
PEOPLE = st.builds(
    Person,
    first_name=some(*NAMES) | st.text(max_size=8),
    last_name=some(*NAMES) | st.text(max_size=8),
    company=some("", "Lane Ltd", "Harbour AG"),
    birthday=some(*DATES),
    places=st.lists(PLACES, max_size=3).map(tuple),
    emails=few("a.b@gmail.com", "ab@gmail.com", "ab@lane.shop"),
    phones=few("+441225000111", "+441225000112"),
    cookies=few("c", "d"),
    shopify_ids=few("1", "2"),
    external_ids=few("csv:1", "csv:2"),
)
FINDINGS = st.lists(st.builds(Evidence, st.sampled_from(sorted(ALL)), st.floats(0, 1)), max_size=8)


@patient
@given(PEOPLE, PEOPLE)
def test_it_does_not_matter_who_comes_first(a: Person, b: Person) -> None:
    assert evidence(a, b) == evidence(b, a)
    assert score(evidence(a, b)) == score(evidence(b, a))


@patient
@given(PEOPLE, PEOPLE)
def test_scores_and_strengths_stay_in_their_range(a: Person, b: Person) -> None:
    found = evidence(a, b)
    assert 0 <= score(found) <= CERTAIN
    assert all(0 <= one.strength <= 1 for one in found)
    assert len({one.name for one in found}) == len(found)


@patient
@given(PEOPLE, PEOPLE)
def test_everything_found_has_a_weight(a: Person, b: Person) -> None:
    assert {one.name for one in evidence(a, b)} <= ALL.keys()


@patient
@given(PEOPLE)
def test_nothing_speaks_against_a_person_being_the_same(person: Person) -> None:
    assert {one.name for one in evidence(person, person)} <= set(AGREEING)


@patient
@given(PEOPLE, PEOPLE)
def test_nobody_is_more_like_a_person_than_the_person(a: Person, b: Person) -> None:
    assert score(evidence(a, a)) >= score(evidence(a, b))


@patient
@given(PEOPLE)
def test_who_is_unknown_is_neither_like_nor_unlike_anybody(person: Person) -> None:
    assert evidence(person, Person()) == ()


@patient
@given(PEOPLE, PEOPLE, st.sampled_from(["birthday", "company", "emails", "phones", "cookies"]))
def test_what_one_does_not_know_changes_nothing_else(a: Person, b: Person, field: str) -> None:
    unknown = replace(a, **{field: getattr(Person(), field)})
    assert set(evidence(unknown, b)) <= set(evidence(a, b))


SHARED: dict[str, Any] = {  # any: fields of different types
    "first_name": "Robert",
    "last_name": "Smith",
    "company": "Lane Ltd",
    "birthday": "1960-03-14",
    "places": (Place(street="Main Street", house_number="1", postcode="BA1 1AA"),),
    "emails": frozenset({"ab@lane.shop"}),
    "phones": frozenset({"+441225000111"}),
    "cookies": frozenset({"c"}),
    "shopify_ids": frozenset({"1"}),
    "external_ids": frozenset({"csv:1"}),
}


@patient
@given(PEOPLE, PEOPLE, st.sampled_from(sorted(SHARED)))
def test_learning_the_same_of_both_never_lowers_the_score(a: Person, b: Person, field: str) -> None:
    a, b = (replace(person, **{field: getattr(Person(), field)}) for person in (a, b))
    told_a, told_b = (replace(person, **{field: SHARED[field]}) for person in (a, b))
    assert score(evidence(told_a, told_b)) >= score(evidence(a, b))


@patient
@given(PEOPLE, PEOPLE, PLACES)
def test_one_more_address_in_common_never_lowers_the_score(a: Person, b: Person, at: Place) -> None:
    more_a, more_b = (replace(person, places=(*person.places, at)) for person in (a, b))
    assert score(evidence(more_a, more_b)) >= score(evidence(a, b))


@patient
@given(FINDINGS, st.sampled_from(AGREEING), st.floats(0, 1))
def test_one_more_finding_in_favour_never_lowers_the_score(
    found: list[Evidence], name: str, strength: float
) -> None:
    assert score([*found, Evidence(name, strength)]) >= score(found)


@patient
@given(FINDINGS, st.sampled_from(sorted(set(ALL) - set(AGREEING))), st.floats(0, 1))
def test_one_more_finding_against_never_raises_the_score(
    found: list[Evidence], name: str, strength: float
) -> None:
    assert score([*found, Evidence(name, strength)]) <= score(found)


@pytest.mark.parametrize("name", sorted(FAMILY))
def test_what_tells_strangers_apart_tells_relatives_apart(name: str) -> None:
    assert FAMILY[name] * ALL[name] > 0


@patient
@given(PEOPLE)
def test_keys_are_short_and_few(person: Person) -> None:
    found = keys(person)
    assert len(found) <= 100
    assert all(0 < len(key) <= 400 for key in found)


@patient
@given(PEOPLE, PEOPLE)
def test_homes_add_no_more_than_was_thought_without_them(a: Person, b: Person) -> None:
    assert score(evidence(a, b)) <= at_most(of_themselves(a, b))
