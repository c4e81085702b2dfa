"""Where the API is put together. Importing this does no work."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from psycopg_pool import AsyncConnectionPool
from starlette.types import ASGIApp

from api.documentation.openapi import Documented
from api.errors import handlers
from api.front import Front
from api.intake.commands import Commands
from api.intake.hooks import ShopifyHook
from api.intake.imports import Imports
from api.intake.storefront import Storefront
from api.letters.retries import Retries
from api.letters.store import DeadLetters
from api.operations.counts import Counts
from api.ports import Ports
from api.routes import admin, commands, events, pixel, profiles, system
from api.shops.directory import Directory


def create_app(ports: Ports) -> ASGIApp:
    """The whole API over these ports. It opens the pool when it starts, closes it when it ends."""
    counts = Counts()
    directory = Directory(ports.pool, ports.keyring)
    letters = DeadLetters(ports.pool, ports.keyring)
    retries = Retries(ports, letters, counts)
    app = _bare(ports.pool, retries)
    imports = Imports(ports, counts)
    app.include_router(commands.router(Commands(ports, letters, counts), directory))
    app.include_router(pixel.router(Storefront(ports, letters, counts), directory))
    app.include_router(profiles.router(ports, directory))
    app.include_router(events.router(ports, directory))
    app.include_router(admin.router(imports, directory, letters, retries, ports.admin_token))
    app.include_router(system.router(ports, letters, counts, app))
    return Front(app, ShopifyHook(ports, directory, letters, counts), counts)


def _bare(pool: AsyncConnectionPool, retries: Retries) -> FastAPI:
    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        await pool.open()
        background = asyncio.create_task(retries.forever())
        yield
        background.cancel()
        with suppress(asyncio.CancelledError):
            await background
        await pool.close()

    return Documented(
        title="Customer 360",
        docs_url=None,  # FastAPI's own pages load their scripts from the internet
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers=handlers(),
        lifespan=running,
    )
