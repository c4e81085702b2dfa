"""The report: what became of each line, for people, programs and spreadsheets."""

import csv
import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from api.contacts import report as reports
from api.contacts.answer import Answer
from api.contacts.columns import columns_of
from api.contacts.records import Rejection, Written
from api.contacts.report import ContactsReport, as_json, empty_report, harmless, printed, write

COLUMNS = columns_of(["Email", "Klaviyo ID", "Size", "SMS Consent", "Consent form"])


def fresh() -> ContactsReport:
    return empty_report("klaviyo", COLUMNS, Written("utf-8-sig", ","))


def answer(*events: str, created: bool = False, duplicate: bool = False) -> Answer:
    return Answer(200, created, duplicate, list(events))


def counted(*answers: Answer) -> dict[str, int]:
    report = fresh()
    for one in answers:
        report.note(one)
    names = ("created", "attached", "merged", "candidates_opened", "unchanged", "events")
    return {name: count for name in names if (count := getattr(report, name))}


def test_a_profile_that_was_not_there_is_new() -> None:
    assert counted(answer("identity.linked", "contact.given", created=True)) == {
        "created": 1,
        "events": 2,
    }


def test_a_profile_that_was_there_learnt_something() -> None:
    assert counted(answer("contact.given")) == {"attached": 1, "events": 1}


def test_a_repeat_and_a_line_without_news_change_nothing() -> None:
    again = answer("contact.given", created=True, duplicate=True)
    assert counted(again, answer()) == {"unchanged": 2}


def test_merges_and_candidates_are_counted_by_their_events() -> None:
    opened = "identity.candidate_opened"
    assert counted(answer("contact.given", "lineage.absorbed", opened, opened)) == {
        "attached": 1,
        "merged": 1,
        "candidates_opened": 2,
        "events": 4,
    }


def test_it_tells_which_column_was_taken_for_what() -> None:
    told = json.loads(as_json(fresh()))
    assert told["recognised"] == {
        "Email": "email",
        "Klaviyo ID": "id",
        "SMS Consent": "consent by sms",
    }
    assert (told["properties"], told["not_imported"]) == (["Size"], ["Consent form"])
    assert (told["encoding"], told["delimiter"]) == ("utf-8-sig", ",")


def test_people_see_the_first_rejections_and_how_many_more() -> None:
    report = fresh()
    for line in range(30, 0, -1):
        report.reject(Rejection(line, "[red]Email[/]: recognises nobody"))
    console = Console(file=io.StringIO(), width=100)
    printed(console, report)
    said = console.file.getvalue()  # type: ignore[attr-defined]  # the file is the one given
    assert "line 1: [red]Email[/]: recognises nobody" in said
    assert "line 21:" not in said
    assert "and 10 more" in said
    assert "not imported yet: Consent form" in said


def test_rejections_beyond_those_kept_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "REJECTIONS_KEPT", 1)
    report = fresh()
    for line in (2, 3):
        report.reject(Rejection(line, "x"))
    assert (report.rejected, len(report.rejections), report.exit_code) == (2, 1, 1)


def test_a_spreadsheet_does_not_reckon_with_what_is_written_for_it(tmp_path: Path) -> None:
    report = fresh()
    report.reject(Rejection(3, "=1+1: has more than 500 characters"))
    report.reject(Rejection(2, "Email, work: recognises nobody"))
    write(report, tmp_path / "rejected.csv")
    with (tmp_path / "rejected.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["line", "reason"],
            ["2", "Email, work: recognises nobody"],
            ["3", "'=1+1: has more than 500 characters"],
        ]


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_formulas_are_made_texts(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert harmless(f"x{cell}") == f"x{cell}"


def test_a_report_named_json_holds_everything(tmp_path: Path) -> None:
    report = fresh()
    report.note(answer("contact.given", created=True))
    report.reject(Rejection(3, "Email: recognises nobody"))
    write(report, tmp_path / "report.JSON")
    told = json.loads((tmp_path / "report.JSON").read_text())
    assert (told["lines"], told["created"], told["rejected"]) == (2, 1, 1)
    assert told["rejections"] == [{"line": 3, "reason": "Email: recognises nobody"}]
