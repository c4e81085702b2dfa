"""What /openapi.json promises is kept, whatever its reader sends."""

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from psycopg_pool import AsyncConnectionPool
from schemathesis import Case as AnyCase
from schemathesis import GenerationMode
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.pytest.lazy import get_all_tests
from schemathesis.specs.openapi import checks as promised
from schemathesis.specs.openapi.schemas import OpenApiSchema

from aggregates.log.keys import KEY_BYTES, Keyring
from aggregates.log.shops import ShopLog
from api.app import create_app
from api.customers.asked import TAKEN
from api.intake import hooks
from api.ports import Ports
from api.routes import commands, settings
from api.shops.rules import Rules
from tests.api.memory import Memory
from tests.fuzz import doors
from tests.fuzz.in_process import BASE, InProcess
from tests.fuzz.samples import INSTANT
from tests.fuzz.world import ADMIN_TOKEN, NDJSON, SHOP, World, asked, bearer, fresh, noticed

Case = AnyCase[Any]
SEED = 20261121
EXAMPLES = 40  # of each operation, besides what its schema alone suggests
EXAMPLES_UNKEYED = 20
CASES_AT_LEAST = 40
LONG_LIST = 1_000
NESTING = [f"#/components/schemas/{kind}" for kind in ("AllOf", "AnyOf", "Not")]
ONE_LINE_IN = 8  # what is sent as one JSON object need not be sent as often as one line
ADA = "ada@lane.shop"
EUR = {"amount": "19.90", "currency": "EUR"}
ITEMS = [{"product_id": "42", "title": "Mug", "quantity": 2, "price": EUR}]
MAIL = {"channel": "email", "address": ADA, "source": "campaign", "source_id": "autumn"}
HISTORY: list[dict[str, Any]] = [
    {"type": "AddTags", "tags": ["vip"]},
    {"type": "SetProperties", "properties": {"tier": "gold", "since": {"at": INSTANT}}},
    {
        "type": "RecordCheckout",
        "token": "c",
        "started_at": INSTANT,
        "abandoned": True,
        "items": ITEMS,
    },
    {"type": "RecordOrder", "order_id": "1001", "placed_at": INSTANT, "total": EUR, "items": ITEMS},
    {"type": "RecordRefund", "order_id": "1001", "refund_id": "r", "amount": EUR},
    {"type": "RecordProductView", "product_id": "42", "title": "Mug"},
    {"type": "RecordMessageSent", "message_id": "m-1", "subject": "News", **MAIL},
    {"type": "RequestSend", "message_id": "m-2", **MAIL},
]
CHECKS: list[CheckFunction] = [
    not_a_server_error,
    promised.status_code_conformance,
    promised.content_type_conformance,
    promised.response_schema_conformance,
    promised.response_headers_conformance,
    promised.missing_required_header,
    promised.unsupported_method,
]


def document() -> dict[str, Any]:
    memory, keyring = Memory(), Keyring(bytes(KEY_BYTES))
    pool = AsyncConnectionPool("", open=False)
    ports = Ports(
        gateway=memory,
        histories=memory,
        identities=memory,
        pool=pool,
        keyring=keyring,
        rules=Rules(ShopLog(pool, keyring)),
        admin_token=ADMIN_TOKEN,
        patience_s=0.0,
    )
    answer = asyncio.run(asked(create_app(ports), "GET", "/openapi.json", (), []))
    told: dict[str, Any] = json.loads(answer.body)
    return told


def reading(document: dict[str, Any], examples: int) -> OpenApiSchema:
    made = schemathesis.openapi.from_dict(document)
    config = made.config
    config.base_url, config.seed = BASE, SEED
    config.generation.update(max_examples=examples, deterministic=True, database="none")
    # no route looks at parameters it never heard of, and keys are a matter of their own
    config.generation.update(allow_extra_parameters=False, with_security_parameters=False)
    config.checks.missing_required_header.expected_statuses = ["401", "404"]
    config.checks.negative_data_rejection.expected_statuses = ["400", "404", "413", "415", "422"]
    return made


