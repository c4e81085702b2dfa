"""The findings of all scenarios, kept from run to run: a table for people, files for programs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct
from rich.table import Table

from tests.faults.report import Finding
from tests.measured import Limit, keep, shown

FOLDER = Path(".faults")
HEADINGS = ("fault", "what was done", "measured", "must hold", "verdict")


class Row(Struct, frozen=True):
    """A finding as it is written: everything is text by now. `at` is when it was made."""

    fault: str
    done: str
    measured: str
    must_hold: str
    verdict: str
    at: str


class Results:
    """`NAME.json` and `NAME.md` of a folder. What is added replaces what an earlier run found of
    the same scenario; `fit` as long as all that was added holds."""

    def __init__(self, folder: Path, name: str) -> None:
        self.fit = True
        self._json, self._markdown = folder / f"{name}.json", folder / f"{name}.md"
        held = json.loads(self._json.read_text()) if self._json.exists() else {"scenarios": {}}
        self._rows = msgspec.convert(held.pop("scenarios"), dict[str, list[Row]])
        self._about: Mapping[str, object] = held

    def add(self, scenario: str, findings: Sequence[Finding], about: Mapping[str, object]) -> None:
        """Written at once. No findings, as of a skipped scenario, leave what was found before."""
        self.fit &= all(finding.verdict == "holds" for finding in findings)
        if findings:
            self._rows[scenario] = [row(finding) for finding in findings]
        self._about = about
        keep(self._json, {**about, "scenarios": msgspec.to_builtins(self._rows)})
        self._markdown.write_text("\n".join(self._lines()))

    def table(self) -> Table:
        made = Table(title=_said(self._about), title_justify="left", show_lines=True)
        for heading in HEADINGS:
            made.add_column(heading, overflow="fold")
        for one in self._in_order():
            made.add_row(*_cells(one), style=None if one.verdict == "holds" else "red")
        return made

    def _lines(self) -> Iterator[str]:
        yield f"| {' | '.join(HEADINGS)} |"
        yield "|" + " --- |" * len(HEADINGS)
        for one in self._in_order():
            cells = (cell.replace("|", "\\|").replace("\n", " ") for cell in _cells(one))
            yield f"| {' | '.join(cells)} |"
        yield f"\n{_said(self._about)}\n"

    def _in_order(self) -> Iterator[Row]:
        for scenario in sorted(self._rows):
            yield from self._rows[scenario]


def row(finding: Finding) -> Row:
    return Row(
        fault=f"{finding.fault}: {finding.variant}" if finding.variant else finding.fault,
        done=finding.done,
        measured=_measured({**finding.counts, **finding.figures}),
        must_hold=_must_hold([*finding.firm, *finding.timed]),
        verdict="; ".join([finding.verdict, *finding.broken, *finding.late]),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _measured(found: Mapping[str, float]) -> str:
    """What there is of each; then all that there is nothing of."""
    some = [f"{name} {shown(value)}" for name, value in found.items() if value]
    return _with_zeros(some, [name for name, value in found.items() if not value])


def _must_hold(limits: Sequence[Limit]) -> str:
    nothing = [limit.figure for limit in limits if limit.at_least == limit.at_most == 0]
    return _with_zeros([str(one) for one in limits if one.figure not in nothing], nothing)


def _with_zeros(some: Sequence[str], nothing: Sequence[str]) -> str:
    return ", ".join([*some, f"0: {', '.join(nothing)}"] if nothing else some)


def _said(about: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in about.items())


def _cells(one: Row) -> tuple[str, ...]:
    return (one.fault, f"{one.done} ({one.at})", one.measured, one.must_hold, one.verdict)
