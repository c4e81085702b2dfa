"""Tells the feed of changes who entered segments and who left, in the order in which they did.

These are no events of the log: the clock has a part in them. The feed remembers how far it has
told, so that one that is made anew tells everything again under the same ids.
"""

from psycopg import Connection
from psycopg.rows import TupleRow

from projections.changes import TURN

AT_ONCE = 50_000  # whoever else tells anything waits for so long
IS_READY = "SELECT to_regclass('rm_changes.segments_told') IS NOT NULL"
# Numbers are taken before they are committed, so a number tells nothing about what is still to
# come. But whatever a transaction older than all that run now has written is there to be seen.
UNTOLD = """
    FROM public.segment_changes JOIN (
        SELECT segment_id, namespace_id FROM public.segments UNION ALL
        SELECT segment_id, namespace_id FROM public.segments_ended) AS known USING (segment_id)
    WHERE written_by >= (SELECT before FROM rm_changes.segments_told)
        AND NOT EXISTS (SELECT FROM rm_changes.changes AS told
            WHERE told.change_id = 'segment:' || segment_changes.change_id)
"""
ANY_UNTOLD = f"SELECT EXISTS (SELECT {UNTOLD})"  # our own words
TELL = f"""
    WITH told AS (
        INSERT INTO rm_changes.changes
            (namespace_id, change_id, kind, profile_id, occurred_at, recorded_at, data)
        SELECT namespace_id, 'segment:' || change_id,
            CASE WHEN entered THEN 'segment_entered' ELSE 'segment_left' END,
            profile_id, at, at, jsonb_build_object('segment_id', segment_id, 'cause', cause,
                'event', CASE WHEN version IS NOT NULL
                    THEN jsonb_build_object('profile_id', stream, 'version', version) END)
        {UNTOLD} ORDER BY segment_changes.change_id LIMIT %(most)s
        RETURNING seq
    ), reached AS (
        UPDATE rm_changes.segments_told SET before = pg_snapshot_xmin(pg_current_snapshot())
        WHERE (SELECT count(*) FROM told) < %(most)s
    )
    SELECT count(*) FROM told
"""  # noqa: S608  # our own words


def tell(connection: Connection[TupleRow]) -> int:
    """The number of changes told, at most `AT_ONCE`; outside of a transaction."""
    if not _is(connection, IS_READY) or not _is(connection, ANY_UNTOLD):
        return 0
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (TURN,))
        row = connection.execute(TELL.encode(), {"most": AT_ONCE}).fetchone()
    assert row is not None, "a count has one row"
    return int(row[0])


def _is(connection: Connection[TupleRow], query: str) -> bool:
    return connection.execute(query.encode()).fetchone() == (True,)
