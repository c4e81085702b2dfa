"""When to look at a customer again: not before the answer can be another one.

As long as one condition of an `all` fails, time that turns the others changes nothing; as long as
one of an `any` is met, neither. Most customers are nowhere near a segment and are never due.
"""

from collections.abc import Sequence
from typing import NamedTuple

NEVER = "'infinity'::timestamptz"


class Answer(NamedTuple):
    """SQL: whether, when that may change, and who matters: whoever is in or due at all, and few
    others. `due` is null where time changes nothing, and None where it never does."""

    inside: str
    due: str | None
    matters: str


def single(inside: str, dues: Sequence[str], needs: Sequence[str]) -> Answer:
    """Without its `needs` it is neither met nor ever due: cheap to look at, and of one table."""
    due = _earliest(dues) if dues else None
    if due is None:
        return Answer(inside, None, " AND ".join([*needs, inside]))
    return Answer(inside, due, " AND ".join(needs) or f"({inside} OR {due} IS NOT NULL)")


def joint(all_must: bool, parts: Sequence[Answer]) -> Answer:
    """Of the parts of an `all`, or of an `any`. Each is repeated for `due`, so this is for the
    outermost: a rule that is nested deep would grow with each level."""
    lasting = [part.inside for part in parts if part.due is None]
    turning = [part for part in parts if part.due is not None]
    inside = f"({(' AND ' if all_must else ' OR ').join(part.inside for part in parts)})"
    due = _unless(lasting, all_must, _turning(turning, all_must)) if turning else None
    if all_must:  # each by itself: the database drops most rows before it has joined all tables
        return Answer(inside, due, " AND ".join(part.matters for part in parts))
    return Answer(inside, due, f"({inside} OR {due} IS NOT NULL)" if due else inside)


def _unless(lasting: Sequence[str], all_must: bool, due: str) -> str:
    """What no time changes may have decided already."""
    if not lasting:
        return due
    is_open = " AND ".join(one if all_must else f"NOT {one}" for one in lasting)
    return f"CASE WHEN {is_open} THEN {due} END"


def _turning(parts: Sequence[Answer], all_must: bool) -> str:
    """Those that decide must all turn; if none does, whichever turns first."""
    first = _earliest([part.due for part in parts if part.due is not None])
    if len(parts) == 1:
        return first
    decides = "NOT " if all_must else ""
    decided = (
        f"CASE WHEN {decides}{part.inside} THEN COALESCE({part.due}, {NEVER}) END" for part in parts
    )
    return f"NULLIF(COALESCE(GREATEST({', '.join(decided)}), {first}), {NEVER})"


def _earliest(dues: Sequence[str]) -> str:
    return dues[0] if len(dues) == 1 else f"LEAST({', '.join(dues)})"
