"""POST /v1/commands: one command as JSON, or up to a thousand as NDJSON."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response

from api import bodies
from api.access import bearer
from api.answers import Answer, AnswerLine, RefusedLine, answer
from api.documentation.schemas import says
from api.intake.command import MAX_COMMAND
from api.intake.commands import Commands
from api.lines import lines_of, media_type
from api.shops.directory import Directory, KeyHolder
from api.wire import Json, Ndjson

PATH = "/v1/commands"
MAX_LINES_BODY = 8 * 1024 * 1024
MAX_LINES = 1_000
MEETS = (400, 401, 403, 404, 408, 409, 413, 415, 422, 503)


def router(commands: Commands, directory: Directory) -> APIRouter:
    routes = APIRouter(tags=["commands"])
    Writer = Annotated[KeyHolder, Depends(bearer(directory, "write"))]  # noqa: N806 - a type

    @routes.post(
        PATH,
        name="Send commands",
        openapi_extra=says(Answer, *MEETS, ok_lines=(AnswerLine, RefusedLine)),
    )
    async def send(
        request: Request, holder: Writer, idempotency_key: Annotated[str | None, Header()] = None
    ) -> Response:
        kind = media_type(request)
        lines = kind == Ndjson.media_type
        limit = MAX_LINES_BODY if lines else MAX_COMMAND
        body = await bodies.whole(request.scope["headers"], request.receive, limit)
        if lines:
            return Ndjson(await commands.many(lines_of(body, MAX_LINES), holder))
        return Json(answer(await commands.counted(body, holder, idempotency_key)))

    return routes
