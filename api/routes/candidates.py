"""/v1/merge-candidates: who might be the same person, and what somebody who knows says."""

import re
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from aggregates.log.merges import Candidate
from api import bodies
from api.access import bearer
from api.asked import PAGE, Cursor, IdInPath, Limit, id_of, uuid_or_none
from api.cursors import cut
from api.documentation.schemas import READ, says
from api.errors import Fault, invalid
from api.merges.asked import Reasoned, reasoned
from api.merges.desk import Desk
from api.merges.views import CandidateList, CandidateView, MergeView, candidate_view, merge_view
from api.ports import Ports
from api.routes.merges import MAX_BODY, MEETS, Key, caller_of, name_of
from api.shops.directory import Directory, KeyHolder
from api.wire import Json

_CURSOR = re.compile(r"s([01]\.[0-9]{1,20})-([0-9a-f-]{36})")


def router(ports: Ports, directory: Directory, desk: Desk) -> APIRouter:
    routes = APIRouter(prefix="/v1/merge-candidates", tags=["merges"])
    Reader = Annotated[KeyHolder, Depends(bearer(directory, "read"))]  # noqa: N806 - a type
    Writer = Annotated[KeyHolder, Depends(bearer(directory, "write"))]  # noqa: N806 - a type
    Known = Annotated[UUID, Depends(known_candidate)]  # noqa: N806 - a type

    @routes.get("", name="Who might be the same person", openapi_extra=says(CandidateList, *READ))
    async def listed(
        holder: Reader,
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> Response:
        start = _after(cursor) if cursor is not None else None
        found = await desk.candidates(holder.namespace, limit + 1, start)
        return Json(_page(found, limit))

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


def _page(found: list[Candidate], limit: int) -> CandidateList:
    items, last = cut(found, limit)
    cursor = f"s{last.score:.17f}-{last.candidate_id}" if last else None
    return CandidateList([candidate_view(each) for each in items], cursor)


def _after(cursor: str) -> tuple[float, UUID]:
    found = _CURSOR.fullmatch(cursor)
    last = uuid_or_none(found[2]) if found else None
    if found is None or last is None:
        raise invalid(Fault("cursor", "expected the next_cursor of the page before"))
    return float(found[1]), last
