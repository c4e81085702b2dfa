"""One log for each test."""

from collections.abc import Iterator

import pytest

from tests.projections.store import Store


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    opened = Store(database)
    yield opened
    opened.log.close()
