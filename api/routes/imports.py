"""/admin/imports: files that an operator's command line sends to a running server, by chunks."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api import bodies
from api.access import operator
from api.answers import RefusedLine
from api.asked import Instant, instant_of
from api.contacts.contact import SOURCE, Contact
from api.documentation.schemas import says
from api.errors import Problem
from api.intake.command import not_ahead
from api.intake.contacts import ContactList
from api.intake.imports import Imported, Imports
from api.lines import lines_of
from api.ports import Ports
from api.shops.directory import Directory
from api.shops.keys import Environment
from api.wire import Ndjson

MAX_BODY = 8 * 1024 * 1024
MAX_LINES = 500
MEETS = (400, 401, 404, 408, 413, 422, 503)
ListName = Annotated[str, Query(pattern=SOURCE)]
Country = Annotated[str | None, Query(pattern="^[A-Z]{2}$")]


def router(imports: Imports, directory: Directory, ports: Ports) -> APIRouter:
    guarded = [Depends(operator(ports.admin_token))]
    routes = APIRouter(prefix="/admin/imports", tags=["admin"], dependencies=guarded)

    @routes.post(
        "/shopify-orders",
        name="Import orders as Shopify's REST API shows them, one a line",
        openapi_extra=says(
            None, *MEETS, ok_lines=(Imported, RefusedLine), body_lines=dict[str, object]
        ),
    )
    async def import_orders(
        request: Request, shop: str, environment: Environment = "live"
    ) -> Response:
        namespace = await _namespace(directory, shop, environment)
        return Ndjson(await imports.orders(await _lines(request), namespace))

    @routes.post(
        "/contacts",
        name="Import a list of contacts, one a line; `at` dates those that are not dated",
        openapi_extra=says(None, *MEETS, ok_lines=(Imported, RefusedLine), body_lines=Contact),
    )
    async def import_contacts(
        request: Request,
        shop: str,
        source: ListName,
        at: Instant = None,
        country: Country = None,
        environment: Environment = "live",
    ) -> Response:
        namespace, now = await _namespace(directory, shop, environment), ports.now()
        moment = not_ahead(instant_of(at, "at") or now, now, "at")
        listed = ContactList(namespace, source, moment, now, ports.rules.of(namespace), country)
        return Ndjson(await imports.contacts(await _lines(request), listed))

    return routes


async def _namespace(directory: Directory, shop: str, environment: Environment) -> int:
    namespace = await directory.namespace(shop.strip().lower(), environment)
    if namespace is None:
        raise Problem(404, "unknown_shop", "no shop of this domain is set up here")
    return namespace


async def _lines(request: Request) -> list[bytes]:
    body = await bodies.whole(request.scope["headers"], request.receive, MAX_BODY)
    return lines_of(body, MAX_LINES)
