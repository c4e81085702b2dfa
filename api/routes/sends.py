"""POST /v1/sends/check: what the gate would say, and why, without reserving anything."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from aggregates.gate.decision import Decision
from aggregates.log.moments import Moment
from aggregates.profile import sending
from aggregates.profile.identifiers import strongest_first
from aggregates.profile.profile import Profile
from api import bodies
from api.access import bearer
from api.documentation.schemas import READ, says
from api.errors import no_such
from api.intake.checks import CheckAsked, check_asked
from api.intake.whom import meant
from api.ports import Ports
from api.shops.directory import Directory, KeyHolder
from api.wire import Json

MAX_BODY = 64 * 1024
MEETS = (*READ, 408, 413)


def router(ports: Ports, directory: Directory) -> APIRouter:
    routes = APIRouter(prefix="/v1/sends", tags=["messages"])
    Reader = Annotated[KeyHolder, Depends(bearer(directory, "read"))]  # noqa: N806 - a type

    @routes.post(
        "/check",
        name="May this message go out",
        openapi_extra=says(Decision, *MEETS, body=CheckAsked),
    )
    async def check(request: Request, holder: Reader) -> Response:
        body = await bodies.whole(request.scope["headers"], request.receive, MAX_BODY)
        given = check_asked(body)
        now = ports.now()
        by = ports.rules.sending(holder.namespace, given.at or now)
        profile_id = await _meant(ports, holder, given)
        profile = await _as_of(ports, holder, profile_id, by.at if by.at < now else None)
        asked = given.asked(ports.rules.of(holder.namespace))
        said = sending.decide(profile, asked, by.at, by.rules, time_zone=by.time_zone)
        return Json(said.decision)

    return routes


async def _meant(ports: Ports, holder: KeyHolder, given: CheckAsked) -> UUID:
    """Who stands for whom the question is about, as a command of the same would find them."""
    profile, identifiers = meant(given.profile, ports.rules.of(holder.namespace))
    if profile is not None:
        return await ports.identities.head(profile)
    owners = await ports.identities.owners(holder.namespace, identifiers)
    found = next((owners[known] for known in strongest_first(identifiers) if known in owners), None)
    if found is None:
        raise no_such("profile")
    return found


async def _as_of(ports: Ports, holder: KeyHolder, profile_id: UUID, at: datetime | None) -> Profile:
    folded = await ports.histories.profile(holder.namespace, profile_id, Moment(at=at))
    if folded is None:
        raise no_such("profile")
    return folded.profile
