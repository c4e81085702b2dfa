"""A migrator that dies leaves a file applied and noted, or neither; the next one goes on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from config.failpoints import VARIABLE
from config.migrations import LOCK, SQL, MigrationRefused, migrate, pending
from tests.config.test_migrations import tables, write

ROOT = Path(__file__).parents[2]
SHELF = {"_0001_mugs": "mugs", "_0002_cups": "cups", "_0003_pots": "pots"}
NAMES = [name.removeprefix("_") for name in SHELF]


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return write(tmp_path, **{file: f"CREATE TABLE {table} ()" for file, table in SHELF.items()})


@contextmanager
def migrator(dsn: str, folder: Path, faults: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A migrator in a process of its own, which does not outlive the block."""
    code = (
        "import sys; from pathlib import Path; from config.migrations import migrate;"
        "migrate(sys.argv[1], Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", code, dsn, str(folder)]
    environment = {**os.environ, VARIABLE: faults}
    with subprocess.Popen(command, cwd=ROOT, env=environment) as running:  # noqa: S603  # our own
        try:
            yield running
        finally:
            running.kill()


def killed(dsn: str, folder: Path, faults: str) -> None:
    with migrator(dsn, folder, faults) as dying:
        assert dying.wait(60) == -signal.SIGKILL


@pytest.mark.parametrize("hit", [1, 2, 3])
@pytest.mark.parametrize(
    ("place", "finished"), [("migration.before_record", -1), ("migration.between", 0)]
)
def test_a_killed_migrator_leaves_whole_files_and_the_next_does_the_rest(
    empty_database: str, shelf: Path, place: str, finished: int, hit: int
) -> None:
    killed(empty_database, shelf, f"{place}=kill@{hit}")
    done = hit + finished
    assert pending(empty_database, shelf) == NAMES[done:]
    assert tables(empty_database) == {*list(SHELF.values())[:done], "schema_migrations"}
    assert migrate(empty_database, shelf) == NAMES[done:]
    assert tables(empty_database) == {*SHELF.values(), "schema_migrations"}


def test_the_shipped_files_survive_a_kill_in_the_first_of_them(empty_database: str) -> None:
    killed(empty_database, Path(str(SQL)), "migration.before_record=kill")
    assert tables(empty_database) == {"schema_migrations"}
    assert migrate(empty_database)[0] == "0001_log"
    assert pending(empty_database) == []


def test_who_waits_for_a_migrator_that_is_killed_takes_over(
    empty_database: str, shelf: Path
) -> None:
    faults = "migration.before_record=sleep:60@2"
    with migrator(empty_database, shelf, faults) as first, ThreadPoolExecutor(1) as pool:
        while pending(empty_database, shelf) != NAMES[1:]:
            assert first.poll() is None
            time.sleep(0.05)
        second = pool.submit(migrate, empty_database, shelf)
        _until(empty_database, "NOT granted")
        assert not second.done()
        first.kill()
        assert second.result(60) == NAMES[1:]


def test_who_waits_too_long_for_a_migrator_gives_up(
    empty_database: str, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.migrations.TURN_PATIENCE", "100ms")
    with migrator(empty_database, shelf, "migration.between=sleep:60@1"):
        _until(empty_database, "granted AND pid <> pg_backend_pid()")
        with pytest.raises(MigrationRefused, match="another migrator is still busy after 100ms"):
            migrate(empty_database, shelf)


def _until(dsn: str, true: str) -> None:
    """Waits for such a lock of a migrator on this database."""
    query = f"""SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database
        WHERE locktype = 'advisory' AND objid = {LOCK} AND datname = current_database()
        AND {true}"""  # noqa: S608  # our own words
    with psycopg.connect(dsn, autocommit=True) as connection:
        for _ in range(600):
            if connection.execute(query.encode()).fetchone():
                return
            connection.execute("SELECT pg_sleep(0.05)")
    raise AssertionError(f"no lock that is {true} within 30 s")
