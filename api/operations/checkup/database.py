"""The database as its operator sees it: does it answer, how large is it, what holds it up."""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg

from api.operations.checkup.figures import Figures, figures, letters
from config.account import PostgresFailed
from config.connections import limited
from config.database import running_database
from config.embedded import EmbeddedPostgres
from config.migrations import MigrationRefused, pending
from config.postgres_folder import PostgresFolder
from config.settings import Settings

LONG_TRANSACTION_S = 60
CLOCK_OFFSET_S = 5
CONNECTIONS_SHARE = 0.8
DAY_S = 86_400
MEGABYTE = 1_000_000
Findings = dict[str, object]


def database(settings: Settings, free: int, warnings: list[str]) -> Findings:
    """`free` is how many bytes are left on the disk of an embedded database."""
    if settings.database_url is None and not settings.postgres_dir.exists():
        return {"state": "not created yet; c360 serve creates it"}
    try:
        with _reached(settings) as dsn:
            found = _inside(dsn, warnings)
    except (psycopg.Error, PostgresFailed, MigrationRefused) as error:
        warnings.append(f"database: {error}")
        return {"state": "unreachable"}
    return found if settings.database_url else found | {"days_to_full": _days_to_full(found, free)}


@contextmanager
def _reached(settings: Settings) -> Iterator[str]:
    """Our own is started for the moment if nobody runs it; one that hangs is not waited for."""
    if settings.database_url is None and _is_held(PostgresFolder(settings.postgres_dir)):
        yield EmbeddedPostgres(settings.postgres_dir).dsn
    else:
        with running_database(settings) as dsn:
            yield dsn


def _is_held(folder: PostgresFolder) -> bool:
    """Whether there is a supervisor, who is the one to start the server."""
    try:
        with folder.lock.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _inside(dsn: str, warnings: list[str]) -> Findings:
    if missing := pending(dsn):
        warnings.append(f"migrations to apply: {', '.join(missing)}; c360 serve applies them")
        return {"state": "old tables"}
    with psycopg.connect(limited(dsn, "c360-doctor"), autocommit=True) as connection:
        found, kept = figures(connection), letters(connection)
        version = connection.info.server_version
    count = sum(int(str(letter["count"])) for letter in kept)
    warnings.extend(_worries({**found, "letters": count}))
    about = {"open_dead_letters": count, "dead_letters": kept}
    return {"state": "answers", "postgres": version, **found, **about}


def _worries(found: Figures) -> Iterator[str]:
    """What is wrong, and what to do about it."""
    figure = {name: value or 0 for name, value in found.items()}
    if letters := figure["letters"]:
        yield f"{letters} open dead letters; see c360 dead-letters list"
    if (age := figure.get("oldest_transaction_s", 0)) > LONG_TRANSACTION_S:
        yield f"a transaction is open for {age} s and holds up vacuum; see pg_stat_activity"
    if abs(offset := figure.get("clock_offset_s", 0)) > CLOCK_OFFSET_S:
        yield f"the database's clock is {offset} s ahead of this machine's; let both follow NTP"
    used, most = figure.get("connections", 0), figure.get("connections_max", 0)
    if used > most * CONNECTIONS_SHARE:
        yield f"{used} of {most} connections are used; raise max_connections"
    if figure.get("checksum_failures"):
        yield "pages of the database are damaged; check the disk and restore a backup"


def _days_to_full(found: Mapping[str, object], free: int) -> int | None:
    """At the average speed so far; None as long as there is no more than a day to go by."""
    match found:
        case {"megabytes": int() as size, "oldest_event_age_s": int() | float() as age_s} if (
            size and age_s > DAY_S
        ):
            return round(free / (size * MEGABYTE) * age_s / DAY_S)
        case _:
            return None
