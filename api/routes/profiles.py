"""GET /v1/profiles/{id}: one profile, as it is or was, found by id or by what it is known by."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from msgspec.structs import replace

from aggregates.log.moments import NOW, Moment
from aggregates.profile.identifiers import Identifier
from aggregates.shop.identity_rules import IdentityRules
from api.access import bearer
from api.asked import known_id, moment
from api.documentation.schemas import READ, says
from api.errors import Fault, invalid, no_such
from api.intake.whom import EXPECTED, identifiers_of
from api.ports import Ports
from api.reached import position_of
from api.shops.directory import Directory, KeyHolder
from api.views.profile import view
from api.views.shape import FoundProfiles, ProfileView
from api.wire import Json


def router(ports: Ports, directory: Directory) -> APIRouter:
    routes = APIRouter(prefix="/v1/profiles", tags=["profiles"])
    Reader = Annotated[KeyHolder, Depends(bearer(directory, "read"))]  # noqa: N806 - a type
    Known = Annotated[UUID, Depends(known_id)]  # noqa: N806 - a type

    @routes.get("/{profile_id}", name="Read a profile", openapi_extra=says(ProfileView, *READ))
    async def one(
        holder: Reader,
        profile_id: Known,
        which: Annotated[Moment, Depends(moment)],
        after: str | None = None,
    ) -> Response:
        if after is not None:
            position_of(after)
        # the log itself is read, so what was acknowledged before `after` is always in it
        return Json(await _read(ports, holder, profile_id, which))

    return routes


async def looked_up(
    ports: Ports, holder: KeyHolder, given: Sequence[tuple[str, str]]
) -> FoundProfiles:
    """By exactly one of the identifiers."""
    wanted = _identifier(given, ports.rules.of(holder.namespace))
    owners = await ports.identities.owners(holder.namespace, [wanted])
    found = owners.get(wanted)
    return FoundProfiles([await _read(ports, holder, found, NOW)] if found else [])


async def _read(ports: Ports, holder: KeyHolder, profile_id: UUID, which: Moment) -> ProfileView:
    """An earlier state is that of the profile itself, though it may be part of another by now."""
    at = which.at or which.known_at or ports.now()
    sending = ports.rules.sending(holder.namespace, at)
    folded = await ports.histories.profile(holder.namespace, profile_id, which)
    if folded is None:
        raise no_such("profile")
    if which == NOW and folded.profile.lineage.absorbed_into is not None:
        head = await ports.identities.head(profile_id)
        united = await ports.histories.profile(holder.namespace, head)
        if united is not None and head != profile_id:
            shown = view(united, holder.world, sending)
            return replace(shown, redirected_from=str(profile_id))
    return view(folded, holder.world, sending)


def _identifier(given: Sequence[tuple[str, str]], rules: IdentityRules) -> Identifier:
    if len(given) != 1 or given[0][0] not in EXPECTED:
        choices = ", ".join(EXPECTED)
        raise invalid(Fault("", f"give exactly one of {choices}, and nothing else"), status=400)
    return identifiers_of(dict(given), "", rules, status=422)[0]
