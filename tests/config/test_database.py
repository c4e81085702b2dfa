"""Which database is used, and which one is refused."""

from pathlib import Path

import pytest

from config.database import UnsafeDatabase, check_durable, open_database, running_database
from config.embedded import EmbeddedPostgres, answers
from config.settings import Settings


def test_without_a_url_our_own_server_runs_for_as_long_as_it_is_needed(data_dir: Path) -> None:
    with running_database(Settings(data_dir=data_dir)) as dsn:
        assert answers(dsn)
    assert not answers(dsn)


def test_with_a_url_nothing_is_started(data_dir: Path) -> None:
    settings = Settings(data_dir=data_dir, database_url="postgresql://db/c360")
    with open_database(settings) as database:
        assert database.dsn == "postgresql://db/c360"
        assert not database.ensure_running()
    assert list(data_dir.iterdir()) == []


def test_our_own_server_is_durable(server: EmbeddedPostgres) -> None:
    check_durable(server.dsn)


def test_a_server_that_acknowledges_before_it_has_written_is_refused(
    server: EmbeddedPostgres,
) -> None:
    with pytest.raises(UnsafeDatabase, match="synchronous_commit = off: a crash can lose"):
        check_durable(f"{server.dsn}&options=-csynchronous_commit%3Doff")


def test_a_server_that_a_crash_or_a_failover_can_rob_is_refused_for_every_reason(
    data_dir: Path,
) -> None:
    careless = {"fsync": "off", "full_page_writes": "off"}
    hasty = {"synchronous_commit": "local", "synchronous_standby_names": "elsewhere"}
    reasons = r"fsync = off.*full_page_writes = off.*synchronous_commit = local.*set each to 'on'"
    with (
        EmbeddedPostgres(data_dir / "postgres", careless | hasty) as own,
        pytest.raises(UnsafeDatabase, match=reasons),
    ):
        check_durable(own.dsn)
