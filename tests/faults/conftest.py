"""One running server for all short forms that only need one to break."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.place import Place
from tests.faults.stage import started_when_asked
from tests.places import scratch


@pytest.fixture(scope="session")
def scene() -> Iterator[Path]:
    with scratch("c360-faults-") as folder:
        yield folder


@pytest.fixture(scope="session")
def place_to_break(scene: Path) -> Iterator[Callable[[], Place]]:
    """Starts the server when first called."""
    with started_when_asked(scene) as place:
        yield place


@pytest.fixture(scope="session")
def place(place_to_break: Callable[[], Place]) -> Place:
    return place_to_break()
