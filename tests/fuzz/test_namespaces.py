"""Nothing crosses a namespace: by an id or a cursor of another, nobody sees or changes anything.

Every operation of /openapi.json takes part, so one that is new is tried or says what it misses.
"""

import json
from collections.abc import Mapping
from itertools import count
from typing import Any
from urllib.parse import urlencode

import pytest

from aggregates.log.keys import KEY_BYTES, Keyring
from api.routes import commands, settings
from projections.models import read_models
from projections.runner import Runner
from projections.segments.clock import Clock
from tests.fuzz.test_document import DOCUMENT
from tests.fuzz.world import Answer, World, as_type, bearer, fresh

METHODS = ("get", "post", "put", "delete")
AT = "2026-11-20T10:00:00Z"
NAMES = ("ada", "bob", "eve", "sue", "tom", "kim", "lea")  # of the last four each two share a phone
PHONES = {"sue": "+4915112340000", "tom": "+4915112340000"} | dict.fromkeys(
    ("kim", "lea"), "+4915112340001"
)
ORDER, MESSAGE, PROPERTY = "namespaces-order", "namespaces-message", "namespaces_property"
REASON = {"reason": "is not"}
RULE = {"name": "Buyers", "text": "bought at least 1 time"}
OPERATIONS = [
    (method, path)
    for path, operations in DOCUMENT["paths"].items()
    for method in METHODS
    if method in operations and not path.startswith("/admin")
]
BY_ID = [
    (method, path) for method, path in OPERATIONS if "{" in path and "{public_key}" not in path
]
PAGED = [
    path
    for method, path in OPERATIONS
    if method == "get"
    and any(one["name"] == "cursor" for one in DOCUMENT["paths"][path]["get"].get("parameters", ()))
]
BODIES: dict[str, Mapping[str, object]] = {
    "/v1/merges/{merge_id}/reversal": REASON,
    "/v1/merge-candidates/{candidate_id}/acceptance": REASON,
    "/v1/merge-candidates/{candidate_id}/rejection": REASON,
    "/v1/segments/{segment_id}": RULE,
}
NUMBERS = count(1)


class Side:
    """One namespace, as whoever holds its key sees it."""

    def __init__(self, world: World, key: str) -> None:
        self._world = world
        self._key = key

    def get(self, path: str, **query: object) -> Answer:
        return self._world.call("GET", f"{path}?{urlencode(query)}", bearer(self._key))

    def send(self, method: str, path: str, body: object = None) -> Answer:
        headers = [*bearer(self._key), *as_type("application/json")]
        name = f"sent-{next(NUMBERS)}"
        headers.append((b"idempotency-key", name.encode()))
        sent = b"" if body is None else json.dumps(body).encode()
        return self._world.call(method.upper(), path, headers, sent)

    def told(self, kind: str, known: Mapping[str, str], **more: object) -> str:
        """The profile that a command was about."""
        command = {"type": kind, "profile": known, "occurred_at": AT, **more}
        return str(made(self.send("POST", commands.PATH, command))["profile_id"])

    def ordered(self, **known: str) -> str:
        total = {"amount": "10.00", "currency": "EUR"}
        more = {"order_id": fresh("order"), "placed_at": AT, "total": total}
        return self.told("RecordOrder", known, **more)


def made(answer: Answer) -> dict[str, Any]:
    assert answer.status < 300, answer
    told: dict[str, Any] = answer.json()
    return told


@pytest.fixture(scope="module")
def live(world: World) -> Side:
    return Side(world, world.shop.live.api_key)


@pytest.fixture(scope="module")
def sandbox(world: World) -> Side:
    return Side(world, world.shop.sandbox.api_key)


