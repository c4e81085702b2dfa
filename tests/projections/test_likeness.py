"""Who may be one person is found by what their profiles tell, and asked about once."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from aggregates.profile.decisions.contact import SetAddress, SetContact
from aggregates.profile.events.contact import Address
from projections.likeness import Likeness
from projections.runner import Runner
from tests.actors.shopping import ADA, BOB, EVE, KEYRING
from tests.projections.store import Store, catch_up, running

MERGE = UUID("0198c000-0000-7000-8000-0000000000f1")
ALIKE = "SELECT one, other, score FROM rm_likeness.alike ORDER BY one, other"
HOME = Address(line1="Lindenallee 14", city="Potsdam", postcode="14467", country="DE")
AWAY = Address(line1="Hafenstrasse 2", city="Kiel", postcode="24103", country="DE")


@pytest.fixture
def reader(store: Store) -> Iterator[Runner]:
    with running(store, Likeness(KEYRING)) as runner:
        yield runner


def tell(store: Store, whom: UUID, first: str, last: str, home: Address, born: str | None) -> None:
    named = SetContact(first_name=first, last_name=last, birthday=born)
    store.tell(whom, named, SetAddress(kind="shipping", address=home))


def test_a_name_an_address_and_a_birthday_together_are_worth_asking(
    store: Store, reader: Runner
) -> None:
    tell(store, ADA, "Katharina", "Wendland", HOME, "1984-05-17")
    tell(store, BOB, "Katarina", "Wendland", HOME, "1984-05-17")
    tell(store, EVE, "Uta", "Brinkmann", AWAY, "1971-11-02")
    catch_up(reader)
    ((one, other, score),) = store.rows(ALIKE)
    assert (one, other) == (ADA, BOB)
    assert 0.9 < score < 1


def test_it_is_the_same_in_whatever_order_they_come(store: Store, reader: Runner) -> None:
    tell(store, BOB, "Katarina", "Wendland", HOME, "1984-05-17")
    catch_up(reader)
    tell(store, ADA, "Katharina", "Wendland", HOME, "1984-05-17")
    catch_up(reader)
    assert [(one, other) for one, other, _ in store.rows(ALIKE)] == [(ADA, BOB)]


def test_the_same_surname_is_not(store: Store, reader: Runner) -> None:
    tell(store, ADA, "Katharina", "Wendland", HOME, "1984-05-17")
    tell(store, BOB, "Joachim", "Wendland", AWAY, "1959-02-01")
    catch_up(reader)
    assert store.rows(ALIKE) == []


def test_who_is_part_of_another_profile_is_found_as_that_one(store: Store, reader: Runner) -> None:
    tell(store, ADA, "Katharina", "Wendland", HOME, "1984-05-17")
    store.tell(BOB, SetContact(locale="de-DE"))
    store.unite(BOB, ADA, MERGE)
    catch_up(reader)
    tell(store, EVE, "Katarina", "Wendland", HOME, "1984-05-17")
    catch_up(reader)
    assert [(one, other) for one, other, _ in store.rows(ALIKE)] == [(BOB, EVE)]


def test_no_detail_of_anybody_is_stored(store: Store, reader: Runner) -> None:
    tell(store, ADA, "Katharina", "Wendland", HOME, "1984-05-17")
    tell(store, BOB, "Katarina", "Wendland", HOME, "1984-05-17")
    catch_up(reader)
    kept = repr(store.rows("SELECT * FROM rm_likeness.match_keys, rm_likeness.alike")).casefold()
    assert not any(word in kept for word in ("wendland", "katharina", "14467", "1984"))
