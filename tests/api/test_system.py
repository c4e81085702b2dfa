"""What everybody may ask: is it alive, the documentation, and errors without secrets."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from api.intake.command import KINDS
from tests.api.sentences import Api, code_of


def test_a_living_process_says_so(api: Api) -> None:
    assert api.send("GET", "/healthz").json() == {"status": "ok"}


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


def defaults(node: object, name: str) -> Iterator[list[str]]:
    """Of all members of this name, also within the defaults of what they are in."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == name:
                yield value if isinstance(value, list) else value["default"]
            else:
                yield from defaults(value, name)


def test_every_process_writes_the_same_document(api: Api) -> None:
    offices = list(defaults(document(api)["components"], "role_names"))
    assert len(offices) > 1
    assert all(len(one) > 1 and one == sorted(one) for one in offices)


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
