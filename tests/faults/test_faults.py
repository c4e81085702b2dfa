"""Every fault, in its short form: facts must hold here too, how long it took is not asked."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.place import Place
from tests.faults.stage import Silence, Skipped, Stage, names, scenario

# start all that they break themselves, so that they may run beside the others
ALONE = (
    *("canaries", "commit_cut", "disk_full", "fenced_owner", "node_lost"),
    *("partitions", "repeats", "rolling_restart", "starved"),
)


@pytest.mark.cluster
@pytest.mark.parametrize("name", [name for name in names() if name not in ALONE])
def test_the_product_survives(name: str, scene: Path, place_to_break: Callable[[], Place]) -> None:
    assert _broken(name, scene, place_to_break) == {}


@pytest.mark.cluster
@pytest.mark.parametrize("name", ALONE)
def test_a_product_of_its_own_survives(name: str, scene: Path) -> None:
    assert _broken(name, scene, _nobodys) == {}


@pytest.mark.parametrize("name", names())
def test_every_scenario_says_what_in_the_product_makes_it_hold(name: str) -> None:
    assert "Mechanism: " in scenario(name).about


def _broken(name: str, scene: Path, place_to_break: Callable[[], Place]) -> dict[str, list[str]]:
    """The facts that do not hold, by variant of the fault."""
    folder = scene / name
    folder.mkdir(mode=0o711)
    try:
        findings = scenario(name).run(Stage(folder, True, Silence(), place_to_break))
    except Skipped as reason:
        pytest.skip(str(reason))
    assert findings
    return {f"{found.fault} {found.variant}": found.broken for found in findings if found.broken}


def _nobodys() -> Place:
    raise AssertionError("it needs the server of the others: take its name out of ALONE")
