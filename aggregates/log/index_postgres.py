"""The identity index in Postgres: one statement a kind of change."""

from collections.abc import Iterable
from itertools import groupby

from psycopg import Cursor
from psycopg.rows import DictRow

from aggregates.log.index import Change, Closed, Merged, Moved, Opened, Redirected, Reversed, Shared
from aggregates.log.port import StreamMoved

MOVE = (
    "UPDATE identifiers SET profile_id = %(to)s"
    " WHERE namespace_id = %(namespace)s AND digest = %(digest)s AND profile_id = %(owner)s"
)
DROP = (
    "DELETE FROM identifiers"
    " WHERE namespace_id = %(namespace)s AND digest = %(digest)s AND profile_id = %(owner)s"
)
REDIRECT = (
    "INSERT INTO redirects (profile_id, namespace_id, head)"
    " VALUES (%(profile)s, %(namespace)s, %(head)s)"
    " ON CONFLICT (profile_id) DO UPDATE SET head = excluded.head"
)
FREE = "DELETE FROM redirects WHERE profile_id = %(profile)s"
STATEMENTS: dict[type[Change], str] = {
    Shared: (
        "UPDATE identifiers SET shared = true"
        " WHERE namespace_id = %(namespace)s AND digest = %(digest)s"
    ),
    Merged: (
        "INSERT INTO merges (merge_id, namespace_id, survivor, absorbed, rule, merged_at) VALUES"
        " (%(merge_id)s, %(namespace)s, %(survivor)s, %(absorbed)s, %(rule)s, %(at)s)"
    ),
    Reversed: "UPDATE merges SET reversed_at = %(at)s WHERE merge_id = %(merge_id)s",
    Opened: (
        "INSERT INTO candidates"
        " (candidate_id, namespace_id, one, other, score, rule, evidence, opened_at) VALUES"
        " (%(candidate_id)s, %(namespace)s, %(one)s, %(other)s, %(score)s, %(rule)s,"
        " %(evidence)s, %(at)s)"
    ),
    Closed: (
        "UPDATE candidates SET outcome = %(outcome)s, closed_at = %(at)s"
        " WHERE candidate_id = %(candidate_id)s"
    ),
}


def write(cursor: Cursor[DictRow], changes: Iterable[Change]) -> None:
    """Inside the caller's transaction. Raises StreamMoved where an identifier has moved away."""
    for kind, some in groupby(changes, type):
        for change in some:
            statement = _statement(kind, change)
            cursor.execute(statement.encode(), change._asdict())
            if isinstance(change, Moved) and not cursor.rowcount:
                raise StreamMoved("an identifier has changed hands meanwhile")


def _statement(kind: type[Change], change: Change) -> str:
    match change:
        case Moved():
            return MOVE if change.to else DROP
        case Redirected():
            return REDIRECT if change.head else FREE
        case _:
            return STATEMENTS[kind]
