"""Members, changes and samples of segments, page after page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection, errors

from api.errors import Problem
from api.segments.views import (
    ChangeView,
    HeldSegment,
    Membership,
    MemberView,
    Preview,
    Sample,
    event,
    membership,
)
from projections.segments.compile import Compiled, compiled
from projections.segments.rule import Rule
from projections.segments.setting import Setting
from projections.segments.wording import worded

MEMBERS = (
    "SELECT profile_id, name, email, since, cause, stream, version FROM rm_segments.members"
    " LEFT JOIN rm_customers.customers USING (profile_id)"
    " WHERE segment_id = %s AND (%s::uuid IS NULL OR profile_id > %s)"
    " ORDER BY profile_id LIMIT %s"
)
CHANGES = (
    "SELECT profile_id, entered, at, cause, stream, version, change_id FROM segment_changes"
    " WHERE segment_id = %(segment)s AND (at, change_id) > (%(at)s, %(change)s)"
    " AND (%(until)s::timestamptz IS NULL OR at < %(until)s)"
    " ORDER BY at, change_id LIMIT %(limit)s"
)
HELD = (
    "SELECT segment_id, name, since, cause, stream, version FROM rm_segments.members"
    " JOIN segments USING (segment_id) WHERE profile_id = %s AND namespace_id = %s ORDER BY name"
)
MEMBER = (
    "SELECT since, cause, stream, version FROM rm_segments.members"
    " WHERE segment_id = %s AND profile_id = %s"
)
SETTLED = (
    "SELECT segment_id, settled_at FROM rm_segments.settled JOIN segments"
    " USING (segment_id, revision) WHERE namespace_id = %s"
)
COUNT = "SELECT count(*) FROM rm_segments.members WHERE segment_id = %s"
SAMPLE = 10
PATIENCE = "3s"  # of a preview; a segment itself is settled in the background and may take longer
BEFORE_ALL = datetime.fromisoformat("1900-01-01T00:00:00Z")


class Place(NamedTuple):
    """Where a page of changes ended."""

    at: datetime
    change: int


class Span(NamedTuple):
    """From an instant on, up to before another."""

    start: datetime | None
    end: datetime | None


async def members(
    connection: AsyncConnection[Any], segment_id: UUID, after: UUID | None, limit: int
) -> list[MemberView]:
    cursor = await connection.execute(MEMBERS, (segment_id, after, after, limit))
    rows = await cursor.fetchall()
    return [
        MemberView(profile_id, name, email, membership(*since))
        for profile_id, name, email, *since in rows
    ]


async def changes(
    connection: AsyncConnection[Any],
    segment_id: UUID,
    span: Span,
    after: Place | None,
    limit: int,
) -> list[tuple[ChangeView, Place]]:
    """Each with its place."""
    place = after or Place(span.start or BEFORE_ALL, 0)
    values = {"segment": segment_id, "until": span.end, "limit": limit, **place._asdict()}
    cursor = await connection.execute(CHANGES, values)
    return [
        (ChangeView(profile, entered, at, cause, event(stream, version)), Place(at, change))
        for profile, entered, at, cause, stream, version, change in await cursor.fetchall()
    ]


async def held_by(
    connection: AsyncConnection[Any], namespace: int, profile_id: UUID
) -> list[HeldSegment]:
    cursor = await connection.execute(HELD, (profile_id, namespace))
    rows = await cursor.fetchall()
    return [HeldSegment(segment_id, name, membership(*since)) for segment_id, name, *since in rows]


async def member(
    connection: AsyncConnection[Any], segment_id: UUID, profile_id: UUID
) -> Membership | None:
    cursor = await connection.execute(MEMBER, (segment_id, profile_id))
    row = await cursor.fetchone()
    return membership(*row) if row else None


async def settled_at(connection: AsyncConnection[Any], namespace: int) -> Mapping[UUID, datetime]:
    """Of those segments whose members meet their newest rule."""
    cursor = await connection.execute(SETTLED, (namespace,))
    return dict(await cursor.fetchall())


async def member_count(connection: AsyncConnection[Any], segment_id: UUID) -> int:
    row = await (await connection.execute(COUNT, (segment_id,))).fetchone()
    assert row is not None, "a count has one row"
    return int(row[0])


async def preview(
    connection: AsyncConnection[Any], namespace: int, rule: Rule, setting: Setting
) -> Preview:
    """Raises Problem (422) where it would take too long."""
    found = compiled(rule, setting)
    values = {**found.values, "namespace": namespace}
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL statement_timeout = '{PATIENCE}'".encode())
            ((count,),) = await _rows(connection, found, "count(*)", values)
            shown = "customers.profile_id, customers.name, customers.email"
            some = await _rows(connection, found, shown, values, f"LIMIT {SAMPLE}")
    except errors.QueryCanceled as error:
        detail = f"counting who meets this rule takes more than {PATIENCE}; save it instead"
        raise Problem(422, "too_expensive", detail) from error
    return Preview(count, [Sample(*row) for row in some], rule, worded(rule))


async def _rows(
    connection: AsyncConnection[Any],
    found: Compiled,
    shown: str,
    values: Mapping[str, object],
    end: str = "",
) -> list[tuple[Any, ...]]:
    query = f"SELECT {shown} FROM {found.source} AND {found.inside} {end}"  # noqa: S608  # ours
    return await (await connection.execute(query.encode(), values)).fetchall()
