"""Where a host's residents live: read from the log where one is missing, and saved as snapshots."""

from collections.abc import Iterable
from uuid import UUID

from aggregates.log import snapshots
from aggregates.log.keys import Keyring
from aggregates.log.port import EventLog, Stream
from aggregates.log.record import Record
from aggregates.log.residents import Resident, Residents
from aggregates.log.restoring import UNREADABLE, Stories, changes_whom, restored
from aggregates.profile.decisions.rejection import Rejected
from config.failpoints import reach


class Residence:
    """One host's. After a commit it adopts whom the commit changed."""

    def __init__(self, log: EventLog, keyring: Keyring, residents: Residents | None = None) -> None:
        self._log = log
        self._keyring = keyring
        self._due: dict[UUID, Resident] = {}
        self.residents = residents if residents is not None else Residents()

    def held(self, profiles: Iterable[UUID]) -> tuple[dict[UUID, Resident], set[UUID]]:
        """The profiles that exist among these, and those that exist but cannot be read."""
        wanted = {profile: self.residents.get(profile) for profile in profiles}
        held = {profile: resident for profile, resident in wanted.items() if resident}
        unreadable: set[UUID] = set()
        if missing := wanted.keys() - held.keys():
            for profile, stream in self._log.streams(list(missing)).items():
                try:
                    held[profile] = restored(self._log, self._keyring, profile, stream)
                except UNREADABLE:
                    unreadable.add(profile)
                else:
                    self._loaded(profile, held[profile], stream)
        return held, unreadable

    def adopt(self, profile: UUID, resident: Resident) -> None:
        held = self.residents.adopt(profile, resident)
        before, members = (held.version, held.members) if held else (0, resident.members)
        is_far = resident.version // snapshots.EVERY > before // snapshots.EVERY
        if is_far or members.keys() != resident.members.keys():
            self._due[profile] = resident

    def one(self, profile: UUID) -> Resident | None:
        """For a decision about somebody else: another host may be its writer, so it is read anew
        and not kept. Raises Rejected where it cannot be read."""
        found = self._log.streams([profile])
        try:
            return restored(self._log, self._keyring, profile, found[profile]) if found else None
        except UNREADABLE as error:
            raise Rejected("unreadable", "its events need another version of the code") from error

    def told(self, profile: UUID) -> list[Record]:
        whole = self._log.streams([profile], whole=True)[profile]
        return Stories(self._log, self._keyring).told(profile, whole)

    def save_snapshots(self) -> int:
        """Of those whose has become due; how many."""
        due, self._due = self._due, {}
        taken = [
            snapshots.taken(
                profile,
                held.version,
                held.profile,
                held.sealer,
                {one: member.profile for one, member in held.members.items()},
            )
            for profile, held in due.items()
            if held.sealer is not None
        ]
        if taken:
            reach("snapshot.before_save")
            self._log.save_snapshots(taken)
        return len(taken)

    def _loaded(self, profile: UUID, resident: Resident, stream: Stream) -> None:
        self.residents.adopt(profile, resident)
        if len(stream.tail) > snapshots.EVERY or changes_whom(stream.tail):
            self._due[profile] = resident
