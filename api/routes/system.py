"""Health, metrics and documentation: what operators and their tools ask for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import PlainTextResponse
from msgspec import Struct
from prometheus_client import CONTENT_TYPE_LATEST

from api.documentation.page import page
from api.documentation.schemas import answer
from api.letters.store import DeadLetters
from api.operations.counts import Counts
from api.operations.health import Health, Part
from api.operations.hosts import Hosts
from api.operations.metrics import Gathered, exposition
from api.operations.scrape import Scrape
from api.operations.watch import Watch
from api.ports import Ports
from api.wire import Json


class Alive(Struct, frozen=True):
    status: str = "ok"


class Readiness(Struct, frozen=True):
    ready: bool
    parts: dict[str, Part]


UNREADY = answer(Readiness) | {"description": "Not yet, or not any more; the body says which part"}


def router(ports: Ports, letters: DeadLetters, counts: Counts, app: FastAPI) -> APIRouter:
    hosts = Hosts(ports)
    health = Health(ports, hosts)
    scrape = Scrape(ports, letters, hosts)
    watch = Watch(health, counts)
    routes = APIRouter(tags=["system"], lifespan=_watched(watch))

    @routes.get(
        "/healthz", name="Is the process alive", openapi_extra={"responses": {"200": answer(Alive)}}
    )
    async def alive() -> Response:
        return Json(Alive())

    @routes.get(
        "/readyz",
        name="Can it do its work",
        openapi_extra={"responses": {"200": answer(Readiness), "503": UNREADY}},
    )
    async def ready() -> Response:
        parts = await health.parts()
        well = all(part.ready for part in parts.values())
        return Json(Readiness(well, parts), 200 if well else 503)

    @routes.get("/metrics", name="Numbers for Prometheus", response_class=PlainTextResponse)
    async def metrics() -> Response:
        asked = await scrape.asked()
        collector = Gathered(counts, asked, hosts.restarts, watch.delay_s)
        return Response(exposition(collector), media_type=CONTENT_TYPE_LATEST)

    @routes.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return Response(page(app.openapi()), media_type="text/html")

    return routes


def _watched(watch: Watch) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        watching = asyncio.create_task(watch.forever())
        yield
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching

    return running
