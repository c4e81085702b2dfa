"""What a decision may know besides the profile: when, and from where."""

from datetime import datetime

from msgspec import Struct

from aggregates.profile.identifiers import Identifier
from aggregates.profile.latest import Stamp
from aggregates.profile.profile import Profile
from aggregates.profile.source import Source, trust
from aggregates.shop.messaging_rules import MessagingRules


class Context(Struct, frozen=True):
    """`occurred_at` is when it happened in the world, `now` when we decide; both UTC.

    `owned_elsewhere` are the identifiers of the signal that other profiles own: one owner each.
    `command_id` names the signal. `whole` is the profile with all whom it stands for, where it
    stands for others; `time_zone` the shop's.
    """

    occurred_at: datetime
    now: datetime
    source: Source
    owned_elsewhere: frozenset[Identifier] = frozenset()
    command_id: str = ""
    whole: Profile | None = None
    messaging: MessagingRules = MessagingRules()
    time_zone: str | None = None

    @property
    def stamp(self) -> Stamp:
        return Stamp(self.occurred_at, trust(self.source))
