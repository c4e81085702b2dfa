"""Merges and candidates as look-ups have them, read by the API's event loop."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool

from aggregates.log.reading import connected

T = TypeVar("T")
MERGE = (
    "SELECT merge_id, survivor, absorbed, rule, merged_at, reversed_at, plan"
    " FROM merges JOIN namespaces USING (namespace_id) JOIN shops USING (shop_id)"
)
CANDIDATE = (
    "SELECT candidate_id, one, other, score, rule, evidence, opened_at, outcome, closed_at"
    " FROM candidates"
)
ERASED = (
    "SELECT profile_id, wrapped = '' FROM subject_keys"
    " WHERE namespace_id = %s AND profile_id = ANY(%s)"
)


class Merge(Struct, frozen=True):
    """`plan` is the shop's now."""

    merge_id: UUID
    survivor: UUID
    absorbed: UUID
    rule: str
    merged_at: datetime
    reversed_at: datetime | None
    plan: str


class Candidate(Struct, frozen=True):
    """Two profiles that may be one person. `outcome` is None while nobody has said."""

    candidate_id: UUID
    one: UUID
    other: UUID
    score: float
    rule: str
    evidence: list[str]
    opened_at: datetime
    outcome: str | None
    closed_at: datetime | None


class Merges:
    """Every method may raise LogUnreachable."""

    def __init__(self, pool: "AsyncConnectionPool[AsyncConnection[Any]]") -> None:
        self._pool = pool

    async def erased(self, namespace: int, profiles: Sequence[UUID]) -> dict[UUID, bool]:
        """Of those among these profiles that exist: whether they were erased."""
        async with connected(self._pool) as connection:
            cursor = await connection.execute(ERASED, (namespace, list(profiles)), binary=True)
            return dict(await cursor.fetchall())

    async def merge(self, namespace: int, merge_id: UUID) -> Merge | None:
        where = " WHERE merges.namespace_id = %s AND merge_id = %s"
        return await self._one(Merge, MERGE + where, (namespace, merge_id))

    async def last(self, namespace: int, survivor: UUID, absorbed: UUID) -> Merge | None:
        where = " WHERE merges.namespace_id = %s AND survivor = %s AND absorbed = %s"
        order = " ORDER BY merge_id DESC LIMIT 1"
        return await self._one(Merge, MERGE + where + order, (namespace, survivor, absorbed))

    async def of(self, namespace: int, profile: UUID) -> list[Merge]:
        """Those that it survived or was absorbed by, newest first."""
        where = " WHERE merges.namespace_id = %s AND %s IN (survivor, absorbed)"
        order = " ORDER BY merge_id DESC LIMIT 200"
        return await self._all(Merge, MERGE + where + order, (namespace, profile))

    async def candidate(self, namespace: int, candidate_id: UUID) -> Candidate | None:
        where = " WHERE namespace_id = %s AND candidate_id = %s"
        return await self._one(Candidate, CANDIDATE + where, (namespace, candidate_id))

    async def open_candidates(
        self, namespace: int, limit: int, after: tuple[float, UUID] | None
    ) -> list[Candidate]:
        """Likeliest first; `after` is the score and id of the last one of the page before."""
        score, last = after or (2.0, UUID(int=0))  # no score is so high
        where = (
            " WHERE namespace_id = %s AND outcome IS NULL"
            " AND (score < %s OR (score = %s AND candidate_id > %s))"
            " ORDER BY score DESC, candidate_id LIMIT %s"
        )
        values = (namespace, score, score, last, limit)
        return await self._all(Candidate, CANDIDATE + where, values)

    async def _one(self, kind: type[T], query: str, values: Sequence[object]) -> T | None:
        found = await self._all(kind, query, values)
        return found[0] if found else None

    async def _all(self, kind: type[T], query: str, values: Sequence[object]) -> list[T]:
        async with connected(self._pool) as connection:
            cursor = connection.cursor(row_factory=class_row(kind))
            await cursor.execute(query.encode(), values)
            return await cursor.fetchall()
