"""GET /v1/profiles: the customers page after page, or one looked up by what it is known by."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.access import bearer
from api.asked import PAGE, Cursor, Limit
from api.customers.asked import Asked, asked_for
from api.customers.listing import Listing
from api.customers.views import CustomerPage
from api.documentation.schemas import READ, parameter, says
from api.intake.whom import EXPECTED
from api.ports import Ports
from api.reached import OnePosition, Reached, position_of
from api.room import WAITED_S
from api.routes.profiles import looked_up
from api.shops.directory import Directory, KeyHolder
from api.views.shape import FoundProfiles
from api.wire import Json


def router(ports: Ports, directory: Directory) -> APIRouter:
    routes = APIRouter(tags=["profiles"])
    listing = Listing(ports)
    reached = Reached(ports.pool, ports.condition, ports.patience_s)
    Reader = Annotated[KeyHolder, Depends(bearer(directory, "read"))]  # noqa: N806 - a type

    @routes.get(
        "/v1/profiles",
        name="List customers, or find one",
        openapi_extra=says((CustomerPage, FoundProfiles), *READ)
        | {"parameters": [parameter("query", *each) for each in EXPECTED.items()]},
    )
    async def listed(
        request: Request,
        holder: Reader,
        asked: Annotated[Asked | None, Depends(asked_for)],
        limit: Limit = PAGE,
        cursor: Cursor = None,
        after: OnePosition = None,
    ) -> Response:
        """Sought by `q` in names, e-mails, phones, companies, cities and countries; or looked up by
        exactly one identifier, and then nothing else. What was answered a command at `after` is
        waited for."""
        if asked is None:
            given = request.query_params.multi_items()
            return Json(await looked_up(ports, holder, given))
        if after is not None:
            models = asked.read_models
            request.scope[WAITED_S] = await reached.wait(position_of(after), models)
        return Json(await listing.page(holder.namespace, asked, limit, cursor))

    return routes
