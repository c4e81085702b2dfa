"""One row for each customer, the same however often and in whatever order the log is read."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest

from aggregates.profile.decisions.contact import SetAddress, SetContact
from aggregates.profile.decisions.visits import RecordVisit
from aggregates.profile.events.contact import Address
from projections.customers import Customers
from projections.runner import Runner
from tests.actors.shopping import ADA, BOB, EVE, order
from tests.given import NOON
from tests.projections.store import Store, catch_up, running

MERGE = UUID("0198c000-0000-7000-8000-0000000000f1")
ALL = "SELECT * FROM rm_customers.customers ORDER BY profile_id"
SPELLINGS = "SELECT word, holders FROM rm_customers.spellings ORDER BY word"


@pytest.fixture
def reader(store: Store) -> Iterator[Runner]:
    with running(store, Customers()) as runner:
        yield runner


def row(store: Store, profile: UUID, *columns: str) -> tuple[object, ...]:
    chosen = ", ".join(columns)
    table = "rm_customers.customers"
    query = f"SELECT {chosen} FROM {table} WHERE profile_id = '{profile}'"  # noqa: S608 - our own
    (found,) = store.rows(query)
    return found


def test_a_row_says_what_a_list_of_customers_shows(store: Store, reader: Runner) -> None:
    home = Address(line1="Ring 1", city="Wien", country="AT")
    store.tell(ADA, SetContact(first_name="Ada", last_name="Ök", company="Öko KG"))
    store.tell(ADA, SetAddress(kind="billing", address=home))
    store.tell(ADA, order("1", "20.00"), order("2", "10.50"))
    catch_up(reader)
    shown = row(store, ADA, "name", "name_key", "email", "company", "city", "country")
    assert shown == ("Ada Ök", "ada ok", "000a@mail.example", "Öko KG", "Wien", "AT")
    sums = row(store, ADA, "orders", "spend", "average", "currency", "last_order_at", "sources")
    assert sums == (2, 3050, 1525, "EUR", NOON, ["shopify"])


def test_who_has_no_name_is_called_by_the_address(store: Store, reader: Runner) -> None:
    store.tell(ADA, order("1"))
    catch_up(reader)
    assert row(store, ADA, "name") == ("000a@mail.example",)


def test_who_is_part_of_another_has_no_row_until_they_part(store: Store, reader: Runner) -> None:
    store.tell(ADA, order("1"))
    store.tell(BOB, order("2"))
    store.unite(ADA, BOB, MERGE)
    catch_up(reader)
    ((united, orders),) = store.rows("SELECT profile_id, orders FROM rm_customers.customers")
    assert (united, orders) == (ADA, 2)
    store.part(ADA, MERGE)
    catch_up(reader)
    assert [row(store, one, "orders") for one in (ADA, BOB)] == [(1,), (1,)]


def test_words_that_nobody_has_any_more_are_forgotten(store: Store, reader: Runner) -> None:
    store.tell(ADA, SetContact(first_name="Theodora"))
    store.tell(BOB, SetContact(first_name="Theodora"))
    catch_up(reader)
    assert ("theodora", 2) in store.rows(SPELLINGS)
    later = NOON + timedelta(hours=1)
    store.tell(ADA, SetContact(first_name="Dorothea"), at=later)
    store.tell(BOB, SetContact(first_name="Dorothea"), at=later)
    catch_up(reader)
    words = dict(store.rows(SPELLINGS))
    assert (words.get("theodora"), words["dorothea"]) == (None, 2)


def test_made_anew_it_is_equal_to_the_byte(store: Store, reader: Runner) -> None:
    dice = Random(7)  # noqa: S311 - it must be repeatable
    for number in range(60):
        whom = dice.choice((ADA, BOB, EVE))
        at = NOON + timedelta(minutes=dice.randint(-500, 500))
        named = SetContact(first_name=dice.choice(("Ada", "Bob", "Eve")), company="Lane & Co")
        visit = RecordVisit(visit_id=f"v{number}")
        store.tell(whom, dice.choice((named, visit, order(str(number)))), at=at)
        if number % 7 == 0:
            catch_up(reader)
    store.unite(ADA, EVE, MERGE)
    catch_up(reader)
    kept = store.rows(ALL), store.rows(SPELLINGS)
    store.execute("DROP SCHEMA rm_customers CASCADE")
    with running(store, Customers()) as anew:
        catch_up(anew)
    assert (store.rows(ALL), store.rows(SPELLINGS)) == kept
