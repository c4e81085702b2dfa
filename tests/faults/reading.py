"""What readers must see: the fold of the log, and nothing of another namespace."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice, permutations

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from aggregates.log import snapshots
from aggregates.log.histories import Folded, minted_at
from aggregates.log.port import Snapshot
from api.views.engagement import Sending
from api.views.profile import view
from tests.faults.ledger import Ledger, Store, Stream, number
from tests.faults.place import Place, World

READ_OVER_HTTP = 50  # profiles of each world
SHOWN_TO_OTHERS = 3  # profiles of each world
LOOKS, BETWEEN_S = 4, 2.0
SNAPSHOTS = """
    SELECT s.profile_id, s.version, s.schema, s.state FROM snapshots s
    JOIN subject_keys k USING (profile_id) WHERE k.namespace_id = %s
"""
STRAYS = """
    SELECT (SELECT count(*) FROM events e LEFT JOIN subject_keys k USING (profile_id)
            WHERE k.namespace_id IS DISTINCT FROM e.namespace_id)
         + (SELECT count(*) FROM events e LEFT JOIN subject_keys k
              ON k.profile_id = (convert_from(e.state, 'UTF8')::jsonb ->> 'subject')::uuid
            WHERE k.namespace_id IS DISTINCT FROM e.namespace_id)
         + (SELECT count(*) FROM identifiers i LEFT JOIN subject_keys k USING (profile_id)
            WHERE k.namespace_id IS DISTINCT FROM i.namespace_id)
"""
SOME = "SELECT profile_id FROM subject_keys WHERE namespace_id = %s LIMIT %s"


def folded(place: Place, world: World) -> dict[str, int]:
    """I3: each snapshot, and what the API answers, equals the fold of the events."""
    looks, wrong = LOOKS, _wrong_reads(place, world)
    while wrong and looks:  # the clock may have noted a stage between two looks
        time.sleep(BETWEEN_S)
        looks, wrong = looks - 1, _wrong_reads(place, world)
    return {**remembered(place, world.namespace), "wrong reads": wrong}


def _wrong_reads(place: Place, world: World) -> int:
    with place.connected() as connection:
        streams = Ledger(connection, place.keyring, world.namespace).streams()
        alone = (one for one in streams if not one.is_absorbed)
        return sum(not _reads_as_fold(world, one) for one in islice(alone, READ_OVER_HTTP))


def remembered(store: Store, namespace: int) -> dict[str, int]:
    """The half of I3 that is about snapshots."""
    with store.connected() as connection:
        rows = connection.execute(SNAPSHOTS, (namespace,), binary=True)
        held = {row[0]: Snapshot(*row) for row in rows.fetchall()}
        streams = Ledger(connection, store.keyring, namespace).streams()
        right = sum(
            _is_fold(held[one.profile_id], one) for one in streams if one.profile_id in held
        )
    return {"snapshots": len(held), "wrong snapshots": len(held) - right}


def apart(store: Store, worlds: Sequence[World]) -> dict[str, int]:
    """I6: nothing is stored in another namespace than its subject's, nor seen from there."""
    with store.connected() as connection:
        strays = number(connection, STRAYS)
        some = {world: _some(connection, world) for world in worlds}
    pairs = permutations(worlds, 2)
    seen = (_is_seen(profile, other) for one, other in pairs for profile in some[one])
    return {"strays": strays, "seen by others": sum(seen)}


def _some(connection: Connection[TupleRow], world: World) -> list[str]:
    rows = connection.execute(SOME, (world.namespace, SHOWN_TO_OTHERS)).fetchall()
    return [str(row[0]) for row in rows]


def _is_fold(snapshot: Snapshot, stream: Stream) -> bool:
    held = snapshots.restored(snapshot, stream.sealer)
    return held is not None and held.profile == stream.folded(snapshot.version)


def _reads_as_fold(world: World, stream: Stream) -> bool:
    profile = stream.profile_id
    expected = Folded(profile, len(stream.records), minted_at(profile), stream.folded())
    seen = view(expected, f"{world.domain}/{world.environment}", Sending(datetime.now(UTC)))
    shown = msgspec.json.encode(seen)
    return world.get(f"/v1/profiles/{profile}").content == shown


def _is_seen(profile: str, other: World) -> bool:
    paths = (f"/v1/profiles/{profile}", f"/v1/profiles/{profile}/events")
    return any(other.get(path).status_code != 404 for path in paths)
