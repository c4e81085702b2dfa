"""Consent over HTTP: what was agreed to, in which words, and how it stood when a message left."""

from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest

from tests.api.sentences import Api, code_of, faults

SARAH = {"email": "sarah@shop.example"}
WORDS = "Ja, schreibt mir."
YES: dict[str, Any] = {
    "type": "GrantConsent",
    "channel": "email",
    "address": "Sarah@Shop.example",
    "level": "single",
    "text": WORDS,
    "text_version": "v3",
    "language": "de",
    "source": "popup",
    "source_detail": "https://shop.example/form/7",
    "ip": "192.0.2.7",
    "user_agent": "a browser",
    "region": "DE-BE",
    "evidence": "form-7",
}
NO: dict[str, Any] = {"type": "WithdrawConsent", "source": "unsubscribe_link"}


def said(api: Api, *commands: dict[str, Any]) -> str:
    """One a day, from the first of November; whose they are."""
    for day, command in enumerate(commands, start=1):
        usual = {"id": f"c-{day}", "profile": SARAH, "occurred_at": f"2026-11-{day:02}T10:00:00Z"}
        answer = api.command(**usual | command)
        assert answer.status_code == 200, answer.text
    return str(answer.json()["profile_id"])


def consents(api: Api, who: str, query: str = "") -> dict[str, Any]:
    answer = api.get(f"/v1/profiles/{who}{query}")
    found: dict[str, Any] = answer.json()["consents"]
    return found


