"""A server that is started on a disk which is full already."""

from pathlib import Path

from api.serve import RESERVE
from tests.faults.disk.looks import looked
from tests.faults.disk.small import Disk, bad_pages
from tests.faults.place import Place
from tests.faults.report import Finding, exactly
from tests.faults.sendings import Sending
from tests.faults.serving import served
from tests.faults.stage import Stage


def started_on_it(stage: Stage, place: Place, disk: Disk, known: Sending) -> Finding:
    """With some room held back the server reads; with none it says what is wrong."""
    counts = _started_with_reserve(place, disk, known) if not stage.quick else {}
    counts |= {"says why not": _started_without_room(place, disk)}
    disk.empty()
    counts |= {"bad pages": bad_pages(place.settings.postgres_dir)}
    return Finding(
        fault="the disk is full",
        variant="when the server starts",
        done="with no room for the database" + " and with the reserve" * (not stage.quick),
        counts=counts,
        firm=[exactly(name, int(not name.startswith("bad"))) for name in counts],
    )


def _started_with_reserve(place: Place, disk: Disk, known: Sending) -> dict[str, int]:
    log = _emptied_log(place, disk)
    with served(place.settings, {}):
        looks, said = looked(place.a, known, seconds=2), log.read_text()
    return {
        "says that it only reads": int("only for reading, because the disk of" in said),
        "reads": int(looks.share),
        "turns writes away": int(looks.written.share(503)),
    }


def _started_without_room(place: Place, disk: Disk) -> int:
    (place.settings.postgres_dir / RESERVE).unlink(missing_ok=True)
    _emptied_log(place, disk)
    try:
        with served(place.settings, {}):
            return 0
    except RuntimeError as error:
        return int("is full and PostgreSQL cannot start on it" in str(error))


def _emptied_log(place: Place, disk: Disk) -> Path:
    """The only thing on the full disk that can still grow, by what it held before."""
    log = place.settings.data_dir / "serve.log"
    disk.fill()
    log.unlink()
    return log
