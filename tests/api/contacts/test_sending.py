"""Lists of contacts on their way into a shop: given a file, when imported, then profiles."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from rich.console import Console

from actors.signals import Busy, Outcome
from api import chunks
from api.contacts.records import Refused
from api.contacts.report import ContactsReport
from api.contacts.sending import Target, import_contacts
from api.demo import patience
from api.demo.orders_import import ImportStopped
from tests.api.contacts.files import csv
from tests.api.sentences import ADMIN_TOKEN, NOW, SHOP, Api

PEOPLE = ("email,first_name,Size", "ada@lane.shop,Ada,M", "bob@lane.shop,Bob,L")


def imported(
    api: Api, file: Path, *, token: str = ADMIN_TOKEN, hours: int = -1, **more: Any
) -> ContactsReport:
    target = Target(SHOP, "crm", NOW + timedelta(hours=hours))._replace(**more)

    async def run() -> ContactsReport:
        bearer = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(api.app), base_url="http://api", headers=bearer
        ) as client:
            return await import_contacts(client, target, file, Console(file=io.StringIO()))

    return api.loop.run(run())


def profile(api: Api, **by: str) -> dict[str, Any]:
    (found,) = api.get("/v1/profiles", params=by).json()["items"]
    assert isinstance(found, dict)
    return found


def counts(report: ContactsReport) -> tuple[int, int, int, int]:
    return report.created, report.attached, report.unchanged, report.rejected


def test_contacts_become_profiles(api: Api, tmp_path: Path) -> None:
    report = imported(api, csv(tmp_path, *PEOPLE))
    assert counts(report) == (2, 0, 0, 0)
    ada = profile(api, email="ada@lane.shop")
    assert (ada["name"]["first"], ada["properties"]) == ("Ada", {"Size": "M"})
    assert ada["sources"] == ["import"]


def test_running_it_twice_changes_nothing(api: Api, tmp_path: Path) -> None:
    file = csv(tmp_path, *PEOPLE, ",Nil,XL")
    assert counts(imported(api, file)) == (2, 0, 0, 1)
    before = profile(api, email="ada@lane.shop")
    again = imported(api, file, hours=0)
    assert counts(again) == (0, 0, 2, 1)
    assert again.events == 0
    assert profile(api, email="ada@lane.shop") == before


def test_a_contact_said_twice_counts_once(api: Api, tmp_path: Path) -> None:
    assert counts(imported(api, csv(tmp_path, *PEOPLE, PEOPLE[1]))) == (2, 0, 1, 0)


def test_who_is_known_learns_something(api: Api, tmp_path: Path) -> None:
    api.command(type="SetContact", id="1", profile={"email": "ada@lane.shop"}, last_name="King")
    assert counts(imported(api, csv(tmp_path, *PEOPLE))) == (1, 1, 0, 0)
    assert profile(api, email="ada@lane.shop")["name"]["display"] == "Ada King"


def test_a_dated_contact_does_not_overwrite_what_is_newer(api: Api, tmp_path: Path) -> None:
    known = {"type": "SetContact", "profile": {"email": "ada@lane.shop"}, "first_name": "Augusta"}
    api.command(**known, id="1", occurred_at="2026-11-20T10:00:00Z")
    imported(api, csv(tmp_path, "email,first_name,Updated", "ada@lane.shop,Ada,2026-11-01"))
    ada = profile(api, email="ada@lane.shop")
    assert ada["name"]["first"] == "Augusta"
    assert ada["first_seen_at"] == "2026-11-01T00:00:00Z"


def test_a_contact_is_found_by_the_id_on_its_list(api: Api, tmp_path: Path) -> None:
    imported(api, csv(tmp_path, "Klaviyo ID,First Name", "01F35,Ada"))
    assert profile(api, external_id="crm:01F35")["name"]["first"] == "Ada"


def test_a_contact_without_e_mail_phone_and_id_is_found_again(api: Api, tmp_path: Path) -> None:
    header = "given_name,surname,date_of_birth,suburb,score"
    assert counts(imported(api, csv(tmp_path, header, "Ada,King,19801224,Bath,1"))) == (1, 0, 0, 0)
    report = imported(api, csv(tmp_path, header, "ADA,King,1980-12-24,Bath,2"), hours=0)
    assert counts(report) == (0, 1, 0, 0)


def test_who_does_not_say_lives_where_the_list_is_of(api: Api, tmp_path: Path) -> None:
    rows = ("email,city,country", "ada@lane.shop,Köln,", "bob@lane.shop,Bath,GB", "eve@lane.shop,,")
    imported(api, csv(tmp_path, *rows), country="DE")
    living = [
        profile(api, email=f"{who}@lane.shop")["addresses"]["letter"] for who in ("ada", "bob")
    ]
    assert [home["country"] for home in living] == ["DE", "GB"]
    assert profile(api, email="eve@lane.shop")["addresses"]["letter"] is None


def test_a_phone_that_cannot_be_dialled_from_everywhere_is_kept(api: Api, tmp_path: Path) -> None:
    imported(
        api, csv(tmp_path, "email,phone", "ada@lane.shop,030/1234", "bob@lane.shop,+49301234567")
    )
    ada = profile(api, email="ada@lane.shop")
    assert (ada["phone"], [k["kind"] for k in ada["identifiers"]]) == ("030/1234", ["email"])
    assert profile(api, phone="+49301234567")["email"] == "bob@lane.shop"


@pytest.mark.parametrize(
    ("header", "row", "reason"),
    [
        ("E-Mail", "secret", "E-Mail: expected an address"),
        ("email,First Name", ",secret", "recognises nobody; expected an e-mail"),
        ("email,phone", "null,-", "recognises nobody; expected an e-mail"),
        ("email,Updated", "secret@lane.shop,2126-11-21", "Updated: lies more than 5 minutes"),
    ],
)
def test_what_the_server_refuses_is_told_by_line_and_column(
    api: Api, tmp_path: Path, header: str, row: str, reason: str
) -> None:
    cells = header.count(",")
    report = imported(api, csv(tmp_path, header, "ada@lane.shop" + "," * cells, row))
    ((line, told),) = report.rejections
    assert (line, counts(report)) == (3, (1, 0, 0, 1))
    assert told.startswith(reason)
    assert "secret" not in told


def test_a_decision_that_says_no_is_a_rejection(api: Api, tmp_path: Path) -> None:
    api.memory.answers = lambda _: Outcome(profile_id=uuid4(), version=1, refused="erased")
    report = imported(api, csv(tmp_path, *PEOPLE))
    assert [told.partition(":")[0] for _, told in report.rejections] == ["erased", "erased"]


def test_a_list_goes_in_by_chunks(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "MAX_LINES", 3)
    rows = [f"a{number}@lane.shop" for number in range(10)]
    assert counts(imported(api, csv(tmp_path, "email", *rows))) == (10, 0, 0, 0)


def test_a_chunk_is_bounded_in_bytes_as_well(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "MAX_BYTES", 1)
    assert counts(imported(api, csv(tmp_path, *PEOPLE))) == (2, 0, 0, 0)


def test_a_busy_server_gets_the_chunk_again(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "LONGEST_WAIT_S", 0.001)
    busy = [Busy(1)]
    api.memory.answers = lambda _: busy.pop() if busy else None
    report = imported(api, csv(tmp_path, *PEOPLE))
    assert (report.lines, report.rejected, busy) == (2, 0, [])


def test_a_wrong_token_or_shop_stops_the_import_with_the_server_s_reason(
    api: Api, tmp_path: Path
) -> None:
    file = csv(tmp_path, *PEOPLE)
    with pytest.raises(ImportStopped, match="401 unauthorized"):
        imported(api, file, token="guess")  # noqa: S106 - opens nothing
    with pytest.raises(ImportStopped, match="404 unknown_shop"):
        imported(api, file, shop="x.myshopify.com")
    with pytest.raises(ImportStopped, match="422 invalid: source"):
        imported(api, file, source="CRM")


def test_a_list_that_cannot_be_read_sends_nothing(api: Api, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no column tells whom"):
        imported(api, csv(tmp_path, "city,size", "Bath,M"))
    with pytest.raises(Refused, match=r"nowhere\.csv"):
        imported(api, tmp_path / "nowhere.csv")
    assert api.memory.signals == []


def test_a_list_of_nobody_is_done_at_once(api: Api, tmp_path: Path) -> None:
    assert counts(imported(api, csv(tmp_path, "email,city"))) == (0, 0, 0, 0)
