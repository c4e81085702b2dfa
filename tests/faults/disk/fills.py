"""Ways for a running server's disk to become full.

Each returns once the server reads and turns writes away.
"""

from collections.abc import Callable
from contextlib import suppress

import psutil
import psycopg

from api.readiness import parts
from tests.faults.disk.small import Disk
from tests.faults.freezing import frozen
from tests.faults.place import Place, kill
from tests.faults.waiting import until

PATIENCE_S = 120.0
PIECE_BYTES = 16 * 1024**2  # of the database's log
PIECES = 10  # it may have prepared some
INTO_PIECE = "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn) %% %s"
INTO_THE_LOG = "SELECT pg_logical_emit_message(false, 'faults', repeat('x', 1000000))"


def _at_once(place: Place, disk: Disk) -> None:
    disk.fill()
    _until_it_only_reads(place)


def _just_when_needed(place: Place, disk: Disk) -> None:
    """The supervisor is too slow to help in time, so the database goes down."""
    database = place.postmaster()
    with frozen(place.supervisor):
        disk.fill()
        with suppress(psycopg.OperationalError), place.connected() as connection:
            for _ in range(PIECES * PIECE_BYTES // 1_000_000):
                connection.execute(INTO_THE_LOG)
        until(lambda: _is_dead(database), PATIENCE_S, "the database goes on without room")
    _until_it_only_reads(place)


def _slowly(place: Place, disk: Disk) -> None:
    disk.eat()
    _until_it_only_reads(place)


def _with_others_killed(place: Place, disk: Disk) -> None:
    _at_once(place, disk)
    before = place.apis()
    kill(*before, place.hosts()[0])
    psutil.wait_procs(before)
    _until_it_only_reads(place)


FILLS: dict[str, Callable[[Place, Disk], None]] = {
    "at once": _at_once,
    "just when the database needs more": _just_when_needed,
    "slowly, by somebody who takes all that becomes free": _slowly,
    "at once, then the API and a host are killed": _with_others_killed,
}


def until_far_from_the_next_piece(place: Place) -> None:
    """When the database needs more is for one of the ways to choose."""
    with place.connected() as connection:

        def there_is_room() -> bool:
            row = connection.execute(INTO_PIECE, (PIECE_BYTES,)).fetchone()
            assert row is not None
            return int(row[0]) < PIECE_BYTES * 3 // 4

        until(there_is_room, PATIENCE_S, "the load does not go on")


def _until_it_only_reads(place: Place) -> None:
    def it_does() -> bool:
        found = parts(place.url)
        return found.get("database", False) and not found.get("disk", True)

    until(it_does, PATIENCE_S, "it does not say that the disk is full")


def _is_dead(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
