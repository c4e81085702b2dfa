"""The folder of the embedded PostgreSQL: what lies where, who may enter, how it is first made.

When we are root, only `data` and the socket's folder belong to the user PostgreSQL runs as. The
rest stays ours, so that a server somebody broke into can neither change its own rules nor make us
write through a link it planted.
"""

import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from config.account import Account, PostgresFailed
from config.binaries import MAJOR
from config.server_conf import (
    PORT,
    SUPERUSER,
    access_conf,
    names_conf,
    server_conf,
)

INITDB = (
    f"--username={SUPERUSER}",
    "--data-checksums",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",  # sorts the same on every machine and after every upgrade of it
    "--builtin-locale=C.UTF-8",
    "--auth-local=peer",
    "--auth-host=reject",
    "--no-instructions",
)
LOG_SHARE = 10  # of the disk at most one part in so many is write-ahead log
LOG_AT_LEAST_MB, LOG_AT_MOST_MB = 96, 2_048
SOCKET_PATH_LIMIT = 103  # bytes; macOS takes 103, Linux 107


class PostgresFolder(NamedTuple):
    path: Path

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def conf(self) -> Path:
        return self.path / "conf"

    @property
    def log(self) -> Path:
        return self.path / "server.log"

    @property
    def lock(self) -> Path:
        return self.path / "lock"

    @property
    def pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    @property
    def socket(self) -> Path:
        """Beside the data, or in the system's temporary folder if that name is too long."""
        beside = self.path / "socket"
        name = os.fsencode(beside / f".s.PGSQL.{PORT}")
        if len(name) <= SOCKET_PATH_LIMIT and not set(name) & set(b',"'):  # both end a name early
            return beside
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"c360-pg-{digest}"

    def postmaster_pid(self) -> int | None:
        try:
            return int(self.pid_file.read_text().partition("\n")[0])
        except (FileNotFoundError, ValueError):  # a half-written file has no pid yet
            return None


def make_lockable(folder: PostgresFolder) -> None:
    """All that may be done before we hold the lock. Raises PostgresFailed."""
    try:
        folder.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.path.mkdir(mode=0o700, exist_ok=True)
        folder.lock.touch(mode=0o600)
    except PermissionError as error:
        raise PostgresFailed(
            f"user {os.geteuid()} may not write {error.filename}; run as the user it belongs to "
            "or as root, or choose another C360_DATA_DIR"
        ) from error


def prepare(folder: PostgresFolder, account: Account) -> None:
    """Lets the account in, and no further than it must. Raises PostgresFailed if it is barred."""
    folder.conf.mkdir(mode=0o700, exist_ok=True)
    folder.log.touch(mode=0o600)
    for path in (folder.path.parent, folder.path, folder.conf):
        _let_in(path, account)
    _give(folder.socket, account)


def initialise(folder: PostgresFolder, account: Account, programs: Path) -> None:
    """Makes the cluster if there is none; one half made is thrown away by the next attempt."""
    if folder.data.exists():
        _check_version(folder.data)
    else:
        _initdb(folder, account, programs)


def _initdb(folder: PostgresFolder, account: Account, programs: Path) -> None:
    unfinished = folder.path / "data.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    _give(unfinished, account)
    initdb = account.spawn(subprocess.PIPE, programs / "initdb", "-D", unfinished, *INITDB)
    said = initdb.communicate()[0].decode(errors="replace")
    if initdb.returncode:
        raise PostgresFailed(f"initdb failed in {unfinished}:\n{said}")
    unfinished.rename(folder.data)


def configure(folder: PostgresFolder, account: Account, extra: Mapping[str, str]) -> None:
    ours = {
        "unix_socket_directories": f'"{folder.socket}"',
        "port": str(PORT),
        "hba_file": str(folder.conf / "pg_hba.conf"),
        "ident_file": str(folder.conf / "pg_ident.conf"),
        "max_wal_size": f"{log_mb(shutil.disk_usage(folder.path).total)}MB",
    }
    _write(folder.conf / "postgresql.conf", server_conf({**ours, **extra}), account)
    _write(folder.conf / "pg_hba.conf", access_conf(), account)
    _write(folder.conf / "pg_ident.conf", names_conf(account.name, "root"), account)


def log_mb(disk_bytes: int) -> int:
    """How large its write-ahead log may become: it must not be what fills a small disk."""
    return max(LOG_AT_LEAST_MB, min(disk_bytes // LOG_SHARE // 1024**2, LOG_AT_MOST_MB))


def _write(file: Path, text: str, account: Account) -> None:
    if not file.exists() or file.read_text() != text:  # a full disk would leave half of it
        file.write_text(text)
    if account.is_ours:
        file.chmod(0o600)
    else:
        os.chown(file, -1, account.gid)
        file.chmod(0o640)


def _check_version(data: Path) -> None:
    found = (data / "PG_VERSION").read_text().strip()
    if found != str(MAJOR):
        raise PostgresFailed(
            f"{data} was made by PostgreSQL {found} and we bring {MAJOR}; "
            "dump it with the version of this product that made it, and load the dump into this one"
        )


def _give(path: Path, account: Account) -> None:
    """A folder for this account alone, and in a shared place none that somebody else put there."""
    try:
        path.mkdir(mode=0o700)
        os.chown(path, account.uid, account.gid)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid:
            raise PostgresFailed(f"{path} is not a folder of {account.name}; remove it") from None


def _let_in(path: Path, account: Account) -> None:
    if account.may_enter(path):
        return
    barred = next((at for at in reversed(path.parents) if not account.may_enter(at)), path)
    if barred != path or path.stat().st_uid != os.geteuid():
        raise PostgresFailed(
            f"PostgreSQL runs as system user {account.name}, who may not enter {barred}; choose "
            "a C360_DATA_DIR it can reach, such as /var/lib/customer360, or run as an ordinary user"
        )
    os.chown(path, -1, account.gid)
    path.chmod(stat.S_IMODE(path.stat().st_mode) | stat.S_IXGRP)
