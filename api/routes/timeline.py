"""GET /v1/profiles/{id}/timeline: one customer's whole history, page after page."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.access import bearer
from api.asked import PAGE, Cursor, Limit, known_id
from api.cursors import Cursors
from api.documentation.schemas import READ, says
from api.history.customer import customer
from api.history.timeline import Kind, TimelinePage, Wanted, timeline
from api.ports import Ports
from api.shops.directory import Directory, KeyHolder
from api.wire import Json
from projections.timeline import Entry as Place

MOST_KINDS = 20
Kinds = Annotated[
    list[Kind] | None, Query(max_length=MOST_KINDS, description="Any of these; may be repeated")
]


def router(ports: Ports, directory: Directory) -> APIRouter:
    routes = APIRouter(prefix="/v1/profiles", tags=["profiles"])
    cursors = Cursors(ports.keyring)
    Reader = Annotated[KeyHolder, Depends(bearer(directory, "read"))]  # noqa: N806 - a type
    Known = Annotated[UUID, Depends(known_id)]  # noqa: N806 - a type

    @routes.get(
        "/{profile_id}/timeline",
        name="Read a customer's timeline",
        openapi_extra=says(TimelinePage, *READ),
    )
    async def read(
        holder: Reader,
        profile_id: Known,
        kind: Kinds = None,
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> Response:
        """Everything, newest first; of a merged customer, what happened to each of them."""
        kinds = sorted(set(kind)) if kind else None
        pages = cursors.of(holder.namespace, f"timeline of {profile_id} {kinds}", Place)
        after = pages.after(cursor)
        whose = await customer(ports, holder.namespace, profile_id)
        items, last = await timeline(ports, holder, whose, Wanted(kinds, after, limit))
        return Json(TimelinePage(items, pages.cursor(last)))

    return routes
