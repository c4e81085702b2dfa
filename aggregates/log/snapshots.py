"""A profile's state at a version, sealed like an event, so that loading need not fold all."""

from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID

import msgspec
from msgspec import Struct

from aggregates.log.keys import Sealer, Unreadable
from aggregates.log.port import Snapshot
from aggregates.profile.profile import Profile

EVERY = 100  # events between two snapshots of a profile
SCHEMA = 4  # raised whenever the meaning of any state slice changes; older ones are ignored

_encode = msgspec.msgpack.Encoder().encode


class Held(Struct, frozen=True, array_like=True, omit_defaults=True):
    """A profile and, where it stands for several, what is told of each of them."""

    profile: Profile
    members: dict[UUID, Profile] = {}


_DECODER = msgspec.msgpack.Decoder(Held)


def taken(
    profile_id: UUID,
    version: int,
    profile: Profile,
    sealer: Sealer,
    members: Mapping[UUID, Profile] = MappingProxyType({}),
) -> Snapshot:
    held = Held(profile, dict(members))
    state = sealer.seal(_encode(held), _about(profile_id, version))
    return Snapshot(profile_id, version, SCHEMA, state)


def restored(snapshot: Snapshot, sealer: Sealer) -> Held | None:
    """What a snapshot holds, or None where it cannot be read: the events then tell."""
    if snapshot.schema != SCHEMA:
        return None
    try:
        state = sealer.open(snapshot.state, _about(snapshot.profile, snapshot.version))
        return _DECODER.decode(state)
    except (Unreadable, msgspec.DecodeError):
        return None


def _about(profile_id: UUID, version: int) -> bytes:
    return b"snapshot|%b|%d|%d" % (profile_id.bytes, version, SCHEMA)
