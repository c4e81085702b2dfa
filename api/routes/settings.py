"""/v1/shop/settings: how a shop is run. Its live world and its sandbox each have their own."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Header, Request, Response

from api import bodies
from api.access import bearer
from api.asked import BIGINT, PAGE, Cursor, Limit
from api.cursors import Cursors
from api.documentation.schemas import READ, says
from api.lifecycle.progress import Restaging, told
from api.ports import Ports
from api.shops.asked import SettingsAsked, asked_of, etag
from api.shops.directory import Directory, KeyHolder
from api.shops.rules import Known
from api.shops.settings import SettingsDesk
from api.views.settings import SettingsHistory, SettingsView, history_view, settings_view
from api.wire import Json

PATH = "/v1/shop/settings"
MAX_BODY = 4 * 1024 * 1024  # as many blocked values as there may be, each as long as it may be
MEETS = (400, 401, 403, 408, 409, 413, 422, 503)


def router(ports: Ports, directory: Directory, desk: SettingsDesk) -> APIRouter:
    routes, cursors = APIRouter(prefix=PATH, tags=["shop"]), Cursors(ports.keyring)
    Reader = Annotated[KeyHolder, Depends(bearer(directory, "read"))]  # noqa: N806 - a type
    Admin = Annotated[KeyHolder, Depends(bearer(directory, "admin"))]  # noqa: N806 - a type

    @routes.get("", name="Read the settings", openapi_extra=says(SettingsView, *READ))
    async def whole(holder: Reader) -> Response:
        return _answer(await desk.read(holder.namespace))

    @routes.put(
        "",
        name="Change the settings, or some of them",
        openapi_extra=says(SettingsView, *MEETS, body=SettingsAsked),
    )
    async def change(
        request: Request,
        holder: Admin,
        if_match: Annotated[str | None, Header(alias="If-Match")] = None,
    ) -> Response:
        """Members left out stay as they are; nothing changed is no new version.

        With `If-Match`, or with the `version` that was read in the body, the answer is 409
        `settings_changed` if somebody changed them meanwhile. Every process acts on a change
        within about a second, the one that answered at once.
        """
        body = await bodies.whole(request.scope["headers"], request.receive, MAX_BODY)
        asked, by = asked_of(body, if_match), f"key:{holder.prefix}"
        return _answer(await desk.change(holder.namespace, asked, by, ports.now()))

    @routes.get(
        "/restaging",
        name="How far customers have the windows that were set last",
        openapi_extra=says(Restaging, *READ),
    )
    async def restaging(holder: Reader) -> Response:
        """After a change of `lifecycle` all customers are looked at by the new windows, some
        seconds later and page by page. Who reads a profile is told by the new ones at once."""
        known = await desk.read(holder.namespace)
        return Json(await told(ports.pool, holder.namespace, known.windows))

    @routes.get(
        "/history",
        name="Who changed which setting when",
        openapi_extra=says(SettingsHistory, *READ),
    )
    async def history(
        holder: Reader,
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> Response:
        """Newest first; pages may be shorter than asked for where changes are large."""
        pages = cursors.of(holder.namespace, "settings", int)
        newest = pages.after(cursor)
        found = await desk.history(holder.namespace, BIGINT if newest is None else newest, limit)
        return Json(history_view(found, pages))

    return routes


def _answer(known: Known) -> Response:
    body = msgspec.json.encode(settings_view(known), order="deterministic")  # people compare them
    return Response(body, headers={"ETag": etag(known.version)}, media_type=Json.media_type)
