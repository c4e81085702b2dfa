"""/admin: what an operator's command line asks of a running server."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from msgspec import Meta, Struct
from msgspec.json import Decoder

from api import bodies
from api.access import operator
from api.asked import PAGE, Cursor, Limit, uuid_or_none
from api.documentation.schemas import says
from api.errors import Fault, invalid
from api.letters.retries import Retries, Tally
from api.letters.store import DeadLetters, Listed, Status
from api.wire import Json, whole

MAX_SELECTION = 256 * 1024
MAX_LETTERS = 1_000  # named one by one; each is tried before the answer
MEETS = (400, 401, 404, 408, 413, 422, 503)


class Selection(Struct, frozen=True, forbid_unknown_fields=True):
    """Open letters: these, those kept for one reason, or (`all`) every one."""

    letters: Annotated[list[UUID], Meta(max_length=MAX_LETTERS)] | None = None
    reason: Annotated[str, Meta(max_length=100)] | None = None
    all: bool = False


class LetterPage(Struct, frozen=True):
    items: list[Listed]
    next_cursor: str | None = None


class Discarded(Struct, frozen=True):
    discarded: int


_SELECTION = Decoder(Selection)


def router(letters: DeadLetters, retries: Retries, token: str) -> APIRouter:
    routes = APIRouter(prefix="/admin", tags=["admin"], dependencies=[Depends(operator(token))])

    @routes.get("/dead-letters", name="List dead letters", openapi_extra=says(LetterPage, *MEETS))
    async def list_letters(
        status: Status = "open",
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> Response:
        found = await letters.listed(status, _letter(cursor), limit)
        more = str(found[-1].letter_id) if len(found) == limit else None
        return Json(LetterPage(found, more))

    @routes.post(
        "/dead-letters/retry",
        name="Try dead letters again",
        openapi_extra=says(Tally, *MEETS, body=Selection),
    )
    async def retry(request: Request) -> Response:
        wanted = await _selection(request)
        if wanted.letters is not None:
            return Json(await retries.these(wanted.letters))
        return Json(await retries.all(wanted.reason))

    @routes.post(
        "/dead-letters/discard",
        name="Give dead letters up",
        openapi_extra=says(Discarded, *MEETS, body=Selection),
    )
    async def discard(request: Request) -> Response:
        wanted = await _selection(request)
        return Json(Discarded(await letters.discard(wanted.letters, wanted.reason)))

    return routes


async def _selection(request: Request) -> Selection:
    body = await bodies.whole(request.scope["headers"], request.receive, MAX_SELECTION)
    wanted = whole(_SELECTION, body)
    if [wanted.letters is not None, wanted.reason is not None, wanted.all].count(True) != 1:
        raise invalid(Fault("", "give one of letters, reason and all"))
    return wanted


def _letter(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    if (found := uuid_or_none(cursor)) is None:
        raise invalid(Fault("cursor", "expected the next_cursor of the page before"))
    return found
