"""Whatever dies, hangs, lies or comes twice: nothing acknowledged is lost, doubled or mixed up."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.simulation.run import run
from tests.simulation.weather import FAULTS

SEEDS = range(200)
BLOCKS = 10
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("block", range(BLOCKS))
def test_every_promise_is_kept_in_any_weather(block: int) -> None:
    for seed in SEEDS[block::BLOCKS]:
        played = run(seed)
        assert not played.broken, played.report()


def test_every_fault_has_struck() -> None:
    """A fault that never happens proves nothing."""
    struck: Counter[str] = Counter()
    for seed in SEEDS:
        struck.update(run(seed).struck)
        if struck.keys() == FAULTS.keys():
            return
    raise AssertionError(f"no seed has seen {FAULTS.keys() - struck.keys()}")


def test_a_seed_tells_the_same_story_again() -> None:
    """Also in another process, whose hashes differ."""
    code = "from tests.simulation.run import run; print(*run(7).story, sep='\\n')"
    other = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "1234"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert run(7).story == run(7).story == other.stdout.splitlines()
