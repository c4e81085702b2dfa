"""Rows of a list: contacts, or reasons that name the column and never what stands in it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregates.profile.events.contact import Address
from aggregates.profile.events.properties import MAX_PROPERTIES, MAX_TEXT, Moment
from api.contacts.rows import MAX_DETAIL
from tests.api.contacts.files import contact, contacts, read, rejections


def test_a_row_of_klaviyo_s_export_is_a_contact(tmp_path: Path) -> None:
    header = "Email,Klaviyo ID,First Name,Phone Number,Address,City,State / Region,Date Added,Title"
    row = "Ada@Lane.shop,01F35,Ada,'+15165555555,12 Lane,Bath,Somerset,2021-05-01 09:00:00,Countess"
    found = contact(tmp_path, header, row)
    assert found.details.email == "Ada@Lane.shop"
    assert (found.details.first_name, found.details.phone) == ("Ada", "+15165555555")
    assert found.details.letter == Address(line1="12 Lane", city="Bath", region="Somerset")
    assert found.ids == ("01F35",)
    assert found.at == datetime(2021, 5, 1, 9, tzinfo=UTC)
    assert found.properties is not None
    assert found.properties.properties == {"Title": "Countess"}


def test_an_address_in_parts_is_put_together(tmp_path: Path) -> None:
    found = contact(tmp_path, "surname, street_number, address_1, postcode", "Hay, 6, Oak St, 4011")
    assert found.details.letter == Address(line1="6 Oak St", postcode="4011")
    found = contact(tmp_path, "nachname;strasse;hausnummer;plz;ort", "Hay;Am Tor;6a;50667;Köln")
    assert found.details.letter == Address(line1="Am Tor 6a", postcode="50667", city="Köln")


def test_birthday_and_time_zone_are_details(tmp_path: Path) -> None:
    found = contact(tmp_path, "email,dob,timezone", "a@x.io,19801224,Europe/Berlin")
    assert found.details.birthday == "1980-12-24"
    assert found.time_zone is not None
    assert found.time_zone.time_zone == "Europe/Berlin"
    assert found.properties is None


def test_a_birthday_and_a_time_zone_nobody_can_read_are_kept_as_properties(tmp_path: Path) -> None:
    found = contact(tmp_path, "email,dob,timezone", "a@x.io,05/06/1980,Bath")
    assert (found.details.birthday, found.time_zone) == (None, None)
    assert found.properties is not None
    assert found.properties.properties == {"dob": "05/06/1980", "timezone": "Bath"}


def test_a_column_holds_one_kind_of_values(tmp_path: Path) -> None:
    header = "email,Points,Size,Vip,Joined,Postal"
    found = contacts(
        read(
            tmp_path,
            header,
            "a@x.io,10,10,true,2021-05-01 09:00,01234",
            "b@x.io,,10W,null,,12345",
            "c@x.io,-5.5,=1+1,FALSE,,99999",
        )
    )
    values = [one.properties.properties for one in found if one.properties]
    joined = Moment(datetime(2021, 5, 1, 9, tzinfo=UTC))
    assert values == [
        {"Points": 10.0, "Size": "10", "Vip": True, "Joined": joined, "Postal": "01234"},
        {"Size": "10W", "Postal": "12345"},
        {"Points": -5.5, "Size": "=1+1", "Vip": False, "Postal": "99999"},
    ]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-x", "@SUM(A1)", '=cmd|"/c calc"!A1'])
def test_what_a_spreadsheet_would_reckon_with_is_a_text(tmp_path: Path, cell: str) -> None:
    quoted = cell.replace('"', '""')
    found = contact(tmp_path, "email,first_name,note", f'a@x.io,"{quoted}","{quoted}"')
    assert found.details.first_name == cell
    assert found.properties is not None
    assert found.properties.properties == {"note": cell}


def test_what_software_writes_for_nothing_is_nothing(tmp_path: Path) -> None:
    found = contact(tmp_path, "email,first_name,last_name,note", "a@x.io,null,Null,N/A")
    assert (found.details.first_name, found.details.last_name) == (None, "Null")
    assert found.properties is None


def test_a_row_may_end_early(tmp_path: Path) -> None:
    assert contact(tmp_path, "email,first_name,city", "a@x.io").details.email == "a@x.io"
    assert contact(tmp_path, "email,first_name", "a@x.io,Ada,,").details.first_name == "Ada"


@pytest.mark.parametrize(
    ("header", "row", "reason"),
    [
        ("email,city", "a@x.io,Bath,secret", "has more cells than the 2 columns"),
        ("email,First Name", f"a@x.io,{'secret' * MAX_DETAIL}", "First Name: has more than 500"),
        ("email,note", f"a@x.io,{'secret' * MAX_TEXT}", "note: has more than 4,000"),
        ("email,note", "a@x.io,secret\x00", "note: holds a NUL"),
        ("email,Date Added", "a@x.io,secret", "Date Added: expected a moment"),
        ("email,Date Added", "a@x.io,05/06/2021", "Date Added: expected a moment"),
        ("email,id", f"a@x.io,{'secret' * 50}", "id: has more than 200"),
    ],
)
def test_a_row_is_rejected_with_the_name_of_its_column(
    tmp_path: Path, header: str, row: str, reason: str
) -> None:
    (rejection,) = rejections(read(tmp_path, header, row))
    assert rejection.line == 2
    assert rejection.reason.startswith(reason)
    assert "secret" not in rejection.reason


def test_too_many_properties_are_rejected(tmp_path: Path) -> None:
    names = ",".join(f"p{n}" for n in range(MAX_PROPERTIES + 1))
    (rejection,) = rejections(read(tmp_path, f"email,{names}", "a@x.io" + ",x" * 201))
    assert "more than 200 columns" in rejection.reason
