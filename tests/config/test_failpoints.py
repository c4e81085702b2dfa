"""Places at which tests make the product fail: off by default, exact when on, and no typos."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from config import failpoints
from config.failpoints import NAMES, FailpointReached, parsed, reach

ROOT = Path(failpoints.__file__).parents[1]
PLACE = "log.before_commit"
Arm = Callable[[str], None]


@pytest.fixture
def arm(monkeypatch: pytest.MonkeyPatch) -> Arm:
    return lambda text: monkeypatch.setattr(failpoints, "faults", parsed(text))


def raised(times: int, place: str = PLACE) -> list[int]:
    """At which of so many hits the place raised."""
    return [hit for hit in range(1, times + 1) if _raises(place)]


def _raises(place: str) -> bool:
    try:
        reach(place)
    except FailpointReached as reached:
        return str(reached) == place
    return False


def started(faults: str, code: str) -> "subprocess.CompletedProcess[str]":
    """A Python process of its own with these faults."""
    return subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", f"from config.failpoints import reach; {code}"],
        cwd=ROOT,
        env={**os.environ, failpoints.VARIABLE: faults},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_they_are_off_by_default() -> None:
    assert parsed("") == failpoints.faults == {}
    for place in NAMES:
        reach(place)


@pytest.mark.parametrize(
    ("when", "hits"),
    [("", [1, 2, 3, 4, 5]), ("@1", [1]), ("@3", [3]), ("@2-4", [2, 3, 4]), ("@9", [])],
)
def test_a_place_fails_at_the_hits_it_was_told(arm: Arm, when: str, hits: list[int]) -> None:
    arm(f"{PLACE}=raise{when}")
    assert raised(5) == hits


def test_each_place_counts_for_itself(arm: Arm) -> None:
    arm(f" {PLACE}=raise@2; log.after_commit=raise@1-2; ")
    assert raised(3, "log.after_commit") == [1, 2]
    assert raised(3) == [2]
    assert raised(3, "host.before_adopt") == []


def test_a_place_can_take_its_time(arm: Arm, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    arm(f"{PLACE}=sleep:0.25@2")
    for _ in range(3):
        reach(PLACE)
    assert slept == [0.25]


@pytest.mark.parametrize(("action", "code"), [("kill", -signal.SIGKILL), ("exit", 1)])
def test_a_process_dies_at_the_hit_it_was_told(action: str, code: int) -> None:
    run = started(
        f"{PLACE}={action}@3", f"[(reach({PLACE!r}), print(n, flush=True)) for n in range(9)]"
    )
    assert (run.returncode, run.stdout.split()) == (code, ["0", "1"])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("log.before_comit=kill", r"'log.before_comit=kill' is not .* one of log.before_commit"),
        ("kill", "'kill' is not PLACE=kill"),
        (f"{PLACE}=die", "is not PLACE=kill"),
        (f"{PLACE}=sleep", "is not PLACE=kill"),
        (f"{PLACE}=sleep:soon", "is not PLACE=kill"),
        (f"{PLACE}=kill@0", "is not PLACE=kill"),
        (f"{PLACE}=kill@x", "is not PLACE=kill"),
        (f"{PLACE}=kill,log.after_commit=kill", "is not PLACE=kill"),
        (f"{PLACE}=kill@3-2", "never happens"),
        (f"{PLACE}=kill; {PLACE}=raise", "not the first for its place"),
    ],
)
def test_what_is_not_understood_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parsed(text)


def test_a_process_with_a_typo_does_not_start() -> None:
    run = started("log.before_comit=kill", "print('started')")
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith("C360_FAILPOINTS: 'log.before_comit=kill' is not PLACE=")
    assert "Traceback" not in run.stderr


def test_every_name_marks_a_place_and_every_place_has_a_name() -> None:
    folders = ("actors", "aggregates", "api", "config", "projections")
    sources = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    marked = [
        name for file in sources for name in re.findall(r"\breach\((.+?)\)", file.read_text())
    ]
    marked.remove("name: str")
    assert sorted(marked) == sorted(f'"{name}"' for name in NAMES)
