"""`c360 doctor` tells what is there and what to do, whatever else is down."""

import fcntl
import json
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from actors.shard import ShardWork
from aggregates.log.postgres import PostgresLog
from api.operations.checkup import database as checkup
from api.operations.checkup import machine
from api.verbs import doctor
from api.verbs.doctor import examine
from config.settings import Settings
from tests.actors.shopping import ADA, KEYRING, named, signal, to
from tests.given import NOON


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, database_url=database, port=1)


def database_of(settings: Settings) -> dict[str, object]:
    found = examine(settings)["database"]
    assert isinstance(found, dict)
    return found


def warnings_of(settings: Settings) -> list[str]:
    found = examine(settings)["warnings"]
    assert isinstance(found, list)
    return found


def test_an_empty_database_is_measured(settings: Settings) -> None:
    found = database_of(settings)
    assert found["state"] == "answers"
    assert {"events": 0, "shops": 0, "newest_event_age_s": None}.items() <= found.items()
    assert {"open_dead_letters": 0, "dead_letters": []}.items() <= found.items()
    assert {"megabytes", "wal_megabytes", "connections", "clock_offset_s"} <= found.keys()
    assert warnings_of(settings) == []


def test_the_newest_event_has_an_age(settings: Settings, database: str) -> None:
    log = PostgresLog(database)
    ShardWork(log, KEYRING).apply([to(ADA, signal(named("Ada")), fresh=True)], NOON)
    log.close()
    found = database_of(settings)
    assert found["events"] == 2, "recognised, and named"
    age_s = datetime.now(UTC) - NOON
    assert found["newest_event_age_s"] == pytest.approx(age_s.total_seconds(), abs=60)


def test_dead_letters_are_told_by_reason(settings: Settings, database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO shops (domain, plan) VALUES ('a.example', 'free')")
        connection.execute(
            "INSERT INTO namespaces (shop_id, environment, pixel_key) VALUES (1, 'live', 'k')"
        )
        connection.execute(
            "INSERT INTO dead_letters (letter_id, namespace_id, source, topic, reason, sealed)"
            " SELECT gen_random_uuid(), 1, 'shopify', 'sarah/connor', 'unknown_topic', ''"
            " FROM generate_series(1, 3)"
        )
    assert "'reason': 'unknown_topic', 'count': 3" in str(database_of(settings)["dead_letters"])
    assert warnings_of(settings) == ["3 open dead letters; see c360 dead-letters list"]
    assert "sarah" not in json.dumps(examine(settings))


def test_a_forgotten_transaction_is_a_warning(
    settings: Settings, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkup, "LONG_TRANSACTION_S", 0)
    with psycopg.connect(database) as forgotten:
        forgotten.execute("SELECT pg_sleep(0.1)")
        (warning,) = warnings_of(settings)
    assert "holds up vacuum" in warning


def test_clocks_and_connections_that_are_at_their_limit_are_warnings(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkup, "CLOCK_OFFSET_S", -1)
    monkeypatch.setattr(checkup, "CONNECTIONS_SHARE", 0.0)
    clock, connections = warnings_of(settings)
    assert "NTP" in clock
    assert "max_connections" in connections


def test_a_key_that_others_may_read_and_a_full_disk_are_warnings(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.master_key_file.touch(mode=0o600)
    assert warnings_of(settings) == []
    settings.master_key_file.chmod(0o640)
    monkeypatch.setattr(machine, "LOW_DISK", 10**18)
    disk, key = warnings_of(settings)
    assert "make room" in disk
    assert f"chmod 600 {settings.master_key_file}" in key


def test_the_disk_lasts_as_long_as_it_did_so_far() -> None:
    after_ten_days = {"megabytes": 100, "oldest_event_age_s": 864_000.0}
    assert checkup._days_to_full(after_ten_days, free=1_000_000_000) == 100
    assert checkup._days_to_full({"megabytes": 100, "oldest_event_age_s": 60}, free=1) is None


def test_with_the_database_down_the_rest_is_told(tmp_path: Path) -> None:
    url = "postgresql://sarah:secret@127.0.0.1:1/shops"
    found = examine(Settings(data_dir=tmp_path, database_url=url, port=1))
    assert found["database"] == {"state": "unreachable"}
    assert found["settings"]["database"] == "127.0.0.1:1/shops"  # type: ignore[index]  # a mapping
    assert "secret" not in json.dumps(found)


def test_a_database_whose_supervisor_cannot_start_it_is_not_waited_for(tmp_path: Path) -> None:
    """Mechanism: where somebody holds the folder's lock, the doctor asks once and goes on."""
    settings = Settings(data_dir=tmp_path, port=1)
    settings.postgres_dir.mkdir()
    with (settings.postgres_dir / "lock").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert database_of(settings) == {"state": "unreachable"}


def test_a_running_servers_hosts_and_backlog_come_from_its_metrics() -> None:
    told = """
c360_signals_waiting 3000.0
c360_host_info{host="0",node="n1",build="b"} 1.0
c360_host_events{host="0"} 12.0
c360_host_lost{host="1"} 1.0
"""
    warnings: list[str] = []
    assert doctor._numbers(told, warnings) == {
        "signals_waiting": 3000.0,
        "hosts": [{"host": "0", "node": "n1", "build": "b", "events": 12.0}, {"lost": 1.0}],
    }
    (warning,) = warnings
    assert "3000 signals wait" in warning
