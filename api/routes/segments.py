"""/v1/segments: named rules about customers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from msgspec.structs import asdict

from api import bodies
from api.access import bearer
from api.asked import PAGE, Cursor, Limit
from api.cursors import Cursors, cut
from api.documentation.schemas import READ, says
from api.ports import Ports
from api.read_models import reading
from api.segments import lists
from api.segments.address import known_segment
from api.segments.asked import PreviewAsked, SegmentAsked, preview_asked, segment_asked
from api.segments.shelf import Shelf, Sought, checked_references
from api.segments.views import Preview, SegmentDetail, SegmentPage, SegmentView
from api.shops.directory import Directory, KeyHolder
from api.wire import Json
from projections.segments.definitions import Definition
from projections.segments.wording import worded

MAX_BODY = 256 * 1024
MEETS = (400, 401, 403, 404, 408, 409, 413, 422, 503)


def router(ports: Ports, directory: Directory) -> APIRouter:
    routes = APIRouter(tags=["segments"])
    shelf, cursors = Shelf(ports.pool, ports.rules, ports.now), Cursors(ports.keyring)
    Reader = Annotated[KeyHolder, Depends(bearer(directory, "read"))]  # noqa: N806 - a type
    Known = Annotated[UUID, Depends(known_segment)]  # noqa: N806 - a type
    Writer = Annotated[KeyHolder, Depends(bearer(directory, "write"))]  # noqa: N806 - a type

    @routes.post(
        "/v1/segments",
        name="Make a segment",
        openapi_extra=says(SegmentView, *MEETS, body=SegmentAsked),
    )
    async def make(request: Request, holder: Writer) -> Response:
        body = await bodies.whole(request.scope["headers"], request.receive, MAX_BODY)
        made = await shelf.add(holder.namespace, Sought(*segment_asked(body)))
        return Json(_view(made, {}))

    @routes.get(
        "/v1/segments", name="List segments by name", openapi_extra=says(SegmentPage, *READ)
    )
    async def listed(holder: Reader, limit: Limit = PAGE, cursor: Cursor = None) -> Response:
        pages = cursors.of(holder.namespace, "segments", str)
        after = pages.after(cursor) or ""
        held = await shelf.all(holder.namespace)
        async with reading(ports.pool) as connection:
            settled = await lists.settled_at(connection, holder.namespace)
        beyond = sorted((o for o in held.values() if o.name > after), key=lambda one: one.name)
        shown, last = cut(beyond, limit)
        items = [_view(one, settled) for one in shown]
        return Json(SegmentPage(items, pages.cursor(last.name if last else None)))

    @routes.post(
        "/v1/segments/preview",
        name="See who would be in a segment",
        openapi_extra=says(Preview, *MEETS, body=PreviewAsked),
    )
    async def preview(request: Request, holder: Reader) -> Response:
        body = await bodies.whole(request.scope["headers"], request.receive, MAX_BODY)
        rule, held = preview_asked(body), await shelf.all(holder.namespace)
        checked_references(rule, held)
        async with reading(ports.pool) as connection:
            setting = await shelf.setting(connection, holder.namespace, held)
            return Json(await lists.preview(connection, holder.namespace, rule, setting))

    @routes.get(
        "/v1/segments/{segment_id:segment}",
        name="Read a segment",
        openapi_extra=says(SegmentDetail, *READ),
    )
    async def one(holder: Reader, segment_id: Known) -> Response:
        held = await shelf.one(holder.namespace, segment_id)
        async with reading(ports.pool) as connection:
            settled = await lists.settled_at(connection, holder.namespace)
            count = await lists.member_count(connection, segment_id)
        return Json(SegmentDetail(**asdict(_view(held, settled)), members=count))

    @routes.put(
        "/v1/segments/{segment_id:segment}",
        name="Change a segment",
        openapi_extra=says(SegmentView, *MEETS, body=SegmentAsked),
    )
    async def change(request: Request, holder: Writer, segment_id: Known) -> Response:
        body = await bodies.whole(request.scope["headers"], request.receive, MAX_BODY)
        sought = Sought(*segment_asked(body))
        changed = await shelf.change(holder.namespace, segment_id, sought)
        async with reading(ports.pool) as connection:
            settled = await lists.settled_at(connection, holder.namespace)
        return Json(_view(changed, settled))

    @routes.delete(
        "/v1/segments/{segment_id:segment}",
        name="Throw a segment away",
        openapi_extra=says(SegmentView, *READ, 409),
    )
    async def remove(holder: Writer, segment_id: Known) -> Response:
        return Json(_view(await shelf.remove(holder.namespace, segment_id), {}))

    return routes


def _view(one: Definition, settled: Mapping[UUID, datetime]) -> SegmentView:
    return SegmentView(
        one.segment_id,
        one.name,
        one.rule,
        worded(one.rule),
        one.created_at,
        one.changed_at,
        settled.get(one.segment_id),
    )
