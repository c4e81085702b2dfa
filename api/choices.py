"""The values that a field of few values may have, for people who sent another one."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

_STEP = re.compile(r"[^.\[\]]+")
_ANY_INDEX = "[...]"


def choices(kind: object, path: str) -> list[str]:
    """Of the field at `path`, such as `items[0].kind` or `tags[...]`, in a value of type `kind`."""
    schema = msgspec.json.schema(kind)
    nodes = [schema]
    for step in _STEP.findall(path.replace(_ANY_INDEX, "[0]")):
        nodes = [below for node in nodes for below in _below(node, step, schema)]
    return [str(value) for node in nodes for value in _resolved_enum(node, schema)]


def _below(node: Any, step: str, schema: Any) -> Iterator[Any]:
    for each in _alternatives(node, schema):
        if step.isdigit() and "items" in each:
            yield each["items"]
        elif step in each.get("properties", {}):
            yield each["properties"][step]


def _resolved_enum(node: Any, schema: Any) -> Iterator[object]:
    for each in _alternatives(node, schema):
        yield from each.get("enum", [])


def _alternatives(node: Any, schema: Any) -> Iterator[Any]:
    """The node itself, what it refers to, or each of what it may be."""
    if "$ref" in node:
        yield from _alternatives(schema["$defs"][node["$ref"].rpartition("/")[2]], schema)
    elif "anyOf" in node:
        for each in node["anyOf"]:
            yield from _alternatives(each, schema)
    else:
        yield node
