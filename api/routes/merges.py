"""/v1/merges: two profiles become one, and what they were part of."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Header, Request, Response

from api import bodies
from api.access import bearer
from api.asked import IdInPath, id_of, known_id
from api.documentation.schemas import READ, says
from api.errors import Fault, invalid
from api.intake.command import Caller
from api.merges.asked import MergeAsked, merge_asked
from api.merges.desk import Desk
from api.merges.views import MergeDetail, MergeList, MergePreview, MergeView, merge_view
from api.ports import Ports
from api.shops.directory import Directory, KeyHolder
from api.views.profile import view
from api.wire import Json

MAX_BODY = 16 * 1024
MEETS = (400, 401, 403, 404, 408, 409, 413, 422, 503)
Key = Annotated[str | None, Header(alias="Idempotency-Key")]


def router(ports: Ports, directory: Directory, desk: Desk) -> APIRouter:
    routes = APIRouter(tags=["merges"])
    Reader = Annotated[KeyHolder, Depends(bearer(directory, "read"))]  # noqa: N806 - a type
    Writer = Annotated[KeyHolder, Depends(bearer(directory, "write"))]  # noqa: N806 - a type
    Known = Annotated[UUID, Depends(known_merge)]  # noqa: N806 - a type
    Profile = Annotated[UUID, Depends(known_id)]  # noqa: N806 - a type

    @routes.post(
        "/v1/merges",
        name="Unite two profiles, or see what that would give",
        openapi_extra=says((MergeView, MergePreview), *MEETS, body=MergeAsked),
    )
    async def merge(
        request: Request, holder: Writer, key: Key = None, preview: bool = False
    ) -> Response:
        body = await bodies.whole(request.scope["headers"], request.receive, MAX_BODY)
        asked, caller = merge_asked(body), caller_of(holder, ports)
        if preview:
            united = await desk.preview(caller, asked)
            by = ports.rules.sending(holder.namespace, caller.received_at)
            return Json(MergePreview(view(united, holder.world, by)))
        made = await desk.merge(caller, asked, name_of(asked.id, key, "merge"), body)
        return Json(merge_view(made))

    @routes.get(
        "/v1/merges/{merge_id}",
        name="Read a merge, and what happened meanwhile",
        openapi_extra=says(MergeDetail, *READ),
    )
    async def one(holder: Reader, merge_id: Known) -> Response:
        found = await desk.found(holder.namespace, merge_id)
        return Json(MergeDetail(merge_view(found), await desk.meanwhile(holder.namespace, found)))

    @routes.get(
        "/v1/profiles/{profile_id}/merges",
        name="What a profile was part of",
        openapi_extra=says(MergeList, *READ),
    )
    async def of_profile(holder: Reader, profile_id: Profile) -> Response:
        found = await desk.of(holder.namespace, profile_id)
        return Json(MergeList([merge_view(each) for each in found]))

    return routes


def known_merge(merge_id: IdInPath) -> UUID:
    return id_of(merge_id, "merge")


def name_of(given: str | None, key: str | None, what: str) -> str:
    """The idempotency key; one of our own where nobody wants to repeat. Raises Problem."""
    if given is not None and key is not None and given != key:
        raise invalid(Fault("id", "differs from the header Idempotency-Key; send one of them"))
    name = key if given is None else given
    return f"{what}-{uuid4()}" if name is None else name


def caller_of(holder: KeyHolder, ports: Ports) -> Caller:
    rules = ports.rules.of(holder.namespace)
    return Caller(holder.namespace, f"key:{holder.prefix}", ports.now(), rules)
