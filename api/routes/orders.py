"""/v1/profiles/{id}/orders: what a customer ordered, sent back, left behind, and what it makes."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.access import bearer
from api.asked import Cursor, Limit, known_id
from api.cursors import Cursors, cut
from api.documentation.schemas import READ, says
from api.history.asked import NO_NUL, InPath, known_name, nothing_called
from api.history.customer import customer
from api.history.order_shape import Kind, OrderPage, OrderSummary, OrderView
from api.history.orders import OrderBook, Sought, place_of
from api.ports import Ports
from api.shops.directory import Directory, KeyHolder
from api.wire import Json
from projections.order_list import Place

PAGE = 10
MOST_TEXT = 200
Kinds = Annotated[
    list[Kind] | None, Query(max_length=3, description="Any of these; may be repeated")
]
Text = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=MOST_TEXT,
        pattern=NO_NUL,
        description="Part of a number, an id, a title or a SKU",
    ),
]
Status = Annotated[
    str | None,
    Query(
        pattern=r"^[a-z_]{1,50}$",
        description="A badge, or a status of payment, of fulfilment or of a draft, such as paid,"
        " partially_refunded, unfulfilled, recovered, abandoned",
    ),
]


def router(ports: Ports, directory: Directory) -> APIRouter:
    routes = APIRouter(prefix="/v1/profiles/{profile_id}/orders", tags=["profiles"])
    cursors = Cursors(ports.keyring)
    Reader = Annotated[KeyHolder, Depends(bearer(directory, "read"))]  # noqa: N806 - a type
    Known = Annotated[UUID, Depends(known_id)]  # noqa: N806 - a type

    @routes.get("", name="List a customer's orders", openapi_extra=says(OrderPage, *READ))
    async def listed(  # noqa: PLR0913 - one argument for each that the address may have
        holder: Reader,
        profile_id: Known,
        q: Text = None,
        status: Status = None,
        kind: Kinds = None,
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> Response:
        """Orders with their lines, checkouts left behind and unpaid drafts, newest first."""
        kinds = sorted(set(kind)) if kind else None
        about = f"orders of {profile_id} {kinds} {status} {q!r}"
        pages = cursors.of(holder.namespace, about, Place)
        after = pages.after(cursor)
        whose = await customer(ports, holder.namespace, profile_id)
        sought = Sought(limit + 1, kinds, q, status, after)
        items, last = cut(await OrderBook(ports, holder, whose).page(sought), limit)
        return Json(OrderPage(items, pages.cursor(place_of(last) if last else None)))

    @routes.get(
        "/summary",
        name="What a customer's orders add up to",
        openapi_extra=says(OrderSummary, *READ),
    )
    async def summary(holder: Reader, profile_id: Known) -> Response:
        """Sums, counts, the last order and what was ordered most often."""
        whose = await customer(ports, holder.namespace, profile_id)
        return Json(await OrderBook(ports, holder, whose).summary())

    @routes.get(
        "/{order_id:path}",
        name="Read one of a customer's orders",
        openapi_extra=says(OrderView, *READ),
    )
    async def one(holder: Reader, profile_id: Known, order_id: InPath) -> Response:
        name = known_name(order_id, "order")
        whose = await customer(ports, holder.namespace, profile_id)
        if (found := await OrderBook(ports, holder, whose).one(name)) is None:
            raise nothing_called("order")
        return Json(found)

    return routes
