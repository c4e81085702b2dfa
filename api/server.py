"""One API process: joins the database and Ray it is given, serves until told to stop."""

import gc
import socket
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp
from uuid_utils.compat import uuid7

from actors import cluster
from actors.calling import RayHost
from actors.gateway import Gateway
from actors.identities import Identities
from aggregates.log.histories import Histories
from aggregates.log.keys import read_keyring
from aggregates.log.owners import PostgresOwners
from aggregates.log.shops import ShopLog
from api.app import create_app
from api.draining import DrainingServer
from api.heads import BoundedProtocol
from api.operations.condition import Condition
from api.ports import Ports
from api.shops.rules import Rules
from config import logs
from config.connections import api_pool
from config.settings import Settings, load_settings

DRAIN_S = 7  # how long requests under way may take once goodbye was said
BACKLOG = 2_048
# A connection that nobody uses stays longer than clients and balancers keep theirs (60 s mostly):
# who closes first must be the client, or its next request meets a connection that is gone.
KEEP_ALIVE_S = 75
GC_THRESHOLD = 50_000  # requests make few cycles; looking for them often costs a tenth of the CPU


def main() -> None:
    given = _arguments()
    settings = load_settings()
    if settings.database_url is None or settings.ray_address is None:
        sys.exit("an API process needs C360_DATABASE_URL and C360_RAY_ADDRESS; see c360 serve")
    logs.configure(settings.log_level, settings.log_format, "api")
    cluster.set_environment(settings)
    cluster.connect(settings)
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)
    condition = Condition()
    app = _app(settings, settings.database_url, condition, given.reserve)
    shared = socket.socket(fileno=given.listener) if given.listener is not None else None
    DrainingServer(_config(app, settings), condition, shared, given.ready).run_until_told()


def _arguments() -> Namespace:
    """What the supervisor hands down; without any the process listens by itself."""
    parser = ArgumentParser(prog="python -m api.server")
    parser.add_argument("--listener", type=int, help="descriptor of the socket to listen on")
    parser.add_argument("--ready", type=int, help="descriptor to write to when listening")
    parser.add_argument("--reserve", type=Path, help="the file without which the disk is full")
    return parser.parse_args()


def _config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=BoundedProtocol,
        access_log=False,
        log_config=None,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=DRAIN_S,
        proxy_headers=False,
        server_header=False,
        date_header=False,
    )


def _app(settings: Settings, dsn: str, condition: Condition, reserve: Path | None) -> ASGIApp:
    keyring = read_keyring(settings.master_key_file)
    pool = api_pool(dsn)
    rules = Rules(ShopLog(pool, keyring))
    identities = Identities(PostgresOwners(pool), keyring, uuid7, rules.bounds)
    hosts = [RayHost(number, settings.ray_namespace) for number in range(settings.hosts)]
    ports = Ports(
        gateway=Gateway(hosts, identities),
        histories=Histories(pool, keyring),
        identities=identities,
        pool=pool,
        keyring=keyring,
        rules=rules,
        admin_token=settings.admin_token_file.read_text().strip(),
        condition=condition,
        reserve=reserve,
    )
    return create_app(ports)


if __name__ == "__main__":
    main()
