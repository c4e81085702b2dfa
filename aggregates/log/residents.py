"""The profiles a host keeps in memory: the most recently used, up to a count and a size."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from aggregates.log.keys import Sealer
from aggregates.profile.events.lineage import LineageEvent
from aggregates.profile.latest import Stamp
from aggregates.profile.profile import Event, Profile, evolve

MAX_COUNT = 50_000
MAX_BYTES = 400_000_000
EMPTY_BYTES = 2_000  # what a resident costs besides what its events carried


class Member(NamedTuple):
    """What is told of one of those a profile stands for. `sealer` as with a resident."""

    profile: Profile
    sealer: Sealer | None


NOBODY_ELSE: Mapping[UUID, Member] = MappingProxyType({})


class Resident(NamedTuple):
    """A profile as the log has it. `sealer` is None once the subject's key is destroyed.

    `members` are itself and those whom it stands for; none where it stands for itself alone.
    """

    profile: Profile
    version: int
    namespace: int
    sealer: Sealer | None
    size: int = EMPTY_BYTES
    members: Mapping[UUID, Member] = NOBODY_ELSE

    @property
    def is_gone(self) -> bool:
        """Erased, or part of another customer: no list shows it."""
        return self.sealer is None or self.profile.lineage.absorbed_into is not None

    def about(self, subject: UUID) -> Profile:
        """What is told of `subject` alone: decided on that, news stay with whom they are about."""
        return self.members[subject].profile if self.members else self.profile

    def sealer_of(self, subject: UUID) -> Sealer | None:
        return self.members[subject].sealer if self.members else self.sealer

    def stands_for(self, profile: UUID, subject: UUID) -> bool:
        return subject == profile or subject in self.members

    def after(self, subject: UUID, event: Event, stamp: Stamp, size: int = 0) -> "Resident":
        """One version later, and so many bytes. Whom it stands for does not change by that."""
        whole = evolve(self.profile, event, stamp)
        members = self.members
        if members and not isinstance(event, LineageEvent):
            told = evolve(members[subject].profile, event, stamp)
            members = {**members, subject: members[subject]._replace(profile=told)}
        version = self.version + 1
        return Resident(whole, version, self.namespace, self.sealer, self.size, members)

    def larger_by(self, sizes: Iterable[int]) -> "Resident":
        """With what was stored meanwhile."""
        size = self.size + sum(sizes)
        return Resident(self.profile, self.version, self.namespace, self.sealer, size, self.members)


class Residents:
    """Least recently used first. Sizes are the stored bytes of the events folded in."""

    def __init__(self, max_count: int = MAX_COUNT, max_bytes: int = MAX_BYTES) -> None:
        self._held: OrderedDict[UUID, Resident] = OrderedDict()
        self._max_count = max_count
        self._max_bytes = max_bytes
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, profile: UUID) -> bool:
        return profile in self._held

    def get(self, profile: UUID) -> Resident | None:
        if (resident := self._held.get(profile)) is not None:
            self._held.move_to_end(profile)
        return resident

    def adopt(self, profile: UUID, resident: Resident) -> Resident | None:
        """What it takes the place of."""
        before = self._held.pop(profile, None)
        self._held[profile] = resident
        self.bytes += resident.size - (before.size if before else 0)
        while len(self._held) > self._max_count or self.bytes > self._max_bytes:
            _, evicted = self._held.popitem(last=False)
            self.bytes -= evicted.size
        return before

    def drop(self, profiles: Iterable[UUID]) -> None:
        for profile in profiles:
            if (dropped := self._held.pop(profile, None)) is not None:
                self.bytes -= dropped.size
