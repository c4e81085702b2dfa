"""GET /v1/profiles/{id}/consents: every yes and no, in the words that were shown."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from aggregates.log import story
from aggregates.log.histories import Told
from aggregates.log.moments import NOW, Moment
from api.access import bearer
from api.asked import PAGE, Cursor, Limit, known_id, moment
from api.cursors import Cursors
from api.documentation.schemas import READ, says
from api.errors import no_such
from api.ports import Ports
from api.shops.directory import Directory, KeyHolder
from api.views.consents import ConsentPage, ConsentRecord, records
from api.wire import Json


def router(ports: Ports, directory: Directory) -> APIRouter:
    routes, cursors = APIRouter(tags=["profiles"]), Cursors(ports.keyring)
    Reader = Annotated[KeyHolder, Depends(bearer(directory, "read"))]  # noqa: N806 - a type
    Known = Annotated[UUID, Depends(known_id)]  # noqa: N806 - a type

    @routes.get(
        "/v1/profiles/{profile_id}/consents",
        name="What a customer agreed to and refused",
        openapi_extra=says(ConsentPage, *READ),
    )
    async def consents(
        holder: Reader,
        profile_id: Known,
        which: Annotated[Moment, Depends(moment)],
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> Response:
        """As they stand, or as they stood when a message left: `at` that moment."""
        pages = cursors.of(holder.namespace, f"consents of {profile_id} {which}", int)
        passed = pages.after(cursor) or 0
        head, told = await _told(ports, holder.namespace, profile_id, which)
        asked = which.at or which.known_at or ports.now()
        found, end = _records(head, told, asked), passed + limit
        more = end if len(found) > end else None
        return Json(ConsentPage(found[passed:end], pages.cursor(more)))

    return routes


async def _told(ports: Ports, namespace: int, profile_id: UUID, which: Moment) -> tuple[UUID, Told]:
    """An earlier state is that of the profile itself, though it may be part of another by now."""
    told = await ports.histories.told(namespace, profile_id, which)
    if told is None or not told.version:
        raise no_such("profile")
    if which == NOW and told.lineage.absorbed_into is not None:
        head = await ports.identities.head(profile_id)
        united = await ports.histories.told(namespace, head)
        if united is not None:
            return head, united
    return profile_id, told


def _records(profile_id: UUID, told: Told, at: datetime) -> list[ConsentRecord]:
    profile = story.told(profile_id, told.lineage, told.records).profile
    return records(told.records, profile, at)
