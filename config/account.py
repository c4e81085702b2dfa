"""The system user PostgreSQL runs as: ourselves, or another one when we are root."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import IO, NamedTuple

NAME = "customer360"


class PostgresFailed(RuntimeError):
    """The embedded PostgreSQL cannot run; the message says why and what would help."""


class Account(NamedTuple):
    name: str
    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        return self.uid == os.geteuid()

    def spawn(
        self, output: IO[bytes] | int, program: Path, *arguments: str | Path
    ) -> subprocess.Popen[bytes]:
        """Runs a program as this user, without our environment, groups and terminal."""
        return subprocess.Popen(  # noqa: S603 - callers pass programs of ours, not user input
            [program, *arguments],
            user=None if self.is_ours else self.uid,
            group=None if self.is_ours else self.gid,
            extra_groups=None if self.is_ours else [],
            env={"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath},  # ours may hold secrets
            cwd="/",  # ours may be a folder this user cannot enter
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the supervisor, which stops us in its own time
        )

    def may_enter(self, folder: Path) -> bool:
        if self.is_ours:
            return os.access(folder, os.X_OK)
        shell = Path("/bin/sh")
        return self.spawn(subprocess.DEVNULL, shell, "-c", 'cd "$1"', "sh", folder).wait() == 0


def account_for(data: Path) -> Account:
    """Who runs PostgreSQL on this data: its owner, and if it has none yet, we or a service user."""
    uid = os.geteuid()
    owner = _owner(data)
    if uid == 0:
        return _account(_entry(owner)) if owner else service_user()
    if owner not in (None, uid):
        raise PostgresFailed(
            f"{data} belongs to user {owner} and we run as user {uid}; "
            "run as that user or as root, or choose another C360_DATA_DIR"
        )
    return _account(_entry(uid))


def _owner(folder: Path) -> int | None:
    try:
        return folder.stat().st_uid
    except FileNotFoundError:
        return None


def service_user() -> Account:
    """PostgreSQL refuses to run as root, so root needs a user to run it as; made if missing."""
    try:
        return _account(pwd.getpwnam(NAME))
    except KeyError:
        _create_service_user()
    return _account(pwd.getpwnam(NAME))


def _create_service_user() -> None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        raise PostgresFailed(
            f"PostgreSQL cannot run as root, and without useradd we cannot create a system user "
            f"for it; create a user called {NAME}, or run as an ordinary user"
        )
    command = [useradd, "--system", "--user-group", "--no-create-home"]
    command += ["--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", NAME]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode and not _exists(NAME):  # somebody else may have been quicker
        raise PostgresFailed(f"cannot create system user {NAME}: {done.stderr.strip()}")


def _exists(name: str) -> bool:
    return any(entry.pw_name == name for entry in pwd.getpwall())


def _entry(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise PostgresFailed(
            f"user {uid} has no name in /etc/passwd and PostgreSQL needs one; "
            "add an entry, run as another user, or set C360_DATABASE_URL"
        ) from None


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
