"""/v1/pins: the properties that a user of the shop wants to see first, of whatever customer."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api import bodies
from api.access import bearer
from api.documentation.schemas import READ, says
from api.ports import Ports
from api.shops.directory import Directory, KeyHolder
from api.shops.pins import PinBoard, Pins, PinsAsked, pins_asked, user_of
from api.wire import Json

PATH = "/v1/pins"
MAX_BODY = 64 * 1024
MEETS = (400, 401, 403, 408, 409, 413, 422, 503)
User = Annotated[
    str | None,
    Query(
        pattern=r"^[A-Za-z0-9_.-]{1,100}$",
        description="What your system calls the user, best an id that names nobody; left out, the"
        " pins are those of the API key",
    ),
]


def router(ports: Ports, directory: Directory) -> APIRouter:
    routes = APIRouter(prefix=PATH, tags=["shop"])
    board = PinBoard(ports.pool)
    Reader = Annotated[KeyHolder, Depends(bearer(directory, "read"))]  # noqa: N806 - a type
    Writer = Annotated[KeyHolder, Depends(bearer(directory, "write"))]  # noqa: N806 - a type

    @routes.get("", name="Read a user's pins", openapi_extra=says(Pins, *READ))
    async def read(holder: Reader, user: User = None) -> Response:
        """In their order; they are the same for every customer."""
        return Json(await board.of(user_of(holder, user)))

    @routes.put("", name="Set a user's pins", openapi_extra=says(Pins, *MEETS, body=PinsAsked))
    async def put(request: Request, holder: Writer, user: User = None) -> Response:
        """The whole list in its order, in place of the one before."""
        body = await bodies.whole(request.scope["headers"], request.receive, MAX_BODY)
        names = pins_asked(body)
        return Json(await board.put(user_of(holder, user), names, ports.now()))

    return routes
