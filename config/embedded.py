"""PostgreSQL 18 as a child of ours: made on first use, watched, stopped in good order.

Whoever holds the lock on the folder owns the server: starts it, restarts it, stops it. Everybody
else waits until it answers and uses it. The kernel frees the lock when its holder dies, however it
dies, and the next one takes the server over if it still runs.
"""

import errno
import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import psycopg

from config.account import Account, PostgresFailed, account_for
from config.binaries import programs_for
from config.postgres_folder import PostgresFolder, configure, initialise, make_lockable, prepare
from config.server_conf import DATABASE, PORT, ROLE, SUPERUSER

START_PATIENCE_S = 600.0  # crash recovery replays up to 2 GB of WAL, on slow disks too
ORPHANS_PATIENCE_S = 60.0  # children of a killed postmaster leave within seconds
ENDINGS = (  # what we ask for, and how many seconds we wait for it
    (signal.SIGINT, 60.0),  # fast: connections are cut, everything is written out
    (signal.SIGQUIT, 10.0),  # immediate: the next start recovers
    (signal.SIGKILL, 10.0),
)
CONNECT_PATIENCE_S = 5
POLL_S = 0.05
RESTART_PAUSE_S = 1.0  # what cannot start now, on a full disk say, will not a moment later
LOG_LIMIT_BYTES = 10_000_000  # a longer log is emptied; it is only about the server itself
LAST_LINES = 15
NO_ROOM = os.strerror(errno.ENOSPC)
LEAST_ROOM_BYTES = 1_000_000  # with less than this nothing starts


class DiskFull(PostgresFailed):
    """PostgreSQL has no room to start in. It starts as soon as there is."""


