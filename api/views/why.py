"""The JSON of what a profile is recognised by, and of why two are one or two."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from aggregates.explaining.reason import Reason
from aggregates.explaining.recognised import Recognised
from aggregates.log.record import Record


class EventNamed(Struct, frozen=True):
    """In the history of `stream` it stands as `version`; `by` is who had us write it."""

    stream: str
    version: int
    type: str
    occurred_at: datetime
    by: str


class KnownBy(Struct, frozen=True, kw_only=True):
    """`live` leads here; else `why_not` says `unlinked` (by hand), `switched` (to somebody else) or
    `limit` (more of a kind than one person has). `shared` unites nobody. `subject` is the part of
    a merged profile that it came by, `event` says so. `last_seen_at` is exact to the day."""

    kind: str
    value: str
    source: str
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    live: bool
    shared: bool
    why_not: str | None
    subject: str
    event: EventNamed


class KnownByList(Struct, frozen=True):
    items: list[KnownBy]
    next_cursor: str | None = None


class Because(Struct, frozen=True, kw_only=True):
    """`said` holds no personal value; `identifiers` are the kinds that it was about. `event` is
    null where nothing was ever written."""

    rule: str
    said: str
    identifiers: list[str]
    event: EventNamed | None
    merge_id: str | None
    candidate_id: str | None
    score: float | None


class Why(Struct, frozen=True):
    """`because` leads from the one to the other where they are one; else it is all that was decided
    about them, what weighs most first."""

    together: bool
    because: list[Because]


def known_by(found: Iterable[Recognised]) -> KnownByList:
    return KnownByList([_known(one) for one in found])


def why(together: bool, reasons: Iterable[Reason]) -> Why:
    return Why(together, [_because(reason) for reason in reasons])


def _known(one: Recognised) -> KnownBy:
    return KnownBy(
        kind=one.identifier.kind,
        value=one.identifier.value,
        source=one.source,
        first_seen_at=one.first,
        last_seen_at=one.last,
        live=one.live,
        shared=one.shared,
        why_not=one.why_not,
        subject=str(one.subject),
        event=_event(one.record),
    )


def _because(reason: Reason) -> Because:
    return Because(
        rule=reason.rule,
        said=reason.said,
        identifiers=list(reason.kinds),
        event=_event(reason.record) if reason.record else None,
        merge_id=str(reason.merge_id) if reason.merge_id else None,
        candidate_id=str(reason.candidate_id) if reason.candidate_id else None,
        score=reason.score,
    )


def _event(record: Record) -> EventNamed:
    return EventNamed(
        stream=str(record.stream),
        version=record.version,
        type=str(record.event.__struct_config__.tag),
        occurred_at=record.occurred_at,
        by=record.by,
    )
