"""Signed deliveries we could not process, kept whole until they are retried or discarded."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool

from aggregates.log.keys import Keyring
from aggregates.log.reading import connected
from api.letters.letter import Letter, opened
from api.letters.processing import Unprocessed
from config.edges import Flood

Status = Literal["open", "retried", "discarded"]
PAGE_AT_MOST = 200
STATUSES: tuple[Status, ...] = get_args(Status)


class BadStatus(ValueError):
    """There is no such status."""


class Listed(Struct, frozen=True, kw_only=True):
    """A letter as people see it: everything but its content."""

    letter_id: UUID
    namespace_id: int
    received_at: datetime
    source: str
    topic: str
    reason: str
    detail: str | None
    attempts: int
    last_attempt_at: datetime | None
    status: Status


class DeadLetters:
    """Every method may raise LogUnreachable."""

    def __init__(self, pool: AsyncConnectionPool, keyring: Keyring) -> None:
        self._pool = pool
        self._keyring = keyring
        self._kept = Flood("dead_letter_kept")

    async def store(self, letter: Letter, why: Unprocessed) -> UUID:
        """A repeat of a stored delivery is the same letter; a discarded one stays discarded."""
        letter_id = letter.letter_id(self._keyring)
        insert = """
            INSERT INTO dead_letters (letter_id, namespace_id, received_at, source, topic, reason,
                                      detail, awaits, sealed)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT (letter_id) DO UPDATE
            SET status = 'open', reason = excluded.reason, detail = excluded.detail,
                awaits = excluded.awaits
            WHERE dead_letters.status <> 'discarded'"""
        place = (letter_id, letter.namespace, letter.received_at, letter.source, letter.topic)
        sealed = letter.sealed(self._keyring)
        async with connected(self._pool) as connection:
            await connection.execute(insert, (*place, *why, sealed))
        # whoever signs may call a topic what he likes; one that has a meaning to us is a fixed word
        topic = None if why.reason == "unknown_topic" else letter.topic
        self._kept.happened(f"{why.reason} {topic}", reason=why.reason, topic=topic)
        return letter_id

    async def discard(self, letters: Sequence[UUID] | None, reason: str | None) -> int:
        async with connected(self._pool) as connection:
            return await discard(connection, letters, reason)

    async def listed(self, status: Status, after: UUID | None, limit: int) -> list[Listed]:
        async with connected(self._pool) as connection:
            return await listed(connection, status, after, limit)

    async def read(self, letter_id: UUID) -> Letter | None:
        """An open letter with its content. Raises Unreadable for another master key."""
        query = """SELECT namespace_id, source, topic, received_at, sealed FROM dead_letters
                   WHERE letter_id = %s AND status = 'open'"""
        async with connected(self._pool) as connection:
            row = await (await connection.execute(query, (letter_id,))).fetchone()
        if row is None:
            return None
        namespace, source, topic, received_at, sealed = row
        key = self._keyring.namespace(namespace)
        given, headers, body = opened(key, letter_id, sealed)
        return Letter(
            namespace=namespace,
            source=source,
            topic=topic,
            received_at=received_at,
            body=body,
            headers=headers,
            given=given,
        )

    async def settle(self, letter_id: UUID, why: Unprocessed | None) -> None:
        """After an attempt: None closes the letter, a reason leaves it open."""
        update = """UPDATE dead_letters
                    SET attempts = attempts + 1, last_attempt_at = now(),
                        status = CASE WHEN %s::text IS NULL THEN 'retried' ELSE status END,
                        reason = coalesce(%s, reason), detail = %s, awaits = %s
                    WHERE letter_id = %s AND status = 'open'"""
        reason, detail, awaits = why or (None, None, None)
        async with connected(self._pool) as connection:
            await connection.execute(update, (reason, reason, detail, awaits, letter_id))

    async def arrived(self, limit: int) -> list[UUID]:
        """Open letters whose awaited owner is now known; each is tried less and less often."""
        query = """
            SELECT letter_id FROM dead_letters AS letter
            JOIN identifiers AS owned
              ON owned.namespace_id = letter.namespace_id AND owned.digest = letter.awaits
            WHERE status = 'open' AND awaits IS NOT NULL
              AND (last_attempt_at IS NULL
                   OR last_attempt_at < now() - least(power(2, attempts), 600) * interval '1 s')
            ORDER BY received_at LIMIT %s"""
        async with connected(self._pool) as connection:
            return [row[0] async for row in await connection.execute(query, (limit,))]

    async def open_by_reason(self) -> dict[str, int]:
        query = "SELECT reason, count(*) FROM dead_letters WHERE status = 'open' GROUP BY reason"
        async with connected(self._pool) as connection:
            return dict(await (await connection.execute(query)).fetchall())


async def listed(
    connection: AsyncConnection, status: Status, after: UUID | None, limit: int
) -> list[Listed]:
    """Oldest first, from behind the letter `after`."""
    query = """
        SELECT letter_id, namespace_id, received_at, source, topic, reason, detail, attempts,
               last_attempt_at, status
        FROM dead_letters
        WHERE status = %(status)s
          AND (%(after)s::uuid IS NULL OR (received_at, letter_id) >
               (SELECT received_at, letter_id FROM dead_letters WHERE letter_id = %(after)s))
        ORDER BY received_at, letter_id LIMIT %(limit)s"""
    asked = {"status": status, "after": after, "limit": min(limit, PAGE_AT_MOST)}
    cursor = connection.cursor(row_factory=class_row(Listed))
    return await (await cursor.execute(query, asked)).fetchall()


async def discard(
    connection: AsyncConnection, letters: Sequence[UUID] | None, reason: str | None
) -> int:
    """How many open ones no longer are: these letters (None: any) kept for this reason (None: any).

    Their content stays.
    """
    update = """UPDATE dead_letters SET status = 'discarded'
                WHERE status = 'open'
                  AND (%(letters)s::uuid[] IS NULL OR letter_id = ANY (%(letters)s))
                  AND (%(reason)s::text IS NULL OR reason = %(reason)s)"""
    asked = {"letters": None if letters is None else list(letters), "reason": reason}
    return (await connection.execute(update, asked)).rowcount


def checked_status(given: str) -> Status:
    """Raises BadStatus."""
    for status in STATUSES:
        if status == given:
            return status
    raise BadStatus(f"the status must be one of {', '.join(STATUSES)}")
