"""/openapi.json: FastAPI's document, completed with what only our Structs know."""

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from aggregates.gate.decision import Decision
from api.answers import Answer, AnswerLine, RefusedLine
from api.contacts.contact import Contact
from api.customers.views import CustomerPage
from api.documentation.schemas import REF, answer, described, parameter, problem
from api.errors import MEDIA_TYPE, ProblemDocument
from api.history.campaigns import CampaignPage
from api.history.message_shape import MessageDetail, MessagePage
from api.history.order_shape import OrderPage, OrderSummary, OrderView
from api.history.properties import PropertyHistory, PropertyList
from api.history.timeline import TimelinePage
from api.intake import hooks
from api.intake.checks import CheckAsked
from api.intake.command import KINDS, MAX_ID
from api.intake.imports import Imported
from api.intake.pixel_events import PixelEvents
from api.intake.storefront import Received
from api.intake.whom import Whom
from api.letters.retries import Tally
from api.letters.store import Listed
from api.lifecycle.progress import Restaging
from api.merges.asked import MergeAsked, Reasoned
from api.merges.views import (
    CandidateList,
    CandidateView,
    MergeDetail,
    MergeList,
    MergePreview,
    MergeView,
    ReversalPreview,
)
from api.routes import admin, changes, commands, pins, settings, system
from api.segments.asked import PreviewAsked, SegmentAsked
from api.segments.views import (
    HeldSegments,
    MemberChanges,
    MemberPage,
    Preview,
    SegmentDetail,
    SegmentPage,
    SegmentView,
    WhyIn,
)
from api.shops.asked import SettingsAsked
from api.shops.pins import Pins, PinsAsked
from api.views.consents import ConsentPage
from api.views.event import EventPage
from api.views.settings import SettingsHistory, SettingsView
from api.views.shape import FoundProfiles
from api.views.why import KnownByList, Why

SHOWN: tuple[Any, ...] = (
    *(*KINDS.values(), Whom, Answer, AnswerLine, RefusedLine, ProblemDocument, EventPage),
    *(PixelEvents, Received, FoundProfiles, KnownByList, Why, Imported, Contact, Listed, Tally),
    *(admin.Selection, admin.LetterPage, admin.Discarded, hooks.Taken),
    *(system.Alive, system.Readiness),
    *(MergeAsked, Reasoned, MergeView, MergeDetail, MergePreview, MergeList, ReversalPreview),
    *(CandidateView, CandidateList, changes.ChangePage, ConsentPage),
    *(SettingsAsked, SettingsView, SettingsHistory, Restaging, CheckAsked, Decision),
    *(SegmentAsked, PreviewAsked, SegmentView, SegmentDetail, SegmentPage, Preview),
    *(MemberPage, MemberChanges, WhyIn, HeldSegments, CustomerPage),
    *(TimelinePage, MessagePage, MessageDetail, CampaignPage),
    *(OrderPage, OrderSummary, OrderView, PropertyList, PropertyHistory),
    *(PinsAsked, Pins),
)
GUARDED = (
    *("/v1/profiles", "/v1/merges", "/v1/merge-candidates"),
    *(changes.PATH, commands.PATH, settings.PATH, "/v1/segments", pins.PATH),
)  # by an API key
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
    sending = whole["paths"][commands.PATH]["post"]
    sending["requestBody"] = _commands()
    sending["responses"]["200"]["links"] = _links(whole["paths"])
    return whole


def product_version() -> str:
    try:
        return version("customer360")
    except PackageNotFoundError:
        return "unreleased"


def _tidy(path: str, operation: dict[str, Any]) -> None:
    """Takes out what FastAPI supposes: its own form of a 422, JSON wherever no shape is named.

    Says which routes need a key.
    """
    for asked in operation.get("parameters", ()):
        asked["schema"] = _given(asked["schema"])
    answers = operation["responses"]
    if MEDIA_TYPE in answers.pop("422", {}).get("content", {}):
        answers["422"] = problem(422)
    for told in answers.values():
        if told.get("content", {}).get("application/json") == {"schema": {}}:
            del told["content"]["application/json"]
    if path.startswith((*GUARDED, "/admin")):
        operation["security"] = [{"bearer": []}]


def _given(schema: dict[str, Any]) -> dict[str, Any]:
    """Of a parameter where it is given; FastAPI adds null for where it is not."""
    kinds = [kind for kind in schema.pop("anyOf", ()) if kind != {"type": "null"}]
    return schema | kinds[0] if kinds else schema


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


def _links(paths: dict[str, Any]) -> dict[str, Any]:
    """What can be asked next of the profile that a command was about, by its id alone."""
    about = [paths[path]["get"] for path in paths if path.startswith("/v1/profiles/{profile_id}")]
    asking = [operation for operation in about if _wanted_by(operation) <= {"profile_id"}]
    parameters = {"profile_id": "$response.body#/profile_id"}
    names = [operation["operationId"] for operation in asking]
    return {name: {"operationId": name, "parameters": parameters} for name in names}


def _wanted_by(operation: dict[str, Any]) -> set[str]:
    return {one["name"] for one in operation.get("parameters", ()) if one.get("required")}


def _webhook() -> dict[str, Any]:
    problems = {str(status): problem(status) for status in (401, 404, 405, 408, 413, 503)}
    return {
        "tags": ["webhooks"],
        "summary": "Receive a Shopify webhook",
        "description": "200 once the delivery is durable: as events, or kept for a second try. "
        "Repeats are recognised by their id and by their content. The headers may also be called "
        "`Shopify-…`. Without X-Shopify-Topic a delivery is kept.",
        "parameters": [
            parameter("header", f"X-Shopify-{name}", about, name in hooks.NEEDED)
            for name, about in hooks.HEADERS.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}},
        "responses": {"200": answer(hooks.Taken)} | problems,
    }
