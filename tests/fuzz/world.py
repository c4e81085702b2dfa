"""The whole product in one process: all of it real but Ray, called without a socket."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hmac import digest
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import unquote
from uuid import UUID

import msgspec
import psycopg
from starlette.types import ASGIApp, Message, Receive

from actors.shard import ShardWork
from actors.signals import Outcome, Routed
from aggregates.log import audit, snapshots
from aggregates.log.keys import Keyring
from aggregates.log.postgres import PostgresLog
from api.shops.registry import Created
from projections.models import read_models
from projections.runner import Runner

SHOP = "poisoned-store.myshopify.com"
SECRET, SANDBOX_SECRET = "a secret of the live shop", "a secret of the test shop"
ADMIN_TOKEN = "the operator's token"  # noqa: S105 - made up here
PROBLEM = "application/problem+json"
NDJSON = "application/x-ndjson"
NUMBERS = count(1)
Headers = Sequence[tuple[bytes, bytes]]
Part = bytes | Message
_BATCH = msgspec.msgpack.Decoder(list[Routed])
_AS_AUDITORS_READ = "SELECT count(convert_from(state, 'UTF8')::jsonb) FROM events"


class InlineHost:
    """A host's work behind the port of the gateway, on the caller's own thread."""

    def __init__(self, dsn: str, keyring: Keyring) -> None:
        self.log = PostgresLog(dsn)
        self.work = ShardWork(self.log, keyring)

    async def apply(self, batch: bytes) -> bytes:
        outcomes: list[Outcome] = self.work.apply(_BATCH.decode(batch), datetime.now(UTC))
        self.work.save_snapshots()
        return msgspec.msgpack.encode(outcomes)

    async def stats(self) -> dict[str, Any]:
        return {"host": 0, "residents": len(self.work.residents)}


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.body.splitlines()]

    def fields(self) -> set[str]:
        """What a problem document names."""
        return {fault["field"] for fault in self.json().get("errors", ())}


def sound(answer: Answer) -> Answer:
    """Never a 5xx; every error is a problem document about itself."""
    assert 200 <= answer.status < 500, answer
    if answer.status >= 400:
        assert answer.headers["content-type"] == PROBLEM
        problem = answer.json()
        assert problem["status"] == answer.status
        assert {"type", "title", "detail", "code"} <= problem.keys()
    return answer


async def gone() -> Message:
    return {"type": "http.disconnect"}


@dataclass
class World:
    loop: asyncio.Runner
    app: ASGIApp
    dsn: str
    shop: Created
    host: InlineHost
    seen: dict[UUID, int] = field(default_factory=dict)

    def call(
        self, method: str, target: str, headers: Headers = (), *body: Part, then: Receive = gone
    ) -> Answer:
        return sound(self.loop.run(asked(self.app, method, target, headers, body, then)))

    def all(self, *requests: tuple[str, str, Headers, bytes]) -> list[Answer]:
        """At once, so that hosts hear of them in one batch."""

        async def together() -> list[Answer]:
            asking = (asked(self.app, *request[:3], request[3:]) for request in requests)
            return await asyncio.gather(*asking)

        return [sound(answer) for answer in self.loop.run(together())]

    def rows(self, query: str, *values: object) -> list[Any]:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def readable(self) -> None:
        """What was accepted since the last time can be read, by clients and from snapshots."""
        newest = dict(self.rows("SELECT profile_id, max(version) FROM events GROUP BY 1"))
        for profile in (p for p, version in newest.items() if self.seen.get(p) != version):
            self._shown(profile)
            self._restored(profile)
        self.seen = newest

    def auditable(self) -> None:
        """The whole log reads as JSON, and its chain holds."""
        self.rows(_AS_AUDITORS_READ)
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            assert audit.verify(connection).broken is None

    def _shown(self, profile: UUID) -> None:
        keys = [bearer(world.api_key) for world in (self.shop.live, self.shop.sandbox)]
        shown = [self.call("GET", f"/v1/profiles/{profile}", key) for key in keys]
        assert sorted(answer.status for answer in shown) == [200, 404]
        for key, answer in zip(keys, shown, strict=True):
            if answer.status == 200:
                events = self.call("GET", f"/v1/profiles/{profile}/events?limit=200", key)
                if answer.json()["redirected_from"] is None:
                    assert len(events.json()["items"]) == min(answer.json()["version"], 200)

    def _restored(self, profile: UUID) -> None:
        held = self.host.work.residents.get(profile)
        if held is None:  # another profile's signal has written to it: it is read anew
            return
        assert held.sealer is not None
        told = {one: member.profile for one, member in held.members.items()}
        taken = snapshots.taken(profile, held.version, held.profile, held.sealer, told)
        assert snapshots.restored(taken, held.sealer) == snapshots.Held(held.profile, told)


async def asked(
    app: ASGIApp,
    method: str,
    target: str,
    headers: Headers,
    body: Sequence[Part],
    then: Receive = gone,
) -> Answer:
    """One request. Each part of the body is a message of its own, `then` comes after the last."""
    path, _, query = target.partition("?")
    parts = list(body) or [b""]
    incoming = iter([_message(part, n == len(parts)) for n, part in enumerate(parts, start=1)])
    sent: list[Message] = []

    async def receive() -> Message:
        message = next(incoming, None)
        return message if message is not None else await then()

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": list(headers),
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8_360),
        "state": {},
    }
    await app(scope, receive, send)
    return _answer(sent)


def _message(part: Part, last: bool) -> Message:
    if isinstance(part, bytes):
        return {"type": "http.request", "body": part, "more_body": not last}
    return part


def _answer(sent: list[Message]) -> Answer:
    if not sent:
        return Answer(299, {}, b"")  # nobody was there to be answered
    heads = [message for message in sent if message["type"] == "http.response.start"]
    assert len(heads) == 1, "one answer a request"
    headers = {name.decode().lower(): value.decode() for name, value in heads[0]["headers"]}
    return Answer(heads[0]["status"], headers, b"".join(m.get("body", b"") for m in sent))


def noticed(dsn: str, keyring: Keyring) -> None:
    """Read models have their tables, and know what has happened by now."""
    runner = Runner(dsn, keyring, read_models(keyring))
    while runner.step():
        pass
    runner.close()


def bearer(key: str) -> list[tuple[bytes, bytes]]:
    return [(b"authorization", f"Bearer {key}".encode())]


def as_type(media_type: str) -> list[tuple[bytes, bytes]]:
    return [(b"content-type", media_type.encode())]


def signed(
    topic: str, body: bytes, secret: str = SECRET, changed: Mapping[str, bytes] = {}
) -> list[tuple[bytes, bytes]]:
    """The headers of a delivery of its own, rightly signed unless `changed`."""
    signature = b64encode(digest(secret.encode(), body, "sha256"))
    said = {
        "topic": topic.encode(),
        "shop-domain": SHOP.encode(),
        "hmac-sha256": signature,
        "webhook-id": fresh("delivery").encode(),
    }
    return [(f"x-shopify-{name}".encode(), value) for name, value in {**said, **changed}.items()]


def fresh(prefix: str) -> str:
    """An id that nothing else has."""
    return f"{prefix}-{next(NUMBERS)}"
