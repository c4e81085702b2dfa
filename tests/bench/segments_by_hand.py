"""Two segments as somebody who knows SQL would keep them by hand: who meets the rule, in a table of
members of which only the differences are written, with a change told for each.

It lacks what makes ours keep itself: it does not know when to look again.
"""

from collections.abc import Mapping
from typing import NamedTuple

from psycopg import Connection


class Asked(NamedTuple):
    """A rule, and a query for who meets it at `now`."""

    said: str
    by_hand: str


REGULARS = Asked(
    "bought at least 2 times in the last 90 days and opted into WhatsApp"
    " and average order value over 80",
    # an average is money: shown, and compared, in whole cents
    """
    SELECT c.profile_id FROM rm_customers.customers AS c
    JOIN (SELECT profile_id FROM rm_purchases.orders WHERE namespace_id = 1 AND counts
            AND placed_at > %(now)s - interval '90 days' AND placed_at <= %(now)s
        GROUP BY profile_id HAVING count(*) >= 2) AS lately USING (profile_id)
    JOIN (SELECT profile_id, currency FROM rm_purchases.orders WHERE namespace_id = 1 AND counts
        GROUP BY profile_id, currency HAVING round(avg(total)) > 8000) AS ever
        USING (profile_id, currency)
    JOIN rm_reach.standings AS s ON s.profile_id = c.profile_id AND s.channel = 'whatsapp'
        AND s.state = 'subscribed' AND s.since <= %(now)s
        AND (s.until IS NULL OR s.until > %(now)s)
    WHERE c.namespace_id = 1
    """,
)
REACHABLE = Asked(
    "may receive email now and engagement at least 50 and stage is converted, loyal and"
    " fatigue under 0.5",
    """
    WITH subscribed AS (
        SELECT profile_id, date_trunc('day', %(now)s AT TIME ZONE zone) AT TIME ZONE zone AS today
        FROM rm_reach.standings, LATERAL (SELECT COALESCE(NULLIF(place, ''), 'UTC') AS zone) AS at
        WHERE namespace_id = 1 AND channel = 'email' AND state = 'subscribed'
            AND since <= %(now)s AND (until IS NULL OR until > %(now)s)
    ), sent AS (
        SELECT *, LEAST(clicked_at, replied_at) <= %(now)s AS acted,
            LEAST(opened_at, clicked_at, replied_at) <= %(now)s AS opened,
            GREATEST(opened_at, clicked_at, replied_at) AS reacted_at
        FROM rm_reach.messages WHERE namespace_id = 1 AND marketing AND until IS NULL
            AND at > %(now)s - interval '90 days' AND at <= %(now)s
    ), engaged AS (
        SELECT profile_id FROM sent GROUP BY profile_id
        HAVING count(complained_at) = 0 AND 50 <= round(
            40 * count(*) FILTER (WHERE opened) / count(*)::float8
            + 40 * LEAST(1, 2 * count(*) FILTER (WHERE acted) / count(*)::float8)
            + 20 * GREATEST(0, 1 - extract(epoch FROM %(now)s - max(reacted_at)) / 86400 / 90)
            - 20 * count(dismissed_at) / count(*)::float8)
    ), lately AS (
        SELECT profile_id, count(*) AS week, count(*) FILTER (WHERE at >= today) AS today,
            count(*) FILTER (WHERE at >= today AND channel = 'email') AS here
        FROM sent JOIN subscribed USING (profile_id)
        WHERE at > %(now)s - interval '7 days' GROUP BY profile_id
    )
    SELECT profile_id FROM rm_customers.customers AS c JOIN subscribed USING (profile_id)
        JOIN engaged USING (profile_id) JOIN rm_stages.stages AS g USING (profile_id)
        LEFT JOIN lately USING (profile_id)
    WHERE c.namespace_id = 1 AND g.active_stage IN ('converted', 'loyal')
        AND g.active_at > %(now)s - interval '30 days' AND g.active_at <= %(now)s
        AND COALESCE(lately.week < 5 AND lately.today < 3 AND lately.here < 5, true)
    """,
)
TABLES = """
    CREATE SCHEMA by_hand;
    CREATE TABLE by_hand.members (segment_id uuid, profile_id uuid, since timestamptz NOT NULL,
        PRIMARY KEY (segment_id, profile_id));
    CREATE INDEX ON by_hand.members (profile_id, segment_id);
    CREATE TABLE by_hand.changes (change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        segment_id uuid, profile_id uuid, entered boolean, at timestamptz);
    CREATE INDEX ON by_hand.changes (segment_id, at, change_id)
"""
ALL_IT_WANTS = "SET LOCAL max_parallel_workers_per_gather = 2"  # as PostgreSQL has it by itself
KEEP = """
    WITH entered AS (
        INSERT INTO by_hand.members SELECT %(segment)s, profile_id, %(now)s FROM meets
        ON CONFLICT DO NOTHING RETURNING profile_id, true AS entered
    ), gone AS (
        DELETE FROM by_hand.members AS held WHERE segment_id = %(segment)s AND NOT EXISTS
            (SELECT FROM meets WHERE meets.profile_id = held.profile_id)
        RETURNING profile_id, false AS entered
    )
    INSERT INTO by_hand.changes (segment_id, profile_id, entered, at)
    SELECT %(segment)s, profile_id, entered, %(now)s
    FROM (TABLE entered UNION ALL TABLE gone) AS changed
"""
DIFFERENT = """
    SELECT count(*) FROM
        (SELECT profile_id FROM by_hand.members WHERE segment_id = %(segment)s) AS theirs
        FULL JOIN (SELECT profile_id FROM rm_segments.members WHERE segment_id = %(segment)s)
            AS ours USING (profile_id)
    WHERE theirs.profile_id IS NULL OR ours.profile_id IS NULL
"""


def keep(connection: Connection, query: str, values: Mapping[str, object]) -> None:
    """Values are `segment` and `now`."""
    with connection.transaction():
        connection.execute(ALL_IT_WANTS)
        connection.execute(f"CREATE TEMP TABLE meets AS {query}".encode(), values)
        connection.execute("ANALYZE meets")
        connection.execute(KEEP, values)
        connection.execute("DROP TABLE meets")
