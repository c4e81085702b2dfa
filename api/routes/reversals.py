"""/v1/merges/{id}/reversal: one profile becomes two again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from api import bodies
from api.access import bearer
from api.documentation.schemas import READ, says
from api.merges.asked import Reasoned, reasoned
from api.merges.desk import Desk
from api.merges.views import MergeDetail, MergeView, ReversalPreview, merge_view
from api.ports import Ports
from api.routes.merges import MAX_BODY, MEETS, Key, caller_of, known_merge, name_of
from api.shops.directory import Directory, KeyHolder
from api.wire import Json


def router(ports: Ports, directory: Directory, desk: Desk) -> APIRouter:
    routes = APIRouter(prefix="/v1/merges/{merge_id}/reversal", tags=["merges"])
    Reader = Annotated[KeyHolder, Depends(bearer(directory, "read"))]  # noqa: N806 - a type
    Writer = Annotated[KeyHolder, Depends(bearer(directory, "write"))]  # noqa: N806 - a type
    Known = Annotated[UUID, Depends(known_merge)]  # noqa: N806 - a type

    @routes.get(
        "",
        name="See what undoing a merge would do",
        openapi_extra=says(ReversalPreview, *READ, 409),
    )
    async def preview_reversal(holder: Reader, merge_id: Known) -> Response:
        found = await desk.found(holder.namespace, merge_id)
        undone = await desk.parting(caller_of(holder, ports), found)
        details = [
            MergeDetail(merge_view(each), await desk.meanwhile(holder.namespace, each))
            for each in undone
        ]
        return Json(ReversalPreview(details))

    @routes.post(
        "",
        name="Undo a merge",
        openapi_extra=says(MergeView, *MEETS, body=Reasoned),
    )
    async def reverse(
        request: Request, holder: Writer, merge_id: Known, key: Key = None
    ) -> Response:
        body = await bodies.whole(request.scope["headers"], request.receive, MAX_BODY)
        asked, caller = reasoned(body), caller_of(holder, ports)
        found = await desk.found(holder.namespace, merge_id)
        name = name_of(asked.id, key, "reversal")
        return Json(merge_view(await desk.reverse(caller, found, asked, name, body)))

    return routes
