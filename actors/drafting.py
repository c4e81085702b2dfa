"""Deciding a batch on tentative states, beside the residents, until the log has it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from actors.residents import Resident
from actors.signals import Outcome, Routed, Step
from aggregates.log.codec import ProfileMapper
from aggregates.log.keys import Keyring, Sealer
from aggregates.log.port import Claim, StoredEvent, WrappedKey
from aggregates.log.record import Record
from aggregates.profile.claims import new_claims
from aggregates.profile.decide import decide
from aggregates.profile.decisions.context import Context
from aggregates.profile.decisions.rejection import Rejected
from aggregates.profile.profile import EMPTY, Profile, evolve


class Draft(NamedTuple):
    """What one signal would write to its profile."""

    profile: UUID
    namespace: int
    version: int
    stored: list[StoredEvent]
    claims: list[Claim]
    fingerprint: bytes


class Drafting:
    """One attempt at a batch. Nothing here is adopted before the commit."""

    def __init__(
        self,
        held: Mapping[UUID, Resident],
        keyring: Keyring,
        mint_key: Callable[[], bytes],
        now: datetime,
    ) -> None:
        self._before = held
        self._keyring = keyring
        self._mint_key = mint_key
        self._now = now
        self.tentative: dict[UUID, Resident] = {}
        self.keys: list[WrappedKey] = []

    def draft(self, routed: Routed) -> Draft | Outcome:
        """The signal's events, or the outcome that refuses it; a refusal leaves no trace."""
        held = self._held(routed)
        signal = routed.signal
        if held is None and signal.profile is None:
            return Outcome(profile_id=routed.profile, version=0, outrun=True)
        if held is None or held.namespace != signal.namespace:
            return _refusal(routed, 0, "unknown_profile", "no such profile in this namespace")
        if held.sealer is None:
            return _refusal(routed, held.version, "erased", "this profile was erased")
        try:
            return self._drafted(held, routed, *self._decided(held, routed))
        except Rejected as no:
            return _refusal(routed, held.version, no.code, no.detail)
        except Exception as bug:  # noqa: BLE001  # a bug in one command fails that command alone
            return _refusal(routed, held.version, "internal", type(bug).__name__)

    def _held(self, routed: Routed) -> Resident | None:
        profile = routed.profile
        held = self.tentative.get(profile) or self._before.get(profile)
        if held is None and routed.signal.profile is None and routed.signal.creates:
            return self._born(profile, routed.signal.namespace)
        return held

    def _born(self, profile: UUID, namespace: int) -> Resident:
        return Resident(EMPTY, 0, namespace, Sealer(self._mint_key()))

    def _decided(self, held: Resident, routed: Routed) -> tuple[Profile, list[Record], list[Claim]]:
        profile, version, signal = held.profile, held.version, routed.signal
        digest = self._keyring.namespace(signal.namespace).digest
        # only what resolution looked at: it can then resolve again if somebody else was faster
        claimable = frozenset(signal.identifiers) - routed.owned_elsewhere
        records: list[Record] = []
        claims: list[Claim] = []
        for step in (Step(signal.occurred_at, routed.recognise), *signal.steps):
            context = Context(step.at, self._now, signal.source, routed.owned_elsewhere)
            stamp = context.stamp
            for event in decide(profile, step.command, context):
                claims += [
                    Claim(signal.namespace, digest(claim.kind, claim.value), routed.profile)
                    for claim in new_claims(profile, event)
                    if claim in claimable
                ]
                version += 1
                profile = evolve(profile, event, stamp)
                records.append(
                    Record(
                        stream=routed.profile,
                        version=version,
                        subject=routed.profile,
                        event=event,
                        occurred_at=step.at,
                        recorded_at=self._now,
                        command_id=signal.id,
                        by=signal.by,
                        source=signal.source,
                    )
                )
        return profile, records, claims

    def _drafted(
        self,
        held: Resident,
        routed: Routed,
        profile: Profile,
        records: list[Record],
        claims: list[Claim],
    ) -> Draft:
        mapper = ProfileMapper(held.namespace, lambda _subject: held.sealer)
        stored = [mapper.to_stored_event(record) for record in records]
        version = held.version + len(stored)
        size = held.size + sum(len(event.state) for event in stored)
        if stored:
            if held.version == 0:
                self.keys.append(self._wrapped(routed.profile, held))
            self.tentative[routed.profile] = held._replace(
                profile=profile, version=version, size=size
            )
        fingerprint = routed.signal.fingerprint
        return Draft(routed.profile, held.namespace, version, stored, claims, fingerprint)

    def _wrapped(self, profile: UUID, born: Resident) -> WrappedKey:
        assert born.sealer is not None
        wrapped = self._keyring.namespace(born.namespace).wrap(profile, born.sealer.key)
        return WrappedKey(profile, born.namespace, wrapped)


def _refusal(routed: Routed, version: int, code: str, detail: str) -> Outcome:
    return Outcome(profile_id=routed.profile, version=version, refused=code, detail=detail)
