"""A profile as the log has it: its snapshot and the events since, or all that is told of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from uuid import UUID

import msgspec

from aggregates.log import snapshots, story
from aggregates.log.codec import ProfileMapper, UnknownTopic
from aggregates.log.keys import Keyring, Sealer, Unreadable
from aggregates.log.port import EventLog, StoredEvent, Stream
from aggregates.log.record import Record
from aggregates.log.residents import EMPTY_BYTES, Member, Resident
from aggregates.profile.events.lineage import Lineage, Part

UNREADABLE = (Unreadable, UnknownTopic, msgspec.DecodeError)


def restored(log: EventLog, keyring: Keyring, profile: UUID, stream: Stream) -> Resident:
    """Raises one of UNREADABLE where this version of the code, or this key, cannot read it."""
    short = _from_snapshot(log, keyring, profile, stream)
    if short is not None:
        return short
    whole = stream if stream.snapshot is None else log.streams([profile], whole=True)[profile]
    return Stories(log, keyring).resident(profile, whole)


def _from_snapshot(
    log: EventLog, keyring: Keyring, profile: UUID, stream: Stream
) -> Resident | None:
    """None where there is no readable one, or whom the profile stands for has changed since."""
    sealer = keyring.sealer(stream.namespace, profile, stream.wrapped)
    if stream.snapshot is None or sealer is None or changes_whom(stream.tail):
        return None
    held = snapshots.restored(stream.snapshot, sealer)
    if held is None:
        return None
    keys = log.keys(list(held.members)) if held.members else {}
    members = {
        subject: Member(told, keyring.sealer(stream.namespace, subject, keys[subject]))
        for subject, told in held.members.items()
    }
    size = EMPTY_BYTES + len(stream.snapshot.state)
    start = Resident(held.profile, stream.snapshot.version, stream.namespace, sealer, size, members)
    return _followed(start, stream.tail)


def _followed(resident: Resident, tail: Iterable[StoredEvent]) -> Resident:
    mapper = ProfileMapper(resident.namespace, resident.sealer_of)
    size = resident.size
    for stored in tail:
        past = mapper.to_domain_event(stored)
        assert past.version == resident.version + 1, "versions are 1, 2, 3 … without a hole"
        resident = resident.after(past.subject, past.event, past.stamp)
        size += len(stored.state)
    return resident._replace(size=size)


def changes_whom(tail: Iterable[StoredEvent]) -> bool:
    """Whether the profile stands for others than in the snapshot before."""
    return any(map(story.tells_of_lineage, tail))


class Stories:
    """All that is told of profiles, read from every stream concerned."""

    def __init__(self, log: EventLog, keyring: Keyring) -> None:
        self._log = log
        self._keyring = keyring

    def resident(self, profile: UUID, own: Stream) -> Resident:
        """`own` is its whole stream. Raises one of UNREADABLE."""
        held, sealers, records = self._read(profile, own)
        told = story.told(profile, held, records)
        members = {one: Member(state, sealers[one]) for one, state in told.members.items()}
        size = EMPTY_BYTES + sum(len(stored.state) for stored in own.tail)
        return Resident(told.profile, len(own.tail), own.namespace, sealers[profile], size, members)

    def told(self, profile: UUID, own: Stream) -> list[Record]:
        """All that is told of the profile and of those it stands for."""
        held, _, records = self._read(profile, own)
        wanted = held.subjects | {profile}
        return [record for record in records if record.subject in wanted]

    def _read(
        self, profile: UUID, own: Stream
    ) -> tuple[Lineage, dict[UUID, Sealer | None], Iterator[Record]]:
        sealers = self._sealers({profile: own})
        held = story.lineage_of(profile, _records(own, sealers, story.tells_of_lineage))
        others = self._others(held)
        sealers |= self._sealers(others)
        parts = story.parts_of(held)
        told = (_within(parts, one, _records(other, sealers)) for one, other in others.items())
        return held, sealers, chain(_records(own, sealers), *told)

    def _others(self, held: Lineage) -> dict[UUID, Stream]:
        wanted = held.subjects | {part.stream for part in held.parts}
        return self._log.streams(list(wanted), whole=True) if wanted else {}

    def _sealers(self, streams: Mapping[UUID, Stream]) -> dict[UUID, Sealer | None]:
        return {
            one: self._keyring.sealer(stream.namespace, one, stream.wrapped)
            for one, stream in streams.items()
        }


def _records(
    stream: Stream,
    sealers: Mapping[UUID, Sealer | None],
    wanted: Callable[[StoredEvent], bool] = lambda _: True,
) -> Iterator[Record]:
    """Events about those who have left again read as erased; nobody asks for them."""
    mapper = ProfileMapper(stream.namespace, sealers.get)
    return (mapper.to_domain_event(stored) for stored in stream.tail if wanted(stored))


def _within(parts: Sequence[Part], stream: UUID, records: Iterable[Record]) -> Iterator[Record]:
    return (r for r in records if story.within(parts, stream, r.version))
