"""Commands over HTTP: accepted, repeated, refused, malformed."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from actors.signals import Busy, NobodyYet, Outcome, Unavailable, UnknownProfile
from aggregates.profile.decisions.contact import SetContact
from aggregates.profile.decisions.identity import LinkIdentifier
from aggregates.profile.events.contact import Address
from aggregates.profile.identifiers import Identifier
from api.intake.command import KINDS
from tests.api.sentences import NOW, Api, code_of, faults, lines

SARAH = {"email": "Sarah@Shop.example"}
SET = {"type": "SetContact", "id": "cmd-1", "profile": SARAH, "first_name": "Sarah"}


def test_a_command_is_answered_with_its_events(api: Api) -> None:
    response = api.command(**SET)
    assert response.status_code == 200
    answer = response.json()
    assert UUID(answer.pop("profile_id"))
    assert answer == {
        "version": 2,
        "events": ["identity.linked", "contact.given"],
        "position": "17:2",
        "duplicate": False,
    }


def test_a_repeat_is_a_duplicate(api: Api) -> None:
    api.command(**SET)
    assert api.command(**SET).json()["duplicate"] is True


def test_the_signal_says_who_sent_what_when(api: Api) -> None:
    api.command(**SET, occurred_at="2026-11-21T10:00:00+02:00")
    (signal,) = api.memory.signals
    assert signal.id == "cmd-1"
    assert signal.by == "key:" + api.shop.live.api_key[:22]
    assert signal.source.kind == "api"
    assert signal.occurred_at == datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert [known.value for known in signal.identifiers] == ["sarah@shop.example"]
    assert len(signal.fingerprint) == 16


def test_the_id_may_come_as_a_header(api: Api) -> None:
    body = {key: value for key, value in SET.items() if key != "id"}
    response = api.post("/v1/commands", json.dumps(body), {"Idempotency-Key": "from-header"})
    assert response.status_code == 200
    assert api.memory.signals[0].id == "from-header"


def test_a_profile_may_be_named_by_its_id(api: Api) -> None:
    known = api.command(**SET).json()["profile_id"]
    named = {"type": "AddTags", "id": "2", "profile": {"id": known}, "tags": ["vip"]}
    assert api.command(**named).json()["profile_id"] == known


def test_two_different_ids_are_refused(api: Api) -> None:
    response = api.post("/v1/commands", json.dumps(SET), {"Idempotency-Key": "another"})
    assert "id" in faults(response)


def test_a_linked_identifier_takes_part_in_recognition(api: Api) -> None:
    api.command(type="LinkIdentifier", id="l", profile=SARAH, kind="cookie", value="c-1")
    assert [known.kind for known in api.memory.signals[0].identifiers] == ["email", "cookie"]


def test_what_is_linked_is_linked_in_its_normal_form(api: Api) -> None:
    linked = {"type": "LinkIdentifier", "profile": SARAH}
    api.command(**linked, id="1", kind="phone", value="+49 (0)30 123456")
    api.command(**linked, id="2", kind="email", value="X1@marketplace.amazon.de")
    first, second = api.memory.signals
    assert [known.value for known in first.identifiers] == ["sarah@shop.example", "+4930123456"]
    assert first.steps[0].command == LinkIdentifier("phone", "+4930123456")
    assert second.steps[0].command == LinkIdentifier("external_id", "amazon:x1")


@pytest.mark.parametrize("value", ["sarah", "noreply@shop.example", "null"])
def test_what_nobody_is_recognised_by_is_not_linked(api: Api, value: str) -> None:
    linked = {"type": "LinkIdentifier", "profile": SARAH, "kind": "email"}
    assert code_of(api.command(**linked, id="1", value=value)) == (409, "not_an_identifier")
    assert api.memory.signals == []


def test_what_is_malformed_is_told_before_what_nobody_is_recognised_by(api: Api) -> None:
    linked = {"type": "LinkIdentifier", "id": "1", "kind": "email", "value": "null"}
    assert "profile.cookie" in faults(api.command(**linked, profile={"cookie": 7}))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"email": " Sarah@MÜNCHEN.de"}, {"email": "sarah@xn--mnchen-3ya.de"}),
        ({"phone": "0049 30 123456"}, {"phone": "+4930123456"}),
        ({"phone": "030 123456"}, {"phone": "030 123456"}),
        (
            {"phone": "030 123456", "shipping": {"country": "de"}},
            {"phone": "+4930123456", "shipping": Address(country="de")},
        ),
    ],
)
def test_a_detail_is_kept_in_its_normal_form_where_it_has_one(
    api: Api, given: dict[str, Any], kept: dict[str, Any]
) -> None:
    api.command(**SET | given)
    assert api.memory.signals[0].steps[0].command == SetContact(first_name="Sarah", **kept)


def test_a_blocked_identifier_is_left_out_while_another_is_left(api: Api) -> None:
    response = api.command(**SET | {"profile": {"email": "noreply@shop.example", "cookie": "c-1"}})
    assert response.status_code == 200
    assert [known.kind for known in api.memory.signals[0].identifiers] == ["cookie"]
    response = api.command(**SET | {"profile": {"email": "noreply@shop.example"}})
    assert response.status_code == 400
    assert "blocked" in faults(response)["profile.email"]


def test_an_address_of_an_office_has_no_power_to_merge(api: Api) -> None:
    api.command(**SET | {"profile": {"email": "info@lane.shop", "cookie": "c-1"}})
    (signal,) = api.memory.signals
    assert signal.powerless == (Identifier("email", "info@lane.shop"),)
    assert signal.powerless[0] in signal.identifiers


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"id": None}, "id", "Expected `str`"),
        ({"id": ""}, "id", "1 to 255"),
        ({"id": "x" * 256}, "id", "1 to 255"),
        ({"id": "a\0b"}, "id", "NUL"),
        ({"type": "Nonsense"}, "type", "SetContact"),
        ({"type": None}, "type", "Expected `str`"),
        ({"type": "Recognise"}, "type", "RecordOrder"),
        ({"occurred_at": "2026-11-21T10:00:00"}, "occurred_at", "add a UTC offset"),
        ({"occurred_at": "yesterday"}, "occurred_at", "RFC 3339"),
        ({"occurred_at": "2026-11-21T12:06:00Z"}, "occurred_at", "5 minutes"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at", "years"),
        ({"profile": {}}, "profile", "either id or at least one of"),
        ({"profile": None}, "profile", "Expected `object`"),
        ({"profile": {"id": "nonsense"}}, "profile.id", "UUID"),
        ({"profile": {"nickname": "sarah"}}, "profile.nickname", "not a known member"),
        ({"nickname": "x"}, "nickname", "not a known member"),
        ({"first_name": 7}, "first_name", "Expected `str"),
        ({"birthday": "tomorrow"}, "birthday", "matching regex"),
    ],
)
def test_what_is_wrong_is_named(api: Api, change: dict[str, Any], field: str, says: str) -> None:
    response = api.command(**SET | change)
    assert response.status_code == 422
    assert says in faults(response)[field]
    assert api.memory.signals == []


def test_a_deep_field_is_named_by_its_path(api: Api) -> None:
    order = {"type": "RecordOrder", "id": "o", "profile": SARAH, "order_id": "1"}
    order |= {"placed_at": "2026-11-20T10:00:00Z", "total": {"amount": 10, "currency": "EUR"}}
    assert "Expected `str" in faults(api.command(**order))["total.amount"]
    order |= {"total": {"currency": "EUR"}}
    assert faults(api.command(**order)) == {"total.amount": "is missing"}


def test_instants_inside_a_command_need_an_offset_too(api: Api) -> None:
    order = {"type": "RecordOrder", "id": "o", "profile": SARAH, "order_id": "1"}
    order |= {"placed_at": "2026-11-20T10:00:00", "total": {"amount": "10", "currency": "EUR"}}
    assert "UTC offset" in faults(api.command(**order))["placed_at"]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", "sarah"),
        ("phone", "0151 123"),
        ("external_id", "42"),
        ("shopify_customer_id", "0"),
        ("cookie", "undefined"),
    ],
)
def test_an_identifier_that_recognises_nobody_is_named(api: Api, kind: str, value: str) -> None:
    response = api.command(**SET | {"profile": {kind: value}})
    assert response.status_code == 400
    assert list(faults(response)) == [f"profile.{kind}"]


def test_a_refused_address_is_not_repeated(api: Api) -> None:
    assert "sarah" not in api.command(**SET | {"profile": {"email": "sarah"}}).text


def test_a_refused_value_is_not_repeated(api: Api) -> None:
    wrong = {"type": "SetAddress", "kind": "sarah@shop.example", "address": {}}
    response = api.command(**wrong, id="a", profile=SARAH)
    assert "kind" in faults(response)
    assert "sarah@" not in response.text


DEEP = b'{"type":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", (400, "malformed_json")),
        (b"{", (400, "malformed_json")),
        (b"{} {}", (400, "malformed_json")),
        (b'{"a":NaN}', (400, "malformed_json")),
        (b'\xef\xbb\xbf{"a":1}', (400, "malformed_json")),
        (b'{"\xff":1}', (400, "malformed_json")),
        (b'{"id":"\xff","type":"SetContact"}', (400, "malformed_json")),
        (b'{"id":"\\ud800"}', (400, "malformed_json")),
        (DEEP, (400, "malformed_json")),
        (b'{"id":"1","type":' + b"9" * 5_000 + b"}", (422, "invalid")),
        (b"[]", (422, "invalid")),
        (b"null", (422, "invalid")),
        (b"[" * 1_000, (422, "invalid")),
    ],
)
def test_no_body_makes_us_stumble(api: Api, body: bytes, expected: tuple[int, str]) -> None:
    assert code_of(api.post("/v1/commands", body)) == expected


def test_numbers_beyond_64_bits_are_refused(api: Api) -> None:
    order = {"type": "RecordOrder", "id": "o", "profile": SARAH, "order_id": "1"}
    order |= {"placed_at": "2026-11-20T10:00:00Z", "total": {"amount": "10", "currency": "EUR"}}
    order |= {"items": [{"quantity": 10**30}]}
    assert code_of(api.command(**order)) == (422, "invalid")


@pytest.mark.parametrize("wrong", ["text/csv", "application/xml"])
def test_other_media_types_are_refused(api: Api, wrong: str) -> None:
    response = api.post("/v1/commands", "x", {"content-type": wrong})
    assert code_of(response) == (415, "unsupported_media_type")


def test_a_body_beyond_8_mb_is_refused(api: Api) -> None:
    response = api.post("/v1/commands", b" " * (8 * 1024 * 1024 + 1))
    assert code_of(response) == (413, "too_large")


def test_many_commands_are_answered_line_by_line_in_order(api: Api) -> None:
    bad = {**SET, "id": "bad", "first_name": 7}
    rejected = {**SET, "id": "no", "email": "not an address"}
    sent = [SET, bad, rejected, {**SET, "id": "cmd-2", "last_name": "Smith"}]
    answers = lines(api.commands("\n".join(json.dumps(each) for each in sent) + "\n\n"))
    assert [answer["status"] for answer in answers] == [200, 422, 409, 200]
    assert answers[1]["errors"] == [
        {"field": "first_name", "problem": answers[1]["errors"][0]["problem"]}
    ]
    assert answers[2]["code"] == "malformed_email"
    assert answers[3]["events"] == ["contact.given"]


def test_a_thousand_lines_are_the_limit(api: Api) -> None:
    assert api.commands("{}\n" * 1_000).status_code == 200
    assert code_of(api.commands("{}\n" * 1_001)) == (413, "too_many_lines")
    assert code_of(api.commands("\n\n")) == (400, "empty")


def test_a_line_we_stumble_over_leaves_the_others_alone(api: Api) -> None:
    api.memory.answers = lambda signal: RuntimeError("bug") if signal.id == "cmd-1" else None
    sent = [SET, {**SET, "id": "cmd-2"}]
    answers = lines(api.commands("\n".join(json.dumps(each) for each in sent)))
    assert [answer["status"] for answer in answers] == [500, 200]


def test_a_rejection_carries_its_code(api: Api) -> None:
    response = api.command(**SET | {"email": "not an address"})
    assert code_of(response) == (409, "malformed_email")


def test_an_id_used_for_something_else_is_refused(api: Api) -> None:
    api.memory.answers = lambda _: refused("id_reused")
    assert code_of(api.command(**SET)) == (422, "id_reused")


def test_what_could_not_be_decided_is_kept(api: Api) -> None:
    api.memory.answers = lambda _: refused("internal")
    response = api.command(**SET)
    assert code_of(response) == (422, "could_not_decide")
    (letter,) = api.admin("GET", "/dead-letters").json()["items"]
    assert letter["letter_id"] in response.json()["detail"]
    assert (letter["source"], letter["topic"], letter["reason"]) == (
        "api",
        "SetContact",
        "internal",
    )


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (Busy(7), 503, "busy"),
        (Unavailable("away"), 503, "unavailable"),
        (UnknownProfile(), 404, "no_such_profile"),
        (NobodyYet(), 404, "no_such_profile"),
    ],
)
def test_what_the_gateway_raises_has_a_status(
    api: Api, raised: Exception, status: int, code: str
) -> None:
    api.memory.answers = lambda _: raised
    response = api.command(**SET)
    assert code_of(response) == (status, code)
    assert (status == 503) == ("retry-after" in response.headers)


def test_a_busy_gateway_says_when_to_come_back(api: Api) -> None:
    api.memory.answers = lambda _: Busy(7)
    assert api.command(**SET).headers["retry-after"] == "7"


def test_occurred_at_may_be_a_little_ahead(api: Api) -> None:
    soon = (NOW + timedelta(minutes=4)).isoformat()
    assert api.command(**SET, occurred_at=soon).status_code == 200


def test_every_public_command_is_known() -> None:
    assert not {"Recognise", "RecordStage"} & KINDS.keys()
    assert {"RecordOrder", "SetContact", "LinkIdentifier", "RecordVisit"} <= KINDS.keys()


def refused(code: str) -> Outcome:
    return Outcome(profile_id=UUID(int=1), version=1, refused=code)
