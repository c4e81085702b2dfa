"""The JSON of segments. What is not known is null."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from msgspec import Struct

from projections.segments.evaluate import Check
from projections.segments.look import Shown
from projections.segments.rule import Rule
from projections.segments.wording import instant


class SegmentView(Struct, frozen=True):
    """`text` is the rule in words. `settled_at` is when everybody was looked at since the rule
    last changed; null while that is still to come, and members may be those of the rule before."""

    id: UUID
    name: str
    rule: Rule
    text: str
    created_at: datetime
    changed_at: datetime
    settled_at: datetime | None


class SegmentDetail(SegmentView, frozen=True):
    members: int


class SegmentPage(Struct, frozen=True):
    items: list[SegmentView]
    next_cursor: str | None = None


class Event(Struct, frozen=True):
    """One event of the log."""

    profile_id: UUID
    version: int


class Membership(Struct, frozen=True):
    """`cause` is what let the customer in: an event, time that passed, or a changed rule."""

    since: datetime
    cause: Literal["event", "time", "rule"]
    event: Event | None


class MemberView(Struct, frozen=True):
    profile_id: UUID
    name: str | None
    email: str | None
    membership: Membership


class MemberPage(Struct, frozen=True):
    items: list[MemberView]
    next_cursor: str | None = None


class ChangeView(Struct, frozen=True):
    profile_id: UUID
    entered: bool
    at: datetime
    cause: Literal["event", "time", "rule"]
    event: Event | None


class MemberChanges(Struct, frozen=True):
    items: list[ChangeView]
    next_cursor: str | None = None


class Sample(Struct, frozen=True):
    profile_id: UUID
    name: str | None
    email: str | None


class Preview(Struct, frozen=True):
    """How many would be members now, and some of them."""

    count: int
    sample: list[Sample]
    rule: Rule
    text: str


class CheckView(Struct, frozen=True):
    """One condition: its place in the rule, what it wants in words, and what was found."""

    place: str
    wanted: str
    found: str | None
    passed: bool


class WhyIn(Struct, frozen=True):
    """`inside` is what the conditions say together now; `membership` what is recorded. `changes_at`
    is when `inside` changes if nothing happens but time."""

    profile_id: UUID
    segment_id: UUID
    inside: bool
    membership: Membership | None
    changes_at: datetime | None
    text: str
    checks: list[CheckView]


class HeldSegment(Struct, frozen=True):
    id: UUID
    name: str
    membership: Membership


class HeldSegments(Struct, frozen=True):
    items: list[HeldSegment]
    next_cursor: str | None = None


def membership(
    since: datetime,
    cause: Literal["event", "time", "rule"],
    stream: UUID | None,
    version: int | None,
) -> Membership:
    return Membership(since, cause, event(stream, version))


def event(stream: UUID | None, version: int | None) -> Event | None:
    return Event(stream, version) if stream is not None and version is not None else None


def check_view(check: Check, wanted: str) -> CheckView:
    return CheckView(check.place, wanted, said(check.found), check.passed)


def said(found: Shown) -> str | None:
    match found:
        case None:
            return None
        case bool():
            return "yes" if found else "no"
        case datetime():
            return instant(found.astimezone(UTC))
        case Decimal():
            return f"{found:f}"
        case list():
            return ", ".join(found) or None
    return str(found)
