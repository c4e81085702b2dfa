"""What a merge and its reversal write, and to which streams. Pure.

Both are one unit over all streams concerned. A reversal of a merge further down (A took in B, then
C took in A, and now B leaves) tells every profile that stood for the one that leaves.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from aggregates.profile.decisions.rejection import Rejected
from aggregates.profile.events import lineage
from aggregates.profile.events.lineage import (
    Absorbed,
    AbsorbedInto,
    Evidence,
    KeptApart,
    Lineage,
    Merge,
    Part,
    Released,
    Restored,
    united,
)


class Party(NamedTuple):
    """A profile as far as merges go."""

    profile: UUID
    version: int
    lineage: Lineage

    @property
    def members(self) -> frozenset[UUID]:
        """Itself and whom it stands for."""
        return self.lineage.subjects | {self.profile}


class Write(NamedTuple):
    stream: UUID
    event: lineage.Event


class Why(NamedTuple):
    """What a merge is made for: a rule's name with its evidence, or a person's reason."""

    rule: str
    evidence: tuple[Evidence, ...] = ()
    reason: str | None = None


def may_unite(one: Party, other: Party) -> None:
    """Raises Rejected where these two cannot become one profile."""
    if one.profile == other.profile or one.profile in other.members or other.profile in one.members:
        raise Rejected("already_one", f"{one.profile} and {other.profile} are one already")
    for party in (one, other):
        if party.lineage.absorbed_into is not None:
            raise Rejected("already_absorbed", f"{party.profile} is part of another profile")
    if are_kept_apart(one, other):
        pair = f"{one.profile} and {other.profile}"
        raise Rejected("kept_apart", f"somebody has said that {pair} are not the same person")


def are_kept_apart(one: Party, other: Party) -> bool:
    said = one.lineage.kept_apart | other.lineage.kept_apart
    pairs = ({a, b} for a, b in said)
    return any(pair & one.members and pair & other.members for pair in pairs)


def absorb(survivor: Party, absorbed: Party, merge_id: UUID, why: Why) -> list[Write]:
    """Raises Rejected where these two cannot become one profile."""
    may_unite(survivor, absorbed)
    parts = united([Part(absorbed.profile, 1, absorbed.version), *absorbed.lineage.parts])
    taken = Absorbed(
        merge_id=merge_id,
        absorbed=absorbed.profile,
        subjects=(absorbed.profile, *sorted(absorbed.lineage.subjects)),
        parts=tuple(parts),
        since=survivor.version + 1,
        rule=why.rule,
        evidence=why.evidence,
        reason=why.reason,
    )
    return [
        Write(survivor.profile, taken),
        Write(absorbed.profile, AbsorbedInto(merge_id, survivor.profile)),
    ]


class Undone(NamedTuple):
    """A merge that holds, and the profile into which it was made."""

    merge_id: UUID
    survivor: UUID


Lookup = Callable[[UUID], Party]


def needed(merge_id: UUID, survivor: UUID, party: Lookup) -> list[Undone]:
    """The merges to undo, newest first, so that this one can be: itself, and all that would have
    nothing else to rest on.

    Raises Rejected where the merge does not hold.
    """
    asked = Undone(merge_id, survivor)
    found, leaving = {asked}, _merge(asked, party).subjects
    while more := set(_resting_on(leaving, found, party)) - found:
        found |= more
        leaving = leaving.union(*(_merge(undone, party).subjects for undone in more))
    return sorted(found, reverse=True)


def _resting_on(leaving: frozenset[UUID], found: set[Undone], party: Lookup) -> Iterator[Undone]:
    for undone in found:
        for profile in chain_of(undone.survivor, party):
            for merge_id, merge in party(profile).lineage.merges.items():
                if merge.rests_on(leaving):
                    yield Undone(merge_id, profile)


def _merge(undone: Undone, party: Lookup) -> Merge:
    merge = party(undone.survivor).lineage.merges.get(undone.merge_id)
    if merge is None:
        raise Rejected("already_reversed", "this merge does not hold any more")
    return merge


def chain_of(profile: UUID, party: Lookup) -> list[UUID]:
    """The profile, who took it in, and so on to the one that stands for all of them now."""
    chain = [profile]
    while (above := party(chain[-1]).lineage.absorbed_into) is not None:
        chain.append(above)
    return chain


class Undoing:
    """The reversal of merges, one after the other."""

    def __init__(self, party: Lookup) -> None:
        self._before = party
        self._now: dict[UUID, Party] = {}
        self.writes: list[Write] = []

    def undo(self, undone: Undone, reason: str | None) -> None:
        """Raises Rejected where the merge does not hold."""
        merge, survivor = _merge(undone, self._party), undone.survivor
        chain = chain_of(survivor, self._party)
        windows = tuple(united(self._windows(chain, merge)))
        subjects = tuple(sorted(merge.subjects))
        leaves, head = merge.absorbed, chain[-1]
        for party in chain:
            self._write(party, Released(undone.merge_id, leaves, subjects, reason))
        self._write(leaves, Restored(undone.merge_id, head, windows, reason))
        for party in sorted({survivor, head, leaves}):
            self._write(party, KeptApart(*lineage.ordered(survivor, leaves), reason))

    def _party(self, profile: UUID) -> Party:
        return self._now.get(profile) or self._before(profile)

    def _windows(self, chain: Sequence[UUID], merge: Merge) -> Iterator[Part]:
        """Wherever events about those who leave may have been written since they came."""
        came = merge
        for profile, above in zip(chain, [*chain[1:], None], strict=True):
            _, version, held = self._party(profile)
            yield from held.windows
            if version > came.since:
                yield Part(profile, came.since + 1, version)
            if above is not None and held.absorbed_by is not None:
                came = self._party(above).lineage.merges[held.absorbed_by]

    def _write(self, stream: UUID, event: lineage.Event) -> None:
        party = self._party(stream)
        self.writes.append(Write(stream, event))
        self._now[stream] = party._replace(
            version=party.version + 1, lineage=lineage.evolve(party.lineage, event)
        )
