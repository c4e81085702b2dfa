"""GET /v1/profiles/{id}/events: everything that ever happened to a profile, and who said so."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.access import bearer
from api.asked import PAGE, Cursor, Limit, Version, known_id
from api.cursors import Cursors
from api.documentation.schemas import READ, says
from api.errors import no_such
from api.ports import Ports
from api.shops.directory import Directory, KeyHolder
from api.views.event import EventPage, view
from api.wire import Json

Topic = Annotated[str | None, Query(alias="type", pattern=r"^[a-z_]+\.[a-z_]+$", max_length=100)]


def router(ports: Ports, directory: Directory) -> APIRouter:
    routes, cursors = APIRouter(tags=["profiles"]), Cursors(ports.keyring)
    Reader = Annotated[KeyHolder, Depends(bearer(directory, "read"))]  # noqa: N806 - a type
    Known = Annotated[UUID, Depends(known_id)]  # noqa: N806 - a type

    @routes.get(
        "/v1/profiles/{profile_id}/events",
        name="Read a profile's history",
        openapi_extra=says(EventPage, *READ),
    )
    async def history(  # noqa: PLR0913 - one argument for each that the address may have
        holder: Reader,
        profile_id: Known,
        topic: Topic = None,
        subject: UUID | None = None,
        from_version: Version = None,
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> Response:
        about = f"events of {profile_id} {topic} {subject}"
        pages = cursors.of(holder.namespace, about, int)
        start = pages.after(cursor) or from_version or 1
        found = await ports.histories.records(
            holder.namespace,
            profile_id,
            from_version=start,
            limit=limit + 1,  # one more tells whether there is a next page
            topic=topic,
            subject=subject,
        )
        if not found and await ports.histories.profile(holder.namespace, profile_id) is None:
            raise no_such("profile")
        more = found[limit].version if len(found) > limit else None
        return Json(EventPage([view(record) for record in found[:limit]], pages.cursor(more)))

    return routes