def records(api: Api, who: str, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(f"/v1/profiles/{who}/consents{query}").json()["items"]
    return found


def test_a_profile_tells_how_it_stands_with_each_channel(api: Api) -> None:
    sms = {"channel": "sms", "address": "+49 1511 2345678", "level": "pending"}
    who = said(api, YES, YES | sms)
    nothing = {"state": "never", "since": None, "address": None}
    assert consents(api, who) == {
        "email": {
            "state": "subscribed",
            "since": "2026-11-01T10:00:00Z",
            "address": "sarah@shop.example",
        },
        "sms": {
            "state": "pending",
            "since": "2026-11-02T10:00:00Z",
            "address": "+4915112345678",
        },
        "whatsapp": nothing,
        "push": nothing,
    }


def test_one_click_ends_all_of_it(api: Api) -> None:
    who = said(api, YES, NO)
    states = {channel: found["state"] for channel, found in consents(api, who).items()}
    assert states == dict.fromkeys(("email", "sms", "whatsapp", "push"), "unsubscribed")


def test_the_record_is_whole(api: Api) -> None:
    who = said(api, YES)
    (record,) = records(api, who)
    told = {field: record[field] for field in YES if field not in ("type", "address")}
    assert told == {field: YES[field] for field in told}
    assert record["address"] == "sarah@shop.example"
    assert record["text_sha256"] == sha256(WORDS.encode()).hexdigest()
    assert (record["state"], record["stands"]) == ("subscribed", "subscribed")
    assert (record["since"], record["recorded_at"]) == (
        "2026-11-01T10:00:00Z",
        "2026-11-21T12:00:00Z",
    )
    assert (record["event"], record["stream"], record["version"]) == ("consent.granted", who, 2)
    assert record["collected_by"] == "api"
    assert record["by"].startswith("key:c360_live_")
    assert (record["basis"], record["erased"]) == ("consent", False)


def test_what_was_agreed_to_when_a_message_left(api: Api) -> None:
    other = YES | {"text": "Yes, and about sales.", "text_version": "v4"}
    who = said(api, YES, NO, other)
    now, no, then = records(api, who)
    assert [each["text_version"] for each in (now, no, then)] == ["v4", None, "v3"]
    assert (no["state"], no["scope"], no["address"]) == ("unsubscribed", "global", None)
    (left,) = records(api, who, "?at=2026-11-01T20:00:00Z")
    assert (left["text"], left["stands"]) == (WORDS, "subscribed")
    noon = "2026-11-02T12:00:00Z"
    assert records(api, who, f"?at={noon}")[1]["stands"] == "unsubscribed"
    assert consents(api, who, f"?at={noon}")["email"]["state"] == "unsubscribed"
    assert consents(api, who)["email"]["state"] == "subscribed"
    assert len(records(api, who, "?version=2")) == 1


def test_what_has_expired_counts_no_more(api: Api) -> None:
    who = said(api, YES | {"expires_at": "2026-11-05T10:00:00Z"})
    assert consents(api, who)["email"]["state"] == "expired"
    assert consents(api, who, "?at=2026-11-04T10:00:00Z")["email"]["state"] == "subscribed"


def test_a_suppression_says_why(api: Api) -> None:
    at = {"channel": "email", "address": SARAH["email"]}
    bounced = {"type": "SuppressAddress", **at, "reason": "hard_bounce", "detail": "550"}
    who = said(api, YES, bounced)
    newest, _ = records(api, who)
    assert (newest["state"], newest["reason"]) == ("suppressed", "hard_bounce")
    assert newest["source_detail"] == "550"
    assert consents(api, who)["email"]["state"] == "suppressed"
    said(api, {"type": "LiftSuppression", **at, "id": "lift", "occurred_at": None})
    assert consents(api, who)["email"]["state"] == "subscribed"


def test_records_come_in_pages(api: Api) -> None:
    who = said(api, YES, NO, YES)
    path = f"/v1/profiles/{who}/consents"
    first = api.get(f"{path}?limit=2").json()
    second = api.get(f"{path}?limit=2&cursor={first['next_cursor']}").json()
    assert first["items"] + second["items"] == records(api, who)
    assert (len(first["items"]), second["next_cursor"]) == (2, None)
    assert api.get(f"{path}?cursor=").status_code == 422, "it is nobody's next_cursor"


@pytest.mark.parametrize(
    ("command", "field", "expected"),
    [
        (YES | {"channel": "fax"}, "channel", "email, push, sms, whatsapp"),
        (YES | {"address": "nobody"}, "address", "name@shop.example"),
        (YES | {"address": ""}, "address", "length >= 1"),
        (YES | {"channel": "sms"}, "address", "E.164"),
        (YES | {"channel": "push", "address": "  "}, "address", "empty"),
        (YES | {"occurred_at": "2026-11-21T13:00:00Z"}, "occurred_at", "future"),
        (YES | {"occurred_at": "2016-11-20T12:00:00Z"}, "occurred_at", "ten years"),
        (YES | {"expires_at": "2026-11-01T10:00:00Z"}, "expires_at", "after occurred_at"),
        (YES | {"expires_at": "2026-12-01T10:00:00"}, "expires_at", "time zone"),
        (YES | {"level": "double"}, "level", "pending"),
        (YES | {"text": "x" * 10_001}, "text", "10000"),
        (YES | {"text": "\0"}, "text", "NUL"),
        (YES | {"mood": "good"}, "mood", "not a known member"),
        (NO | {"occurred_at": "2016-11-20T12:00:00Z"}, "occurred_at", "ten years"),
        (NO | {"channel": "fax"}, "channel", "expected one of"),
        (NO | {"scope": "all"}, "scope", "global"),
        (NO | {"scope": "channel"}, "channel", "is missing"),
        (NO | {"scope": "address", "channel": "sms"}, "address", "is missing"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_field(
    api: Api, command: dict[str, Any], field: str, expected: str
) -> None:
    usual = {"id": "c", "profile": SARAH, "occurred_at": "2026-11-01T10:00:00Z"}
    refused = api.command(**usual | command)
    assert code_of(refused) == (422, "invalid")
    assert list(faults(refused)) == [field]
    assert expected in faults(refused)[field]


def test_a_no_of_somebody_unknown_is_kept(api: Api) -> None:
    who = said(api, NO)
    assert consents(api, who)["sms"]["state"] == "unsubscribed"


def test_nobody_elses_consents_are_told(api: Api) -> None:
    who = said(api, YES)
    for stranger in (str(uuid4()), "nonsense"):
        assert code_of(api.get(f"/v1/profiles/{stranger}/consents")) == (404, "no_such_profile")
    sandbox = api.get(f"/v1/profiles/{who}/consents", key=api.shop.sandbox.api_key)
    assert code_of(sandbox) == (404, "no_such_profile")
    early = api.get(f"/v1/profiles/{who}/consents?at=2026-10-01T00:00:00Z")
    assert code_of(early) == (404, "no_such_profile")
