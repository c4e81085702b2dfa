"""Profiles kept up with the log, page by page, for those who make tables of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from aggregates.log import story
from aggregates.log.codec import ProfileMapper
from aggregates.log.keys import Keyring, Sealer
from aggregates.log.port import EventLog
from aggregates.log.record import Record
from aggregates.log.residents import Resident, Residents
from aggregates.log.restoring import UNREADABLE, restored
from aggregates.log.tail import Tailed
from aggregates.profile.profile import EMPTY

MAX_COUNT = 20_000
MAX_BYTES = 150_000_000


Load = Callable[[Iterable[UUID]], Mapping[UUID, Resident]]


class Changes(NamedTuple):
    """What a page of the log has changed: its records in order of each stream, every stream of it
    as it is by now (which may be later than the page), and whose streams cannot be read.

    Both find other profiles: `load` as they were when their own news were last followed, or later,
    and `anew` as the log has them by now.
    """

    records: list[Record]
    profiles: dict[UUID, Resident]
    unreadable: dict[UUID, str]
    load: Load = lambda _: {}
    anew: Load = lambda _: {}


class Following:
    """Keeps the lately changed profiles in memory; what it does not have it reads from the log.

    A page that is followed twice changes nothing: what a profile has seen is passed over.
    """

    def __init__(self, log: EventLog, keyring: Keyring, residents: Residents | None = None) -> None:
        self._log = log
        self._keyring = keyring
        self._residents = residents or Residents(MAX_COUNT, MAX_BYTES)

    def follow(self, page: Sequence[Tailed]) -> Changes:
        """Raises LogUnreachable."""
        changes = Changes([], {}, {}, self.remembered, self.profiles)
        streams = _by_stream(page)
        for profile, resident in self._starts(streams).items():
            if isinstance(resident, str):
                changes.unreadable[profile] = resident
                continue
            try:
                held, records = self._followed(profile, resident, streams[profile])
            except UNREADABLE as error:
                self._residents.drop([profile])
                changes.unreadable[profile] = type(error).__name__
                continue
            changes.profiles[profile] = held
            changes.records.extend(records)
        return changes

    def remembered(self, wanted: Iterable[UUID]) -> dict[UUID, Resident]:
        """As `profiles`, but those whose news are followed as they were then."""
        each = {one: self._residents.get(one) for one in wanted}
        held = {one: resident for one, resident in each.items() if resident is not None}
        return {**held, **self.profiles([one for one in each if one not in held])}

    def profiles(self, wanted: Iterable[UUID]) -> dict[UUID, Resident]:
        """As they are by now; those that do not exist or cannot be read are left out.

        From the log: what is remembered is as old as the last page that told of it.
        """
        found = self._read(list(wanted))
        return {one: held for one, held in found.items() if isinstance(held, Resident)}

    def _starts(self, streams: Mapping[UUID, list[Tailed]]) -> dict[UUID, "Resident | str"]:
        """Where to begin with each: what is remembered, nothing at all, or what the log has."""
        changed = {one for one, events in streams.items() if _changes_whom(events)}
        self._residents.drop(changed)  # whom they stand for is told by other streams too
        born = {
            profile: events[0].namespace
            for profile, events in streams.items()
            if events[0].stored.originator_version == 1 and profile not in changed
        }
        keys = self._log.keys([one for one in born if self._residents.get(one) is None])
        begun = {one: self._born(born[one], one, wrapped) for one, wrapped in keys.items()}
        return {**begun, **self._loaded([one for one in streams if one not in begun])}

    def _born(self, namespace: int, profile: UUID, wrapped: bytes) -> "Resident | str":
        try:
            return Resident(EMPTY, 0, namespace, self._keyring.sealer(namespace, profile, wrapped))
        except UNREADABLE as error:
            return type(error).__name__

    def _loaded(self, wanted: Sequence[UUID]) -> dict[UUID, "Resident | str"]:
        """From memory, else from the log; a name where it is the name of why it cannot be read."""
        found: dict[UUID, Resident | str] = {}
        missing = []
        for one in wanted:
            if (held := self._residents.get(one)) is None:
                missing.append(one)
            else:
                found[one] = held
        for one, read in self._read(missing).items():
            found[one] = read
            if isinstance(read, Resident):
                self._residents.adopt(one, read)
        return found

    def _read(self, wanted: Sequence[UUID]) -> dict[UUID, "Resident | str"]:
        found: dict[UUID, Resident | str] = {}
        for one, stream in (self._log.streams(wanted) if wanted else {}).items():
            try:
                found[one] = restored(self._log, self._keyring, one, stream)
            except UNREADABLE as error:
                found[one] = type(error).__name__
        return found

    def _followed(
        self, profile: UUID, resident: Resident, events: Sequence[Tailed]
    ) -> tuple[Resident, list[Record]]:
        sealers = _Sealers(profile, resident, self._log, self._keyring)
        mapper = ProfileMapper(resident.namespace, sealers)
        records = [mapper.to_domain_event(event.stored) for event in events]
        held = resident
        for record, event in zip(records, events, strict=True):
            if record.version > held.version:
                size = len(event.stored.state)
                held = held.after(record.subject, record.event, record.stamp).larger_by([size])
        assert held.version >= records[-1].version, "versions are 1, 2, 3 … without a hole"
        self._residents.adopt(profile, held)
        return held, records


class _Sealers:
    """The keys of those whom a stream has told of, even if they have left it since."""

    def __init__(self, profile: UUID, held: Resident, log: EventLog, keyring: Keyring) -> None:
        self._profile = profile
        self._held = held
        self._log = log
        self._keyring = keyring

    def __call__(self, subject: UUID) -> Sealer | None:
        if subject in self._held.members:
            return self._held.members[subject].sealer
        if subject == self._profile:
            return self._held.sealer
        wrapped = self._log.keys([subject]).get(subject, b"")
        return self._keyring.sealer(self._held.namespace, subject, wrapped)


def _by_stream(page: Iterable[Tailed]) -> dict[UUID, list[Tailed]]:
    """A stream is in one shard, whose events come in order."""
    found: defaultdict[UUID, list[Tailed]] = defaultdict(list)
    for one in page:
        found[one.profile].append(one)
    return found


def _changes_whom(events: Iterable[Tailed]) -> bool:
    return any(story.tells_of_lineage(one.stored) for one in events)
