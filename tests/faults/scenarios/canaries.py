"""Somebody's data go through every door of the API while its parts crash; they stay inside.

They come rightly and wrongly: as every webhook, command, storefront event and import, in bodies
that are no JSON, under wrong signatures, in addresses, queries and headers. Meanwhile a host, an
API process and a backend of PostgreSQL are killed, some so that they would dump core, statements
fail, and a library as careless as can be speaks in every process. Then the data are looked for in
every log, Ray's folders, new temporary files, /metrics, what `c360 doctor` prints, and in the
answers to requests that were refused.

Mechanism: the list of fields and the pattern of values in config/logs.py; config/foreign_logs.py,
which takes from the records of libraries what is not part of their source; `failure`, which tells
of an error its kind and place; the settings of PostgreSQL that keep statements out of its log.
"""

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg

from tests.faults.canaries import spoken
from tests.faults.canaries.person import Person, somebody
from tests.faults.canaries.requests import every
from tests.faults.canaries.sending import Answered, answers, beside
from tests.faults.place import Place
from tests.faults.report import Finding, exactly
from tests.faults.scanner import canaries_in
from tests.faults.stage import Stage
from tests.measured import Limit

FAIL = "ALTER TABLE dead_letters ADD CONSTRAINT broken CHECK (reason = 'none') NOT VALID"
MEND = "ALTER TABLE dead_letters DROP CONSTRAINT broken"
CARELESS = Path(spoken.__file__).with_name("careless.py")  # importing it would make us careless
SPEAKERS = 4  # supervisor, API, host, projections


def run(stage: Stage) -> list[Finding]:
    person, began = somebody(), time.time()
    answered: list[Answered] = []
    variables = {"C360_LOG_LEVEL": "debug", "PYTHONPATH": _library(stage.folder, person)}
    with spoken.core_dumps_wanted(), stage.running(variables, hasty=False) as place:
        ray, folders = spoken.ray_folder(place), _working_folders(place)
        for _ in stage.rounds(stage.fewer(5, 1)):
            _round(stage, place, person, answered)
        told = {"/metrics": place.metrics(), "c360 doctor": spoken.doctor(place)}
        known = place.a.get("/v1/profiles", email=person.email).text
    files = [*spoken.files(place, ray), *spoken.new_temporary_files(began)]
    hits = canaries_in(files, _refusals(answered) | told, person.canaries)
    for hit in hits:
        stage.said(f"{hit.canary} ({hit.form}) in {hit.where}")
    counts = {
        "requests": len(answered),
        "known to those who may": int(person.last_name in known),
        "kinds of processes heard": len(spoken.heard(files, "careless")),
        "hosts failed": len(spoken.heard(files, "careless.host")),
        "canaries found": len(hits),
        "core dumps": spoken.swept(spoken.core_dumps(folders, began)),
    }
    shutil.rmtree(ray, ignore_errors=True)
    return [_finding(counts)]


def _finding(counts: Mapping[str, int]) -> Finding:
    return Finding(
        fault="somebody's data meet crashes",
        done="requests of every kind, right and wrong, while parts were killed and failed",
        counts=counts,
        firm=(
            exactly("canaries found", 0),
            exactly("core dumps", 0),
            exactly("kinds of processes heard", SPEAKERS),
            exactly("hosts failed", 1),
            exactly("known to those who may", 1),
            Limit("requests", at_least=300),
        ),
    )


def _round(stage: Stage, place: Place, person: Person, answered: list[Answered]) -> None:
    """Each part ends by force, most of them so that the kernel would keep their memory."""
    requests = [*every(place.a, place.admin_token, person)]
    answered += answers(place.url, requests)
    for victim, how in VICTIMS[: stage.fewer(len(VICTIMS), 3)]:
        with beside(place.url, requests[::5], answered):
            victim(place).send_signal(how)
        place.until_whole()
    with _failing(place, person):
        answered += answers(place.url, requests[::3])


def _host(place: Place) -> psutil.Process:
    return place.host(0)


def _api(place: Place) -> psutil.Process:
    return place.apis()[0]


def _backend(place: Place) -> psutil.Process:
    """One that serves a client of ours."""
    with place.connected() as connection:
        row = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
            " AND pid <> pg_backend_pid() ORDER BY backend_start LIMIT 1"
        ).fetchone()
    assert row is not None
    return psutil.Process(row[0])


@contextmanager
def _failing(place: Place, person: Person) -> Iterator[None]:
    """Statements fail with errors that quote what was to be written."""
    with place.connected() as connection:
        connection.execute(FAIL)
        for domain in (person.email, person.email):
            with suppress(psycopg.Error):
                connection.execute("INSERT INTO shops (domain) VALUES (%s)", (domain,))
            with suppress(psycopg.Error):
                connection.execute(f"SELECT '{domain}'::integer".encode())
        try:
            yield
        finally:
            connection.execute(MEND)


def _refusals(answered: list[Answered]) -> dict[str, str | bytes]:
    refused = [one for one in answered if one.status >= 400]
    return {
        f"{nth}: {one.status} to {one.request.method} {one.request.path}": one.said
        for nth, one in enumerate(refused)
    }


def _working_folders(place: Place) -> set[Path]:
    """Where the kernel would write a core dump."""
    parts = (*place.apis(), *place.hosts(), place.postmaster())
    return {place.settings.data_dir, *(Path(part.cwd()) for part in parts)}


def _library(folder: Path, person: Person) -> str:
    """A folder of Python's path with the careless library in it."""
    path = folder / "careless"
    path.mkdir(mode=0o755)
    shutil.copy(CARELESS, path / "sitecustomize.py")
    secret = path / "secret"
    secret.write_text(" ".join(person.canaries))
    return os.pathsep.join(filter(None, (str(path), os.environ.get("PYTHONPATH"))))


VICTIMS: Sequence[tuple[Callable[[Place], psutil.Process], signal.Signals]] = (
    (_host, signal.SIGKILL),
    (_api, signal.SIGABRT),
    (_backend, signal.SIGSEGV),
    (_host, signal.SIGSEGV),
    (_api, signal.SIGKILL),
)
