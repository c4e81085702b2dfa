"""Who is in which segment: looked at again whenever a customer, the time or a rule changes.

Rows of other read models are read here, so these must come before this one in the list of models.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Literal, NamedTuple
from uuid import UUID

from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from aggregates.log.following import Changes
from aggregates.shop.settings import Settings
from projections.segments.compile import Compiled, compiled
from projections.segments.definitions import Definition, definitions, rules_of
from projections.segments.news import Changed, gathered
from projections.segments.setting import Setting
from projections.windows import Windows

TABLES = """
    CREATE TABLE IF NOT EXISTS members (
        segment_id uuid NOT NULL,
        profile_id uuid NOT NULL,
        since      timestamptz NOT NULL,
        cause      text NOT NULL, -- event, time or rule
        stream     uuid, -- the event that was the cause
        version    bigint,
        PRIMARY KEY (segment_id, profile_id)
    );
    CREATE INDEX IF NOT EXISTS members_profile ON members (profile_id, segment_id);
    CREATE TABLE IF NOT EXISTS due ( -- whose answer may change by time alone, and when
        segment_id uuid NOT NULL,
        profile_id uuid NOT NULL,
        due_at     timestamptz NOT NULL,
        PRIMARY KEY (segment_id, profile_id)
    );
    CREATE INDEX IF NOT EXISTS due_at ON due (due_at);
    CREATE TABLE IF NOT EXISTS settled ( -- which revision of a rule the members meet
        segment_id uuid PRIMARY KEY,
        revision   integer NOT NULL,
        settled_at timestamptz NOT NULL,
        shop       bigint NOT NULL -- version of the shop's settings
    );
