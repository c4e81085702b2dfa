"""A shop whose list of customers follows the log as far as the test wishes."""

from collections.abc import Iterator

import pytest

from tests.api.merges.store import opened
from tests.api.segments.counter import Counter, counter


@pytest.fixture
def shop(database: str) -> Iterator[Counter]:
    with opened(database) as store, counter(store, database) as made:
        yield made
