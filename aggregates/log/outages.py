"""Which of the database's errors pass by themselves, and which are mistakes of ours."""

import psycopg
from psycopg import errors

PASSING = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    # psycopg files these under other kinds than the outages they are
    errors.ReadOnlySqlTransaction,  # after a failover we still talk to what is now a standby
    errors.IdleInTransactionSessionTimeout,
    errors.TransactionTimeout,
    errors.InFailedSqlTransaction,
)
KINDLESS = (psycopg.Error, psycopg.DatabaseError)


def passes(error: BaseException | None) -> bool:
    """Whether the same request may succeed a moment later.

    Where it does, what was being committed may or may not have been.
    """
    return isinstance(error, PASSING) or _is_of_the_client(error)


def _is_of_the_client(error: BaseException | None) -> bool:
    """The server's errors have a code; those made where the connection broke have not."""
    return isinstance(error, psycopg.Error) and type(error) in KINDLESS and not error.sqlstate