"""
PLACES = "SELECT place FROM rm_reach.places WHERE namespace_id = %s"
SETTLED = "SELECT segment_id, revision, shop FROM rm_segments.settled"
# The clock and changed rules look at customers while nobody changes them, and one at a time.
TURN = 0x0C36005E
TAKE_PART = "SELECT pg_advisory_xact_lock_shared(%s)"
TAKE_TURN = "SELECT pg_advisory_xact_lock(%s)"
MANY = 50_000  # answers: so many in one page may take longer than a transaction usually may
# Whatever is known of the tables; to read half of one in the order of an index is to read it twice.
AT_LARGE = "SET LOCAL enable_nestloop = off; SET LOCAL random_page_cost = 4"
TAKE_TIME = (  # each statement still has its limit; older servers have no such setting
    "SELECT set_config(name, '0', true) FROM pg_settings WHERE name = 'transaction_timeout'"
)
HEADS = (
    "SELECT DISTINCT ON (profile_id) profile_id, subject, namespace_id FROM rm_purchases.orders"
    " WHERE subject = ANY(%b) AND profile_id <> subject"
)
WHOM = "= ANY(ARRAY(SELECT profile_id FROM news_told))"  # a list of constants is slow to plan with
NOBODY_TOLD = (
    "SELECT NULL::uuid AS profile_id, NULL::uuid AS stream, NULL::bigint AS version WHERE false"
)
Cause = Literal["event", "time", "rule"]


class Why(NamedTuple):
    """`some`: only those whom `gathered` has at hand are looked at, not everybody."""

    cause: Cause
    some: bool = False


class Segments(Struct, frozen=True):
    """The read model. It keeps those segments that `clock` has settled once."""

    shops: Windows
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    name: str = "segments"
    tables: str = TABLES
    moved_by: frozenset[str] | None = None

    def absorb(self, connection: Connection[TupleRow], changes: Changes) -> None:
        self.shops.look(connection)
        connection.execute(TAKE_PART, (TURN,))
        heads = _heads(connection, changes)
        for namespace, whom in _by_namespace(changes, heads).items():
            if segments := settled(connection, self.shops, namespace, self.now()):
                if len(segments) * len(whom) > MANY:
                    connection.execute(TAKE_TIME)
                with gathered(connection, whom):
                    for one, setting in segments:
                        settle(connection, one, setting, Why("event", some=True))


def settled(
    connection: Connection[TupleRow], shops: Windows, namespace: int, now: datetime
) -> list[tuple[Definition, Setting]]:
    """The segments of the namespace whose members meet their newest rules."""
    held = definitions(connection, namespace)
    if not held:
        return []
    rows = connection.execute(SETTLED).fetchall()
    if any(shop > shops.version(namespace) for one, _, shop in rows if one in held):
        shops.catch_up(connection)  # or we would decide by what the shop wanted before
    setting = setting_of(connection, shops.settings(namespace), held, now)
    revisions: dict[UUID, int] = {one: revision for one, revision, _ in rows}
    return [
        (one, setting) for one in held.values() if revisions.get(one.segment_id) == one.revision
    ]


def setting_of(
    connection: Connection[TupleRow], shop: Settings, held: Mapping[UUID, Definition], now: datetime
) -> Setting:
    """`held` are all segments of one namespace."""
    namespace = next(iter(held.values())).namespace
    places = [place for (place,) in connection.execute(PLACES, (namespace,)).fetchall()]
    return Setting(now, shop, rules_of(held).__getitem__, places)


def settle(
    connection: Connection[TupleRow], segment: Definition, setting: Setting, why: Why
) -> None:
    """Who of them enters, who leaves, and when to look again. They are those whom `gathered` has at
    hand; everybody is looked at apart, so that it is known how many matter."""
    found = compiled(segment.rule, setting, why.some)
    values: Mapping[str, object] = {
        **found.values, "namespace": segment.namespace, "segment": segment.segment_id,
        "now": setting.now, "cause": why.cause,
    }  # fmt: skip
    if why.some:
        connection.execute(statement(found, some=True).encode(), values)
        return
    connection.execute(AT_LARGE)
    made = f"CREATE TEMP TABLE looked AS {_looked(found)} ORDER BY customers.profile_id"
    connection.execute(made.encode(), values)  # in order, what enters is written to fewer pages
    connection.execute("ANALYZE looked")
    connection.execute(statement(found, some=False).encode(), values)
    connection.execute("DROP TABLE looked")


def statement(found: Compiled, some: bool) -> str:
    """A few are looked up, many are joined."""
    begins = f"told AS ({NOBODY_TOLD})"
    mine, among = "segment_id = %(segment)s", "IN ({})"
    if some:
        begins = f"told AS (TABLE news_told), looked AS MATERIALIZED ({_looked(found)})"
        mine, among = f"{mine} AND profile_id {WHOM}", "= ANY(ARRAY({}))"
    left = among.format(
        "SELECT profile_id FROM held WHERE NOT EXISTS"
        " (SELECT FROM looked WHERE inside AND looked.profile_id = held.profile_id)"
    )
    due = _due(mine, among) if found.due or not some else ""
    return f"""
    WITH {begins}, held AS MATERIALIZED (SELECT profile_id FROM rm_segments.members WHERE {mine}
    ), entered AS (
        INSERT INTO rm_segments.members (segment_id, profile_id, since, cause, stream, version)
        SELECT %(segment)s, profile_id, %(now)s, %(cause)s, stream, version
        FROM looked LEFT JOIN told USING (profile_id)
        WHERE inside AND NOT EXISTS (SELECT FROM held WHERE held.profile_id = looked.profile_id)
        RETURNING profile_id, true AS entered
    ), gone AS (
        DELETE FROM rm_segments.members WHERE segment_id = %(segment)s AND profile_id {left}
        RETURNING profile_id, false AS entered
    ){due}
    INSERT INTO segment_changes (segment_id, profile_id, entered, at, cause, stream, version)
    SELECT %(segment)s, profile_id, entered, %(now)s, %(cause)s, stream, version
    FROM (SELECT * FROM entered UNION ALL SELECT * FROM gone) AS changed
        LEFT JOIN told USING (profile_id)"""  # noqa: S608  # our own words


def _looked(found: Compiled) -> str:
    """Whoever is out and never due is not there."""
    shown = f"customers.profile_id, {found.inside} AS inside, {found.due or 'NULL'}::timestamptz"
    return f"SELECT {shown} AS due_at FROM {found.source} AND {found.matters}"  # noqa: S608  # ours


def _due(mine: str, among: str) -> str:
    over = among.format(
        "SELECT profile_id FROM waiting WHERE NOT EXISTS"
        " (SELECT FROM looked WHERE due_at IS NOT NULL AND looked.profile_id = waiting.profile_id)"
    )
    return f""", waiting AS MATERIALIZED (
        SELECT profile_id, due_at FROM rm_segments.due WHERE {mine}
    ), awaited AS (
        INSERT INTO rm_segments.due (segment_id, profile_id, due_at)
        SELECT %(segment)s, profile_id, due_at FROM looked WHERE due_at IS NOT NULL AND NOT EXISTS
            (SELECT FROM waiting WHERE waiting.profile_id = looked.profile_id
                AND waiting.due_at = looked.due_at)
        ON CONFLICT (segment_id, profile_id) DO UPDATE SET due_at = excluded.due_at
    ), over AS (
        DELETE FROM rm_segments.due WHERE segment_id = %(segment)s AND profile_id {over}
    )"""  # noqa: S608  # our own words


def _heads(connection: Connection[TupleRow], changes: Changes) -> list[tuple[UUID, UUID, int]]:
    """Whose orders are told of by a part of them: their own streams may have been read before."""
    subjects = {record.subject for record in changes.records} | changes.profiles.keys()
    found = connection.execute(HEADS, (list(subjects),), binary=True).fetchall()
    return [(head, *rest) for head, *rest in found if head not in changes.profiles]


def _by_namespace(
    changes: Changes, heads: Iterable[tuple[UUID, UUID, int]]
) -> dict[int, list[Changed]]:
    last = {record.stream: record.version for record in changes.records}
    found: dict[int, list[Changed]] = defaultdict(list)
    for profile, held in changes.profiles.items():
        found[held.namespace].append(Changed(profile, profile, last.get(profile)))
    for head, subject, namespace in heads:
        found[namespace].append(Changed(head, subject, last.get(subject)))
    return found
