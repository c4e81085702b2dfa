"""What a decision may know besides the profile: when, and from where."""

from datetime import datetime

from msgspec import Struct

from aggregates.profile.identifiers import Identifier
from aggregates.profile.latest import Stamp
from aggregates.profile.source import Source, trust


class Context(Struct, frozen=True):
    """`occurred_at` is when it happened in the world, `now` when we decide; both UTC.

    `owned_elsewhere` are the identifiers of the signal that other profiles own: one owner each.
    """

    occurred_at: datetime
    now: datetime
    source: Source
    owned_elsewhere: frozenset[Identifier] = frozenset()

    @property
    def stamp(self) -> Stamp:
        return Stamp(self.occurred_at, trust(self.source))
