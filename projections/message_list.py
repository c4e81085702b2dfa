"""Asking for one customer's messages: how each stands, page after page, and by campaign."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple, TypeAlias, get_args
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row

from aggregates.profile.channels import Channel, MessageClass, SendSource

Status: TypeAlias = Literal[
    "reserved", "expired", "released", "blocked", "missed", "sent", "delivered", "opened",
    "clicked", "replied", "dismissed", "soft_bounced", "bounced", "failed", "complained",
]  # fmt: skip
STATUSES: tuple[Status, ...] = get_args(Status)
# The first that holds is the status; what comes last to a message counts more than what came first.
HOW = """
    CASE
        WHEN 'complained' = ANY(facts) THEN 'complained'
        WHEN 'hard_bounce' = ANY(facts) THEN 'bounced'
        WHEN facts && '{failed,never_left}' THEN 'failed'
        WHEN 'replied' = ANY(facts) THEN 'replied'
        WHEN 'clicked' = ANY(facts) THEN 'clicked'
        WHEN 'opened' = ANY(facts) THEN 'opened'
        WHEN 'dismissed' = ANY(facts) THEN 'dismissed'
        WHEN 'delivered' = ANY(facts) THEN 'delivered'
        WHEN 'soft_bounce' = ANY(facts) THEN 'soft_bounced'
        WHEN 'sent' = ANY(facts) THEN 'sent'
        WHEN blocked >= coalesce(reserved, '-infinity')
            THEN CASE WHEN 'missed' = ANY(facts) THEN 'missed' ELSE 'blocked' END
        WHEN reserved IS NULL OR released >= reserved THEN 'released'
        WHEN until > %(now)s THEN 'reserved'
        ELSE 'expired'
    END
"""
BEST = "(array_agg({0} ORDER BY fact = 'sent' DESC, at DESC) FILTER (WHERE {0} IS NOT NULL))[1]"
SAID = ", ".join(
    f"{BEST.format(name)} AS {name}" for name in ("channel", "message_class", "source", "source_id")
)
STANDING = f"""
    SELECT message_id, at, channel, message_class, source, source_id, {HOW} AS status, facts
    FROM (
        SELECT message_id, min(at) AS at, array_agg(DISTINCT fact) AS facts, {SAID},
               max(at) FILTER (WHERE fact = 'reserved') AS reserved,
               max(until) AS until,
               max(at) FILTER (WHERE fact = 'blocked') AS blocked,
               max(at) FILTER (WHERE fact = 'released') AS released
        FROM rm_messages.facts
        WHERE subject = ANY(%(subjects)s)
          AND (%(ids)s::text[] IS NULL OR message_id = ANY(%(ids)s))
        GROUP BY message_id
    ) AS told
"""  # noqa: S608  # our own names
PAGE = f"""
    SELECT message_id, at, channel, message_class, source, source_id, status
    FROM ({STANDING}) AS standing
    WHERE (%(statuses)s::text[] IS NULL OR status = ANY(%(statuses)s))
      AND (%(campaign)s::text IS NULL OR source_id = %(campaign)s)
      AND (%(at)s::timestamptz IS NULL OR (at, message_id) < (%(at)s, %(last)s))
    ORDER BY at DESC, message_id DESC LIMIT %(limit)s
"""  # noqa: S608  # our own names
STEPS = """
    SELECT message_id, fact, min(at) AS first_at, count(*) AS times,
           (array_agg(stream ORDER BY at DESC, stream, version DESC))[1] AS stream,
           (array_agg(version ORDER BY at DESC, stream, version DESC))[1] AS version
    FROM rm_messages.facts
    WHERE subject = ANY(%(subjects)s) AND message_id = ANY(%(ids)s)
    GROUP BY message_id, fact ORDER BY min(at), fact
"""
PLACES = """
    SELECT stream, version FROM rm_messages.facts
    WHERE subject = ANY(%(subjects)s) AND message_id = %(id)s
    ORDER BY at DESC, stream DESC, version DESC LIMIT %(limit)s
