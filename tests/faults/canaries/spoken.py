"""Everything a server leaves outside its database: logs, Ray's folders, temporary files, cores."""

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from config.settings import environment_of
from tests.faults.place import Place

CORE = re.compile(r"core(\.\d+)?")
OURS = ("c360", "ray", "core", "plasma")  # how entries of the temporary folder begin


def ray_folder(place: Place) -> Path:
    """Ray's own, which lies elsewhere where the data folder's path is too long for its sockets."""
    flag = "--temp-dir="
    said = place.raylet().parent()
    command = said.cmdline() if said else []
    return Path(next(word.removeprefix(flag) for word in command if word.startswith(flag)))


def files(place: Place, ray: Path) -> Iterator[Path]:
    """Whatever the parts wrote, but for the data of PostgreSQL and the keys."""
    for root in (place.settings.data_dir, ray):
        for file in root.rglob("*"):
            if file.is_file() and not file.is_relative_to(place.settings.postgres_dir / "data"):
                yield file


def new_temporary_files(since: float) -> Iterator[Path]:
    for entry in Path(tempfile.gettempdir()).iterdir():
        with suppress(OSError):
            if entry.name.startswith(OURS) and entry.is_file() and entry.stat().st_mtime >= since:
                yield entry


def core_dumps(folders: Iterable[Path], since: float) -> list[Path]:
    """Where the kernel writes them: into the working folder of whoever crashed."""
    found = (file for folder in folders for file in folder.iterdir() if CORE.fullmatch(file.name))
    return [file for file in found if file.stat().st_mtime >= since]


def swept(dumps: Iterable[Path]) -> int:
    """Removes them; says how many there were."""
    found = list(dumps)
    for dump in found:
        dump.unlink()
    return len(found)


@contextmanager
def core_dumps_wanted() -> Iterator[None]:
    """The machine would write them; whether the product lets it is up to the product."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)


def doctor(place: Place) -> str:
    command = [sys.executable, "-m", "api.cli", "doctor", "--json"]
    variables = {**os.environ, **environment_of(place.settings)}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout + done.stderr


def heard(paths: list[Path], logger: str) -> set[str]:
    """The kinds of processes in whose logs this logger spoke."""
    lines = (line for path in paths if path.suffix in (".log", ".err") for line in _lines(path))
    said = (_object(line) for line in lines if logger in line)
    return {str(entry["process"]) for entry in said if entry.get("logger") == logger}


def _lines(path: Path) -> list[str]:
    return path.read_text(errors="replace").splitlines()


def _object(line: str) -> dict[str, object]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
