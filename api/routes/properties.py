"""/v1/profiles/{id}/properties: what is known of a customer under names, and how it came to be."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from api.access import bearer
from api.asked import PAGE, Cursor, Limit, known_id
from api.cursors import Cursors
from api.documentation.schemas import READ, says
from api.history.asked import InPath, nothing_called
from api.history.customer import customer
from api.history.properties import Properties, PropertyHistory, PropertyList
from api.ports import Ports
from api.shops.directory import Directory, KeyHolder
from api.wire import Json
from projections.timeline import Entry as Place


def router(ports: Ports, directory: Directory) -> APIRouter:
    routes = APIRouter(prefix="/v1/profiles/{profile_id}/properties", tags=["profiles"])
    cursors = Cursors(ports.keyring)
    Reader = Annotated[KeyHolder, Depends(bearer(directory, "read"))]  # noqa: N806 - a type
    Known = Annotated[UUID, Depends(known_id)]  # noqa: N806 - a type

    @routes.get("", name="List a customer's properties", openapi_extra=says(PropertyList, *READ))
    async def listed(holder: Reader, profile_id: Known) -> Response:
        """As they stand, each with the change that made it so."""
        whose = await customer(ports, holder.namespace, profile_id)
        return Json(PropertyList(await Properties(ports, holder, whose).all()))

    @routes.get(
        "/{name:path}/history",
        name="Every change of one property",
        openapi_extra=says(PropertyHistory, *READ),
    )
    async def history(
        holder: Reader, profile_id: Known, name: InPath, limit: Limit = PAGE, cursor: Cursor = None
    ) -> Response:
        """What was said when, by whom and in which event; also what no longer counts."""
        pages = cursors.of(holder.namespace, f"history of {name!r} of {profile_id}", Place)
        after = pages.after(cursor)
        whose = await customer(ports, holder.namespace, profile_id)
        known = Properties(ports, holder, whose)
        items, last = await known.history(name, after, limit)
        if not items and after is None and last is None and not known.is_held(name):
            raise nothing_called("property")
        return Json(PropertyHistory(items, pages.cursor(last)))

    return routes
