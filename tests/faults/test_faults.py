"""Every fault, in its short form: facts must hold here too, how long it took is not asked."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.place import Place
from tests.faults.stage import Silence, Skipped, Stage, names, scenario


@pytest.mark.cluster
@pytest.mark.parametrize("name", names())
def test_the_product_survives(name: str, scene: Path, place_to_break: Callable[[], Place]) -> None:
    folder = scene / name
    folder.mkdir(mode=0o711)
    try:
        findings = scenario(name).run(Stage(folder, True, Silence(), place_to_break))
    except Skipped as reason:
        pytest.skip(str(reason))
    assert findings
    broken = {f"{found.fault} {found.variant}": found.broken for found in findings if found.broken}
    assert broken == {}


@pytest.mark.parametrize("name", names())
def test_every_scenario_says_what_in_the_product_makes_it_hold(name: str) -> None:
    assert "Mechanism: " in scenario(name).about
