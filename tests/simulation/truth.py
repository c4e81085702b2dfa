"""Every profile at every version as its events alone tell it, folded as they come."""

from typing import TypeAlias
from uuid import UUID

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

    def _mapper(self, profile: UUID) -> ProfileMapper:
        if profile not in self._mappers:
            namespace, wrapped = self._tables.keys[profile]
            sealer = Sealer(KEYRING.namespace(namespace).unwrap(profile, wrapped))
            self._mappers[profile] = ProfileMapper(namespace, lambda _subject: sealer)
        return self._mappers[profile]
