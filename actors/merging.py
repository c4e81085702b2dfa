"""Merge and reverse: one unit over two streams and more."""

from collections.abc import Callable, Iterable
from uuid import UUID

from actors.signals import Routed
from actors.writing import Writing
from aggregates import uniting
from aggregates.log.record import Record
from aggregates.log.residents import Resident
from aggregates.profile.decisions.lineage import (
    Command,
    MergeProfiles,
    OpenCandidate,
    RejectCandidate,
    ReverseMerge,
    UniteAccounts,
)
from aggregates.profile.decisions.rejection import Rejected
from aggregates.profile.events.identity import (
    REJECTED,
    CandidateClosed,
    CandidateOpened,
    Linked,
    is_live,
)
from aggregates.profile.events.lineage import KeptApart, ordered
from aggregates.profile.identifiers import Identifier
from aggregates.uniting import Party, Why

ReadAll = Callable[[UUID], Iterable[Record]]  # every record about a profile, by the log


class Stale(Exception):
    """A profile has been changed, by this batch or by others: resolve the signal again."""


class Merging:
    """Of one signal. `told` reads all that the log tells of a profile, `mint` makes ids."""

    def __init__(
        self, routed: Routed, writing: Writing, told: ReadAll, mint: Callable[[], UUID]
    ) -> None:
        self._routed = routed
        self._writing = writing
        self._told = told
        self._mint = mint
        self._at = routed.signal.occurred_at
        self.parted: set[UUID] = set()  # whose events must be read anew before they are written to

    def obey(self, command: Command) -> None:
        """Raises Rejected, Stale."""
        match command:
            case MergeProfiles():
                self._merge(command)
            case UniteAccounts():
                self._unite_accounts(command)
            case ReverseMerge():
                self._reverse(command)
            case OpenCandidate():
                self._open(command)
            case RejectCandidate():
                self._keep_apart(command)

    def absorb(
        self, survivor: UUID, absorbed: UUID, merge_id: UUID, why: Why, outcome: str = "merged"
    ) -> None:
        """`outcome` is that of the candidates this answers. Raises Rejected where the two cannot
        become one."""
        for stream, event in uniting.absorb(
            self.party(survivor), self.party(absorbed), merge_id, why
        ):
            self._writing.write(stream, stream, event, self._at)
        self._writing.join(survivor, absorbed, self._told(absorbed))
        self._close_between(survivor, outcome)

    def party(self, profile: UUID) -> Party:
        held = self.held(profile)
        return Party(profile, held.version, held.profile.lineage)

    def held(self, profile: UUID) -> Resident:
        """Raises Rejected where there is no such profile, or it was erased."""
        held = self._writing.resident(profile)
        if held is None:
            raise Rejected("unknown_profile", f"no profile {profile} in this namespace")
        if held.sealer is None:
            raise Rejected("erased", f"profile {profile} was erased")
        return held

    def _merge(self, command: MergeProfiles) -> None:
        why = Why(command.rule, reason=command.reason)
        outcome = "accepted" if command.candidate_id else "merged"
        self.absorb(command.survivor, command.absorbed, command.merge_id, why, outcome)

    def _unite_accounts(self, command: UniteAccounts) -> None:
        profile = self._routed.profile
        gone = Identifier("shopify_customer_id", command.gone)
        owner = next((o for o in self._routed.owned if o.identifier == gone), None)
        if owner is None:
            self._link(gone)
        elif not self.held(profile).stands_for(profile, owner.subject):
            self.absorb(profile, owner.head, self._mint(), Why("merged_by_the_shop"))

    def _link(self, alias: Identifier) -> None:
        """Beyond the limit of its kind: it is another name for an account that counts already."""
        if not is_live(self.held(self._routed.profile).profile.identity, alias):
            linked = Linked((alias,), self._routed.signal.source.kind)
            self._writing.write(self._routed.profile, self._routed.subject, linked, self._at)

    def _reverse(self, command: ReverseMerge) -> None:
        undoing = uniting.Undoing(self.party)
        for undone in uniting.needed(command.merge_id, command.survivor, self.party):
            undoing.undo(undone, command.reason)
        for stream, event in undoing.writes:
            self._writing.write(stream, stream, event, self._at)
            self.parted.add(stream)

    def _open(self, command: OpenCandidate) -> None:
        one, other = command.one, command.other
        uniting.may_unite(self.party(one), self.party(other))
        if self.has_been_asked(one, other):
            raise Rejected("already_asked", "there was a candidate of these two before")
        opened = CandidateOpened(
            command.candidate_id, other, command.score, command.rule, command.evidence
        )
        self._writing.write(one, one, opened, self._at)

    def has_been_asked(self, one: UUID, other: UUID) -> bool:
        """Whether there is, or was, a candidate of these two."""
        pairs = ((one, other), (other, one))
        return any(b in self.held(a).profile.identity.candidates for a, b in pairs)

    def _keep_apart(self, command: RejectCandidate) -> None:
        one, other = command.one, command.other
        if uniting.are_kept_apart(self.party(one), self.party(other)):
            raise Rejected("already_closed", "this candidate was rejected before")
        closed = CandidateClosed(command.candidate_id, other, REJECTED, command.reason)
        self._writing.write(one, one, closed, self._at)
        for stream in (one, other):
            self._writing.write(stream, stream, KeptApart(*ordered(one, other)), self._at)

    def _close_between(self, survivor: UUID, outcome: str) -> None:
        """Later evidence, or a person, has answered what was asked about these two."""
        held = self.held(survivor)
        members = held.members.keys()
        for other, candidate_id in held.profile.identity.candidates.items():
            if other in members and candidate_id not in held.profile.identity.closed:
                closed = CandidateClosed(candidate_id, other, outcome)
                self._writing.write(survivor, survivor, closed, self._at)
