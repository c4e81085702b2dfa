"""One real PostgreSQL for the whole run, and a fresh, migrated database for each test that asks.

Where tests run in several processes, each has a PostgreSQL of its own, and those that share a
whole server, or a Ray, stay together.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # it has none

from config.embedded import EmbeddedPostgres
from config.migrations import migrate
from tests.databases import empty_database

TOGETHER = (  # how the ids of those begin that share a server
    "tests/actors/test_creating.py",
    "tests/cluster/",
    "tests/faults/test_faults.py::test_the_product_survives",
    "tests/fuzz/",
)
FORGETFUL = {"fsync": "off", "full_page_writes": "off"}  # nobody pulls the plug in these tests


class Together(LoadScopeScheduling):  # type: ignore[misc]  # of a class without types
    """The groups of pytest-xdist's own are lost on pytest 9.2, which knows tests by another id."""

    def _split_scope(self, nodeid: str) -> str:
        return next((group for group in TOGETHER if nodeid.startswith(group)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Together:
    return Together(config, log)


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    # not tmp_path: pytest closes its folders to every other user, and root's PostgreSQL is one
    folder = Path(tempfile.mkdtemp(prefix="c360-test-"))
    folder.chmod(0o711)
    with EmbeddedPostgres(folder / "postgres", FORGETFUL) as running:
        migrate(running.dsn)
        yield running
        if running.pid is not None:
            os.kill(running.pid, signal.SIGQUIT)  # nobody reads again what it would write out
    shutil.rmtree(folder)


@pytest.fixture
def database(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The DSN of an empty database at the newest schema, which goes with the test."""
    with empty_database(postgres) as dsn:
        yield dsn
