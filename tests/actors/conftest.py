"""A host for every test that asks."""

import pytest

from tests.actors.shopping import Host


@pytest.fixture
def host() -> Host:
    return Host()
