"""/v1/merge-candidates: who might be the same person, and what somebody who knows says."""

from typing import Annotated, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from api import bodies
from api.access import bearer
from api.asked import PAGE, Cursor, IdInPath, Limit, id_of
from api.cursors import Cursors, cut
from api.documentation.schemas import READ, says
from api.merges.asked import Reasoned, reasoned
from api.merges.desk import Desk
from api.merges.views import CandidateList, CandidateView, MergeView, candidate_view, merge_view
from api.ports import Ports
from api.routes.merges import MAX_BODY, MEETS, Key, caller_of, name_of
from api.shops.directory import Directory, KeyHolder
from api.wire import Json


class Place(NamedTuple):
    score: float
    candidate_id: UUID


def router(ports: Ports, directory: Directory, desk: Desk) -> APIRouter:
    routes = APIRouter(prefix="/v1/merge-candidates", tags=["merges"])
    cursors = Cursors(ports.keyring)
    Reader = Annotated[KeyHolder, Depends(bearer(directory, "read"))]  # noqa: N806 - a type
    Writer = Annotated[KeyHolder, Depends(bearer(directory, "write"))]  # noqa: N806 - a type
    Known = Annotated[UUID, Depends(known_candidate)]  # noqa: N806 - a type

    @routes.get("", name="Who might be the same person", openapi_extra=says(CandidateList, *READ))
    async def listed(
        holder: Reader,
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> Response:
        pages = cursors.of(holder.namespace, "merge candidates", Place)
        found = await desk.candidates(holder.namespace, limit + 1, pages.after(cursor))
        items, last = cut(found, limit)
        end = pages.cursor(Place(last.score, last.candidate_id) if last else None)
        return Json(CandidateList([candidate_view(each) for each in items], end))

    @routes.post(
        "/{candidate_id}/acceptance",
        name="They are: unite them",
        openapi_extra=says(MergeView, *MEETS, body=Reasoned),
    )
    async def accept(
        request: Request, holder: Writer, candidate_id: Known, key: Key = None
    ) -> Response:
        body = await bodies.whole(request.scope["headers"], request.receive, MAX_BODY)
        asked, caller = reasoned(body), caller_of(holder, ports)
        found = await desk.candidate(holder.namespace, candidate_id)
        name = name_of(asked.id, key, "acceptance")
        return Json(merge_view(await desk.accept(caller, found, asked, name, body)))

    @routes.post(
        "/{candidate_id}/rejection",
        name="They are not: never unite them",
        openapi_extra=says(CandidateView, *MEETS, body=Reasoned),
    )
    async def reject(
        request: Request, holder: Writer, candidate_id: Known, key: Key = None
    ) -> Response:
        body = await bodies.whole(request.scope["headers"], request.receive, MAX_BODY)
        asked, caller = reasoned(body), caller_of(holder, ports)
        found = await desk.candidate(holder.namespace, candidate_id)
        name = name_of(asked.id, key, "rejection")
        return Json(candidate_view(await desk.reject(caller, found, asked, name, body)))

    return routes


def known_candidate(candidate_id: IdInPath) -> UUID:
    return id_of(candidate_id, "candidate")
