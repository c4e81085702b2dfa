"""Whom a profile stands for besides itself, and by whom it is stood for.

Events never move. A merge says whose events are read together, a reversal says they no longer
are; which streams that means is said here, version by version.
"""

from collections.abc import Iterable, Mapping
from typing import ClassVar, TypeAlias, assert_never
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace


class Part(Struct, frozen=True, order=True, array_like=True):
    """Versions `first` to `last` of a stream, both included."""

    stream: UUID
    first: int
    last: int


class Evidence(Struct, frozen=True, order=True, array_like=True):
    """What a merge rests on: an identifier seen with both, without its value.

    `one` and `other` are the subjects that were known by it, or by what it was seen with.
    """

    kind: str
    one: UUID
    other: UUID


class LineageEvent(Struct, frozen=True, omit_defaults=True):
    """Marks every lineage event."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()


class Absorbed(LineageEvent, frozen=True, tag="lineage.absorbed"):
    """From now on this profile stands for `absorbed` and for all that it stood for: `subjects`.

    `parts` are where their events until now are; later ones come to this stream, after `since`.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"reason"})
    merge_id: UUID
    absorbed: UUID
    subjects: tuple[UUID, ...]
    parts: tuple[Part, ...]
    since: int
    rule: str
    evidence: tuple[Evidence, ...] = ()
    reason: str | None = None


class AbsorbedInto(LineageEvent, frozen=True, tag="lineage.absorbed_into"):
    """The last event of a stream until the merge is undone."""

    merge_id: UUID
    survivor: UUID


class Released(LineageEvent, frozen=True, tag="lineage.released"):
    """This profile no longer stands for these."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"reason"})
    merge_id: UUID
    released: UUID
    subjects: tuple[UUID, ...]
    reason: str | None = None


class Restored(LineageEvent, frozen=True, tag="lineage.restored"):
    """This profile stands for itself again. What happened meanwhile is in `windows`."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"reason"})
    merge_id: UUID
    survivor: UUID
    windows: tuple[Part, ...]
    reason: str | None = None


class KeptApart(LineageEvent, frozen=True, tag="lineage.kept_apart"):
    """Not the same person, somebody has said: no rule may merge these two again."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"reason"})
    one: UUID
    other: UUID
    reason: str | None = None


Event: TypeAlias = Absorbed | AbsorbedInto | Released | Restored | KeptApart


class Merge(Struct, frozen=True):
    """One that holds: who came by it and is still here, and where their events before it are."""

    absorbed: UUID
    subjects: frozenset[UUID]
    parts: tuple[Part, ...]
    since: int
    evidence: tuple[Evidence, ...] = ()

    def rests_on(self, subjects: frozenset[UUID]) -> bool:
        """Whether without these nothing would speak for it."""
        return bool(self.evidence) and all({e.one, e.other} & subjects for e in self.evidence)


class Lineage(Struct, frozen=True):
    """`windows` are parts of other streams that were written while the profile was absorbed."""

    merges: dict[UUID, Merge] = {}
    windows: tuple[Part, ...] = ()
    absorbed_into: UUID | None = None
    absorbed_by: UUID | None = None
    kept_apart: frozenset[tuple[UUID, UUID]] = frozenset()

    @property
    def subjects(self) -> frozenset[UUID]:
        """Whom the profile stands for, itself left out."""
        return frozenset().union(*(merge.subjects for merge in self.merges.values()))

    @property
    def parts(self) -> tuple[Part, ...]:
        """Where, besides in its own stream, events of the profile are."""
        return (*self.windows, *(part for merge in self.merges.values() for part in merge.parts))


def evolve(lineage: Lineage, event: Event) -> Lineage:
    match event:
        case Absorbed():
            subjects = frozenset(event.subjects)
            merge = Merge(event.absorbed, subjects, event.parts, event.since, event.evidence)
            return replace(lineage, merges={**lineage.merges, event.merge_id: merge})
        case AbsorbedInto():
            return replace(lineage, absorbed_into=event.survivor, absorbed_by=event.merge_id)
        case Released():
            return replace(lineage, merges=_without(lineage.merges, event))
        case Restored():
            windows = (*lineage.windows, *event.windows)
            return replace(lineage, absorbed_into=None, absorbed_by=None, windows=windows)
        case KeptApart():
            pair = ordered(event.one, event.other)
            return replace(lineage, kept_apart=lineage.kept_apart | {pair})
        case _:
            assert_never(event)


def ordered(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    return (one, other) if one < other else (other, one)


def united(parts: Iterable[Part]) -> list[Part]:
    """The same versions, none of them twice."""
    found: list[Part] = []
    for part in sorted(parts):
        last = found[-1] if found else None
        if last and last.stream == part.stream and part.first <= last.last + 1:
            found[-1] = replace(last, last=max(last.last, part.last))
        else:
            found.append(part)
    return found


def _without(merges: Mapping[UUID, Merge], event: Released) -> dict[UUID, Merge]:
    """The merge itself goes; where it was made further down, whoever came by it does."""
    gone = frozenset(event.subjects)
    left = {
        merge_id: replace(merge, subjects=merge.subjects - gone)
        for merge_id, merge in merges.items()
        if merge_id != event.merge_id
    }
    return {merge_id: merge for merge_id, merge in left.items() if merge.subjects}
