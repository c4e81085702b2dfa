"""Who stands for a part of a customer now, and what is told of that part alone."""

from uuid import UUID

from aggregates.log.following import Changes
from aggregates.log.residents import Resident
from aggregates.profile.profile import Profile

LOOKS = 5


class Unsettled(Exception):
    """Who stands for somebody changed each time we looked."""


class Telling:
    """Over the profiles of a page; those it does not have are loaded."""

    def __init__(self, changes: Changes) -> None:
        self._known = dict(changes.profiles)
        self._load = changes.load
        self._anew = changes.anew

    def head(self, subject: UUID) -> UUID:
        """The last one of the chain, as far as anything is known of it."""
        return self._chain(subject)[-1]

    def about(self, subject: UUID) -> Profile | None:
        """None where it cannot be read. Raises Unsettled."""
        for _ in range(LOOKS):
            chain = self._chain(subject)
            held = self._held(chain[-1])
            if held is None:
                return None
            if held.stands_for(chain[-1], subject):
                return held.about(subject)
            # both sides tell of a merge, but one of them was read, or is on this page, before it
            self._known |= self._anew(chain)
        raise Unsettled(str(subject))

    def _chain(self, subject: UUID) -> list[UUID]:
        """From the part up to who stands for it."""
        chain = [subject]
        while (held := self._held(chain[-1])) is not None:
            above = held.profile.lineage.absorbed_into
            if above is None or above in chain:  # of two that were read at different times
                break
            chain.append(above)
        return chain

    def _held(self, profile: UUID) -> Resident | None:
        if profile not in self._known:
            self._known |= self._load([profile])
        return self._known.get(profile)
