"""Hosts that break promises, each in its own way; a simulation that lets them pass is no use."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from actors.blockades import Waiting
from actors.drafting import Draft, Drafting
from actors.remembered import Remembered, memories_of
from actors.shard import ShardWork
from actors.signals import Outcome, Routed, Signal
from aggregates.log.keys import Keyring
from aggregates.log.port import EventLog, LogUnreachable, StreamMoved, Unit
from aggregates.log.residents import Resident, Residents


class LooksNothingUp(ShardWork):
    """What was answered before is decided again."""

    def _remembered(self, waiting: Sequence[Waiting]) -> dict[int, Remembered]:
        return {}


class AdoptsBeforeCommit(ShardWork):
    def _commit(
        self, drafts: Mapping[int, Draft], drafting: Drafting, first: Mapping[bytes, int]
    ) -> dict[int, Remembered]:
        for profile, resident in drafting.tentative.items():
            self._residence.adopt(profile, resident)
        return super()._commit(drafts, drafting, first)


class SnapshotsBeforeCommit(ShardWork):
    def _commit(
        self, drafts: Mapping[int, Draft], drafting: Drafting, first: Mapping[bytes, int]
    ) -> dict[int, Remembered]:
        self._residence._due.update(drafting.tentative)
        return super()._commit(drafts, drafting, first)


class KeepsResidentsInDoubt(ShardWork):
    def _doubt(self, waiting: Iterable[Waiting]) -> None:
        self._log.forget_heads()


class KeepsHeadsInDoubt(ShardWork):
    def _doubt(self, waiting: Iterable[Waiting]) -> None:
        self.residents.drop(w.routed.profile for w in waiting)


class KeepsAllAfterABug(ShardWork):
    """Only a log that cannot be reached makes it doubt."""

    def _attempt(
        self, waiting: Sequence[Waiting], now: datetime, trust_fresh: bool
    ) -> dict[int, Outcome]:
        try:
            return self._answered(waiting, now, trust_fresh)
        except (StreamMoved, LogUnreachable) as error:
            self._doubt(waiting)
            if isinstance(error, StreamMoved):
                return {}
            raise


class TakesUnknownForDone(ShardWork):
    """Answers what it has decided when it cannot know that it is durable."""

    def _commit(
        self, drafts: Mapping[int, Draft], drafting: Drafting, first: Mapping[bytes, int]
    ) -> dict[int, Remembered]:
        try:
            return super()._commit(drafts, drafting, first)
        except LogUnreachable:
            events = [(1, d.namespace, s) for d in drafts.values() for s in d.stored]
            return memories_of(drafts, self._log.place(events))


class SharesIdsBetweenShops(ShardWork):
    def _keys_of(self, signal: Signal) -> tuple[bytes, ...]:
        return super()._keys_of(replace(signal, namespace=1))


class OverlooksContent(ShardWork):
    def _keys_of(self, signal: Signal) -> tuple[bytes, ...]:
        return super()._keys_of(signal)[:1]


class OverlooksReuse(ShardWork):
    """An id used for something else is taken for a repeat."""

    def _remembered(self, waiting: Sequence[Waiting]) -> dict[int, Remembered]:
        fingerprints = {w.place: w.routed.signal.fingerprint for w in waiting}
        held = super()._remembered(waiting)
        return {n: replace(memory, fingerprint=fingerprints[n]) for n, memory in held.items()}


class OverlooksShops(ShardWork):
    """A profile's id is enough to write to it."""

    def __init__(self, log: EventLog, keyring: Keyring, residents: Residents) -> None:
        super().__init__(log, keyring, residents)
        home = self._residence
        self._read, home.held = home.held, self._held  # type: ignore[method-assign]  # that is the sabotage

    def _answered(
        self, waiting: Sequence[Waiting], now: datetime, trust_fresh: bool
    ) -> dict[int, Outcome]:
        self._asked = {w.routed.profile: w.routed.signal.namespace for w in waiting}
        return super()._answered(waiting, now, trust_fresh)

    def _held(self, profiles: Iterable[UUID]) -> tuple[dict[UUID, Resident], set[UUID]]:
        held, unreadable = self._read(profiles)
        return {p: one._replace(namespace=self._asked[p]) for p, one in held.items()}, unreadable


class Tampered(ShardWork):
    """Writes something else than was decided."""

    def __init__(self, log: EventLog, keyring: Keyring, residents: Residents) -> None:
        super().__init__(log, keyring, residents)
        self._append, log.append = log.append, self._tampered  # type: ignore[method-assign]  # that is the sabotage

    def _tampered(self, unit: Unit) -> None:
        raise NotImplementedError


class CommitsInTwoSteps(Tampered):
    def _tampered(self, unit: Unit) -> None:
        self._append(unit._replace(outcomes=()))
        self._append(Unit(outcomes=unit.outcomes))


class ClaimsNothing(Tampered):
    def _tampered(self, unit: Unit) -> None:
        self._append(unit._replace(claims=()))


class RemembersNoOutcome(Tampered):
    def _tampered(self, unit: Unit) -> None:
        self._append(unit._replace(outcomes=()))


class LetsAnybodyCreate(ShardWork):
    def apply(self, batch: Sequence[Routed], now: datetime) -> list[Outcome]:
        willing = [replace(one, signal=replace(one.signal, creates=True)) for one in batch]
        return super().apply(willing, now)


BROKEN_HOSTS: dict[type[ShardWork], str] = {
    LooksNothingUp: "reply lost",
    AdoptsBeforeCommit: "commit later",
    SnapshotsBeforeCommit: "commit later",
    KeepsResidentsInDoubt: "commit unknown",
    KeepsHeadsInDoubt: "commit unknown",
    KeepsAllAfterABug: "commit bug",
    TakesUnknownForDone: "commit later",
    SharesIdsBetweenShops: "",
    OverlooksContent: "",
    OverlooksReuse: "",
    OverlooksShops: "",
    CommitsInTwoSteps: "host dies after",
    ClaimsNothing: "",
    RemembersNoOutcome: "",
    LetsAnybodyCreate: "slow",
}
