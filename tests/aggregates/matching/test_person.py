"""What a profile knows of a person."""

import pytest

from aggregates.matching.person import Person, Place, person_of, place_of
from aggregates.profile.decisions.contact import SetContact
from aggregates.profile.decisions.identity import Recognise
from aggregates.profile.events.contact import Address
from aggregates.profile.identifiers import Identifier
from aggregates.profile.profile import EMPTY
from tests.aggregates.profile.signals import after

HOME = Address(
    name="Ms Ada Lane", line1="12 Main St", city="Bath", postcode="BA1 1AA", country="GB"
)
AT_HOME = Place(street="Main St", house_number="12", city="Bath", postcode="BA1 1AA", country="GB")


def test_an_empty_profile_knows_nobody() -> None:
    assert person_of(EMPTY) == Person()


def test_details_identifiers_and_addresses_make_a_person() -> None:
    profile = after(
        SetContact(
            first_name="Ada",
            last_name="Lane",
            company="Lane Ltd",
            birthday="1990-12-10",
            email="ada@lane.shop",
            shipping=HOME,
            billing=HOME,
        ),
        Recognise(
            identifiers=(
                Identifier("cookie", "GA1.2.77"),
                Identifier("email", "ada@gmail.com"),
                Identifier("external_id", "csv:7"),
                Identifier("phone", "+441225000111"),
                Identifier("shopify_customer_id", "42"),
            )
        ),
    )
    assert person_of(profile) == Person(
        first_name="Ada",
        last_name="Lane",
        company="Lane Ltd",
        birthday="1990-12-10",
        places=(AT_HOME,),
        emails=frozenset({"ada@lane.shop", "ada@gmail.com"}),
        phones=frozenset({"+441225000111"}),
        cookies=frozenset({"GA1.2.77"}),
        shopify_ids=frozenset({"42"}),
        external_ids=frozenset({"csv:7"}),
    )


def test_who_gave_no_name_has_the_one_on_the_bill() -> None:
    parcel = Address(name="Grace Hill", line1="3 Harbour Rd")
    person = person_of(after(SetContact(shipping=parcel, billing=HOME)))
    assert (person.first_name, person.last_name) == ("Ada", "Lane")


def test_a_phone_is_known_in_any_spelling_and_from_any_address() -> None:
    given = SetContact(phone="+44 1225 000111", shipping=Address(phone="0044 1225 000112"))
    assert person_of(after(given)).phones == {"+441225000111", "+441225000112"}


@pytest.mark.parametrize(
    ("lines", "street", "number"),
    [
        (("12 Main St", None), "Main St", "12"),
        (("12a Main St", "Flat 3"), "Main St", "12a"),
        (("Hauptstr. 7 a", None), "Hauptstr.", "7a"),
        (("12, rue de la Paix", None), "rue de la Paix", "12"),
        (("3rd Avenue 7-9", None), "3rd Avenue", "7-9"),
        (("5th Avenue", None), "5th Avenue", None),
        (("Rose Cottage", "12 Main St"), "Main St", "12"),
        (("Main Street", "Apt 5"), "Main Street", None),
        (("Postfach", None), "Postfach", None),
        ((None, None), None, None),
        (("12", None), None, "12"),
    ],
)
def test_the_street_and_the_number_are_told_apart(
    lines: tuple[str | None, str | None], street: str | None, number: str | None
) -> None:
    place = place_of(Address(line1=lines[0], line2=lines[1]))
    assert (place.street, place.house_number) == (street, number)
