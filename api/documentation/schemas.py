"""What FastAPI cannot see of a route that speaks msgspec: its body and its answers."""

from collections.abc import Iterable
from copy import deepcopy
from functools import cache
from http import HTTPStatus
from typing import Any

import msgspec

from api.documentation.instants import mark_instants
from api.errors import MEDIA_TYPE

REF = "#/components/schemas/{name}"
READ = (400, 401, 403, 404, 422, 503)  # what reading on behalf of a key may meet
PROBLEM: dict[str, Any] = {MEDIA_TYPE: {"schema": {"$ref": REF.format(name="ProblemDocument")}}}


def says(
    ok: Any, *problems: int, ok_lines: Any = None, body: Any = None, body_lines: Any = None
) -> dict[str, Any]:
    """The part of an OpenAPI operation for what FastAPI cannot see.

    `ok` and `ok_lines` are answered as JSON and NDJSON, `body` and `body_lines` taken as such.
    """
    told: dict[str, Any] = {"responses": {"200": answer(ok, ok_lines)}}
    told["responses"] |= {str(status): problem(status) for status in problems}
    if content := _content(body, body_lines):
        told["requestBody"] = {"required": True, "content": content}
    return told


def answer(ok: Any, ok_lines: Any = None) -> dict[str, Any]:
    return {"description": "Done", "content": _content(ok, ok_lines)}


def _content(one: Any, line: Any) -> dict[str, Any]:
    media = {"application/json": one, "application/x-ndjson": line}
    return {name: {"schema": schema(kind)} for name, kind in media.items() if kind is not None}


def problem(status: int) -> dict[str, Any]:
    return {"description": HTTPStatus(status).phrase, "content": PROBLEM}


def parameter(where: str, name: str, about: str, required: bool = False) -> dict[str, Any]:
    """A text in the query or a header."""
    told = {"name": name, "in": where, "required": required, "description": about}
    return told | {"schema": {"type": "string"}}


def schema(kind: Any) -> dict[str, Any]:
    """Of a type, or of any of several in a tuple."""
    if isinstance(kind, tuple):
        return {"anyOf": [schema(each) for each in kind]}
    return deepcopy(_schema(kind))  # FastAPI writes into what it is given


@cache  # a problem or a customer is the answer of many routes
def _schema(kind: Any) -> dict[str, Any]:
    (found,), _ = described([kind])
    return found


def described(kinds: Iterable[Any]) -> tuple[tuple[dict[str, Any], ...], dict[str, Any]]:
    """Schemas of these kinds, and those they refer to by name."""
    known = tuple(kinds)
    schemas, components = msgspec.json.schema_components(
        known, ref_template=REF, schema_hook=_anything
    )
    mark_instants(known, components)
    _order_sets(components)
    return schemas, components


def _order_sets(components: dict[str, Any]) -> None:
    """Those among the defaults: a set has no order of its own, so every process would write
    another document."""
    for component in components.values():
        for member in component.get("properties", {}).values():
            if "default" in member:
                member["default"] = _ordered(member["default"], member, components)


def _ordered(value: Any, told: dict[str, Any], components: dict[str, Any]) -> Any:
    named = components.get(told.get("$ref", "").rpartition("/")[2], told)
    if isinstance(value, dict):
        members = named.get("properties", {})
        return {
            name: _ordered(each, members.get(name, {}), components) for name, each in value.items()
        }
    return sorted(value) if named.get("uniqueItems") else value


def _anything(kind: type) -> dict[str, Any]:
    if kind is not object:
        raise NotImplementedError
    return {"description": "Any JSON value"}
