"""A shop of many customers made up in the tables of the read models, all within the database."""

from typing import LiteralString

import psycopg

from projections.changes import ChangeFeed
from projections.customers import Customers
from projections.purchases import Purchases
from projections.reach import Reach
from projections.readmodel import ReadModel, schema_of
from projections.segments.membership import Segments
from projections.stages import Stages
from projections.visits import VisitTimes
from projections.windows import Windows

MODELS: tuple[ReadModel, ...] = (
    Stages(), Customers(), Purchases(), Reach(), VisitTimes(), Segments(Windows()), ChangeFeed(),
)  # fmt: skip
NAMESPACE = 1
SECONDARY = """
    SELECT format('%I.%I', schemaname, indexname) FROM pg_indexes
    WHERE schemaname LIKE 'rm_%' AND indexdef NOT LIKE '%UNIQUE%'
"""
WHO = "('0198c000-0000-7000-8000-' || lpad(to_hex(nth), 12, '0'))::uuid"
CUSTOMERS = f"""
    INSERT INTO rm_customers.customers
    SELECT {WHO}, 1, 'Customer ' || nth, 'customer ' || nth, nth || '@mail.example', NULL, NULL,
        (ARRAY['Berlin', 'Wien', 'Paris', NULL])[1 + nth %% 4],
        (ARRAY['DE', 'AT', 'FR', NULL])[1 + nth %% 4], '{{shopify}}',
        CASE WHEN random() < 0.1 THEN '{{vip}}' ELSE '{{}}' END::text[],
        COALESCE(orders, 0), COALESCE(spend, 0), 0, 'EUR', nth %% 5, first, last,
        now() - random() * interval '700 days', last, ''
    FROM generate_series(1, %(count)s::bigint) AS made (nth) LEFT JOIN
        (SELECT profile_id, count(*) AS orders, sum(total) AS spend, min(placed_at) AS first,
            max(placed_at) AS last
        FROM rm_purchases.orders WHERE counts GROUP BY 1) AS sums ON sums.profile_id = {WHO}
"""  # noqa: S608  # our own words
ORDERS = f"""
    INSERT INTO rm_purchases.orders
    SELECT {WHO}, nth || '-' || again, {WHO}, 1, now() - random() * interval '400 days', NULL,
        floor(random() * 20000), 0, 0, 'EUR', 'web', 'paid', NULL, NULL, random() < 0.97
    FROM generate_series(1, %(count)s::bigint) AS made (nth), generate_series(1, 4) AS more (again)
    WHERE again <= nth %% 5
"""  # noqa: S608  # our own words
LINES = """
    INSERT INTO rm_purchases.lines
    SELECT subject, order_id, 0, profile_id, 'p' || floor(random() * 500), NULL,
        'sku' || floor(random() * 500), 'a thing', 1, total
    FROM rm_purchases.orders
"""
STAGES = """
    INSERT INTO rm_stages.stages
    SELECT profile_id, 1, 1, 'new', created_at,
        (ARRAY['new', 'converted', 'loyal'])[1 + LEAST(orders, 2)],
        COALESCE(last_order_at, created_at), 'new', NULL
    FROM rm_customers.customers
"""
STANDINGS = f"""
    INSERT INTO rm_reach.standings
    SELECT {WHO}, channel, '0001-01-01', NULL, 1,
        (ARRAY['subscribed', 'subscribed', 'unsubscribed', 'pending'])[1 + floor(random() * 4)],
        (ARRAY['Europe/Berlin', 'America/New_York', ''])[1 + nth %% 3]
    FROM generate_series(1, %(count)s::bigint) AS made (nth),
        unnest('{{email,whatsapp}}'::text[]) AS known (channel)
    WHERE random() < 0.7
"""  # noqa: S608  # our own words
MESSAGES = f"""
    INSERT INTO rm_reach.messages
    SELECT {WHO}, again, 1, (ARRAY['email', 'whatsapp'])[again], true, 'spring', at, NULL,
        CASE WHEN random() < 0.4 THEN at + interval '1 hour' END,
        CASE WHEN random() < 0.1 THEN at + interval '2 hours' END, NULL, NULL, NULL
    FROM generate_series(1, %(count)s::bigint) AS made (nth), generate_series(1, 2) AS more (again),
        LATERAL (SELECT now() - random() * interval '90 days' + nth * interval '0 s' AS at) AS sent
"""  # noqa: S608  # our own words
VISITS = f"""
    INSERT INTO rm_visits.visits
    SELECT {WHO}, again, 1, now() - random() * interval '400 days'
    FROM generate_series(1, %(count)s::bigint) AS made (nth), generate_series(1, 4) AS more (again)
    WHERE again <= nth %% 5
"""  # noqa: S608  # our own words
PLACES = "INSERT INTO rm_reach.places VALUES (1, 'Europe/Berlin'), (1, 'America/New_York')"
FILLED: tuple[LiteralString, ...] = (ORDERS, LINES, CUSTOMERS, STAGES, STANDINGS, MESSAGES, VISITS)


def settle_down(connection: psycopg.Connection, count: int) -> None:
    """So many customers. What rules do not read, such as words to search by, stays empty."""
    _prepare(connection)
    for (index,) in connection.execute(SECONDARY).fetchall():
        connection.execute(f"DROP INDEX {index}".encode())  # filled without, made afterwards
    for statement in FILLED:
        connection.execute(statement.encode(), {"count": count} if "%(" in statement else None)
    connection.execute(PLACES)
    _prepare(connection)
    connection.execute("VACUUM ANALYZE")


def _prepare(connection: psycopg.Connection) -> None:
    for model in MODELS:
        schema = schema_of(model.name)
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}".encode())
        with connection.transaction():
            connection.execute(f"SET LOCAL search_path = {schema}, public".encode())
            connection.execute(model.tables.encode())
