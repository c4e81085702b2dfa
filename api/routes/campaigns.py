"""/v1/profiles/{id}/campaigns: which campaigns, journeys and automations wrote to a customer."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from api.access import bearer
from api.asked import PAGE, Cursor, Limit, known_id
from api.cursors import Cursors, cut
from api.documentation.schemas import READ, says
from api.history.campaigns import CampaignPage, campaign_view
from api.history.customer import customer
from api.history.links import Links
from api.ports import Ports
from api.read_models import reading
from api.shops.directory import Directory, KeyHolder
from api.wire import Json
from projections import message_list
from projections.message_list import CampaignPlace


def router(ports: Ports, directory: Directory) -> APIRouter:
    routes = APIRouter(prefix="/v1/profiles/{profile_id}", tags=["profiles"])
    cursors = Cursors(ports.keyring)
    Reader = Annotated[KeyHolder, Depends(bearer(directory, "read"))]  # noqa: N806 - a type
    Known = Annotated[UUID, Depends(known_id)]  # noqa: N806 - a type

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