"""
CAMPAIGNS = f"""
    SELECT source, source_id, count(*) AS messages, min(at) AS first_at, max(at) AS last_at,
           count(*) FILTER (WHERE facts @> '{{sent}}') AS sent,
           count(*) FILTER (WHERE facts @> '{{delivered}}') AS delivered,
           count(*) FILTER (WHERE facts && '{{opened,clicked,replied}}') AS opened,
           count(*) FILTER (WHERE facts && '{{clicked,replied}}') AS acted,
           count(*) FILTER (WHERE status IN ('blocked', 'missed')) AS blocked
    FROM ({STANDING}) AS standing WHERE source_id IS NOT NULL GROUP BY source, source_id
    HAVING %(at)s::timestamptz IS NULL
        OR (max(at), source, source_id) < (%(at)s, %(last_source)s, %(last_id)s)
    ORDER BY max(at) DESC, source DESC, source_id DESC LIMIT %(limit)s
"""  # noqa: S608  # our own names


class Message(NamedTuple):
    """`at` is when it was first heard of. Of one that was only ever heard back, the channel is not
    known."""

    message_id: str
    at: datetime
    channel: Channel | None
    message_class: MessageClass | None
    source: SendSource | None
    source_id: str | None
    status: Status


class Step(NamedTuple):
    """One thing that happened to a message: first when, how often, and the last event of it."""

    message_id: str
    fact: str
    first_at: datetime
    times: int
    stream: UUID
    version: int


class Campaign(NamedTuple):
    source: SendSource
    source_id: str
    messages: int
    first_at: datetime
    last_at: datetime
    sent: int
    delivered: int
    opened: int
    acted: int
    blocked: int


class Place(NamedTuple):
    """Of a message in the list."""

    at: datetime
    message_id: str


class CampaignPlace(NamedTuple):
    last_at: datetime
    source: str
    source_id: str


class Asked(NamedTuple):
    """`after` is the last place of the page before."""

    subjects: Sequence[UUID]
    now: datetime
    limit: int
    ids: Sequence[str] | None = None
    statuses: Sequence[str] | None = None
    campaign: str | None = None
    after: Place | None = None


async def page(connection: AsyncConnection[Any], asked: Asked) -> list[Message]:
    """Newest first."""
    at, last = asked.after or (None, None)
    values = {**asked._asdict(), "subjects": list(asked.subjects), "at": at, "last": last}
    async with connection.cursor(row_factory=class_row(Message)) as cursor:
        await cursor.execute(PAGE.encode(), values)
        return await cursor.fetchall()


async def steps(
    connection: AsyncConnection[Any], subjects: Sequence[UUID], ids: Sequence[str]
) -> Mapping[str, list[Step]]:
    """Of each of these messages, in the order in which things first happened."""
    found: dict[str, list[Step]] = {one: [] for one in ids}
    async with connection.cursor(row_factory=class_row(Step)) as cursor:
        await cursor.execute(STEPS, {"subjects": list(subjects), "ids": list(ids)})
        for step in await cursor.fetchall():
            found[step.message_id].append(step)
    return found


async def places(
    connection: AsyncConnection[Any], subjects: Sequence[UUID], message_id: str, limit: int
) -> list[tuple[UUID, int]]:
    """Where the events of one message are, newest first."""
    values = {"subjects": list(subjects), "id": message_id, "limit": limit}
    return [(s, v) for s, v in await (await connection.execute(PLACES, values)).fetchall()]


async def campaigns(
    connection: AsyncConnection[Any],
    subjects: Sequence[UUID],
    now: datetime,
    after: CampaignPlace | None,
    limit: int,
) -> list[Campaign]:
    """Those that the customer took part in, the last first."""
    at, source, source_id = after or (None, None, None)
    values = {"subjects": list(subjects), "now": now, "ids": None, "limit": limit}
    values |= {"at": at, "last_source": source, "last_id": source_id}
    async with connection.cursor(row_factory=class_row(Campaign)) as cursor:
        await cursor.execute(CAMPAIGNS.encode(), values)
        return await cursor.fetchall()