class EmbeddedPostgres:
    """One server on one folder. Not for several threads at once."""

    def __init__(self, folder: Path, extra_settings: Mapping[str, str] | None = None) -> None:
        """`extra_settings` outrank the product's own and are for tests."""
        self._folder = PostgresFolder(folder)
        self._extra_settings = extra_settings or {}
        self._lock: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._not_before = 0.0

    @property
    def dsn(self) -> str:
        return self._dsn(ROLE, DATABASE)

    @property
    def is_ours(self) -> bool:
        """Whether it is up to us to stop it."""
        return self._lock is not None

    @property
    def pid(self) -> int | None:
        return self._folder.postmaster_pid()

    def start(self) -> None:
        """Returns once the server answers, whoever started it. Raises PostgresFailed."""
        make_lockable(self._folder)
        if not self._locked_or_answered():
            return
        try:
            self._start_as_owner()
        except BaseException:
            self.stop()
            raise

    def ensure_running(self) -> bool:
        """Starts a dead server again, and says whether it had to. To be called every second."""
        if self._server_pid() is not None:
            self._limit_log()
            return False
        if time.monotonic() < self._not_before:
            return False
        self._not_before = time.monotonic() + RESTART_PAUSE_S
        self.start()
        return True

    def stop(self) -> None:
        """Cuts every connection and writes everything out; leaves somebody else's server alone."""
        if self._lock is None:
            return
        try:
            self._end()
            with suppress(OSError):  # not empty: somebody put something there, let it be
                self._folder.socket.rmdir()
        finally:
            self._process = None
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _dsn(self, role: str, database: str) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self._folder.socket))}&port={PORT}"

    def _locked_or_answered(self) -> bool:
        """True once the lock is ours, False once the server of whoever holds it answers."""
        deadline = time.monotonic() + START_PATIENCE_S
        while not self._take_lock():
            if answers(self.dsn):
                return False
            _pause(deadline, f"somebody holds {self._folder.lock} but no server answers")
        return True

    def _take_lock(self) -> bool:
        if self._lock is not None:
            return True
        file = self._folder.lock.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._lock = file
        return True

    def _start_as_owner(self) -> None:
        if not self._adopt_orphan():
            account = account_for(self._folder.data)
            prepare(self._folder, account)
            self._limit_log()
            programs = programs_for(account, copies=self._folder.path.parent)
            initialise(self._folder, account, programs)
            configure(self._folder, account, self._extra_settings)
            self._launch(account, programs)
        self._create_database()

    def _adopt_orphan(self) -> bool:
        """A server outlives a supervisor that was killed, and may still be in recovery."""
        self._process = None
        deadline = time.monotonic() + START_PATIENCE_S
        while is_postgres(self.pid):
            if answers(self._dsn(SUPERUSER, "postgres")):
                return True
            _pause(deadline, f"PostgreSQL with pid {self.pid} runs but does not answer")
        self._forget_recycled_pid()
        return False

    def _forget_recycled_pid(self) -> None:
        """After a container restart, the pid a dead postmaster left may be an innocent process's.

        PostgreSQL would take that for a running server. It ignores the pid of its own parent, so
        we put ours. Removing the file would also remove its check for surviving children.
        """
        with suppress(FileNotFoundError):
            file = os.open(self._folder.pid_file, os.O_RDWR | os.O_NOFOLLOW)
            with os.fdopen(file, "r+b") as pid_file:
                rest = pid_file.read().partition(b"\n")[2]
                pid_file.seek(0)
                pid_file.write(b"%d\n" % os.getpid() + rest)
                pid_file.truncate()

    def _launch(self, account: Account, programs: Path) -> None:
        give_up = time.monotonic() + ORPHANS_PATIENCE_S
        start_of_log = self._folder.log.stat().st_size
        while not self._answers_after_launch(account, programs):
            said = self._folder.log.read_bytes()[start_of_log:].decode(errors="replace")
            if NO_ROOM in said or self._has_no_room():
                raise DiskFull(
                    f"the disk of {self._folder.path} is full and PostgreSQL cannot start on it; "
                    "make room there"
                )
            last = "\n".join(said.splitlines()[-LAST_LINES:])
            if "still in use" not in last:  # by children of the one before us, who are leaving
                raise PostgresFailed(f"PostgreSQL did not start:\n{last}")
            _pause(give_up, f"PostgreSQL did not start:\n{last}")

    def _has_no_room(self) -> bool:
        """Then there may have been none for saying so in the log, either."""
        return shutil.disk_usage(self._folder.path).free < LEAST_ROOM_BYTES

    def _answers_after_launch(self, account: Account, programs: Path) -> bool:
        """False if the new process ended before it answered."""
        conf = self._folder.conf / "postgresql.conf"
        arguments = ("-D", self._folder.data, "-c", f"config_file={conf}")
        with self._folder.log.open("ab") as output:
            self._process = account.spawn(output, programs / "postgres", *arguments)
        deadline = time.monotonic() + START_PATIENCE_S
        while self._process.poll() is None:
            if answers(self._dsn(SUPERUSER, "postgres")):
                return True
            _pause(deadline, f"PostgreSQL is not ready after {START_PATIENCE_S} s")
        return False

    def _create_database(self) -> None:
        with psycopg.connect(self._dsn(SUPERUSER, "postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (ROLE,))
            if known.fetchone() is None:
                connection.execute(f"CREATE ROLE {ROLE} LOGIN IN ROLE pg_monitor".encode())
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
            if known.fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}".encode())

    def _limit_log(self) -> None:
        if self.is_ours and self._folder.log.stat().st_size > LOG_LIMIT_BYTES:
            os.truncate(self._folder.log, 0)  # the server appends, so it goes on at the new end

    def _end(self) -> None:
        # one that does not answer has nothing to write out; and told to shut down fast while it
        # recovers from a killed backend, PostgreSQL 18.4 waits for ever
        endings = ENDINGS if answers(self._dsn(SUPERUSER, "postgres")) else ENDINGS[1:]
        for request, patience_s in endings:
            pid = self._server_pid()
            if pid is None:
                return
            with suppress(ProcessLookupError):
                os.kill(pid, request)
            self._wait_until_gone(patience_s)

    def _wait_until_gone(self, patience_s: float) -> None:
        deadline = time.monotonic() + patience_s
        while self._server_pid() is not None and time.monotonic() < deadline:
            time.sleep(POLL_S)

    def _server_pid(self) -> int | None:
        if self._process is not None:
            return self._process.pid if self._process.poll() is None else None
        return self.pid if is_postgres(self.pid) else None


def answers(dsn: str) -> bool:
    try:
        psycopg.connect(dsn, connect_timeout=CONNECT_PATIENCE_S).close()
    except psycopg.OperationalError:
        return False
    return True


def is_postgres(pid: int | None) -> bool:
    """Whether a process of this number lives and is a PostgreSQL; the dead may be unburied."""
    if pid is None:
        return False
    if not Path("/proc/self/stat").exists():
        return _ps_says_postgres(pid)
    try:
        what = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return b"(postgres) " in what and b"(postgres) Z" not in what


def _ps_says_postgres(pid: int) -> bool:
    command = ["/bin/ps", "-o", "state=,comm=", "-p", str(pid)]  # macOS has no /proc
    ps = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a pid
    said = ps.stdout
    return said.strip().endswith("postgres") and not said.startswith("Z")


def _pause(deadline: float, complaint: str) -> None:
    if time.monotonic() > deadline:
        raise PostgresFailed(complaint)
    time.sleep(POLL_S)
