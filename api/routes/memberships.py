"""Why a customer is in a segment, or is not, and in which they are."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from api.access import bearer
from api.asked import known_id
from api.documentation.schemas import READ, says
from api.errors import no_such
from api.ports import Ports
from api.read_models import reading
from api.segments import lists
from api.segments.address import known_segment
from api.segments.shelf import Shelf, found
from api.segments.views import HeldSegments, WhyIn, check_view
from api.shops.directory import Directory, KeyHolder
from api.wire import Json
from projections.segments.evaluate import explained, holds, next_change
from projections.segments.facts import facts_of
from projections.segments.wording import worded


def router(ports: Ports, directory: Directory) -> APIRouter:
    routes = APIRouter(tags=["segments"])
    shelf = Shelf(ports.pool, ports.rules, ports.now)
    Reader = Annotated[KeyHolder, Depends(bearer(directory, "read"))]  # noqa: N806 - a type
    Known = Annotated[UUID, Depends(known_segment)]  # noqa: N806 - a type
    Profile = Annotated[UUID, Depends(known_id)]  # noqa: N806 - a type

    @routes.get(
        "/v1/segments/{segment_id:segment}/why/{profile_id}",
        name="Why a customer is in a segment, or is not",
        openapi_extra=says(WhyIn, *READ),
    )
    async def why(holder: Reader, segment_id: Known, profile_id: Profile) -> Response:
        held = await shelf.all(holder.namespace)
        rule = found(held, segment_id).rule
        head = await ports.identities.head(profile_id)
        async with reading(ports.pool) as connection:
            setting = await shelf.setting(connection, holder.namespace, held)
            facts = await facts_of(connection, holder.namespace, head)
            if facts is None:
                raise no_such("profile")
            recorded = await lists.member(connection, segment_id, head)
        checks = [check_view(one, worded(one.rule)) for one in explained(rule, facts, setting)]
        inside, turn = holds(rule, facts, setting), next_change(rule, facts, setting)
        return Json(WhyIn(head, segment_id, inside, recorded, turn, worded(rule), checks))

    @routes.get(
        "/v1/profiles/{profile_id}/segments",
        name="The segments a profile is in",
        openapi_extra=says(HeldSegments, *READ),
    )
    async def of_profile(holder: Reader, profile_id: Profile) -> Response:
        if await ports.histories.profile(holder.namespace, profile_id) is None:
            raise no_such("profile")
        head = await ports.identities.head(profile_id)
        async with reading(ports.pool) as connection:
            return Json(HeldSegments(await lists.held_by(connection, holder.namespace, head)))

    return routes