@pytest.fixture(scope="module")
def ids(world: World, live: Side, sandbox: Side) -> dict[str, str]:
    """What the live shop has, by the names that routes have for it."""
    sandbox.ordered(email="own@sandbox.shop")
    ada, bob, eve, *alike = (live.ordered(email=_mail(name)) for name in NAMES)
    _history(live, {"email": _mail("ada")})
    for name in NAMES[3:]:
        live.ordered(email=_mail(name), phone=PHONES[name])
    for days in (31, 32):
        made(live.send("PUT", settings.PATH, {"lifecycle": {"at_risk_days": days}}))
    united = {"survivor": ada, "absorbed": bob, "reason": "looks alike"}
    merge = made(live.send("POST", "/v1/merges", united))["id"]
    segment, _ = (made(live.send("POST", "/v1/segments", {**RULE, "name": n})) for n in "xy")
    open_ones = made(live.get("/v1/merge-candidates"))["items"]
    candidate = next(one["id"] for one in open_ones if {*one["profiles"]} == {*alike[:2]})
    _catch_up(world)
    return {
        "profile_id": ada,
        "other": eve,
        "merge_id": merge,
        "candidate_id": candidate,
        "segment_id": segment["id"],
        "order_id": ORDER,
        "message_id": MESSAGE,
        "name": PROPERTY,
    }


def _history(live: Side, ada: Mapping[str, str]) -> None:
    """Two of everything that is told page by page."""
    total = {"amount": "10.00", "currency": "EUR"}
    live.told("RecordOrder", ada, order_id=ORDER, placed_at=AT, total=total)
    for address in (_mail("ada"), _mail("ada.too")):
        live.told("GrantConsent", ada, channel="email", address=address, text="OK")
    for nth, message in enumerate((MESSAGE, fresh("message"))):
        sent = {"channel": "email", "source": "campaign", "source_id": f"campaign-{nth}"}
        live.told("RecordMessageSent", ada, message_id=message, **sent)
    for nth in range(2):
        live.told("SetProperties", ada, properties={PROPERTY: nth, "other": nth})


def _mail(name: str) -> str:
    return f"{name}@namespaces.shop"


def _catch_up(world: World) -> None:
    keyring = Keyring(bytes(KEY_BYTES))
    runner, clock = Runner(world.dsn, keyring, read_models(keyring)), Clock(world.dsn)
    while runner.step() or clock.step():
        pass
    for one in (runner, clock):
        one.close()


@pytest.mark.parametrize(("method", "path"), BY_ID)
def test_what_another_namespace_has_is_not_there(
    method: str, path: str, ids: dict[str, str], sandbox: Side
) -> None:
    target = path.format_map(ids) + _required(method, path, ids)
    assert sandbox.send(method, target, BODIES.get(path)).status in (403, 404)


@pytest.mark.parametrize(("method", "path"), BY_ID)
def test_where_it_is_it_is_found(method: str, path: str, ids: dict[str, str], live: Side) -> None:
    """Or the test above would find nothing wrong."""
    if method == "get":
        assert live.get(path.format_map(ids), **_query(method, path, ids)).status == 200


@pytest.mark.parametrize("path", PAGED)
def test_a_cursor_of_another_namespace_leads_nowhere(
    path: str, ids: dict[str, str], live: Side, sandbox: Side
) -> None:
    cursor = _cursor(live, path.format_map(ids))
    answer = sandbox.get(path.format_map(ids), cursor=cursor, limit=1)
    assert answer.status == 404


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_made_up_key_opens_nothing(
    method: str, path: str, ids: dict[str, str], world: World
) -> None:
    if "security" in DOCUMENT["paths"][path][method]:
        stranger = Side(world, "c360_live_" + "0" * 40)
        target = path.format_map(ids) + _required(method, path, ids)
        assert stranger.send(method, target, BODIES.get(path)).status == 401


def _required(method: str, path: str, ids: Mapping[str, str]) -> str:
    query = _query(method, path, ids)
    return f"?{urlencode(query)}" if query else ""


def _query(method: str, path: str, ids: Mapping[str, str]) -> dict[str, str]:
    given = DOCUMENT["paths"][path][method].get("parameters", ())
    return {
        one["name"]: ids[one["name"]]
        for one in given
        if one["in"] == "query" and one.get("required")
    }


def _cursor(side: Side, path: str) -> str:
    told = made(side.get(path, limit=1))
    cursor = told.get("next") or told.get("cursor") or told.get("next_cursor")
    assert cursor, f"{path} has too little to page through: {told}"
    return str(cursor)
