"""What a read model is: tables of its own, made from the log alone, that can be made anew."""

from typing import Protocol

from psycopg import Connection
from psycopg.rows import TupleRow

from aggregates.log.codec import TOPICS
from aggregates.log.following import Changes


class ReadModel(Protocol):
    """`name` is also that of its schema, `rm_<name>`; `tables` is the SQL that makes its tables,
    and statements name them without the schema. `moved_by` are the topics of the events that can
    change it, besides those that unite and part; None is all of them.

    Absorbing the same changes again, or later ones first, must change nothing in the end.
    """

    @property
    def name(self) -> str: ...
    @property
    def tables(self) -> str: ...
    @property
    def moved_by(self) -> frozenset[str] | None: ...

    def absorb(self, connection: Connection[TupleRow], changes: Changes) -> None:
        """Inside the caller's transaction."""


def topics_of(*facets: str) -> frozenset[str]:
    """Of every event there is in these sides of a profile."""
    found = frozenset(topic for topic in TOPICS if topic.partition(".")[0] in facets)
    assert {topic.partition(".")[0] for topic in found} == set(facets), facets
    return found


def schema_of(name: str) -> str:
    return f"rm_{name}"
