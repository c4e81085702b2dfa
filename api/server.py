"""One API process: joins the database and Ray it is given, serves until told to stop."""

import gc
import sys
from typing import Any

import structlog
import uvicorn
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from uuid_utils.compat import uuid7

from actors import cluster
from actors.gateway import Gateway
from actors.identities import Identities
from aggregates.log.histories import Histories
from aggregates.log.keys import read_keyring
from aggregates.log.owners import PostgresOwners
from api.app import create_app
from api.ports import Ports
from config.settings import Settings, load_settings

CONNECTIONS = 8  # of one API process to the database
WAIT_FOR_CONNECTION_S = 2.0
DRAIN_S = 10  # how long requests under way may take after SIGTERM
BACKLOG = 2_048
GC_THRESHOLD = 50_000  # requests make few cycles; looking for them often costs a tenth of the CPU


def main() -> None:
    settings = load_settings()
    if settings.database_url is None or settings.ray_address is None:
        sys.exit("an API process needs C360_DATABASE_URL and C360_RAY_ADDRESS; see c360 serve")
    _write_logs(settings.log_level)
    cluster.set_environment(settings.ray_dir)
    cluster.connect(settings.ray_address)
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)
    uvicorn.run(
        _app(settings, settings.database_url),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level=settings.log_level if settings.log_level != "info" else "warning",
        backlog=BACKLOG,
        timeout_graceful_shutdown=DRAIN_S,
        proxy_headers=False,
        server_header=False,
        date_header=False,
    )


def _write_logs(level: str) -> None:
    """One JSON object a line. What is logged are codes, routes and ids, never what people sent."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )


def _app(settings: Settings, dsn: str) -> Any:
    keyring = read_keyring(settings.master_key_file)
    pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
        dsn,
        min_size=2,
        max_size=CONNECTIONS,
        timeout=WAIT_FOR_CONNECTION_S,
        open=False,
        kwargs={"autocommit": True},
    )
    identities = Identities(PostgresOwners(pool), keyring, uuid7)
    hosts = [cluster.RayHost(number) for number in range(settings.hosts)]
    ports = Ports(
        gateway=Gateway(hosts, identities),
        histories=Histories(pool, keyring),
        identities=identities,
        pool=pool,
        keyring=keyring,
        admin_token=settings.admin_token_file.read_text().strip(),
    )
    return create_app(ports)


if __name__ == "__main__":
    main()
