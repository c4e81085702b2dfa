"""A shop whose read models are kept up by a worker that the test drives step by step."""

from collections.abc import Iterator

import pytest

from tests.api.merges.store import opened
from tests.api.segments.counter import Counter, counter


@pytest.fixture
def shop(database: str) -> Iterator[Counter]:
    with opened(database) as store, counter(store, database) as made:
        yield made
