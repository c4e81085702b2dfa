"""/v1/segments/{id}/members and /changes: who is in a segment, and who came and went, and why."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.access import bearer
from api.asked import PAGE, Cursor, Instant, Limit, instant_of
from api.cursors import Cursors, cut
from api.documentation.schemas import READ, says
from api.ports import Ports
from api.read_models import reading
from api.segments import lists
from api.segments.address import known_segment
from api.segments.lists import Place, Span
from api.segments.shelf import Shelf
from api.segments.views import MemberChanges, MemberPage
from api.shops.directory import Directory, KeyHolder
from api.wire import Json


def router(ports: Ports, directory: Directory) -> APIRouter:
    routes = APIRouter(tags=["segments"])
    shelf, cursors = Shelf(ports.pool, ports.rules, ports.now), Cursors(ports.keyring)
    Reader = Annotated[KeyHolder, Depends(bearer(directory, "read"))]  # noqa: N806 - a type
    Known = Annotated[UUID, Depends(known_segment)]  # noqa: N806 - a type

    @routes.get(
        "/v1/segments/{segment_id:segment}/members",
        name="List the members of a segment",
        openapi_extra=says(MemberPage, *READ),
    )
    async def members(
        holder: Reader, segment_id: Known, limit: Limit = PAGE, cursor: Cursor = None
    ) -> Response:
        pages = cursors.of(holder.namespace, f"members of {segment_id}", UUID)
        after = pages.after(cursor)
        await shelf.one(holder.namespace, segment_id)
        async with reading(ports.pool) as connection:
            found = await lists.members(connection, segment_id, after, limit + 1)
        items, last = cut(found, limit)
        return Json(MemberPage(items, pages.cursor(last.profile_id if last else None)))

    @routes.get(
        "/v1/segments/{segment_id:segment}/changes",
        name="Who entered and left between two instants, and why",
        openapi_extra=says(MemberChanges, *READ),
    )
    async def changes(
        holder: Reader,
        segment_id: Known,
        start: Annotated[Instant, Query(alias="from")] = None,
        until: Instant = None,
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> Response:
        span = Span(instant_of(start, "from"), instant_of(until, "until"))
        about = f"changes of {segment_id} {span.start} {span.end}"
        pages = cursors.of(holder.namespace, about, Place)
        after = pages.after(cursor)
        await shelf.one(holder.namespace, segment_id)
        async with reading(ports.pool) as connection:
            found = await lists.changes(connection, segment_id, span, after, limit + 1)
        rows, last = cut(found, limit)
        return Json(MemberChanges([change for change, _ in rows], pages.cursor(last and last[1])))

    return routes
