"""/docs: the OpenAPI document as one plain page that needs no other server."""

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
summary{cursor:pointer;padding:.3rem 0}pre{overflow:auto;background:#8881;padding:.7rem}
code{font-family:ui-monospace,monospace}td,th{text-align:left;padding:.1rem 1rem .1rem 0}
:root{color-scheme:light dark}.verb{display:inline-block;min-width:4.5rem;font-weight:600}"""


def page(document: Mapping[str, Any]) -> str:
    info = document["info"]
    title = escape(f"{info['title']} {info['version']}")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
        f"<h1>{title}</h1><p>{escape(info.get('description', ''))}</p>"
        f'<p>For programs: <a href="/openapi.json">openapi.json</a></p>'
        f"<h2>Routes</h2>{''.join(_routes(document['paths']))}"
        f"<h2>Shapes</h2>{''.join(_shapes(document['components']['schemas']))}</body></html>"
    )


def _routes(paths: Mapping[str, Any]) -> Iterator[str]:
    for path, operations in sorted(paths.items()):
        for verb, operation in operations.items():
            yield (
                f'<details><summary><span class="verb">{escape(verb.upper())}</span>'
                f"<code>{escape(path)}</code> {escape(operation.get('summary', ''))}</summary>"
                f"<p>{escape(operation.get('description', ''))}</p>"
                f"{_parameters(operation.get('parameters', []))}{_body(operation)}"
                f"{_responses(operation['responses'])}</details>"
            )


def _parameters(parameters: list[Mapping[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(each['name'])}</code></td><td>{escape(each['in'])}</td>"
        f"<td>{'required' if each.get('required') else ''}</td></tr>"
        for each in parameters
    )
    return f"<table>{rows}</table>" if rows else ""


def _body(operation: Mapping[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    return "".join(
        f"<p>Body <code>{escape(media)}</code>: {_links(told.get('schema', {}))}</p>"
        for media, told in content.items()
    )


def _responses(responses: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<tr><td>{escape(status)}</td><td>{escape(told.get('description', ''))}</td><td>"
        f"{' '.join(_links(each.get('schema', {})) for each in told.get('content', {}).values())}"
        "</td></tr>"
        for status, told in sorted(responses.items())
    )
    return f"<table>{rows}</table>"


def _shapes(schemas: Mapping[str, Any]) -> Iterator[str]:
    for name, schema in sorted(schemas.items()):
        yield (
            f'<details id="{escape(name)}"><summary><code>{escape(name)}</code></summary>'
            f"<p>{escape(schema.get('description', ''))}</p>"
            f"<pre>{escape(json.dumps(schema, indent=2, ensure_ascii=False))}</pre></details>"
        )


def _links(schema: Mapping[str, Any]) -> str:
    """The names of the shapes a schema consists of, each leading to its own place."""
    several = schema.get("oneOf") or schema.get("anyOf") or [schema]
    names = [each["$ref"].rpartition("/")[2] for each in several if "$ref" in each]
    return ", ".join(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in names)
