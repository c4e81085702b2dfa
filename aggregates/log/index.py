"""What look-ups need to know of identity, kept in the same transaction as the events it is from.

Everything here follows from the log: who an identifier belongs to, who stands for whom, which
merges hold, which candidates are open.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple, TypeAlias
from uuid import UUID

from aggregates.log.record import Record
from aggregates.profile.events import identity, lineage
from aggregates.profile.identifiers import Identifier


class Moved(NamedTuple):
    """An identifier changes hands; to nobody where `to` is None."""

    namespace: int
    digest: bytes
    owner: UUID
    to: UUID | None


class Shared(NamedTuple):
    namespace: int
    digest: bytes


class Redirected(NamedTuple):
    """The profile is part of `head` from now on; of none where it is None."""

    namespace: int
    profile: UUID
    head: UUID | None


class Merged(NamedTuple):
    merge_id: UUID
    namespace: int
    survivor: UUID
    absorbed: UUID
    rule: str
    at: datetime


class Reversed(NamedTuple):
    merge_id: UUID
    at: datetime


class Opened(NamedTuple):
    candidate_id: UUID
    namespace: int
    one: UUID
    other: UUID
    score: float
    rule: str
    evidence: list[str]
    at: datetime


class Closed(NamedTuple):
    candidate_id: UUID
    outcome: str
    at: datetime


Change: TypeAlias = Moved | Shared | Redirected | Merged | Reversed | Opened | Closed


def changes_of(
    record: Record, namespace: int, digest: Callable[[str, str], bytes]
) -> Iterator[Change]:
    """What the event changes in the index, in order."""
    event, at = record.event, record.recorded_at

    def digest_of(known: Identifier) -> bytes:
        return digest(known.kind, known.value)

    match event:
        case identity.Unlinked():
            for known in event.identifiers:
                yield Moved(namespace, digest_of(known), record.subject, event.to)
        case identity.FlaggedShared():
            for known in event.identifiers:
                yield Shared(namespace, digest_of(known))
        case identity.CandidateOpened():
            one, other = record.stream, event.other
            found = list(event.evidence)
            yield Opened(
                event.candidate_id, namespace, one, other, event.score, event.rule, found, at
            )
        case identity.CandidateClosed():
            yield Closed(event.candidate_id, event.outcome, at)
        case lineage.Absorbed():
            yield Merged(event.merge_id, namespace, record.stream, event.absorbed, event.rule, at)
            for subject in event.subjects:
                yield Redirected(namespace, subject, record.stream)
        case lineage.Released():
            yield Reversed(event.merge_id, at)
            for subject in event.subjects:
                yield Redirected(
                    namespace, subject, None if subject == event.released else event.released
                )
