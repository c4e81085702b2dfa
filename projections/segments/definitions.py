"""The rules that shops have given names, and which of them depend on which."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.segments.rule import Fatigue, InSegment, MayReceive, Rule, Stage, parts_of

SELECT = (
    "SELECT segment_id, namespace_id, name, rule, revision, created_at, changed_at FROM segments"
)


class Definition(Struct, frozen=True):
    """`revision` counts how often the rule, or one that it depends on, has changed."""

    segment_id: UUID
    namespace: int
    name: str
    rule: Rule
    revision: int
    created_at: datetime
    changed_at: datetime


def definition(row: tuple[Any, ...]) -> Definition:
    """Of a row as `SELECT` gives it."""
    segment_id, namespace, name, rule, *rest = row
    return Definition(segment_id, namespace, name, msgspec.convert(rule, Rule, strict=False), *rest)


def definitions(connection: Connection[TupleRow], namespace: int) -> dict[UUID, Definition]:
    rows = connection.execute(f"{SELECT} WHERE namespace_id = %s".encode(), (namespace,))
    return {row[0]: definition(row) for row in rows.fetchall()}


def rules_of(held: Mapping[UUID, Definition]) -> dict[UUID, Rule]:
    return {segment_id: one.rule for segment_id, one in held.items()}


def named_by(rule: Rule) -> Iterator[UUID]:
    """The segments that a rule names."""
    if isinstance(rule, InSegment):
        yield rule.segment_id
    for _, part in parts_of(rule):
        yield from named_by(part)


def asks_shop(rule: Rule, rule_of: Callable[[UUID], Rule]) -> bool:
    """Whether the answer depends on the shop's settings."""
    if isinstance(rule, InSegment):
        return asks_shop(rule_of(rule.segment_id), rule_of)
    below = any(asks_shop(part, rule_of) for _, part in parts_of(rule))
    return below or isinstance(rule, Stage | MayReceive | Fatigue)


def dependents(segment_id: UUID, held: Iterable[Definition]) -> set[UUID]:
    """The segments whose rules depend on this one, however far away."""
    names = {one.segment_id: set(named_by(one.rule)) for one in held}
    found: set[UUID] = set()
    news = {segment_id}
    while news:
        news = {one for one, named in names.items() if named & news} - found - {segment_id}
        found |= news
    return found
