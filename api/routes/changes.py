"""GET /v1/changes: what happened to customers, in one order, for those who react to it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from msgspec import Struct

from api.access import bearer
from api.asked import PAGE, Cursor, Limit
from api.changes import WAIT_AT_MOST_S, Asked, Feed, Page, Row
from api.cursors import Cursors
from api.documentation.schemas import READ, says
from api.errors import Fault, invalid
from api.feed_cursors import FeedCursors
from api.room import WAITED_S
from api.shops.directory import Directory, KeyHolder
from api.wire import Json
from projections.changes import KIND_NAMES

PATH = "/v1/changes"
OneKind = Annotated[str | None, Query(json_schema_extra={"enum": KIND_NAMES})]
Wait = Annotated[float, Query(ge=0, le=WAIT_AT_MOST_S, allow_inf_nan=False)]


class Change(Struct, frozen=True):
    """`id` stays the same however often the change is told; `data` holds nothing personal."""

    id: str
    kind: str
    profile_id: str
    occurred_at: datetime
    recorded_at: datetime
    data: dict[str, object]


class ChangePage(Struct, frozen=True):
    """`cursor` is where to go on, also from the end; `next_cursor` is null there."""

    items: list[Change]
    cursor: str
    next_cursor: str | None = None


def router(feed: Feed, cursors: Cursors, directory: Directory) -> APIRouter:
    routes, places = APIRouter(tags=["changes"]), FeedCursors(cursors, feed)
    Reader = Annotated[KeyHolder, Depends(bearer(directory, "read"))]  # noqa: N806 - a type

    @routes.get(PATH, name="Follow what changes", openapi_extra=says(ChangePage, *READ))
    async def changes(
        request: Request,
        holder: Reader,
        cursor: Cursor = None,
        limit: Limit = PAGE,
        kind: OneKind = None,
        wait: Wait = 0,
    ) -> Response:
        """In the order in which they became known, each at least once. With `wait`, an answer
        without any comes only after so many seconds."""
        start = await places.read(holder.namespace, cursor)
        asked = Asked(holder.namespace, start, limit, _known(kind))
        page, request.scope[WAITED_S] = await feed.news(asked, wait)
        stays = cursor if page.end == start else None
        return Json(_shown(page, stays or places.written(holder.namespace, page.end)))

    return routes


def _known(kind: str | None) -> str | None:
    if kind is not None and kind not in KIND_NAMES:
        raise invalid(Fault("kind", f"expected one of {', '.join(KIND_NAMES)}"))
    return kind


def _shown(page: Page, end: str) -> ChangePage:
    return ChangePage([_change(row) for row in page.rows], end, end if page.is_more else None)


def _change(row: Row) -> Change:
    return Change(
        id=row.change_id,
        kind=row.kind,
        profile_id=row.profile_id,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        data=row.data,
    )
