"""Stand-ins for the ports: signals are really decided and folded, only nothing is stored."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from uuid import UUID, uuid4

from msgspec import Struct
from msgspec.structs import replace

from actors.line import Deliveries
from actors.signals import NobodyYet, Outcome, Signal, UnknownProfile
from aggregates.log.histories import Told
from aggregates.log.moments import NOW, Moment
from aggregates.log.record import Record
from aggregates.profile.answers import answer_of
from aggregates.profile.decide import decide
from aggregates.profile.decisions.context import Context
from aggregates.profile.decisions.identity import Recognise
from aggregates.profile.decisions.rejection import Rejected
from aggregates.profile.events.lineage import Lineage
from aggregates.profile.identifiers import Identifier, strongest_first
from aggregates.profile.profile import Event, Profile, fold
from api.ports import utc_now


class Folded(Struct):
    profile_id: UUID
    version: int
    created_at: datetime
    profile: Profile


@dataclass
class Memory:
    """A gateway, histories and identities in one. `answers` replaces what the gateway would do."""

    signals: list[Signal] = field(default_factory=list)
    answers: Callable[[Signal], Outcome | Exception | None] = lambda signal: None
    logs: dict[tuple[int, UUID], list[Record]] = field(default_factory=dict)
    owned: dict[tuple[int, Identifier], UUID] = field(default_factory=dict)
    outcomes: dict[tuple[int, str], Outcome] = field(default_factory=dict)
    now: Callable[[], datetime] = utc_now
    waiting: int = 0
    held_up: int = 0
    silent_until: float = -inf
    deliveries: Deliveries = field(default_factory=Deliveries)

    def forget(self) -> None:
        for held in (self.signals, self.logs, self.owned, self.outcomes):
            held.clear()
        self.answers = lambda signal: None

    async def submit(self, signal: Signal) -> Outcome:
        self.signals.append(signal)
        told = self.answers(signal)
        if isinstance(told, Exception):
            raise told
        if told is not None:
            return told
        key = (signal.namespace, signal.id)
        if (known := self.outcomes.get(key)) is not None:
            return replace(known, events=(), position=None, duplicate=True)
        outcome = self._decided(signal)
        if not outcome.refused:
            self.outcomes[key] = outcome
        return outcome

    async def stats(self) -> Sequence[Mapping[str, object]]:
        return [{"host": "host-0", "residents": 3, "restarts": 0, "name": "not a number"}]

    async def owners(
        self, namespace: int, identifiers: Sequence[Identifier]
    ) -> dict[Identifier, UUID]:
        return {k: self.owned[namespace, k] for k in identifiers if (namespace, k) in self.owned}

    async def profile(
        self, namespace: int, profile_id: UUID, moment: Moment = NOW
    ) -> Folded | None:
        log = self._shown(namespace, profile_id, moment)
        if not log:
            return None
        profile = fold(record.happened for record in log)
        return Folded(profile_id, log[-1].version, log[0].recorded_at, profile)

    async def head(self, profile: UUID) -> UUID:
        return profile

    async def told(self, namespace: int, profile_id: UUID, moment: Moment = NOW) -> Told | None:
        log = self._shown(namespace, profile_id, moment)
        return Told(len(log), Lineage(), log) if log else None

    def _shown(self, namespace: int, profile_id: UUID, moment: Moment) -> list[Record]:
        log = self.logs.get((namespace, profile_id), [])
        return [one for one in log[: moment.version] if moment.shows(one)]

    async def records(
        self,
        namespace: int,
        profile_id: UUID,
        *,
        from_version: int,
        limit: int,
        topic: str | None,
        subject: UUID | None,
    ) -> list[Record]:
        found = [
            record
            for record in self.logs.get((namespace, profile_id), [])
            if record.version >= from_version
            and topic in (None, record.event.__struct_config__.tag)
            and subject in (None, record.subject)
        ]
        return found[:limit]

    async def listed(self, namespace: int, places: Sequence[tuple[UUID, int]]) -> list[Record]:
        told = [self.logs.get((namespace, stream), []) for stream, _ in places]
        return [log[version - 1] for log, (_, version) in zip(told, places, strict=True) if log]

    def _decided(self, signal: Signal) -> Outcome:
        profile_id = self._owner(signal)
        log = self.logs.get((signal.namespace, profile_id), [])
        try:
            events = self._events(signal, fold(record.happened for record in log))
        except Rejected as no:
            return Outcome(
                profile_id=profile_id, version=len(log), refused=no.code, detail=no.detail
            )
        self.logs[signal.namespace, profile_id] = log + [
            self._record(signal, profile_id, version, event, at)
            for version, (event, at) in enumerate(events, start=len(log) + 1)
        ]
        for known in signal.identifiers:
            self.owned.setdefault((signal.namespace, known), profile_id)
        version = len(log) + len(events)
        topics = tuple(str(event.__struct_config__.tag) for event, _ in events)
        return Outcome(
            profile_id=profile_id,
            version=version,
            events=topics,
            position=f"17:{version}",
            created=not log and bool(events),
            answer=answer_of(event for event, _ in events),
        )

    def _owner(self, signal: Signal) -> UUID:
        if signal.profile is not None:
            if (signal.namespace, signal.profile) not in self.logs:
                raise UnknownProfile
            return signal.profile
        for known in strongest_first(signal.identifiers):
            if owner := self.owned.get((signal.namespace, known)):
                return owner
        if not signal.creates:
            raise NobodyYet
        return uuid4()

    def _events(self, signal: Signal, profile: Profile) -> list[tuple[Event, datetime]]:
        steps = [(Recognise(signal.identifiers), signal.occurred_at)]
        steps += [(step.command, step.at) for step in signal.steps]
        return [
            (event, at)
            for command, at in steps
            for event in decide(
                profile,
                command,
                Context(at, self.now(), signal.source, command_id=signal.id),
            )
        ]

    def _record(
        self, signal: Signal, profile_id: UUID, version: int, event: Event, at: datetime
    ) -> Record:
        return Record(
            stream=profile_id,
            version=version,
            subject=profile_id,
            event=event,
            occurred_at=at,
            recorded_at=self.now(),
            command_id=signal.id,
            by=signal.by,
            source=signal.source,
        )
