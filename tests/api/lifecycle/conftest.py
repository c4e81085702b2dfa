"""A shop behind the whole API, whose calendar can be put ahead, with read models that follow."""

from collections.abc import Iterator

import pytest

from tests.api.lifecycle.year import Year, opened


@pytest.fixture
def year(database: str) -> Iterator[Year]:
    with opened(database) as year:
        yield year
