"""Health, metrics and documentation: what operators and their tools ask for."""

from fastapi import APIRouter, FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST

from api.documentation.page import page
from api.letters.store import DeadLetters
from api.operations.counts import Counts
from api.operations.health import Health
from api.operations.metrics import Gathered, exposition
from api.operations.scrape import gauges, hosts
from api.ports import Ports
from api.wire import Json

READY = {
    "responses": {"503": {"description": "Not yet, or not any more; the body says which part"}}
}


def router(ports: Ports, letters: DeadLetters, counts: Counts, app: FastAPI) -> APIRouter:
    routes = APIRouter(tags=["system"])
    health = Health(ports)

    @routes.get("/healthz", name="Is the process alive")
    async def alive() -> Response:
        return Json({"status": "ok"})

    @routes.get("/readyz", name="Can it do its work", openapi_extra=READY)
    async def ready() -> Response:
        parts = await health.parts()
        well = all(part.ready for part in parts.values())
        return Json({"ready": well, "parts": parts}, 200 if well else 503)

    @routes.get("/metrics", name="Numbers for Prometheus")
    async def metrics() -> Response:
        collector = Gathered(counts, await gauges(ports, letters), await hosts(ports))
        return Response(exposition(collector), media_type=CONTENT_TYPE_LATEST)

    @routes.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return Response(page(app.openapi()), media_type="text/html")

    return routes
