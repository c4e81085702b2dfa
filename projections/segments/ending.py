"""A segment that is thrown away: whoever was in it leaves, page after page, and is told so.

That it was there is remembered with all its changes, so a feed that is made anew tells the same.
"""

from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow

AT_ONCE = 5_000  # members; others wait while these leave
END = (
    "WITH gone AS (DELETE FROM segments WHERE segment_id = %s RETURNING segment_id, namespace_id)"
    " INSERT INTO segments_ended (segment_id, namespace_id, ended_at)"
    " SELECT segment_id, namespace_id, %s FROM gone"
)
OPEN = "SELECT segment_id FROM segments_ended WHERE NOT is_empty ORDER BY ended_at LIMIT 1"
IS_KNOWN = "SELECT EXISTS (SELECT FROM rm_segments.settled WHERE segment_id = %s)"
KNOWN = "INSERT INTO rm_segments.settled VALUES (%s, 0, %s, 0)"
# Who was in, as the changes have it: the members themselves may have been thrown away.
REMEMBERED = (
    "INSERT INTO rm_segments.members SELECT segment_id, profile_id, at, cause, stream, version"
    " FROM (SELECT DISTINCT ON (profile_id) * FROM segment_changes WHERE segment_id = %s"
    "  ORDER BY profile_id, change_id DESC) AS last WHERE entered ON CONFLICT DO NOTHING"
)
LEAVE = (
    "WITH gone AS (DELETE FROM rm_segments.members WHERE segment_id = %(segment)s AND profile_id ="
    " ANY(ARRAY(SELECT profile_id FROM rm_segments.members WHERE segment_id = %(segment)s"
    "  ORDER BY profile_id LIMIT %(most)s)) RETURNING profile_id)"
    " INSERT INTO segment_changes (segment_id, profile_id, entered, at, cause)"
    " SELECT %(segment)s, profile_id, false, %(now)s, 'segment_deleted' FROM gone"
)
FORGET = (
    "DELETE FROM rm_segments.due WHERE segment_id = %(segment)s AND profile_id ="
    " ANY(ARRAY(SELECT profile_id FROM rm_segments.due WHERE segment_id = %(segment)s"
    "  ORDER BY profile_id LIMIT %(most)s))"
)
CLOSE = ("DELETE FROM rm_segments.settled WHERE segment_id = %s",
         "UPDATE segments_ended SET is_empty = true WHERE segment_id = %s")  # fmt: skip


def emptied(connection: Connection[TupleRow], now: datetime) -> int:
    """The next page of the segment that ended first, while nobody else changes members; how many
    rows that were, or 1 for the end of it. 0 where all who were in one have left."""
    row = connection.execute(OPEN).fetchone()
    if row is None:
        return 0
    segment_id: UUID = row[0]
    if connection.execute(IS_KNOWN, (segment_id,)).fetchone() != (True,):
        connection.execute(REMEMBERED, (segment_id,))
        connection.execute(KNOWN, (segment_id, now))
    values = {"segment": segment_id, "now": now, "most": AT_ONCE}
    rows = sum(connection.execute(query, values).rowcount for query in (LEAVE, FORGET))
    for query in () if rows else CLOSE:
        connection.execute(query, (segment_id,))
    return rows or 1
