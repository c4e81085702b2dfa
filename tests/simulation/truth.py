"""Every profile at every version as its events alone tell it, folded as they come."""

from typing import TypeAlias
from uuid import UUID

from aggregates.log import story
from aggregates.log.codec import ProfileMapper
from aggregates.log.keys import Sealer
from aggregates.log.memory import MemoryTables
from aggregates.log.record import Record
from aggregates.profile.profile import EMPTY, Profile, evolve
from tests.actors.shopping import KEYRING

Told: TypeAlias = list[tuple[Record, Profile]]  # a profile's records, and the state after each


class Truth:
    def __init__(self, tables: MemoryTables) -> None:
        self._tables = tables
        self._told: dict[UUID, Told] = {}
        self._mappers: dict[UUID, ProfileMapper] = {}

    def of(self, profile: UUID) -> Told:
        """All that is in the log about a profile by now."""
        told = self._told.setdefault(profile, [])
        while (placed := self._tables.events.get((profile, len(told) + 1))) is not None:
            record = self._mapper(profile).to_domain_event(placed.stored)
            happened = record.happened
            state = evolve(told[-1][1] if told else EMPTY, happened.event, happened.stamp)
            told.append((record, state))
        return told

    def at(self, profile: UUID, version: int) -> Profile | None:
        """The state after `version` events, None where the log has fewer."""
        told = self.of(profile)
        if version == 0:
            return EMPTY
        return told[version - 1][1] if version <= len(told) else None

    def told(self, profile: UUID, version: int | None = None) -> Profile | None:
        """What is told of the profile and of those it stood for then (now, without a version);
        None where the log has fewer events."""
        own = [record for record, _ in self.of(profile)]
        version = len(own) if version is None else version
        if version > len(own):
            return None
        held = story.lineage_of(profile, own[:version])
        parts = story.parts_of(held)
        others = [
            record
            for stream in {part.stream for part in parts}
            for record, _ in self.of(stream)
            if story.within(parts, stream, record.version)
        ]
        return story.told(profile, held, [*own[:version], *others]).profile

    def _mapper(self, profile: UUID) -> ProfileMapper:
        if profile not in self._mappers:
            namespace, _ = self._tables.keys[profile]
            self._mappers[profile] = ProfileMapper(namespace, self._sealer)
        return self._mappers[profile]

    def _sealer(self, subject: UUID) -> Sealer:
        namespace, wrapped = self._tables.keys[subject]
        return Sealer(KEYRING.namespace(namespace).unwrap(subject, wrapped))
