"""Migrations run once, in order, whole or not at all, and never over something unexpected."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from config.migrations import SQL, MigrationRefused, at_head, migrate, pending, shipped

MUGS = "CREATE TABLE mugs (mug_id integer);"
TABLES = {"shops", "namespaces", "api_keys", "events", "identifiers", "commands"}
TABLES |= {"subject_keys", "snapshots", "dead_letters", "schema_migrations"}


def tables(dsn: str) -> set[str]:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {name for (name,) in rows}


def write(folder: Path, **files: str) -> Path:
    """write(folder, _0001_mugs="CREATE TABLE …")"""
    for name, sql in files.items():
        (folder / f"{name.removeprefix('_')}.sql").write_text(sql)
    return folder


def test_the_shipped_files_make_every_table(empty_database: str) -> None:
    applied = migrate(empty_database)
    assert applied[0] == "0001_log"
    assert applied == [migration.name for migration in shipped()]
    assert tables(empty_database) >= TABLES


def test_migrating_twice_applies_nothing_the_second_time(empty_database: str) -> None:
    migrate(empty_database)
    assert migrate(empty_database) == []


def test_an_empty_database_is_not_at_head_until_migrated(empty_database: str) -> None:
    assert pending(empty_database) == [migration.name for migration in shipped()]
    migrate(empty_database)
    assert at_head(empty_database)


def test_no_shipped_file_ends_its_own_transaction() -> None:
    for file in SQL.iterdir():
        lines = file.read_text().upper().splitlines()
        assert not {"COMMIT;", "ROLLBACK;", "BEGIN;"} & set(lines), file.name


def test_a_second_event_of_one_version_or_position_is_refused_by_name(empty_database: str) -> None:
    migrate(empty_database)
    insert = """INSERT INTO events VALUES (1, %s, 1, '00000000-0000-7000-8000-000000000001', %s,
        'messages.sent', '', '')"""
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute(insert, (1, 1))
        for key, constraint in (((2, 1), "events_pkey"), ((1, 2), "events_shard_position")):
            with pytest.raises(psycopg.errors.UniqueViolation) as refused:
                connection.execute(insert, key)
            assert refused.value.diag.constraint_name == constraint


def test_a_file_changed_after_it_was_applied_is_refused(
    empty_database: str, tmp_path: Path
) -> None:
    folder = write(tmp_path, _0001_mugs=MUGS)
    migrate(empty_database, folder)
    write(folder, _0001_mugs=MUGS + "-- a late thought")
    with pytest.raises(MigrationRefused, match=r"0001_mugs.sql was changed after it was applied"):
        migrate(empty_database, folder)
    with pytest.raises(MigrationRefused):
        at_head(empty_database, folder)


def test_windows_line_ends_are_not_a_change(empty_database: str, tmp_path: Path) -> None:
    (tmp_path / "0001_mugs.sql").write_bytes(b"CREATE TABLE mugs\n(mug_id integer);\n")
    migrate(empty_database, tmp_path)
    (tmp_path / "0001_mugs.sql").write_bytes(b"CREATE TABLE mugs\r\n(mug_id integer);\r\n")
    assert at_head(empty_database, tmp_path)


def test_a_database_newer_than_the_code_is_refused(empty_database: str, tmp_path: Path) -> None:
    folder = write(tmp_path, _0001_mugs=MUGS, _0002_cups="CREATE TABLE cups (cup_id integer);")
    migrate(empty_database, folder)
    (folder / "0002_cups.sql").unlink()
    with pytest.raises(MigrationRefused, match=r"database is at 0002_cups.*start a newer version"):
        migrate(empty_database, folder)


def test_a_gap_in_the_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MigrationRefused, match=r"0003_cups.sql should have number 0002"):
        shipped(write(tmp_path, _0001_mugs=MUGS, _0003_cups=""))


def test_two_files_of_one_number_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MigrationRefused, match=r"0001_mugs.sql should have number 0002"):
        shipped(write(tmp_path, _0001_cups="", _0001_mugs=MUGS))


def test_a_file_without_a_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MigrationRefused, match=r"mugs.sql should be called NNNN_name.sql"):
        shipped(write(tmp_path, mugs=MUGS))


def test_a_gap_in_the_database_is_refused(empty_database: str, tmp_path: Path) -> None:
    folder = write(tmp_path, _0001_mugs=MUGS, _0002_cups="CREATE TABLE cups (cup_id integer);")
    migrate(empty_database, folder)
    with psycopg.connect(empty_database) as connection:
        connection.execute("DELETE FROM schema_migrations WHERE number = 1")
    with pytest.raises(MigrationRefused, match="lacks migration 0001 but has 0002_cups"):
        migrate(empty_database, folder)


def test_a_failing_file_leaves_nothing_of_itself_and_keeps_what_came_before(
    empty_database: str, tmp_path: Path
) -> None:
    broken = "CREATE TABLE cups (cup_id integer); SELECT 1 / 0;"
    folder = write(tmp_path, _0001_mugs=MUGS, _0002_cups=broken)
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(empty_database, folder)
    assert tables(empty_database) == {"mugs", "schema_migrations"}
    assert pending(empty_database, folder) == ["0002_cups"]


def test_a_connection_lost_in_the_middle_leaves_nothing_half_done(
    empty_database: str, tmp_path: Path
) -> None:
    folder = write(tmp_path, _0001_mugs=MUGS + "SELECT pg_sleep(30);")
    with ThreadPoolExecutor(1) as pool:
        migrating = pool.submit(migrate, empty_database, folder)
        terminate_when_asleep(empty_database)
        with pytest.raises(psycopg.OperationalError):
            migrating.result()
    assert "mugs" not in tables(empty_database)
    assert migrate(empty_database, write(folder, _0001_mugs=MUGS)) == ["0001_mugs"]


def terminate_when_asleep(dsn: str) -> None:
    """Ends every session of this database that is in pg_sleep, once there is one."""
    query = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event = 'PgSleep'"""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for _ in range(200):
            if connection.execute(query).fetchall():
                return
            time.sleep(0.05)
    raise AssertionError("nobody fell asleep within 10 s")


def test_of_two_migrators_at_once_one_waits_and_finds_nothing_to_do(
    empty_database: str, tmp_path: Path
) -> None:
    folder = write(tmp_path, _0001_mugs=MUGS + "SELECT pg_sleep(0.5);")
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(migrate, empty_database, folder) for _ in range(2)]
        assert sorted(migrator.result() for migrator in both) == [[], ["0001_mugs"]]
