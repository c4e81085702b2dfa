"""What a read model is: tables of its own, made from the log alone, that can be made anew."""

from typing import Protocol

from psycopg import Connection
from psycopg.rows import TupleRow

from aggregates.log.following import Changes


class ReadModel(Protocol):
    """`name` is also that of its schema, `rm_<name>`; `tables` is the SQL that makes its tables,
    and statements name them without the schema.

    Absorbing the same changes again, or later ones first, must change nothing in the end.
    """

    @property
    def name(self) -> str: ...
    @property
    def tables(self) -> str: ...

    def absorb(self, connection: Connection[TupleRow], changes: Changes) -> None:
        """Inside the caller's transaction."""


def schema_of(name: str) -> str:
    return f"rm_{name}"
