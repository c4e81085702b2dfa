"""What became of a list of contacts: counted, printed, and written to a file."""

import csv
from collections import Counter
from pathlib import Path

import msgspec
from msgspec import Struct, field
from rich.console import Console

from api.contacts.answer import Answer
from api.contacts.columns import Columns
from api.contacts.consents import meaning
from api.contacts.records import Rejection, Written
from api.contacts.words import key_of

REJECTIONS_KEPT = 1_000_000  # the rest is counted
REJECTIONS_SHOWN = 20
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for one at a cell's start
COUNTED = {
    "created": "profiles created",
    "attached": "profiles that learnt something",
    "merged": "of these merged",
    "candidates_opened": "merge candidates opened",
    "unchanged": "unchanged",
    "rejected": "rejected",
}


class ContactsReport(Struct):
    """`recognised` says what a column was taken for; those `not_imported` are about consent, and
    do not say clearly on which channel or what of it."""

    source: str
    encoding: str
    delimiter: str
    recognised: dict[str, str]
    properties: tuple[str, ...]
    not_imported: tuple[str, ...]
    lines: int = 0
    created: int = 0
    attached: int = 0
    merged: int = 0
    candidates_opened: int = 0
    unchanged: int = 0
    rejected: int = 0
    events: int = 0
    rejections: list[Rejection] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        return 1 if self.rejected else 0

    def reject(self, rejection: Rejection) -> None:
        self.lines += 1
        self.rejected += 1
        if len(self.rejections) < REJECTIONS_KEPT:
            self.rejections.append(rejection)

    def note(self, answer: Answer) -> None:
        """A line that was taken."""
        self.lines += 1
        self.events += 0 if answer.duplicate else len(answer.events)
        if answer.duplicate or not answer.events:
            self.unchanged += 1
            return
        names = Counter(answer.events)
        self.merged += bool(names["lineage.absorbed"])
        self.candidates_opened += names["identity.candidate_opened"]
        if answer.created:
            self.created += 1
        else:
            self.attached += 1


def empty_report(source: str, columns: Columns, written: Written) -> ContactsReport:
    recognised = {column.name: part for part, column in columns.parts.items()}
    consents = {c.name: m for c in columns.consents if (m := meaning(key_of(c.name)))}
    recognised |= {name: f"consent by {meant.channel}" for name, meant in consents.items()}
    return ContactsReport(
        source=source,
        encoding=written.encoding,
        delimiter=written.delimiter,
        recognised=recognised | {column.name: "id" for column in columns.ids},
        properties=tuple(column.name for column in columns.properties),
        not_imported=tuple(c.name for c in columns.consents if c.name not in consents),
    )


def printed(console: Console, report: ContactsReport) -> None:
    console.print(f"{report.lines:,} contacts ({report.events:,} events)")
    for name, told in COUNTED.items():
        console.print(f"  {getattr(report, name):>9,} {told}")
    _plain(console, f"properties: {_listed(report.properties)}")
    _plain(console, f"not imported yet: {_listed(report.not_imported)}")
    shown = sorted(report.rejections)[:REJECTIONS_SHOWN]
    for rejection in shown:
        _plain(console, f"line {rejection.line}: {rejection.reason}", "red")
    if (more := report.rejected - len(shown)) > 0:
        _plain(console, f"and {more:,} more; --report FILE.csv names them all", "red")


def as_json(report: ContactsReport) -> bytes:
    return msgspec.json.format(msgspec.json.encode(_whole(report)), indent=2)


def write(report: ContactsReport, file: Path) -> None:
    """The whole report as JSON where the file is called so, else its rejections as CSV."""
    if file.suffix.lower() == ".json":
        file.write_bytes(as_json(report) + b"\n")
        return
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(("line", "reason"))
        rows.writerows((r.line, harmless(r.reason)) for r in sorted(report.rejections))


def harmless(text: str) -> str:
    """So that a spreadsheet shows it and does not reckon with it."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _whole(report: ContactsReport) -> dict[str, object]:
    plain: dict[str, object] = msgspec.structs.asdict(report)
    named = [{"line": r.line, "reason": r.reason} for r in sorted(report.rejections)]
    return plain | {"rejections": named}


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"


def _plain(console: Console, text: str, style: str | None = None) -> None:
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)
