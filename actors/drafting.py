"""Deciding a batch on tentative states, beside the residents, until the log has it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple, TypeVar
from uuid import UUID

from msgspec import Struct

from actors.deciding import Deciding, SomebodyElse
from actors.merging import Merging, Stale
from actors.signals import Outcome, Routed, Signal
from actors.writing import Writing
from aggregates.log.codec import ProfileMapper
from aggregates.log.index import Change, Moved, changes_of
from aggregates.log.keys import Keyring, Sealer
from aggregates.log.port import Claim, Key, StoredEvent, WrappedKey
from aggregates.log.record import Record
from aggregates.log.residents import Resident
from aggregates.profile.answers import answer_of
from aggregates.profile.claims import new_claims
from aggregates.profile.decisions.rejection import Rejected
from aggregates.profile.identifiers import Identifier
from aggregates.profile.profile import EMPTY

T = TypeVar("T")


class Draft(Struct, frozen=True):
    """What one signal would write; `others` are the profiles besides its own that it touches."""

    profile: UUID
    namespace: int
    version: int
    stored: list[StoredEvent]
    claims: list[Claim]
    changes: list[Change]
    fingerprint: bytes
    others: frozenset[UUID] = frozenset()
    created: bool = False
    answer: bytes | None = None


class Shelf(NamedTuple):
    """Where profiles are found that the batch did not ask for, and ids for what is new."""

    resident: Callable[[UUID], Resident | None]
    told: Callable[[UUID], Iterable[Record]]
    key: Callable[[], bytes]
    mint: Callable[[], UUID]


class CannotRead(Exception):
    """The shelf could not be reached: no fault of the signal, and no answer to it."""

    def __init__(self, error: Exception) -> None:
        super().__init__(type(error).__name__)
        self.error = error


class Drafting:
    """One attempt at a batch. Nothing here is adopted before the commit."""

    def __init__(
        self, held: Mapping[UUID, Resident], keyring: Keyring, shelf: Shelf, now: datetime
    ) -> None:
        self._before = held
        self._keyring = keyring
        self._shelf = shelf
        self._now = now
        self.tentative: dict[UUID, Resident] = {}
        self.parted: set[UUID] = set()
        self._moved: set[Key] = set()
        self.keys: list[WrappedKey] = []

    def draft(self, routed: Routed) -> Draft | Outcome:
        """The signal's events, or the outcome that refuses it; a refusal leaves no trace."""
        held = self._held(routed)
        if held is None and routed.signal.profile is None:
            return _outrun(routed)
        if held is None or held.namespace != routed.signal.namespace:
            return _refusal(routed, 0, "unknown_profile", "no such profile in this namespace")
        if held.sealer is None:
            return _refusal(routed, held.version, "erased", f"profile {routed.profile} was erased")
        try:
            return self._decided(held, routed)
        except CannotRead as failed:
            raise failed.error from failed
        except (Stale, SomebodyElse) as elsewhere:
            return _outrun(routed, getattr(elsewhere, "dropped", ()))
        except Exception as error:  # noqa: BLE001  # a bug in one command fails that command alone
            return _refused(routed, held.version, error)

    def _held(self, routed: Routed) -> Resident | None:
        profile = routed.profile
        held = self.tentative.get(profile) or self._before.get(profile)
        if held is None and routed.signal.profile is None and routed.signal.creates:
            return Resident(EMPTY, 0, routed.signal.namespace, Sealer(self._shelf.key()))
        return held

    def _is_still_theirs(self, routed: Routed, held: Resident) -> bool:
        """Whom it stands for may have changed since the signal was routed."""
        return (
            routed.profile not in self.parted
            and held.profile.lineage.absorbed_into is None
            and held.stands_for(routed.profile, routed.subject)
        )

    def _has_moved(self, signal: Signal) -> bool:
        """Whether one of its identifiers has changed hands in this batch."""
        if not self._moved:
            return False
        digest = self._keyring.namespace(signal.namespace).digest
        keys = ((signal.namespace, digest(one.kind, one.value)) for one in signal.identifiers)
        return any(key in self._moved for key in keys)

    def _decided(self, held: Resident, routed: Routed) -> Draft:
        if not self._is_still_theirs(routed, held) or self._has_moved(routed.signal):
            raise Stale
        writing = Writing(lambda one: self._known(one, routed, held), routed.signal, self._now)
        merging = Merging(routed, writing, self._told, self._shelf.mint)
        Deciding(routed, writing, merging, self._shelf.mint).decide()
        self.parted |= merging.parted
        return self._drafted(held, routed, writing)

    def _known(self, profile: UUID, routed: Routed, held: Resident) -> Resident | None:
        if profile == routed.profile:
            return held
        if profile in self.parted:
            raise Stale
        found = self.tentative.get(profile) or _read(self._shelf.resident, profile)
        return found if found is not None and found.namespace == held.namespace else None

    def _told(self, profile: UUID) -> Iterable[Record]:
        if profile in self.tentative:  # the log does not have all of it yet
            raise Stale
        return _read(self._shelf.told, profile)

    def _drafted(self, held: Resident, routed: Routed, writing: Writing) -> Draft:
        stored = [self._stored(record, writing) for record in writing.records]
        after = writing.changed.get(routed.profile, held)
        if stored:
            if held.version == 0:
                self.keys.append(self._wrapped(routed.profile, held))
            self.tentative |= writing.changed
            self.tentative[routed.profile] = after.larger_by([len(each.state) for each in stored])
        changes = self._changes(held.namespace, writing)
        return Draft(
            profile=routed.profile,
            namespace=held.namespace,
            version=after.version,
            stored=stored,
            claims=list(self._claims(routed, writing)),
            changes=changes,
            fingerprint=routed.signal.fingerprint,
            others=frozenset(writing.changed) - {routed.profile},
            created=held.version == 0 and after.version > 0,
            answer=answer_of([record.event for record in writing.records]),
        )

    def _changes(self, namespace: int, writing: Writing) -> list[Change]:
        digest = self._keyring.namespace(namespace).digest
        changes = [c for record in writing.records for c in changes_of(record, namespace, digest)]
        self._moved.update([(c.namespace, c.digest) for c in changes if isinstance(c, Moved)])
        return changes

    def _stored(self, record: Record, writing: Writing) -> StoredEvent:
        held = writing.resident(record.stream)
        assert held is not None, "who writes has read"
        return ProfileMapper(held.namespace, held.sealer_of).to_stored_event(record)

    def _claims(self, routed: Routed, writing: Writing) -> Iterator[Claim]:
        """Only of what resolution looked at: it can then resolve again if another was faster."""
        namespace = routed.signal.namespace
        digest = self._keyring.namespace(namespace).digest
        claimable = routed.claimable
        if not claimable:
            return
        for record, before in zip(writing.records, writing.before, strict=True):
            for claim in new_claims(before, record.event):
                if claim in claimable:
                    yield Claim(namespace, digest(claim.kind, claim.value), record.subject)

    def _wrapped(self, profile: UUID, born: Resident) -> WrappedKey:
        assert born.sealer is not None
        wrapped = self._keyring.namespace(born.namespace).wrap(profile, born.sealer.key)
        return WrappedKey(profile, born.namespace, wrapped)


def _read(shelf: Callable[[UUID], T], profile: UUID) -> T:
    try:
        return shelf(profile)
    except Rejected:
        raise
    except Exception as error:
        raise CannotRead(error) from error


def _outrun(routed: Routed, dropped: tuple[Identifier, ...] = ()) -> Outcome:
    return Outcome(profile_id=routed.profile, version=0, outrun=True, dropped=dropped)


def _refused(routed: Routed, version: int, error: Exception) -> Outcome:
    if isinstance(error, Rejected):
        return _refusal(routed, version, error.code, error.detail)
    return _refusal(routed, version, "internal", type(error).__name__)


def _refusal(routed: Routed, version: int, code: str, detail: str) -> Outcome:
    return Outcome(profile_id=routed.profile, version=version, refused=code, detail=detail)
