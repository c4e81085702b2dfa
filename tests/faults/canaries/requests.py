"""Every route of the API, with somebody's data in each place a client can write to."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from hmac import digest
from urllib.parse import quote

import msgspec
from msgspec import Struct

from api.intake import hooks
from api.routes import commands as commands_route
from api.webhooks.shopify.topics import NOT_YET
from api.webhooks.shopify.translate import TRANSLATORS
from tests.faults.canaries import bodies
from tests.faults.canaries.person import Person
from tests.faults.place import World

NDJSON = {"Content-Type": "application/x-ndjson"}
JSON = {"Content-Type": "application/json"}


class Request(Struct, frozen=True):
    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = {}


def every(world: World, admin_token: str, person: Person) -> Iterator[Request]:
    """With headers as careless proxies and partners add them."""
    said = {"Cookie": f"session={person.cookie}", "X-Forwarded-For": person.ip}
    about = {**said, "User-Agent": person.note, "Referer": f"https://x.example/?e={person.email}"}
    for request in _all(world, admin_token, person):
        yield Request(request.method, request.path, request.body, {**about, **request.headers})


def _all(world: World, admin_token: str, person: Person) -> Iterator[Request]:
    yield from _webhooks(world, person)
    yield from _commands(world, person)
    yield from _pixel(world, person)
    yield from _lookups(world, person)
    yield from _admin(world, {"Authorization": f"Bearer {admin_token}"}, person)
    yield from _strangers(person)


def _webhooks(world: World, person: Person) -> Iterator[Request]:
    for topic in (*TRANSLATORS, *NOT_YET, f"{person.tag}/create"):
        yield _signed(world, topic, bodies.shopify(person))
    for body in bodies.garbage(person):
        yield _signed(world, "orders/create", body)
    good = _signed(world, "orders/create", bodies.shopify(person))
    for changed in (
        {"X-Shopify-Hmac-Sha256": person.email},
        {"X-Shopify-Shop-Domain": f"{person.tag}.myshopify.com"},
        {"X-Shopify-Webhook-Id": "", "X-Shopify-Topic": person.email},
    ):
        yield Request("POST", good.path, good.body, {**good.headers, **changed})
    yield Request("POST", good.path, good.body)
    yield Request("GET", f"{good.path}?email={quote(person.email)}")


def _signed(world: World, topic: str, body: bytes) -> Request:
    headers = {
        **JSON,
        "X-Shopify-Topic": topic,
        "X-Shopify-Shop-Domain": world.domain,
        "X-Shopify-Webhook-Id": f"canary-{next(bodies.NUMBERS)}",
        "X-Shopify-Hmac-Sha256": b64encode(digest(world.secret.encode(), body, "sha256")).decode(),
    }
    return Request("POST", hooks.PATH, body, headers)


def _commands(world: World, person: Person) -> Iterator[Request]:
    key = {"Authorization": f"Bearer {world.api_key}"}
    good, wrong = list(bodies.commands(person)), list(bodies.wrong_commands(person))
    for told in (*good, *wrong):
        yield Request("POST", commands_route.PATH, msgspec.json.encode(told), {**key, **JSON})
    lines = [*map(msgspec.json.encode, (*bodies.commands(person), *wrong)), *bodies.garbage(person)]
    yield Request("POST", commands_route.PATH, b"\n".join(lines), {**key, **NDJSON})
    for body in bodies.garbage(person):
        yield Request("POST", commands_route.PATH, body, {**key, **JSON})
    stranger = {"Authorization": f"Bearer c360_live_{person.tag}", **JSON}
    yield Request("POST", commands_route.PATH, msgspec.json.encode(good[0]), stranger)
    odd = {**key, "Content-Type": person.note, "Idempotency-Key": f"key-{next(bodies.NUMBERS)}"}
    yield Request("POST", commands_route.PATH, msgspec.json.encode(wrong[1]), odd)


def _pixel(world: World, person: Person) -> Iterator[Request]:
    path = f"/v1/pixel/{world.pixel_key}"
    events = [msgspec.json.encode(event) for event in bodies.pixel_events(person)]
    for event in (*events, *bodies.garbage(person)):
        yield Request("POST", path, event, JSON)
    yield Request("POST", path, b"\n".join(events), NDJSON)
    yield Request("POST", f"/v1/pixel/{quote(person.email)}", events[0], JSON)


def _lookups(world: World, person: Person) -> Iterator[Request]:
    key = {"Authorization": f"Bearer {world.api_key}"}
    email, note = quote(person.email), quote(person.note)
    for path in (
        f"/v1/profiles?email={email}",
        f"/v1/profiles?phone={quote(person.phone)}",
        f"/v1/profiles?cookie={person.cookie}",
        f"/v1/profiles?name={person.last_name}",
        f"/v1/profiles?email={note}",
        f"/v1/profiles?email={email}&phone={note}",
        f"/v1/profiles/{email}",
        f"/v1/profiles/{email}/events?cursor={note}&limit={note}",
        f"/v1/profiles/00000000-0000-7000-8000-000000000000?at={note}&version={note}",
        f"/v1/profiles/00000000-0000-7000-8000-000000000000/events?topic={note}&limit={note}",
        f"/v1/{email}/{note}",
    ):
        yield Request("GET", path, headers=key)
        yield Request("GET", path)
        yield Request("PUT", path, msgspec.json.encode(person.email), {**key, **JSON})


def _admin(world: World, token: Mapping[str, str], person: Person) -> Iterator[Request]:
    path = "/admin/imports/shopify-orders?shop="
    lines = [bodies.shopify(person), *bodies.garbage(person)]
    yield Request("POST", path + world.domain, b"\n".join(lines), {**token, **NDJSON})
    yield Request("POST", path + quote(person.email), lines[0], {**token, **NDJSON})
    yield Request("POST", path + world.domain, lines[0], {"Authorization": f"Bearer {person.tag}"})
    listed = f"/admin/imports/contacts?shop={world.domain}&source="
    told = [bodies.contact(person), *bodies.garbage(person)]
    yield Request("POST", f"{listed}crm", b"\n".join(told), {**token, **NDJSON})
    yield Request("POST", listed + quote(person.email), told[0], {**token, **NDJSON})
    yield Request("GET", f"/admin/dead-letters?status={quote(person.note)}", headers=token)
    yield Request("GET", f"/admin/dead-letters?cursor={quote(person.email)}", headers=token)
    for wanted in ({"letters": [person.email]}, {"reason": person.note}, [person.email]):
        body = msgspec.json.encode(wanted)
        yield Request("POST", "/admin/dead-letters/retry", body, {**token, **JSON})
        yield Request("POST", "/admin/dead-letters/discard", body, {**token, **JSON})


def _strangers(person: Person) -> Iterator[Request]:
    for path in (f"/{quote(person.email)}", f"/docs/{person.last_name}", f"/?{person.last_name}"):
        for method in ("GET", "POST", "DELETE", "OPTIONS"):
            yield Request(method, path, msgspec.json.encode(person.email))
