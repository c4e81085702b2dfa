"""Who stands for a part of a customer now, and what is told of that part alone."""

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from aggregates.log.residents import Resident
from aggregates.profile.profile import Profile

Load = Callable[[Iterable[UUID]], Mapping[UUID, Resident]]


class Telling:
    """Over the profiles of a page; those it does not have are loaded."""

    def __init__(self, profiles: Mapping[UUID, Resident], load: Load) -> None:
        self._known = dict(profiles)
        self._load = load

    def head(self, subject: UUID) -> UUID:
        """Where nothing more is known, the last one of the chain that is."""
        head = subject
        while (held := self._held(head)) is not None:
            above = held.profile.lineage.absorbed_into
            if above is None:
                return head
            head = above
        return head

    def about(self, subject: UUID) -> Profile | None:
        """None where it cannot be read."""
        head = self.head(subject)
        held = self._held(head)
        if held is None or not held.stands_for(head, subject):
            return None
        return held.about(subject)

    def _held(self, profile: UUID) -> Resident | None:
        if profile not in self._known:
            self._known |= self._load([profile])
        return self._known.get(profile)
