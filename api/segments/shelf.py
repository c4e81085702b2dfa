"""The segments of a namespace: made, changed and thrown away, never so that one needs itself."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec.structs import replace
from psycopg import AsyncConnection, errors
from psycopg_pool import AsyncConnectionPool
from uuid_utils.compat import uuid7

from aggregates.log.reading import connected
from api.errors import Fault, Problem, invalid, no_such
from api.shops.rules import Rules
from projections.segments.checking import wrong_references
from projections.segments.definitions import (
    SELECT,
    Definition,
    definition,
    dependents,
    named_by,
    rules_of,
)
from projections.segments.ending import END
from projections.segments.membership import PLACES
from projections.segments.rule import Rule
from projections.segments.setting import Setting

MOST = 200  # of one namespace: each is looked at whenever a customer changes
TURN = 0x0C36005F  # rules that name each other are checked one at a time
INSERT = "INSERT INTO segments VALUES (%s, %s, %s, %s, 1, %s, %s)"
UPDATE = "UPDATE segments SET name = %s, rule = %s, changed_at = %s WHERE segment_id = %s"
REVISE = "UPDATE segments SET revision = revision + 1 WHERE segment_id = ANY(%s)"


class Sought(NamedTuple):
    """A name and a rule that somebody wants a segment to have."""

    name: str
    rule: Rule


class Shelf:
    """Every method may raise LogUnreachable and Problem."""

    def __init__(
        self, pool: AsyncConnectionPool, rules: Rules, now: Callable[[], datetime]
    ) -> None:
        self._pool = pool
        self._rules = rules
        self._now = now

    async def setting(
        self, connection: AsyncConnection[Any], namespace: int, held: dict[UUID, Definition]
    ) -> Setting:
        """In which rules are answered now; `held` are the segments of the namespace. May raise
        Unavailable, too."""
        cursor = await connection.execute(PLACES, (namespace,))
        places = [place for (place,) in await cursor.fetchall()]
        shop = self._rules.known(namespace).settings
        return Setting(self._now(), shop, rules_of(held).__getitem__, places)

    async def all(self, namespace: int) -> dict[UUID, Definition]:
        async with connected(self._pool) as connection:
            return await _held(connection, namespace)

    async def one(self, namespace: int, segment_id: UUID) -> Definition:
        return found(await self.all(namespace), segment_id)

    async def add(self, namespace: int, sought: Sought) -> Definition:
        now = self._now()
        new = Definition(uuid7(), namespace, sought.name, sought.rule, 1, now, now)
        async with self._changing(namespace) as (connection, held):
            if len(held) >= MOST:
                raise Problem(409, "too_many_segments", f"a namespace has at most {MOST} segments")
            _checked(new, held)
            values = (new.segment_id, namespace, new.name, _json(new.rule), now, now)
            await connection.execute(INSERT, values)
        return new

    async def change(self, namespace: int, segment_id: UUID, sought: Sought) -> Definition:
        async with self._changing(namespace) as (connection, held):
            before = found(held, segment_id)
            new = replace(before, name=sought.name, rule=sought.rule, changed_at=self._now())
            if new.rule == before.rule and new.name == before.name:
                return before
            _checked(new, held)
            values = (new.name, _json(new.rule), new.changed_at, segment_id)
            await connection.execute(UPDATE, values)
            if new.rule != before.rule:
                concerned = dependents(segment_id, held.values()) | {segment_id}
                await connection.execute(REVISE, (list(concerned),))
        return new

    async def remove(self, namespace: int, segment_id: UUID) -> Definition:
        async with self._changing(namespace) as (connection, held):
            gone = found(held, segment_id)
            if users := [one.name for one in held.values() if segment_id in named_by(one.rule)]:
                names = ", ".join(sorted(users))
                raise Problem(409, "segment_in_use", f"other segments name this one: {names}")
            await connection.execute(END, (segment_id, self._now()))
        return gone

    @asynccontextmanager
    async def _changing(
        self, namespace: int
    ) -> "AsyncIterator[tuple[AsyncConnection[Any], dict[UUID, Definition]]]":
        async with connected(self._pool) as connection:
            try:
                async with connection.transaction():
                    await connection.execute(
                        "SELECT pg_advisory_xact_lock(%s, %s)", (TURN, namespace)
                    )
                    yield connection, await _held(connection, namespace)
            except errors.UniqueViolation as error:
                raise Problem(409, "name_taken", "another segment has this name") from error


def found(held: dict[UUID, Definition], segment_id: UUID) -> Definition:
    """Raises Problem (404)."""
    if (one := held.get(segment_id)) is None:
        raise no_such("segment")
    return one


def checked_references(rule: Rule, held: dict[UUID, Definition]) -> None:
    """Raises Problem (422)."""
    if faults := [Fault(*wrong) for wrong in wrong_references(rule, rules_of(held).get)]:
        raise invalid(*faults)


def _checked(new: Definition, held: dict[UUID, Definition]) -> None:
    """The segment itself, and those that name it, as they would be."""
    would_be = {**held, new.segment_id: new}
    checked_references(new.rule, would_be)
    for one in dependents(new.segment_id, held.values()):
        checked_references(held[one].rule, would_be)


async def _held(connection: AsyncConnection[Any], namespace: int) -> dict[UUID, Definition]:
    cursor = await connection.execute(f"{SELECT} WHERE namespace_id = %s".encode(), (namespace,))
    return {row[0]: definition(row) for row in await cursor.fetchall()}


def _json(rule: Rule) -> str:
    return msgspec.json.encode(rule).decode()
