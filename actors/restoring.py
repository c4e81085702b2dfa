"""A profile as the log has it: its snapshot and the events since, folded."""

from uuid import UUID

import msgspec

from actors.residents import EMPTY_BYTES, Resident
from aggregates.log import snapshots
from aggregates.log.codec import ProfileMapper, UnknownTopic
from aggregates.log.keys import Keyring, Sealer, Unreadable
from aggregates.log.port import EventLog, Stream
from aggregates.profile.profile import EMPTY, evolve

UNREADABLE = (Unreadable, UnknownTopic, msgspec.DecodeError)


def restored(log: EventLog, keyring: Keyring, profile: UUID, stream: Stream) -> Resident:
    """Raises one of UNREADABLE where this version of the code, or this key, cannot read it."""
    sealer = None
    if stream.wrapped:
        sealer = Sealer(keyring.namespace(stream.namespace).unwrap(profile, stream.wrapped))
    state, version, size = EMPTY, 0, EMPTY_BYTES
    if stream.snapshot is not None:
        held = snapshots.restored(stream.snapshot, sealer) if sealer else None
        if held is None:
            return restored(log, keyring, profile, log.streams([profile], whole=True)[profile])
        state, version = held, stream.snapshot.version
        size += len(stream.snapshot.state)
    mapper = ProfileMapper(stream.namespace, lambda _subject: sealer)
    for stored in stream.tail:
        past = mapper.to_domain_event(stored)
        assert past.version == version + 1, "versions are 1, 2, 3 … without a hole"
        state = evolve(state, past.event, past.happened.stamp)
        version, size = past.version, size + len(stored.state)
    return Resident(state, version, stream.namespace, sealer, size)
