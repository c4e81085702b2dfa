"""/v1/profiles/{id}/messages and /campaigns: what a customer was written, and what came of it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.access import bearer
from api.asked import PAGE, PAGE_AT_MOST, Limit, known_id
from api.cursors import Cursors, cut
from api.documentation.schemas import READ, says
from api.history.asked import Cursor, InPath, Named, known_name, nothing_called
from api.history.customer import customer
from api.history.links import Links
from api.history.messages import (
    CampaignPage,
    MessageDetail,
    MessagePage,
    campaign_view,
    messages,
)
from api.history.timeline import entries
from api.ports import Ports
from api.read_models import reading
from api.shops.directory import Directory, KeyHolder
from api.wire import Json
from projections import message_list
from projections.message_list import Asked, CampaignPlace, Place, Status

Statuses = Annotated[
    list[Status] | None, Query(max_length=20, description="Any of these; may be repeated")
]


def router(ports: Ports, directory: Directory) -> APIRouter:
    routes = APIRouter(prefix="/v1/profiles/{profile_id}", tags=["profiles"])
    cursors = Cursors(ports.keyring)
    Reader = Annotated[KeyHolder, Depends(bearer(directory, "read"))]  # noqa: N806 - a type
    Known = Annotated[UUID, Depends(known_id)]  # noqa: N806 - a type

    @routes.get(
        "/messages", name="List a customer's messages", openapi_extra=says(MessagePage, *READ)
    )
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
        "/messages/{message_id:path}",
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

    @routes.get(
        "/campaigns",
        name="The campaigns a customer took part in",
        openapi_extra=says(CampaignPage, *READ),
    )
    async def campaigns(
        holder: Reader, profile_id: Known, limit: Limit = PAGE, cursor: Cursor = None
    ) -> Response:
        """Campaigns, journeys and automations, the last first."""
        pages = cursors.of(holder.namespace, f"campaigns of {profile_id}", CampaignPlace)
        after = pages.after(cursor)
        whose = await customer(ports, holder.namespace, profile_id)
        async with reading(ports.pool) as connection:
            found = await message_list.campaigns(
                connection, whose.subjects, ports.now(), after, limit + 1
            )
        links = Links(whose.path, holder.world)
        shown, last = cut(found, limit)
        place = CampaignPlace(last.last_at, last.source, last.source_id) if last else None
        items = [campaign_view(one, links) for one in shown]
        return Json(CampaignPage(items, pages.cursor(place)))

    return routes
