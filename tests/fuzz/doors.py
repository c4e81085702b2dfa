"""Every way in that takes a body, each as a function from the body to the answer."""

from collections.abc import Callable
from typing import NamedTuple

from tests.fuzz.world import ADMIN_TOKEN, NDJSON, SHOP, Answer, World, as_type, bearer, signed

JSON = "application/json"


class Door(NamedTuple):
    """`by_line` doors answer 200 with a result for each line."""

    name: str
    send: Callable[[World, bytes], Answer]
    by_line: bool = False
    signed: bool = False

    def __str__(self) -> str:
        return self.name


def command(world: World, body: bytes, kind: str = JSON) -> Answer:
    headers = [*bearer(world.shop.live.api_key), *as_type(kind)]
    return world.call("POST", "/v1/commands", headers, body)


def commands(world: World, body: bytes) -> Answer:
    return command(world, body, NDJSON)


def pixel(world: World, body: bytes, kind: str = JSON) -> Answer:
    return world.call("POST", f"/v1/pixel/{world.shop.live.pixel_key}", as_type(kind), body)


def pixels(world: World, body: bytes) -> Answer:
    return pixel(world, body, NDJSON)


def beacon(world: World, body: bytes) -> Answer:
    return pixel(world, body, "text/plain;charset=UTF-8")


def orders(world: World, body: bytes) -> Answer:
    return world.call(
        "POST", f"/admin/imports/shopify-orders?shop={SHOP}", bearer(ADMIN_TOKEN), body
    )


def contacts(world: World, body: bytes) -> Answer:
    path = f"/admin/imports/contacts?shop={SHOP}&source=crm"
    return world.call("POST", path, bearer(ADMIN_TOKEN), body)


def retry(world: World, body: bytes) -> Answer:
    return world.call("POST", "/admin/dead-letters/retry", bearer(ADMIN_TOKEN), body)


def discard(world: World, body: bytes) -> Answer:
    return world.call("POST", "/admin/dead-letters/discard", bearer(ADMIN_TOKEN), body)


def webhook(world: World, body: bytes, topic: str = "orders/create") -> Answer:
    return world.call("POST", "/webhooks/shopify", signed(topic, body), body)


DOORS = (
    Door("command", command),
    Door("commands", commands, by_line=True),
    Door("pixel event", pixel),
    Door("pixel events", pixels, by_line=True),
    Door("beacon", beacon, by_line=True),
    Door("orders", orders, by_line=True),
    Door("contacts", contacts, by_line=True),
    Door("retry", retry),
    Door("discard", discard),
    Door("webhook", webhook, signed=True),
)
