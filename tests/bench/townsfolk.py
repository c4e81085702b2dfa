"""Customers made up inside the database: the rows that read models would have of so many people.

Names, cities and mail providers are as unevenly spread as real ones: a few are everybody's.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import LiteralString

from psycopg import Connection, sql
from psycopg.rows import TupleRow

AT_ONCE = 50_000  # rows of one statement
RARE, COMMON = "seldom", "often"  # names of two segments
SYLLABLES = (
    "ba ber bo car da den di el er fel ga gor ha hel in ka kor la len lo ma mar mi"
    " na nor or pa per ra ri ro sa sen so ta tor ul va wer zi"
)
NAMED: LiteralString = """
    CREATE OR REPLACE FUNCTION pg_temp.named(n integer) RETURNS text IMMUTABLE LANGUAGE sql AS $$
        SELECT s[n %% 40 + 1] || s[n / 40 %% 40 + 1] || s[n / 1600 %% 40 + 1] || s[n * 7 %% 41]
        FROM (VALUES (string_to_array({syllables}, ' '))) AS known (s)
    $$
"""
DRAWN: LiteralString = """
    CREATE TEMP TABLE drawn AS
    SELECT nth, gen_random_uuid() AS id, pg_temp.named((3000 * random() ^ 2)::integer) AS first,
        pg_temp.named(60000 - (57000 * random() ^ 2)::integer) AS last,
        'mail' || (20 * random() ^ 3)::integer AS provider,
        pg_temp.named(70000 + (8000 * random() ^ 3)::integer) AS city,
        CASE WHEN random() < 0.6 THEN 'DE' ELSE (ARRAY['AT', 'CH', 'FR', 'IT', 'NL'])
            [1 + floor(5 * random())::integer] END AS country,
        CASE WHEN random() < 0.1 THEN pg_temp.named(90000 + (9000 * random())::integer) END AS firm,
        CASE WHEN random() < 0.4 THEN 151e9::bigint + nth END AS number,
        floor(12 * random() ^ 3)::integer AS orders, random() AS luck,
        now() - random() ^ 2 * interval '900 days' AS seen
    FROM generate_series(%s::integer, %s::integer) AS made (nth)
"""
CUSTOMERS: LiteralString = """
    INSERT INTO rm_customers.customers
    SELECT id, %s, initcap(first || ' ' || last), first || ' ' || last, email, '+49' || number,
        initcap(firm) || ' Ltd', initcap(city), country,
        CASE WHEN luck < 0.001 THEN ARRAY['crm', 'shopify'] ELSE ARRAY['shopify'] END, '{}',
        orders, orders * price, price, 'EUR', 1, CASE WHEN orders > 0 THEN seen END,
        CASE WHEN orders > 0 THEN seen END, seen - luck * interval '300 days', seen,
        array_to_tsvector(array_remove(ARRAY[first, last, nth::text, provider, 'example', city,
            lower(country), firm, CASE WHEN firm IS NOT NULL THEN 'ltd' END, email,
            '49' || number, number::text, '0' || number], NULL))
    FROM drawn, LATERAL (SELECT first || '.' || last || '.' || nth || '@' || provider || '.example'
        AS email, 500 + (luck * 20000)::bigint AS price) AS more
"""
STAGES: LiteralString = """
    INSERT INTO rm_stages.stages SELECT id, %s, 1, stage, seen, stage, seen, stage, NULL
    FROM drawn, LATERAL (SELECT CASE WHEN orders > 1 THEN 'loyal' WHEN orders = 1 THEN 'converted'
        WHEN luck < 0.002 THEN 'engaged' ELSE 'new' END AS stage) AS reached
"""
MEMBERS: LiteralString = """
    INSERT INTO rm_segments.members SELECT segment_id, id, now(), 'rule', NULL, NULL
    FROM drawn JOIN segments ON luck < CASE name WHEN 'seldom' THEN 0.0003 ELSE 0.05 END
"""
SPELLINGS: LiteralString = """
    INSERT INTO rm_customers.spellings
    SELECT %s, word, count, (SELECT array_agg(DISTINCT substr('  ' || word || ' ', n, 3))
        FROM generate_series(1, length(word) + 1) AS at (n))
    FROM (SELECT word, count(*) FROM rm_customers.customers, unnest(tsvector_to_array(words)) AS
        held (word) WHERE word ~ '^[a-z]{4,60}$' GROUP BY word) AS counted
"""
SEGMENTS: LiteralString = """
    WITH made AS (INSERT INTO segments SELECT gen_random_uuid(), %s, name,
            '{"kind": "all", "all": []}', 1, now(), now()
        FROM unnest(ARRAY['seldom', 'often']) AS named (name) RETURNING segment_id)
    INSERT INTO rm_segments.settled SELECT segment_id, 1, now(), 0 FROM made
"""
INDEXES: LiteralString = """
    SELECT indexdef, format('%I.%I', schemaname, indexname) FROM pg_indexes
    WHERE schemaname IN ('rm_customers', 'rm_stages') AND indexname !~ '_pkey$'
"""


def settle(
    connection: Connection[TupleRow], namespace: int, count: int, told: Callable[[int], None]
) -> None:
    """The tables of read models must be there, and empty. `told` hears how many are done."""
    connection.execute("SELECT setseed(0.36)")
    syllables = sql.Literal(SYLLABLES)
    connection.execute(sql.SQL(NAMED.replace("%%", "%")).format(syllables=syllables))
    connection.execute(SEGMENTS, (namespace,))
    with _without_indexes(connection):
        for start in range(0, count, AT_ONCE):
            connection.execute(DRAWN, (start + 1, min(start + AT_ONCE, count)))
            connection.execute(CUSTOMERS, (namespace,))
            connection.execute(STAGES, (namespace,))
            connection.execute(MEMBERS)
            connection.execute("DROP TABLE drawn")
            told(min(start + AT_ONCE, count))
        connection.execute(SPELLINGS, (namespace,))
    connection.execute("VACUUM ANALYZE")


@contextmanager
def _without_indexes(connection: Connection[TupleRow]) -> Iterator[None]:
    """They are made at the end, which takes a fraction of the time."""
    known = connection.execute(INDEXES).fetchall()
    for _, name in known:
        connection.execute(f"DROP INDEX {name}".encode())
    yield
    for made, _ in known:
        connection.execute(made.encode())
