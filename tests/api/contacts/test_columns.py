"""Columns: what their names mean, and lists that tell of nobody."""

import pytest

from api.contacts.columns import Column, columns_of
from api.contacts.records import Refused
from api.contacts.words import key_of

KLAVIYO = (
    "Email,Klaviyo ID,First Name,Last Name,Organization,Title,Phone Number,Address,Address 2,City,"
    "State / Region,Country,Zip Code,Latitude,Longitude,Source,IP Address,Email Marketing Consent,"
    "Email Marketing Consent Timestamp,Profile Created On,Date Added,Email Suppressions"
)
FEBRL = (
    "rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode, state,"
    " date_of_birth, soc_sec_id"
)


def parts(header: str) -> dict[str, str]:
    return {part: column.name for part, column in columns_of(header.split(",")).parts.items()}


def test_klaviyo_s_export_is_understood() -> None:
    columns = columns_of(KLAVIYO.split(","))
    assert parts(KLAVIYO) == {
        "email": "Email",
        "phone": "Phone Number",
        "first_name": "First Name",
        "last_name": "Last Name",
        "company": "Organization",
        "line1": "Address",
        "line2": "Address 2",
        "city": "City",
        "region": "State / Region",
        "country": "Country",
        "postcode": "Zip Code",
        "at": "Date Added",
    }
    assert [column.name for column in columns.ids] == ["Klaviyo ID"]
    assert [column.name for column in columns.properties] == [
        *("Title", "Latitude", "Longitude", "Source", "IP Address", "Profile Created On")
    ]
    assert [column.name for column in columns.consents] == [
        *("Email Marketing Consent", "Email Marketing Consent Timestamp", "Email Suppressions")
    ]


def test_lists_for_matching_people_are_understood() -> None:
    assert parts(FEBRL) == {
        "first_name": "given_name",
        "last_name": "surname",
        "number_before": "street_number",
        "line1": "address_1",
        "line2": "address_2",
        "city": "suburb",
        "postcode": "postcode",
        "region": "state",
        "birthday": "date_of_birth",
    }


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("State / Region", "state_region"),
        ("  E-Mail ", "e_mail"),
        ("$phone_number", "phone_number"),
        ("Straße", "strasse"),
        ("FIRST NAME", "first_name"),
    ],
)
def test_names_are_the_same_in_any_writing(name: str, key: str) -> None:
    assert key_of(name) == key


def test_of_columns_that_mean_the_same_the_best_named_counts() -> None:
    columns = columns_of(["Created At", "mobile", "Email", "Updated", "Phone"])
    assert (columns.parts["at"].name, columns.parts["phone"].name) == ("Updated", "Phone")
    assert [column.name for column in columns.properties] == ["Created At", "mobile"]


def test_of_columns_with_one_name_the_first_counts() -> None:
    columns = columns_of(["email", "email", "email"])
    assert columns.parts["email"] == Column(0, "email")
    assert columns.properties == (Column(1, "email (2)"), Column(2, "email (3)"))


def test_a_column_without_a_name_is_called_by_its_place() -> None:
    assert columns_of(["email", " "]).properties == (Column(1, "column 2"),)


@pytest.mark.parametrize(
    "name",
    ["Consent", "SMS Consent", "accepts_marketing", "Opt-In", "Unsubscribed", "email_marketing"],
)
def test_columns_about_consent_are_set_apart(name: str) -> None:
    columns = columns_of(["email", name])
    assert columns.consents == (Column(1, name),)
    assert columns.properties == ()


@pytest.mark.parametrize("name", ["Subscription plan", "Marketing budget", "Option"])
def test_other_columns_are_not_taken_for_consent(name: str) -> None:
    assert columns_of(["email", name]).consents == ()


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        (["city", "company"], "no column tells whom"),
        (["first_name", "last_name"], "no column tells whom"),
        (["birthday", "postcode"], "no column tells whom"),
        (["ada@lane.shop", "Ada"], "must name the columns"),
        (["email", "n" * 91], "column 2"),
        (["e\x00m\x00", "n"], "NUL characters"),
        (["email"] * 1_001, "more than 1,000"),
    ],
)
def test_a_list_that_tells_of_nobody_is_refused(header: list[str], complaint: str) -> None:
    with pytest.raises(Refused, match=complaint):
        columns_of(header)


def test_a_name_and_a_birthday_tell_whom_a_line_is_about() -> None:
    assert columns_of(["surname", "dob"]).parts.keys() == {"last_name", "birthday"}
