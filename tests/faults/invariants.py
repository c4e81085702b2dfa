"""What must hold whatever was killed: each check counts what is wrong, so 0 is good."""

from collections import Counter
from collections.abc import Mapping

from actors.remembered import Remembered
from aggregates.log import audit
from tests.cluster.log_checks import HOLES
from tests.faults import readmodels
from tests.faults.journal import Journal
from tests.faults.ledger import Ledger, Store, number
from tests.faults.place import Place, World
from tests.faults.reading import apart, folded
from tests.faults.sendings import Sending
from tests.measured import Limit

LETTERS = "SELECT count(*) FROM dead_letters WHERE status = 'open' AND namespace_id = %s"
WRONGS = (
    *("lost", "doubled", "refused but written", "holes", "broken links"),
    *("wrong snapshots", "wrong reads", "wrong rows", "strays", "seen by others"),
)
CLEAN = tuple(Limit(name, at_least=0, at_most=0) for name in WRONGS)


def everything(place: Place, journal: Journal, *worlds: World) -> dict[str, int]:
    """All checks; each name of WRONGS must be 0. `worlds` default to the place's own three."""
    looked_at = worlds or (place.a, place.a_sandbox, place.b)
    counts = Counter(exactly_once(place, journal))
    counts.update(whole(place))
    for world in looked_at:
        counts.update(folded(place, world))
    counts.update(apart(place, looked_at))
    counts.update(readmodels.caught_up(place.dsn))
    for world in looked_at:
        counts.update(readmodels.told(place.dsn, place, world.namespace))
    return dict(counts)


def exactly_once(store: Store, journal: Journal) -> dict[str, int]:
    """I1: what was acknowledged is in the log exactly once, what was refused is not at all.

    Both by the events its stored outcome names and by the one event it must have left.
    """
    found = {"acknowledged": len(journal.acknowledged), "unanswered": len(journal.unanswered)}
    counts = Counter(found | dict.fromkeys(("lost", "doubled", "refused but written"), 0))
    with store.connected() as connection:
        for namespace in {told.namespace for told in journal.told.values()}:
            counts.update(_compared(Ledger(connection, store.keyring, namespace), journal))
    return dict(counts)


def whole(store: Store) -> dict[str, int]:
    """I2: versions and positions are 1…n, and the hash chain holds."""
    with store.connected() as connection:
        audited = audit.verify(connection)
        return {
            "events": audited.checked,
            "holes": len(connection.execute(HOLES.encode()).fetchall()),
            "broken links": int(audited.broken is not None),
        }


def _compared(ledger: Ledger, journal: Journal) -> dict[str, int]:
    ours = {name: t for name, t in journal.told.items() if t.namespace == ledger.namespace}
    # first, whole, beside the log: one that is taken out meanwhile is in the log then
    letters = number(ledger.connection, LETTERS, ledger.namespace)
    written, outcomes = ledger.written(), ledger.outcomes(list(ours))
    acknowledged, refused = journal.acknowledged, journal.refused
    lost, kept = 0, 0
    for name in ours.keys() & acknowledged.keys():
        if _is_lost(ours[name], written.get(name, {}), outcomes.get(name)):
            kept += acknowledged[name] == "kept"
            lost += acknowledged[name] != "kept"
    return {
        "lost": lost + max(0, kept - letters),
        "doubled": sum(
            _is_doubled(told, written.get(name, {}), outcomes.get(name))
            for name, told in ours.items()
        ),
        "refused but written": len(written.keys() & refused.keys() & ours.keys()),
    }


def _is_lost(told: Sending, events: Mapping[str, int], outcome: Remembered | None) -> bool:
    if outcome is None or (told.leaves is not None and told.leaves not in events):
        return True
    return bool(Counter(outcome.events) - Counter(events))


def _is_doubled(told: Sending, events: Mapping[str, int], outcome: Remembered | None) -> bool:
    if told.leaves is not None and events.get(told.leaves, 0) > 1:
        return True
    return outcome is not None and bool(Counter(events) - Counter(outcome.events))