def readable(document: dict[str, Any]) -> dict[str, Any]:
    """Without what takes longest to make up, and what other tests send: long lists of different
    things (tests/api/shops/test_settings.py), and rules deep in rules (tests/segments)."""
    for name, schema in document["components"]["schemas"].items():
        for member in schema.get("properties", {}).values():
            if member.get("uniqueItems") and member.get("maxItems", 0) >= LONG_LIST:
                del member["maxItems"]
            for inside in (member, member.get("items", {})):
                kinds = [each.get("$ref") for each in inside.get("anyOf", ())]
                if f"#/components/schemas/{name}" in kinds:
                    inside["anyOf"] = [{"$ref": each} for each in kinds if each not in NESTING][:3]
    return document


def told_of(document: dict[str, Any], operation: str) -> dict[str, Any]:
    method, path = operation.split()
    told: dict[str, Any] = document["paths"][path][method.lower()]
    return told


def send(schema: OpenApiSchema, operation: str, body: Callable[..., None], **given: object) -> None:
    """What there is to be sent to it, one case after another, to `body`. It is made up here and
    not when tests are collected, as schemathesis would: it takes a minute, and all collect."""
    chosen = schema.include(name=operation)
    (made,) = get_all_tests(schema=chosen, test_func=body, settings=None, given_kwargs=None)
    _, test = made.ok()
    test(**given)


DOCUMENT = readable(document())
OPERATIONS = [
    f"{method.upper()} {path}" for path, methods in DOCUMENT["paths"].items() for method in methods
]
LOCKED = [each for each in OPERATIONS if "security" in told_of(DOCUMENT, each)]
LINES = iter(range(10**9))
LISTS = iter(range(10**9))


