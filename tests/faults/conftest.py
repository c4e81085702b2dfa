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


@pytest.fixture(scope="module")
def place_to_break(scene: Path) -> Iterator[Callable[[], Place]]:
    """Starts the server when first called."""
    with started_when_asked(scene, hasty=True) as place:
        yield place
