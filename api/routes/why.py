"""/v1/profiles/{id}/identifiers and /why: what a profile is known by, why two are one or not."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.access import bearer
from api.asked import known_id
from api.documentation.schemas import READ, says
from api.merges.why import Explainer
from api.shops.directory import Directory, KeyHolder
from api.shops.rules import Rules
from api.views.why import KnownByList, Why, known_by, why
from api.wire import Json

MAX_OTHER = 500  # characters
Other = Annotated[
    str,
    Query(
        max_length=MAX_OTHER,
        description="A profile's id, or what one is known by, such as email=ada@shop.example",
    ),
]


def router(explainer: Explainer, directory: Directory, rules: Rules) -> APIRouter:
    routes = APIRouter(prefix="/v1/profiles", tags=["profiles"])
    Reader = Annotated[KeyHolder, Depends(bearer(directory, "read"))]  # noqa: N806 - a type
    Known = Annotated[UUID, Depends(known_id)]  # noqa: N806 - a type

    @routes.get(
        "/{profile_id}/identifiers",
        name="What a profile is recognised by",
        openapi_extra=says(KnownByList, *READ),
    )
    async def identifiers(holder: Reader, profile_id: Known) -> Response:
        return Json(known_by(await explainer.recognised(holder.namespace, profile_id)))

    @routes.get(
        "/{profile_id}/why",
        name="Why two are one profile, or are not",
        openapi_extra=says(Why, *READ),
    )
    async def explained(holder: Reader, profile_id: Known, other: Other) -> Response:
        found = await explainer.why(holder.namespace, profile_id, other, rules.of(holder.namespace))
        return Json(why(found.together, found.because))

    return routes