@schemathesis.serializer(NDJSON)
def one_line(context: object, value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


@schemathesis.deserializer(NDJSON)
def first_line(context: object, response: Any) -> Any:
    return json.loads(response.content.splitlines()[0])


def filter_case(context: object, case: Case) -> bool:
    both = case.media_type == NDJSON and case.path == commands.PATH
    return not both or next(LINES) % ONE_LINE_IN == 0


@pytest.fixture(scope="module")
def keyed() -> OpenApiSchema:
    made = reading(DOCUMENT, EXAMPLES)
    made.hook(filter_case)
    return made


@pytest.fixture(scope="module")
def unkeyed() -> OpenApiSchema:
    made = reading(DOCUMENT, EXAMPLES_UNKEYED)
    made.config.phases.coverage.enabled = False  # whatever is sent, it is not looked at
    return made


@pytest.fixture(scope="module")
def carried(world: World) -> Iterator[dict[str, InProcess]]:
    """What was sent to each operation; where there is something to vary, it was varied enough."""
    adapters: dict[str, InProcess] = {}
    yield adapters
    for operation, adapter in adapters.items():
        sent = adapter.answers.total()
        assert sent >= CASES_AT_LEAST or not _varies(operation), f"{operation}: only {sent}"


@pytest.fixture(scope="module")
def ada(world: World) -> str:
    """The id of a profile there is, with something of everything in its history."""
    who = {"email": ADA, "cookie": fresh("ada")}
    for command in HISTORY:
        told = {"id": fresh("id"), "occurred_at": INSTANT, "profile": who, **command}
        found: str = doors.command(world, json.dumps(told).encode()).json()["profile_id"]
    noticed(world.dsn, Keyring(bytes(KEY_BYTES)))
    return found


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_promise_is_kept(
    operation: str, keyed: OpenApiSchema, world: World, carried: dict[str, InProcess], ada: str
) -> None:
    adapter = carried.setdefault(operation, InProcess(world))
    send(keyed, operation, keeps_its_promise, adapter=adapter, world=world, ada=ada)


def keeps_its_promise(case: Case, adapter: InProcess, world: World, ada: str) -> None:
    if adapter.answers.total() % 2:
        _of_what_exists(case, world, ada)
    checks = CHECKS if _takes_anything(case) else [*CHECKS, promised.negative_data_rejection]
    case.call_and_validate(session=adapter.session(), checks=checks, headers=_key(case, world))


@pytest.mark.parametrize("operation", LOCKED)
def test_nothing_is_done_without_a_key(
    operation: str, unkeyed: OpenApiSchema, world: World
) -> None:
    send(unkeyed, operation, does_nothing, world=world)


def does_nothing(case: Case, world: World) -> None:
    adapter = InProcess(world)
    case.call_and_validate(session=adapter.session(), checks=CHECKS)
    assert adapter.answers.keys() <= {401, 405}


def test_links_lead_to_the_profile_that_a_command_was_about(world: World, ada: str) -> None:
    told = DOCUMENT["paths"][commands.PATH]["post"]["responses"]["200"]["links"]
    paths = {on["get"]["operationId"]: at for at, on in DOCUMENT["paths"].items() if "get" in on}
    about_one = {at for at in paths.values() if at.startswith("/v1/profiles/{profile_id}")}
    about_more = {at for at in about_one if at.count("{") > 1}
    about_two = {"/v1/profiles/{profile_id}/why", *about_more}
    assert len(told) == len(about_one - about_two) >= 5
    for link in told.values():
        assert link["parameters"] == {"profile_id": "$response.body#/profile_id"}
        path = paths[link["operationId"]].replace("{profile_id}", ada)
        answer = world.call("GET", path, bearer(world.shop.live.api_key))
        assert answer.status == 200
        if path.endswith(("/timeline", "/orders", "/messages", "/campaigns", "/properties")):
            assert answer.json()["items"], "what was promised about nothing would say nothing"


def test_promises_are_kept_one_after_another(world: World, ada: str) -> None:
    followed, linked = InProcess(world), reading(DOCUMENT, EXAMPLES)

    class Following(linked.as_state_machine()):  # type: ignore[misc]  # made while we run
        def get_call_kwargs(self, case: Case) -> dict[str, Any]:
            return {"session": followed.session(), "headers": _key(case, world)}

        def validate_response(self, response: Any, case: Case, **_: object) -> None:
            case.validate_response(response, checks=CHECKS)

    Following.run(
        settings=hypothesis.settings(
            max_examples=20,
            phases=[hypothesis.Phase.generate],
            stateful_step_count=10,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
    )
    assert followed.answers[200] > 0


def _varies(operation: str) -> bool:
    told = told_of(DOCUMENT, operation)
    return bool(told.get("parameters")) or "requestBody" in told


def _takes_anything(case: Case) -> bool:
    """What is signed is kept whatever it is, and a line is refused within a 200."""
    return case.media_type == NDJSON or case.path == hooks.PATH


def _of_what_exists(case: Case, world: World, ada: str) -> None:
    """What is as it should be in a case speaks of a shop and a profile there are."""
    known = {"public_key": world.shop.live.pixel_key, "profile_id": ada, "shop": SHOP}
    known |= {"order_id": "1001", "message_id": "m-1", "name": "tier"}
    for place, held in (("path", case.path_parameters), ("query", case.query)):
        if _meant_well(case, place):
            held |= {name: value for name, value in known.items() if name in held}
    if case.path == "/v1/profiles" and _meant_well(case, "query"):
        listed = {name: value for name, value in case.query.items() if name in TAKEN}
        case.query = listed if next(LISTS) % 2 else {"email": ADA}
    if case.path == commands.PATH and _meant_well(case, "body"):
        assert isinstance(case.body, dict)
        case.body |= {"id": fresh("id"), "profile": {"email": ADA}, "occurred_at": INSTANT}


def _meant_well(case: Case, place: str) -> bool:
    assert case.meta is not None
    component = case.meta.components.get(ParameterLocation(place))
    return component is not None and component.mode is GenerationMode.POSITIVE


def _key(case: Case, world: World) -> dict[str, str]:
    """Settings are those of the sandbox: whatever else is sent finds the usual ones."""
    key = world.shop.live.api_key
    if case.path.startswith("/admin"):
        key = ADMIN_TOKEN
    elif case.path.startswith(settings.PATH):
        key = world.shop.sandbox.api_key
    return {"Authorization": f"Bearer {key}"}
