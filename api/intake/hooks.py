"""Shopify's webhooks, answered before any router: verify, process, say that it is durable."""

from functools import partial
from typing import Literal

import msgspec
from msgspec import Struct
from starlette.types import Receive, Scope, Send

from actors.signals import Busy, Outcome, Unavailable
from api import bodies
from api.errors import Problem, problem_of, report
from api.letters.letter import Letter
from api.letters.processing import Reader, Unprocessed, process, translated
from api.letters.store import DeadLetters
from api.operations.counts import Counts
from api.ports import Ports
from api.shops.directory import Directory, Door
from api.webhooks.shopify.delivery import Delivery, delivery
from api.webhooks.shopify.signature import signed_by

PATH = "/webhooks/shopify"
MAX_BODY = 2 * 1024 * 1024  # Shopify's own largest bodies stay below one
HEADERS = {
    "Topic": "What happened, such as orders/create",
    "Shop-Domain": "Whose delivery it is",
    "Hmac-Sha256": "Base64 of HMAC-SHA256 over the raw body, with the shop's webhook secret",
    "Webhook-Id": "The delivery's own id, the same when it is repeated",
    "Event-Id": "The change in the shop that caused it",
    "Triggered-At": "When that was; for bodies that name no moment",
    "API-Version": "What the body looks like",
}
NEEDED = ("Shop-Domain", "Hmac-Sha256")
_JSON = [(b"content-type", b"application/json")]


class Taken(Struct, frozen=True):
    """`kept`: it could not be processed now and waits among the dead letters."""

    result: Literal["accepted", "duplicate", "kept"]


class ShopifyHook:
    """An ASGI application for one path. What was signed is processed or kept, never lost."""

    def __init__(
        self, ports: Ports, directory: Directory, letters: DeadLetters, counts: Counts
    ) -> None:
        self._ports = ports
        self._directory = directory
        self._letters = letters
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            result = await self._handle(scope, receive)
        except bodies.Gone:
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the sender gets an answer
            problem = problem_of(error)
            if problem.status == 500:
                report(error, PATH)
            self._counts.webhooks[problem.code] += 1
            await problem.response()(scope, receive, send)
            return
        self._counts.webhooks[result.result] += 1
        body = msgspec.json.encode(result)
        await send({"type": "http.response.start", "status": 200, "headers": _headers(body)})
        await send({"type": "http.response.body", "body": body})

    async def _handle(self, scope: Scope, receive: Receive) -> Taken:
        if scope["method"] != "POST":
            raise Problem(405, "method_not_allowed", "POST only", headers={"Allow": "POST"})
        body = await bodies.whole(scope["headers"], receive, MAX_BODY)
        said = delivery(scope["headers"])
        door = await self._door(said, body)
        letter = Letter(
            namespace=door.namespace,
            source="shopify",
            topic=said.topic,
            received_at=self._ports.now(),
            body=body,
            key=said.webhook_id or "",
            headers=tuple(scope["headers"]),
        )
        return await self._process(letter, partial(translated, said))

    async def _door(self, said: Delivery, body: bytes) -> Door:
        doors = await self._directory.doors(said.shop_domain)
        if doors is None:
            raise Problem(404, "unknown_shop", "no shop of this domain is set up here")
        for door in doors:  # live comes first, should both have been given one secret
            if signed_by(body, said.hmac, door.secrets) is not None:
                return door
        raise Problem(401, "bad_signature", "the signature does not fit the body and the secret")

    async def _process(self, letter: Letter, read: Reader) -> Taken:
        try:
            done = await process(self._ports, letter, read)
        except (Busy, Unavailable):
            raise
        except Exception as error:  # noqa: BLE001 - a bug of ours must not lose a delivery
            report(error, PATH)
            done = Unprocessed("internal", type(error).__name__)
        if isinstance(done, Outcome):
            return Taken("duplicate" if done.duplicate else "accepted")
        await self._letters.store(letter, done)
        return Taken("kept")


def _headers(body: bytes) -> list[tuple[bytes, bytes]]:
    return [*_JSON, (b"content-length", b"%d" % len(body))]
