"""What happened to customers that others react to, in one order for each shop.

Journeys and platforms follow it by a cursor: every change at least once, under an id that stays
the same, whoever asks and however often.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from aggregates.log.codec import SHAPES
from aggregates.log.following import Changes
from aggregates.log.record import Record
from projections.readmodel import topics_of

TURN = 0xC3602  # a number taken first must not be seen last: whoever counts, counts alone
WHERE = """
    SELECT e.profile_id, e.version, e.shard, e.position
    FROM unnest(%s::uuid[], %s::bigint[]) AS wanted(profile_id, version)
    JOIN public.events e USING (profile_id, version)
"""
PUT = """
    INSERT INTO changes (namespace_id, change_id, kind, profile_id, occurred_at, recorded_at, data)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (change_id) DO NOTHING
"""


class Kind(NamedTuple):
    """What an event is told as. `members` are those of the event that are told; None is all."""

    name: str
    members: tuple[str, ...] | None = None


Told: TypeAlias = tuple[Record, Kind]
KINDS = {
    "lifecycle.stage_changed": Kind("stage_changed", ("from", "to", "since")),
    "lineage.absorbed": Kind("merged", ("merge_id", "absorbed", "subjects", "rule")),
    "lineage.released": Kind("unmerged", ("merge_id", "released", "subjects")),
    "identity.candidate_opened": Kind(
        "candidate_opened", ("candidate_id", "other", "score", "rule")
    ),
    "messages.blocked": Kind("send_blocked"),
    "messages.missed": Kind("send_missed"),
}
FACETS = {"consent": Kind("consent_changed")}  # whatever happens there
SEGMENT_KINDS = ("segment_entered", "segment_left")  # told by `segments.feed`: no event says so
KIND_NAMES = (*(kind.name for kind in (*KINDS.values(), *FACETS.values())), *SEGMENT_KINDS)


class ChangeFeed(Struct, frozen=True):
    """The read model. A feed that is made anew has another `life`: its numbers are others."""

    name: str = "changes"
    moved_by: frozenset[str] | None = frozenset(KINDS) | topics_of(*FACETS)
    tables: str = """
        CREATE TABLE IF NOT EXISTS changes (
            seq          bigserial PRIMARY KEY,
            namespace_id integer NOT NULL,
            change_id    text NOT NULL UNIQUE, -- shard:position of the event, or segment:number
            kind         text NOT NULL,
            profile_id   uuid NOT NULL,
            occurred_at  timestamptz NOT NULL,
            recorded_at  timestamptz NOT NULL,
            data         jsonb NOT NULL
        );
        CREATE INDEX IF NOT EXISTS changes_in_order ON changes (namespace_id, seq);
        CREATE INDEX IF NOT EXISTS changes_of_kind ON changes (namespace_id, kind, seq);
        CREATE TABLE IF NOT EXISTS life (
            one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
            id      text NOT NULL DEFAULT substr(md5(gen_random_uuid()::text), 1, 8)
        );
        INSERT INTO life DEFAULT VALUES ON CONFLICT DO NOTHING;
        CREATE TABLE IF NOT EXISTS segments_told ( -- all that was written by older transactions
            one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
            before  xid8 NOT NULL DEFAULT '0'
        );
        INSERT INTO segments_told DEFAULT VALUES ON CONFLICT DO NOTHING;
    """

    def absorb(self, connection: Connection[TupleRow], changes: Changes) -> None:
        told = [(record, kind) for record in changes.records if (kind := kind_of(record))]
        if not told:
            return
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (TURN,))
        placed = _places(connection, [record for record, _ in told])
        namespaces = {one: held.namespace for one, held in changes.profiles.items()}
        with connection.cursor() as cursor:
            for record, kind in _in_order(told):
                place = placed[record.stream, record.version]
                cursor.execute(PUT, _row(record, kind, namespaces[record.stream], place))


def kind_of(record: Record) -> Kind | None:
    topic = str(record.event.__struct_config__.tag)
    return KINDS.get(topic) or FACETS.get(topic.partition(".")[0])


def _in_order(told: Iterable[Told]) -> list[Told]:
    """As they were recorded; those of one customer in their order even where a clock stumbled."""
    latest: dict[UUID, datetime] = {}

    def moment(one: Told) -> datetime:
        record, _ = one
        before = latest.get(record.stream, record.recorded_at)
        latest[record.stream] = max(before, record.recorded_at)
        return latest[record.stream]

    return sorted(told, key=moment)  # the key is asked for once each, in the order given


def _places(
    connection: Connection[TupleRow], records: Sequence[Record]
) -> dict[tuple[UUID, int], str]:
    wanted = ([record.stream for record in records], [record.version for record in records])
    rows = connection.execute(WHERE.encode(), wanted).fetchall()
    return {(profile, version): f"{shard}:{position}" for profile, version, shard, position in rows}


def _row(record: Record, kind: Kind, namespace: int, place: str) -> tuple[object, ...]:
    told = Jsonb(_told(record, kind))
    times = (record.occurred_at, record.recorded_at)
    return namespace, place, kind.name, record.stream, *times, told


def _told(record: Record, kind: Kind) -> dict[str, object]:
    """Nothing personal: only what is stored of the event in the open."""
    open_part, _ = SHAPES[type(record.event)].split(record.event)
    members: dict[str, object] = msgspec.json.decode(open_part)
    return members if kind.members is None else {name: members.get(name) for name in kind.members}
