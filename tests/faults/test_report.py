"""Verdicts, and what is written of them."""

import json
from pathlib import Path

import pytest

from tests.faults.report import Finding, exactly
from tests.faults.results import Results, row
from tests.measured import Limit


def finding(**more: object) -> Finding:
    given = {"fault": "a kill", "done": "kill -9", "counts": {"lost": 0, "acknowledged": 9}, **more}
    return Finding(**given)  # type: ignore[arg-type]  # each test gives what it is about


FIRM = (exactly("lost", 0), Limit("acknowledged", at_least=9))
TIMED = (Limit("s", at_most=5),)


@pytest.mark.parametrize(
    ("counts", "seconds", "verdict"),
    [
        ({"lost": 0, "acknowledged": 9}, 5.0, "holds"),
        ({"lost": 0, "acknowledged": 9}, 5.5, "MISS"),
        ({"lost": 1, "acknowledged": 9}, 5.0, "BROKEN"),
        ({"lost": 0, "acknowledged": 8}, 5.5, "BROKEN"),
    ],
)
def test_a_fact_that_does_not_hold_is_worse_than_being_late(
    counts: dict[str, int], seconds: float, verdict: str
) -> None:
    found = finding(counts=counts, firm=FIRM, figures={"s": seconds}, timed=TIMED)
    assert found.verdict == verdict


def test_what_was_missed_is_said_with_what_was_measured() -> None:
    found = finding(counts={"lost": 2, "acknowledged": 9}, firm=FIRM)
    assert found.broken == ["lost = 0 (was 2)"]


def test_a_limit_about_something_nobody_counted_is_an_error() -> None:
    with pytest.raises(KeyError):
        _ = finding(firm=(exactly("forgotten", 0),)).broken


def test_a_row_names_what_there_is_nothing_of_last() -> None:
    shown = row(finding(firm=FIRM, variant="on a Monday"))
    assert (shown.fault, shown.verdict) == ("a kill: on a Monday", "holds")
    assert shown.measured == "acknowledged 9, 0: lost"
    assert shown.must_hold == "acknowledged ≥ 9, 0: lost"


def test_a_partial_run_replaces_only_its_own_scenarios(tmp_path: Path) -> None:
    folder = tmp_path / ".faults"
    before = Results(folder, "latest")
    for name in ("one", "two", "skipped later"):
        before.add(name, [finding(done="first")], {"cores": 1})
    after = Results(folder, "latest")
    after.add("two", [finding(done="second")], {"cores": 2})
    after.add("skipped later", [], {"cores": 2})
    written = json.loads((folder / "latest.json").read_text())
    assert written["cores"] == 2
    done = {name: [row["done"] for row in rows] for name, rows in written["scenarios"].items()}
    assert done == {"one": ["first"], "two": ["second"], "skipped later": ["first"]}
    lines = (folder / "latest.md").read_text().splitlines()
    assert lines[0] == "| fault | what was done | measured | must hold | verdict |"
    assert len([line for line in lines if line.startswith("| a kill |")]) == 3
    assert (folder / ".gitignore").read_text() == "*\n"


def test_a_run_is_fit_only_if_everything_holds(tmp_path: Path) -> None:
    results = Results(tmp_path, "latest")
    results.add("one", [finding(firm=FIRM)], {})
    assert results.fit
    results.add("two", [finding(firm=FIRM, figures={"s": 6}, timed=TIMED)], {})
    results.add("three", [finding(firm=FIRM)], {})
    assert not results.fit
