"""A signal whose identifiers have several owners: what that means for each of them."""

from collections.abc import Callable
from uuid import UUID

from actors.merging import Merging, Stale
from actors.signals import Routed
from actors.writing import Writing
from aggregates import uniting
from aggregates.matching.evidence import beside
from aggregates.matching.person import person_of
from aggregates.matching.score import score
from aggregates.profile.events import identity
from aggregates.profile.events.identity import is_live, key_of, live
from aggregates.profile.events.lineage import Evidence
from aggregates.resolution import PERSONAL_KINDS, Link, Owned, Standing, judge, standing
from aggregates.uniting import Why

LISTS = frozenset({"import"})  # sources that only say what somebody else once wrote down


class Judging:
    """Of one signal. `mint` makes ids."""

    def __init__(
        self, routed: Routed, writing: Writing, merging: Merging, mint: Callable[[], UUID]
    ) -> None:
        self._routed = routed
        self._writing = writing
        self._merging = merging
        self._mint = mint
        self._at = routed.signal.occurred_at

    def judge(self) -> None:
        """Raises Stale where owners are not what they were when the signal was routed."""
        by_head: dict[UUID, list[Owned]] = {}
        for owned in self._routed.owned:  # strongest first
            if not self.is_ours(owned):
                by_head.setdefault(owned.head, []).append(owned)
        for head, some in by_head.items():
            self._between(head, some)

    def is_ours(self, owned: Owned) -> bool:
        held = self._merging.held(self._routed.profile)
        return held.stands_for(self._routed.profile, owned.subject)

    def _between(self, head: UUID, owned: list[Owned]) -> None:
        there = self._merging.party(head)
        if there.lineage.absorbed_into is not None or self._routed.profile in there.members:
            raise Stale  # in our memory we still stand for ourselves
        for one in owned:
            if self.is_ours(one):  # united by a stronger one
                return
            self._check_still_theirs(head, one)
            self._follow(head, one)

    def _check_still_theirs(self, head: UUID, owned: Owned) -> None:
        """Raises Stale where it has changed hands since the signal was routed."""
        there, known = self._merging.held(head), owned.identifier
        if not there.stands_for(head, owned.subject):
            raise Stale
        theirs = there.about(owned.subject).identity
        if known.kind in PERSONAL_KINDS and not is_live(theirs, known):
            raise Stale

    def _follow(self, head: UUID, owned: Owned) -> None:
        ours, theirs = self._standing(self._routed.profile), self._standing(head)
        verdict = judge(ours, theirs, self._link(head, owned), self._routed.rules.limits)
        if verdict == "merge":
            self._unite(head, owned)
        if verdict in ("switch", "switch_and_candidate"):
            self._switch(head, owned)
        if verdict in ("candidate", "switch_and_candidate"):
            self._ask(head, owned)
        if theirs.is_known and ours.is_known and verdict != "merge":
            self._note_use(head, owned)

    def _standing(self, profile: UUID) -> Standing:
        return standing(live(self._merging.held(profile).profile.identity))

    def _link(self, head: UUID, owned: Owned) -> Link:
        key = key_of(owned.identifier)
        theirs = self._merging.held(head).profile.identity
        return Link(
            kind=owned.identifier.kind,
            together=self._routed.signal.source.kind not in LISTS,
            has_power=not owned.shared
            and owned.identifier not in self._routed.signal.powerless
            and not self._are_apart(head),
            has_history=bool(theirs.former.get(key)),
        )

    def _are_apart(self, head: UUID) -> bool:
        ours = self._merging.party(self._routed.profile)
        return uniting.are_kept_apart(ours, self._merging.party(head))

    def _unite(self, head: UUID, owned: Owned) -> None:
        evidence = Evidence(owned.identifier.kind, self._routed.subject, owned.subject)
        why = Why(f"same_{owned.identifier.kind}", (evidence,))
        self._merging.absorb(self._routed.profile, head, self._mint(), why)

    def _switch(self, head: UUID, owned: Owned) -> None:
        """From now on the device speaks for whom the signal is about; what was, stays."""
        known, theirs = owned.identifier, self._merging.held(head).profile.identity
        turn = theirs.sightings[key_of(known)].turn + 1
        former = theirs.former.get(key_of(known), frozenset()) | {owned.subject}
        subject = self._routed.subject
        left = identity.Unlinked(turn, (known,), to=subject)
        self._writing.write(head, owned.subject, left, self._at)
        source = self._routed.signal.source.kind
        came = identity.DeviceSwitched(turn, (known,), tuple(sorted(former)), source)
        self._writing.write(self._routed.profile, subject, came, self._at)

    def _ask(self, head: UUID, owned: Owned) -> None:
        profile = self._routed.profile
        if self._merging.has_been_asked(profile, head):
            return
        kind = owned.identifier.kind
        one, other = (self._merging.held(each).profile for each in (profile, head))
        found = beside(kind, person_of(one), person_of(other))
        names = tuple(sorted(each.name for each in found))
        likely = round(score(found), 4)
        opened = identity.CandidateOpened(self._mint(), head, likely, f"same_{kind}", names)
        self._writing.write(profile, profile, opened, self._at)

    def _note_use(self, head: UUID, owned: Owned) -> None:
        """Who has it, and who else came with it: too many, and it unites nobody any more."""
        known = owned.identifier
        alarm = getattr(self._routed.rules.alarms, known.kind, None)
        held = self._merging.held(head).profile.identity
        users = held.users.get(key_of(known), frozenset())
        if alarm is None or owned.shared or self._routed.profile in users:
            return
        seen = identity.SeenElsewhere(self._routed.profile, (known,))
        self._writing.write(head, owned.subject, seen, self._at)
        users |= {self._routed.profile, owned.subject}
        if len(users) >= alarm:
            merges = tuple(self._resting_on(head, owned))
            flag = identity.FlaggedShared((known,), tuple(sorted(users)), merges)
            self._writing.write(head, owned.subject, flag, self._at)

    def _resting_on(self, head: UUID, owned: Owned) -> list[UUID]:
        """The merges of the owner that a value of this kind alone has made."""
        merges = self._merging.party(head).lineage.merges
        kind = owned.identifier.kind
        return sorted(
            merge_id
            for merge_id, merge in merges.items()
            if merge.evidence and all(e.kind == kind for e in merge.evidence)
        )
