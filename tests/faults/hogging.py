"""Another application that takes connections to a PostgreSQL away from everybody else."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg

from config.embedded import EmbeddedPostgres

PATIENCE_S = 10.0
END_OURS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'c360-%'"
)


@contextmanager
def hogged(server: EmbeddedPostgres, connections: int) -> Iterator[None]:
    """So many are held, if need be those the product had a moment before."""
    superuser = server.dsn.replace("//customer360@/customer360", "//postgres@/postgres")
    give_up = time.monotonic() + PATIENCE_S
    with ExitStack() as held, psycopg.connect(superuser, autocommit=True) as master:
        taken = 0
        while taken < connections:
            assert time.monotonic() < give_up, f"only {taken} connections could be taken"
            try:
                held.enter_context(psycopg.connect(server.dsn, application_name="another"))
                taken += 1
            except psycopg.OperationalError:
                master.execute(END_OURS)
        yield
