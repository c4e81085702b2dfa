"""What operators see: health, metrics, documentation, and errors without secrets."""

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from starlette.types import Message, Receive, Scope, Send

from api import front
from api.front import Front
from api.intake.command import KINDS
from api.operations.counts import Counts
from tests.api.sentences import Api, code_of


def test_a_living_process_says_so(api: Api) -> None:
    assert api.send("GET", "/healthz").json() == {"status": "ok"}


def test_ready_means_database_tables_and_hosts(api: Api) -> None:
    response = api.send("GET", "/readyz")
    assert response.status_code == 200
    assert {name: part["ready"] for name, part in response.json()["parts"].items()} == {
        "database": True,
        "migrations": True,
        "hosts": True,
    }


def test_a_lost_host_means_not_ready(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stats() -> list[dict[str, object]]:
        return [{"host": 0}, {"lost": "gone"}]

    monkeypatch.setattr(api.memory, "stats", stats)
    response = api.send("GET", "/readyz")
    assert response.status_code == 503
    assert response.json()["parts"]["hosts"]["detail"] == "1 of 2 hosts do not answer"
    assert 'c360_host_lost{host="1"} 1.0' in api.send("GET", "/metrics").text


def test_metrics_count_what_happened(api: Api) -> None:
    before = metrics(api)
    api.command(type="SetContact", id="1", profile={"email": "sarah@shop.example"}, locale="en")
    api.command(type="nonsense", id="sarah@shop.example")
    api.webhook("orders/invented", b"{}")
    after = metrics(api)
    for counter in (
        'c360_commands_total{result="accepted"}',
        'c360_commands_total{result="invalid"}',
        'c360_webhooks_total{result="kept"}',
    ):
        assert after[counter] - before.get(counter, 0) == 1
    assert after["c360_dead_letters_open"] == 1
    assert after["c360_signals_waiting"] == 0
    assert after['c360_host_residents{host="host-0"}'] == 3
    assert not any("sarah" in name for name in after)


def metrics(api: Api) -> dict[str, float]:
    lines = api.send("GET", "/metrics").text.splitlines()
    parted = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in parted}


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/nowhere", (404, "not_found")),
        ("GET", "/v1/profiles/", (404, "not_found")),
        ("DELETE", "/v1/commands", (405, "method_not_allowed")),
        ("GET", "/v1/commands", (405, "method_not_allowed")),
    ],
)
def test_every_error_is_a_problem_document(
    api: Api, method: str, path: str, expected: tuple[int, str]
) -> None:
    assert code_of(api.send(method, path, key=api.shop.live.api_key)) == expected


def test_a_bug_is_reported_without_what_it_says(api: Api) -> None:
    api.memory.answers = lambda _: RuntimeError("sarah@shop.example")
    with structlog.testing.capture_logs() as logs:
        response = api.command(type="AddTags", id="1", profile={"cookie": "c"}, tags=["vip"])
    assert code_of(response) == (500, "internal")
    (entry,) = logs
    assert (entry["error"], entry["route"]) == ("RuntimeError", "/v1/commands")
    assert "sarah" not in json.dumps(logs) + response.text


def document(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = api.send("GET", "/openapi.json").json()
    return found


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_the_document_holds_together(api: Api) -> None:
    whole = document(api)
    names = {f"#/components/schemas/{name}" for name in whole["components"]["schemas"]}
    assert set(references(whole)) <= names


def test_every_command_is_documented(api: Api) -> None:
    whole = document(api)
    body = whole["paths"]["/v1/commands"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"]["discriminator"]["mapping"].keys() == KINDS.keys()
    order = whole["components"]["schemas"]["RecordOrderCommand"]
    assert {"profile", "order_id", "total", "type"} <= set(order["required"])
    assert order["description"]


def test_every_route_says_what_it_may_answer(api: Api) -> None:
    paths = document(api)["paths"]
    assert "/webhooks/shopify" in paths
    for path, operations in paths.items():
        for operation in operations.values():
            assert operation["summary"]
            if path.startswith(("/v1/profiles", "/v1/commands")):
                assert {"200", "401", "403", "422", "503"} <= operation["responses"].keys()


def test_the_documentation_needs_no_other_server(api: Api) -> None:
    page = api.send("GET", "/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "RecordOrder" in page.text
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", page.text)


def test_too_many_at_once_are_turned_away(
    loop: asyncio.Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front, "IN_FLIGHT_AT_MOST", 1)
    counts = Counts()
    told: list[int] = []

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0)

    async def send(message: Message) -> None:
        told.append(message.get("status", 0))

    async def receive() -> Message:
        return {"type": "http.request"}

    async def both() -> None:
        app = Front(slow, slow, counts)
        scopes = ({"type": "http", "path": path} for path in ("/a", "/b", "/healthz"))
        await asyncio.gather(*(app(scope, receive, send) for scope in scopes))

    loop.run(both())
    assert told[0] == 503
    assert counts.refused_at_the_door == 1
