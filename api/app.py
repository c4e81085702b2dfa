"""Where the API is put together. Importing this does no work."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI
from starlette.types import ASGIApp

from aggregates.log.merges import Merges
from aggregates.log.shops import ShopLog
from api.changes import Feed
from api.cursors import Cursors
from api.documentation.openapi import Documented
from api.errors import handlers
from api.front import Front
from api.intake.commands import Commands
from api.intake.hooks import ShopifyHook
from api.intake.imports import Imports
from api.intake.storefront import Storefront
from api.letters.retries import Retries
from api.letters.store import DeadLetters
from api.lifecycle.clock import Clock
from api.lifecycle.windows_changed import WindowsChanged
from api.merges.asking import Asking
from api.merges.desk import Desk
from api.merges.why import Explainer
from api.operations import disk
from api.operations.counts import Counts
from api.ports import Ports
from api.room import Room
from api.routes import (
    admin,
    campaigns,
    candidates,
    changes,
    commands,
    consents,
    customers,
    events,
    imports,
    members,
    memberships,
    merges,
    messages,
    orders,
    pins,
    pixel,
    profiles,
    properties,
    reversals,
    segments,
    sends,
    settings,
    system,
    timeline,
    why,
)
from api.shops.directory import Directory
from api.shops.settings import SettingsDesk

Background = Callable[[], Coroutine[object, object, None]]


def create_app(ports: Ports) -> ASGIApp:
    """The whole API over these ports. It opens the pool when it starts, closes it when it ends."""
    counts = Counts()
    directory = Directory(ports.pool, ports.keyring)
    letters = DeadLetters(ports.pool, ports.keyring)
    retries = Retries(ports, letters, counts)
    app = _bare(ports, _background(ports, retries))
    app.include_router(commands.router(Commands(ports, letters, counts), directory))
    app.include_router(pixel.router(Storefront(ports, letters, counts), directory))
    app.include_router(customers.router(ports, directory))
    app.include_router(profiles.router(ports, directory))
    app.include_router(events.router(ports, directory))
    explainer = Explainer(ports.identities, ports.histories)
    app.include_router(why.router(explainer, directory, ports.rules))
    app.include_router(sends.router(ports, directory))
    app.include_router(consents.router(ports, directory))
    app.include_router(timeline.router(ports, directory))
    app.include_router(messages.router(ports, directory))
    app.include_router(campaigns.router(ports, directory))
    app.include_router(orders.router(ports, directory))
    app.include_router(properties.router(ports, directory))
    app.include_router(pins.router(ports, directory))
    desk = Desk(ports.gateway, ports.identities, Merges(ports.pool), ports.histories)
    app.include_router(merges.router(ports, directory, desk))
    app.include_router(reversals.router(ports, directory, desk))
    app.include_router(candidates.router(ports, directory, desk))
    settled = SettingsDesk(ShopLog(ports.pool, ports.keyring), ports.rules)
    app.include_router(settings.router(ports, directory, settled))
    feed = Feed(ports.pool, ports.condition, ports.patience_s)
    app.include_router(changes.router(feed, Cursors(ports.keyring), directory))
    app.include_router(segments.router(ports, directory))
    app.include_router(members.router(ports, directory))
    app.include_router(memberships.router(ports, directory))
    app.include_router(admin.router(letters, retries, ports.admin_token))
    app.include_router(imports.router(Imports(ports, counts), directory, ports))
    app.include_router(system.router(ports, letters, counts, app))
    hook = ShopifyHook(ports, directory, letters, counts)
    return Front(
        app, hook, counts, ports.condition, Room(silences=feed), Room(silences=ports.gateway)
    )


def _background(ports: Ports, retries: Retries) -> list[Background]:
    """What goes on for as long as the API runs."""
    always = [
        retries.forever,
        ports.rules.forever,
        Asking(ports).forever,
        Clock(ports).forever,
        WindowsChanged(ports).forever,
    ]
    if ports.reserve is None:
        return always
    return [*always, partial(disk.watch, ports.reserve, ports.condition)]


def _bare(ports: Ports, background: Iterable[Background]) -> FastAPI:
    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        await ports.pool.open()
        await ports.rules.look()
        tasks = [asyncio.create_task(work()) for work in background]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await ports.pool.close()

    return Documented(
        title="Customer 360",
        docs_url=None,  # FastAPI's own pages load their scripts from the internet
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers=handlers(),
        lifespan=running,
    )
