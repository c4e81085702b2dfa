"""Where people and platforms unite two profiles, part them again, and answer candidates."""

from uuid import UUID

from uuid_utils.compat import uuid7

from actors.signals import Outcome
from aggregates import uniting
from aggregates.log.histories import Folded, Told, minted_at
from aggregates.log.merges import Candidate, Merge, Merges
from aggregates.profile.decisions.lineage import (
    Command,
    MergeProfiles,
    RejectCandidate,
    ReverseMerge,
)
from aggregates.profile.events.lineage import LineageEvent
from aggregates.profile.profile import fold
from aggregates.uniting import Party, Undone
from api.answers import refusal
from api.errors import Fault, Problem, invalid, no_such
from api.intake.command import Caller
from api.merges import windows
from api.merges.asked import MergeAsked, Reasoned, signal_of
from api.merges.meanwhile import Meanwhile, meanwhile
from api.merges.refusals import blaming, checked, checked_unerased
from api.ports import Gateway, Histories, Identities


class Desk:
    def __init__(
        self, gateway: Gateway, identities: Identities, merges: Merges, histories: Histories
    ) -> None:
        self._gateway = gateway
        self._identities = identities
        self._merges = merges
        self._histories = histories

    async def preview(self, caller: Caller, asked: MergeAsked) -> Folded:
        """The united profile as it would be. Raises Problem."""
        erased = await self._known(caller, asked)
        told = {one: await self._story(caller, one) for one in asked.pair.values()}
        survivor, absorbed = (_party(one, told[one]) for one in asked.pair.values())
        try:
            checked_unerased(erased)
            checked(lambda: uniting.may_unite(survivor, absorbed))
        except Problem as refused:
            raise blaming(refused, asked) from refused
        records = [record for one in told.values() for record in one.records]
        happened = (r.happened for r in records if not isinstance(r.event, LineageEvent))
        version = told[asked.survivor].version + 1
        return Folded(asked.survivor, version, minted_at(asked.survivor), fold(happened))

    async def merge(self, caller: Caller, asked: MergeAsked, name: str, body: bytes) -> Merge:
        """Raises Problem."""
        await self._known(caller, asked)
        command = MergeProfiles(uuid7(), asked.survivor, asked.absorbed, reason=asked.reason)
        try:
            await self._told(command, asked.survivor, name, body, caller)
        except Problem as refused:
            raise blaming(refused, asked) from refused
        return await self._last(caller, asked.survivor, asked.absorbed)

    async def found(self, namespace: int, merge_id: UUID) -> Merge:
        """Raises Problem (404)."""
        merge = await self._merges.merge(namespace, merge_id)
        if merge is None:
            raise no_such("merge")
        return merge

    async def parting(self, caller: Caller, merge: Merge) -> list[Merge]:
        """All that would have to be undone, newest first. Raises Problem where it cannot be."""
        windows.checked(merge.merged_at, merge.plan, caller.received_at)
        told: dict[UUID, Told] = {}

        def party(profile: UUID) -> Party:
            return _party(profile, told[profile])

        undone: list[Undone] | None = None
        while undone is None:  # who is needed shows only on the way
            try:
                undone = checked(lambda: uniting.needed(merge.merge_id, merge.survivor, party))
            except KeyError as missing:
                profile = missing.args[0]
                told[profile] = await self._story(caller, profile)
        return [await self.found(caller.namespace, one.merge_id) for one in undone]

    async def meanwhile(self, namespace: int, merge: Merge) -> Meanwhile:
        """What happened while the two were one."""
        head = await self._identities.head(merge.survivor)
        told = [await self._histories.told(namespace, one) for one in {head, merge.absorbed}]
        records = {(r.stream, r.version): r for one in told if one for r in one.records}
        return meanwhile(merge, records.values())

    async def of(self, namespace: int, profile: UUID) -> list[Merge]:
        """Raises Problem (404) where there is no such profile."""
        if await self._histories.told(namespace, profile) is None:
            raise no_such("profile")
        return await self._merges.of(namespace, profile)

    async def candidates(
        self, namespace: int, limit: int, after: tuple[float, UUID] | None
    ) -> list[Candidate]:
        return await self._merges.open_candidates(namespace, limit, after)

    async def reverse(
        self, caller: Caller, merge: Merge, asked: Reasoned, name: str, body: bytes
    ) -> Merge:
        if merge.reversed_at is None:  # else it is a repeat, or the host says that it was undone
            windows.checked(merge.merged_at, merge.plan, caller.received_at)
        command = ReverseMerge(merge.merge_id, merge.survivor, asked.reason)
        await self._told(command, merge.survivor, name, body, caller)
        return await self.found(caller.namespace, merge.merge_id)

    async def candidate(self, namespace: int, candidate_id: UUID) -> Candidate:
        """Raises Problem (404)."""
        found = await self._merges.candidate(namespace, candidate_id)
        if found is None:
            raise no_such("candidate")
        return found

    async def accept(
        self, caller: Caller, candidate: Candidate, asked: Reasoned, name: str, body: bytes
    ) -> Merge:
        _still_open(candidate)
        one, other = candidate.one, candidate.other
        command = MergeProfiles(
            uuid7(), one, other, candidate.rule, asked.reason, candidate.candidate_id
        )
        await self._told(command, one, name, body, caller)
        return await self._last(caller, one, other)

    async def reject(
        self, caller: Caller, candidate: Candidate, asked: Reasoned, name: str, body: bytes
    ) -> Candidate:
        _still_open(candidate)
        command = RejectCandidate(
            candidate.candidate_id, candidate.one, candidate.other, asked.reason
        )
        await self._told(command, candidate.one, name, body, caller)
        return await self.candidate(caller.namespace, candidate.candidate_id)

    async def _told(
        self, command: Command, whom: UUID, name: str, body: bytes, caller: Caller
    ) -> Outcome:
        outcome = await self._gateway.submit(signal_of(command, whom, name, body, caller))
        if outcome.refused:
            raise refusal(outcome)
        return outcome

    async def _last(self, caller: Caller, survivor: UUID, absorbed: UUID) -> Merge:
        merge = await self._merges.last(caller.namespace, survivor, absorbed)
        assert merge is not None, "it was acknowledged"
        return merge

    async def _known(self, caller: Caller, asked: MergeAsked) -> dict[UUID, bool]:
        """Whether each was erased. Raises Problem where one does not exist (404)."""
        erased = await self._merges.erased(caller.namespace, list(asked.pair.values()))
        if lost := [field for field, profile in asked.pair.items() if profile not in erased]:
            faults = (Fault(field, "there is no such profile in this namespace") for field in lost)
            raise invalid(*faults, status=404)
        return erased

    async def _story(self, caller: Caller, profile: UUID) -> Told:
        told = await self._histories.told(caller.namespace, profile)
        assert told is not None, "who was part of a merge exists"
        return told


def _party(profile: UUID, told: Told) -> Party:
    return Party(profile, told.version, told.lineage)


def _still_open(candidate: Candidate) -> None:
    if candidate.outcome is not None:
        detail = f"this candidate was closed: {candidate.outcome}"
        raise Problem(409, "already_closed", detail)
