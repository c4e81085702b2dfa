"""A shop behind the whole API, over a real database and a host in the same process."""

from collections.abc import Iterator

import pytest

from tests.api.merges.store import Store, opened


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with opened(database) as store:
        yield store
