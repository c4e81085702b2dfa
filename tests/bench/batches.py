"""Batches as hosts write them: 200 shoppers seen for the first time, one event each."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from uuid_utils.compat import uuid4, uuid7

from actors.placement import shard_of
from aggregates.log.codec import ProfileMapper
from aggregates.log.heads import START, Head, numbered, tips_of
from aggregates.log.keys import KEY_BYTES, Keyring, Sealer, new_subject_key
from aggregates.log.port import SHARDS, Claim, Placed, StoredEvent, WrappedKey
from aggregates.log.record import Record
from aggregates.log.recorder import COLUMN_TYPES
from aggregates.profile.events.contact import Address, Given
from aggregates.profile.source import Source

PROFILES = 200
NAMESPACE = 1
OUTCOME = bytes(120)  # what a host remembers of one signal
KEYRING = Keyring(bytes(KEY_BYTES))
AT = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)
HOME = Address(
    name="Frieda Krüger", line1="Lindenallee 7", city="Leipzig", postcode="04109", country="DE"
)
TYPES: dict[str, tuple[str, ...]] = {
    "events": COLUMN_TYPES,
    "identifiers": ("int4", "bytea", "uuid"),
    "commands": ("bytea", "bytea", "timestamptz"),
    "subject_keys": ("uuid", "int4", "bytea"),
}
Rows = dict[str, list[tuple[object, ...]]]  # by table


class Batch(NamedTuple):
    """What goes into `place` and `append`; every command is remembered under two keys."""

    events: Sequence[tuple[int, int, StoredEvent]]
    claims: Sequence[Claim] = ()
    outcomes: Sequence[tuple[bytes, bytes]] = ()
    keys: Sequence[WrappedKey] = ()


def batch() -> Batch:
    profiles = [uuid7() for _ in range(PROFILES)]
    keys = {profile: new_subject_key() for profile in profiles}
    wrap = KEYRING.namespace(NAMESPACE).wrap
    return Batch(
        [(shard_of(p), NAMESPACE, _stored(p, Sealer(keys[p]))) for p in profiles],
        [Claim(NAMESPACE, uuid4().bytes, p) for p in profiles for _ in range(2)],
        [(uuid4().bytes, OUTCOME) for _ in profiles for _ in range(2)],
        [WrappedKey(p, NAMESPACE, wrap(p, key)) for p, key in keys.items()],
    )


class Rowed:
    """The same batches as finished rows, numbered and chained like ours but for nothing."""

    def __init__(self) -> None:
        self._heads: dict[int, Head] = dict.fromkeys(range(SHARDS), START)

    def events(self, made: Batch) -> Rows:
        placed = numbered(self._heads, made.events)
        self._heads.update(tips_of(placed))
        return {"events": [_row(one) for one in placed]}

    def everything(self, made: Batch) -> Rows:
        return {
            **self.events(made),
            "identifiers": [tuple(claim) for claim in made.claims],
            "commands": [(key, outcome, AT) for key, outcome in made.outcomes],
            "subject_keys": [tuple(key) for key in made.keys],
        }


def _row(placed: Placed) -> tuple[object, ...]:
    stored = placed.stored
    where = (*placed.position, placed.namespace, stored.originator_id, stored.originator_version)
    return (*where, stored.topic, stored.state, placed.chain)


def _stored(profile: UUID, sealer: Sealer) -> StoredEvent:
    event = Given(
        email="frieda.krueger@shop.example",
        phone="+493023125042",
        first_name="Frieda",
        last_name="Krüger",
        locale="de-DE",
        shipping=HOME,
        billing=HOME,
    )
    record = Record(
        stream=profile,
        version=1,
        subject=profile,
        event=event,
        occurred_at=AT,
        recorded_at=AT,
        command_id=f"shopify:{uuid4()}",
        by="shopify",
        source=Source("shopify", "orders/create", str(uuid4()), str(uuid4()), AT, "2026-10"),
    )
    return ProfileMapper(NAMESPACE, lambda _subject: sealer).to_stored_event(record)
