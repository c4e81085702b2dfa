"""/v1/profiles/{id}/messages: what a customer was written, and what came of it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.access import bearer
from api.asked import PAGE, PAGE_AT_MOST, Cursor, Limit, known_id
from api.cursors import Cursors, cut
from api.documentation.schemas import READ, says
from api.history.asked import InPath, Named, known_name, nothing_called
from api.history.customer import customer
from api.history.message_shape import MessageDetail, MessagePage
from api.history.messages import messages
from api.history.timeline import entries
from api.ports import Ports
from api.read_models import reading
from api.shops.directory import Directory, KeyHolder
from api.wire import Json
from projections import message_list
from projections.message_list import Asked, Place, Status

Statuses = Annotated[
    list[Status] | None, Query(max_length=20, description="Any of these; may be repeated")
]


def router(ports: Ports, directory: Directory) -> APIRouter:
    routes = APIRouter(prefix="/v1/profiles/{profile_id}/messages", tags=["profiles"])
    cursors = Cursors(ports.keyring)
    Reader = Annotated[KeyHolder, Depends(bearer(directory, "read"))]  # noqa: N806 - a type
    Known = Annotated[UUID, Depends(known_id)]  # noqa: N806 - a type

    @routes.get("", name="List a customer's messages", openapi_extra=says(MessagePage, *READ))
    async def listed(
        holder: Reader,
        profile_id: Known,
        status: Statuses = None,
        campaign: Named = None,
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> Response:
        """How each stands now, blocked ones with the reason and its numbers; newest first."""
        statuses = sorted(set(status)) if status else None
        about = f"messages of {profile_id} {statuses} {campaign!r}"
        pages = cursors.of(holder.namespace, about, Place)
        after = pages.after(cursor)
        whose = await customer(ports, holder.namespace, profile_id)
        asked = Asked(whose.subjects, ports.now(), limit + 1, None, statuses, campaign, after)
        items, last = cut(await messages(ports, holder, whose, asked), limit)
        return Json(MessagePage(items, pages.cursor(Place(last.at, last.id) if last else None)))

    @routes.get(
        "/{message_id:path}",
        name="Read one of a customer's messages",
        openapi_extra=says(MessageDetail, *READ),
    )
    async def one(holder: Reader, profile_id: Known, message_id: InPath) -> Response:
        """What was sent, how it stands, and everything that happened to it."""
        name = known_name(message_id, "message")
        whose = await customer(ports, holder.namespace, profile_id)
        asked = Asked(whose.subjects, ports.now(), 1, [name])
        if not (found := await messages(ports, holder, whose, asked)):
            raise nothing_called("message")
        async with reading(ports.pool) as connection:
            places = await message_list.places(connection, whose.subjects, name, PAGE_AT_MOST)
        records = await ports.histories.listed(holder.namespace, places)
        return Json(MessageDetail(found[0], await entries(ports, holder, whose, records)))

    return routes
