"""POST /v1/pixel/{public_key}: storefront events from any browser, without a bearer key."""

from fastapi import APIRouter, Request, Response

from api import bodies
from api.documentation.schemas import says
from api.errors import HANDLED, Problem, problem_of
from api.intake.pixel_events import PixelEvents
from api.intake.storefront import Received, Storefront
from api.lines import lines_of
from api.shops.directory import Directory
from api.wire import Json, Ndjson

PATH = "/v1/pixel/{public_key}"
MAX_BODY = 256 * 1024
MAX_EVENTS = 100
MEETS = (400, 404, 408, 413, 422, 503)
# a beacon may only send text/plain if it is not to ask for permission first
BEACON = "text/plain"
OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "86400",
}


def router(storefront: Storefront, directory: Directory) -> APIRouter:
    routes = APIRouter(tags=["pixel"])

    @routes.options(PATH, name="Ask whether a browser may send", status_code=204)
    async def preflight(public_key: str) -> Response:
        return Response(status_code=204, headers=OPEN)

    @routes.post(
        PATH,
        name="Send storefront events",
        openapi_extra=says(Received, *MEETS, body=PixelEvents, body_lines=PixelEvents),
    )
    async def send(request: Request, public_key: str) -> Response:
        try:
            answer: Response = Json(await _received(request, public_key))
        except HANDLED as error:
            answer = problem_of(error).response()
        answer.headers.update(OPEN)  # a browser reads no answer without them, not even an error
        return answer

    async def _received(request: Request, public_key: str) -> Received:
        namespace = await directory.pixel(public_key)
        if namespace is None:
            raise Problem(404, "unknown_pixel", "no shop has this pixel key")
        body = await bodies.whole(request.scope["headers"], request.receive, MAX_BODY)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in (Ndjson.media_type, BEACON):
            return await storefront.many(lines_of(body, MAX_EVENTS), namespace)
        return await storefront.one(body, namespace)

    return routes
