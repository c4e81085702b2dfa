"""/openapi.json: FastAPI's document, completed with what only our Structs know."""

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.answers import Answer, AnswerLine, RefusedLine
from api.documentation.schemas import REF, answer, described, problem
from api.errors import MEDIA_TYPE, ProblemDocument
from api.intake import hooks
from api.intake.command import KINDS, MAX_ID
from api.intake.imports import Imported
from api.intake.pixel_events import PixelEvents
from api.intake.storefront import Received
from api.intake.whom import Whom
from api.letters.retries import Tally
from api.letters.store import Listed
from api.routes import admin, commands
from api.views.event import EventPage
from api.views.shape import FoundProfiles, Sightings

SHOWN: tuple[Any, ...] = (
    *(*KINDS.values(), Whom, Answer, AnswerLine, RefusedLine, ProblemDocument, EventPage),
    *(PixelEvents, Received, FoundProfiles, Sightings, Imported, Listed, Tally),
    *(admin.Selection, admin.LetterPage, admin.Discarded),
)
ABOUT = """Events in, profiles out. `Authorization: Bearer c360_live_…` or `c360_sandbox_…`;
every error is `application/problem+json`."""


class Documented(FastAPI):
    """FastAPI with a document of our own."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = document(self)
        return self.openapi_schema


def document(app: FastAPI) -> dict[str, Any]:
    whole = get_openapi(
        title="Customer 360", version=product_version(), description=ABOUT, routes=app.routes
    )
    whole["paths"][hooks.PATH] = {"post": _webhook()}
    for path, operations in whole["paths"].items():
        for operation in operations.values():
            _tidy(path, operation)
    _, components = described(SHOWN)
    schemas = components | {f"{tag}Command": _on_the_wire(tag, components) for tag in KINDS}
    whole["components"] = {
        "schemas": schemas,
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
    }
    whole["paths"][commands.PATH]["post"]["requestBody"] = _commands()
    return whole


def product_version() -> str:
    try:
        return version("customer360")
    except PackageNotFoundError:
        return "unreleased"


def _tidy(path: str, operation: dict[str, Any]) -> None:
    """Takes out FastAPI's own form of a 422; says which routes need a key."""
    answers = operation["responses"]
    if MEDIA_TYPE in answers.pop("422", {}).get("content", {}):
        answers["422"] = problem(422)
    if path.startswith(("/v1/profiles", commands.PATH, "/admin")):
        operation["security"] = [{"bearer": []}]


def _on_the_wire(tag: str, components: dict[str, Any]) -> dict[str, Any]:
    """A command's Struct with the members that every command has on the wire."""
    struct: dict[str, Any] = components[KINDS[tag].__name__]
    common = {
        "id": {
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_ID,
            "description": "Idempotency key; or send the header Idempotency-Key",
        },
        "occurred_at": {"type": "string", "format": "date-time"},
        "profile": {"$ref": REF.format(name=Whom.__name__)},
    }
    required = [*struct.get("required", []), "profile"]
    return struct | {"properties": struct["properties"] | common, "required": required}


def _commands() -> dict[str, Any]:
    names = {tag: REF.format(name=f"{tag}Command") for tag in KINDS}
    one_of = {
        "oneOf": [{"$ref": name} for name in names.values()],
        "discriminator": {"propertyName": "type", "mapping": names},
    }
    media = {"application/json": {"schema": one_of}, "application/x-ndjson": {"schema": one_of}}
    return {"required": True, "content": media}


def _webhook() -> dict[str, Any]:
    names = ("Topic", "Hmac-Sha256", "Shop-Domain", "Webhook-Id")
    headers = [
        {
            "name": f"X-Shopify-{name}",
            "in": "header",
            "required": True,
            "schema": {"type": "string"},
        }
        for name in names
    ]
    return {
        "tags": ["webhooks"],
        "summary": "Receive a Shopify webhook",
        "description": "200 once the delivery is durable. Repeats are recognised by their id.",
        "parameters": headers,
        "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}},
        "responses": {"200": answer(dict[str, str])}
        | {str(status): problem(status) for status in (401, 404, 405, 408, 413, 503)},
    }
