"""What one signal writes: to one profile or, where it unites or parts some, to several."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from actors.signals import Signal
from aggregates.log.record import Record
from aggregates.log.residents import Member, Resident
from aggregates.profile.events.lineage import Lineage, LineageEvent
from aggregates.profile.profile import Event, Profile, evolve


class Writing:
    """Nothing here is adopted before the commit.

    `known` answers with a profile as it is before the signal. `before` has the profile as it was
    when each of the `records` was written.
    """

    def __init__(
        self, known: Callable[[UUID], Resident | None], signal: Signal, now: datetime
    ) -> None:
        self._known = known
        self._held: dict[UUID, Resident | None] = {}
        self._signal = signal
        self.now = now
        self.changed: dict[UUID, Resident] = {}
        self.records: list[Record] = []
        self.before: list[Profile] = []

    def resident(self, profile: UUID) -> Resident | None:
        """Read once: whoever writes meanwhile is found out by the version."""
        try:
            return self._held[profile]  # asked often
        except KeyError:
            held = self._held[profile] = self._known(profile)
            return held

    def write(self, stream: UUID, subject: UUID, event: Event, at: datetime) -> None:
        held = self.resident(stream)
        assert held is not None, "who writes has read"
        record = Record(
            stream=stream,
            version=held.version + 1,
            subject=subject,
            event=event,
            occurred_at=at,
            recorded_at=self.now,
            command_id=self._signal.id,
            by=self._signal.by,
            source=self._signal.source,
        )
        self.before.append(held.profile)
        self.records.append(record)
        self._change(stream, held.after(subject, event, record.stamp))

    def join(self, survivor: UUID, absorbed: UUID, told: Iterable[Record]) -> None:
        """The survivor stands for the absorbed, too; `told` is all that is told of that."""
        one, other = self.resident(survivor), self.resident(absorbed)
        assert one is not None
        assert other is not None
        whole = one.profile
        for record in told:
            if not isinstance(record.event, LineageEvent):
                whole = evolve(whole, record.event, record.stamp)
        members = {**_members(survivor, one), **_members(absorbed, other)}
        self._change(survivor, one._replace(profile=whole, members=members))

    def _change(self, profile: UUID, after: Resident) -> None:
        self._held[profile] = self.changed[profile] = after


def _members(profile: UUID, held: Resident) -> dict[UUID, Member]:
    if held.members:
        return dict(held.members)
    return {profile: Member(replace(held.profile, lineage=Lineage()), held.sealer)}
