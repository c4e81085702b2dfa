"""Asking over HTTP whether a message may go out, and what is said of how messages are taken."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest

from aggregates.profile.decisions.message_commands import RequestSend
from tests.api.sentences import NOW, Api, code_of, faults, lines
from tests.consenting import yes_to

ADA = {"email": "ada@mail.example"}
ASK = {"type": "RequestSend", "profile": ADA, "channel": "email", "source": "campaign"}
EARLIER = (NOW - timedelta(hours=1)).isoformat()
SENT = {"type": "RecordMessageSent", "profile": ADA, "channel": "email"}


@pytest.fixture(autouse=True)
def _ada_agrees(api: Api) -> None:
    yesterday = (NOW - timedelta(days=1)).isoformat()
    for number, yes in enumerate(yes_to("ada@mail.example")):
        said = {"id": f"yes-{number}", "profile": ADA, "occurred_at": yesterday}
        agreed = msgspec.to_builtins(yes) | said
        assert api.command(**agreed).status_code == 200
    api.memory.signals.clear()


def check(api: Api, **members: Any) -> httpx.Response:
    return api.post_json("/v1/sends/check", {"profile": ADA, "channel": "email"} | members)


def asks(api: Api, name: str, **more: Any) -> dict[str, Any]:
    response = api.command(**ASK | {"id": name, "message_id": name} | more)
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


def test_a_granted_send_is_answered_with_its_reservation(api: Api) -> None:
    answer = asks(api, "m1")
    assert answer["events"][-1] == "messages.reserved"
    decision = answer["decision"]
    assert decision.keys() == {
        "allowed", "reason", "retry_at", "on_block", "checks", "reservation",
    }  # fmt: skip
    assert decision["allowed"] is True
    assert decision["reason"] is decision["retry_at"] is decision["on_block"] is None
    assert decision["reservation"]["expires_at"] == "2026-11-21T12:15:00Z"
    assert [c["check"] for c in decision["checks"]] == [
        "consent", "caps", "caps", "fatigue", "quiet_hours",
    ]  # fmt: skip


def test_a_blocked_send_is_an_answer_too(api: Api) -> None:
    for n in range(3):
        asks(api, f"m{n}")
    answer = asks(api, "m3")
    assert answer["events"] == ["messages.blocked"]
    decision = answer["decision"]
    assert (decision["allowed"], decision["reason"]) == (False, "daily_cap_reached:3/3")
    assert (decision["on_block"], decision["reservation"]) == ("drop", None)
    failed = decision["checks"][-1]
    assert (failed["check"], failed["passed"]) == ("caps", False)
    assert (failed["count"], failed["limit"], failed["day"]) == (3, 3, "2026-11-21")


def test_a_repeat_hears_the_same(api: Api) -> None:
    first, again = asks(api, "m1"), asks(api, "m1")
    assert again["duplicate"] is True
    assert again["decision"] == first["decision"]


def test_other_commands_hear_nothing_of_the_gate(api: Api) -> None:
    assert "decision" not in api.command(**SENT, id="1", message_id="m1").json()


def test_many_can_be_asked_for_at_once(api: Api) -> None:
    many = [json.dumps(ASK | {"id": f"m{n}", "message_id": f"m{n}"}) for n in range(5)]
    answers = lines(api.commands("\n".join(many)))
    assert [answer["status"] for answer in answers] == [200] * 5
    assert [answer["decision"]["allowed"] for answer in answers] == [True] * 3 + [False] * 2


def test_a_confirmation_of_nothing_is_refused(api: Api) -> None:
    asks(api, "m1")
    response = api.command(**SENT, id="2", reservation="nonsense")
    assert code_of(response) == (409, "unknown_reservation")


@pytest.mark.parametrize(
    ("channel", "given", "kept"),
    [
        ("email", " Ada@MAIL.example", "ada@mail.example"),
        ("sms", "0049 30 123456", "+4930123456"),
        ("push", "+49 30 123456", "+49 30 123456"),  # a token may look like anything
        ("email", "nobody", "nobody"),
    ],
)
def test_an_address_is_kept_in_its_normal_form(
    api: Api, channel: str, given: str, kept: str
) -> None:
    asks(api, "m1", channel=channel, address=given)
    command = api.memory.signals[0].steps[0].command
    assert isinstance(command, RequestSend)
    assert command.address == kept


# --- explained without reserving ---


def test_a_check_says_what_a_request_would_hear_and_reserves_nothing(api: Api) -> None:
    asks(api, "m0")
    for n in (1, 2):
        seen = check(api, source="campaign").json()
        asked = asks(api, f"m{n}")["decision"]
        assert asked.pop("reservation")
        assert seen.pop("reservation") is None
        assert seen == asked
    blocked = check(api, source="journey").json()
    assert (blocked["reason"], blocked["on_block"]) == ("daily_cap_reached:3/3", "wait")
    assert blocked["retry_at"] == "2026-11-21T12:15:00Z"


def test_a_check_may_be_for_any_instant(api: Api) -> None:
    for n in range(3):
        asks(api, f"m{n}")
    assert check(api).json()["allowed"] is False
    assert check(api, at="2026-11-22T00:00:00Z").json()["allowed"] is True
    night = check(api, channel="sms", at="2026-11-22T23:30:00+01:00").json()
    assert (night["reason"], night["retry_at"]) == ("quiet_hours", "2026-11-23T08:00:00Z")


@pytest.fixture
def _quiet_sundays_in_france(api: Api) -> Iterator[None]:
    def settle(hours: object) -> None:
        body = json.dumps({"messaging": {"quiet_hours": {"regions": {"FR": hours}}}}).encode()
        key = api.shop.live.api_key
        answer = api.send("PUT", "/v1/shop/settings", key=key, content=body)
        assert answer.status_code == 200

    settle({"start": "22:00", "days": ["sunday"]})
    yield
    settle(None)


@pytest.mark.usefixtures("_quiet_sundays_in_france")
def test_who_lives_where_another_law_holds_is_written_to_at_other_hours(api: Api) -> None:
    evening, sunday = "2026-11-21T21:30:00+01:00", "2026-11-22T12:00:00+01:00"
    assert check(api, channel="sms", at=evening).json()["reason"] == "quiet_hours"
    assert check(api, channel="sms", at=sunday).json()["allowed"]
    moved = {"type": "SetAddress", "id": "moved", "profile": ADA, "occurred_at": EARLIER}
    address = {"kind": "shipping", "address": {"country": "FR", "city": "Lyon"}}
    assert api.command(**moved, **address).status_code == 200
    assert check(api, channel="sms", at=evening).json()["allowed"]
    blocked = check(api, channel="sms", at=sunday).json()
    assert (blocked["reason"], blocked["retry_at"]) == ("quiet_hours", "2026-11-23T08:00:00Z")
    last = blocked["checks"][-1]
    assert (last["region"], last["day"], last["start"]) == ("FR", "2026-11-22", "22:00")


def test_a_check_of_the_past_knows_only_the_past(api: Api) -> None:
    hour = timedelta(hours=1)
    for n in range(3):
        at = (NOW - (3 - n) * hour).isoformat()
        api.command(**SENT, id=f"{n}", message_id=f"{n}", occurred_at=at)
    assert check(api).json()["checks"][1]["count"] == 3
    earlier = (NOW - 2 * hour).isoformat()
    assert check(api, at=earlier).json()["checks"][1]["count"] == 2


def test_a_profile_may_be_named_by_its_id(api: Api) -> None:
    profile_id = asks(api, "m1")["profile_id"]
    assert check(api, profile={"id": profile_id}).json() == check(api).json()


def test_nobody_can_be_asked_about_who_is_not_known(api: Api) -> None:
    asks(api, "m1")
    assert code_of(check(api, profile={"email": "bob@mail.example"}))[0] == 404
    stranger = "0198c000-0000-7000-8000-00000000000a"
    assert code_of(check(api, profile={"id": stranger}))[0] == 404
    sandbox = {"profile": ADA, "channel": "email"}
    other = api.post_json("/v1/sends/check", sandbox, key=api.shop.sandbox.api_key)
    assert other.status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"channel": "fax"}, "channel"),
        ({"channel": None}, "channel"),
        ({"message_class": "spam"}, "message_class"),
        ({"source": "nobody"}, "source"),
        ({"at": "now"}, "at"),
        ({"at": "2026-11-21T12:00:00"}, "at"),
        ({"at": "9999-01-01T00:00:00Z"}, "at"),
        ({"deadline": "2026-11-21T12:00:00"}, "deadline"),
        ({"profile": {}}, "profile"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_what_is_wrong_with_a_check_is_named(api: Api, change: dict[str, Any], field: str) -> None:
    response = check(api, **change)
    assert response.status_code == 422
    assert field in faults(response)


def test_a_check_that_is_not_json_or_without_key_is_refused(api: Api) -> None:
    assert api.post("/v1/sends/check", "{").status_code == 400
    assert api.send("POST", "/v1/sends/check").status_code == 401


# --- as the profile shows it ---


def test_a_profile_tells_how_its_messages_are_taken(api: Api) -> None:
    profile_id = api.command(**SENT, id="1", message_id="m1").json()["profile_id"]
    opened = {"type": "RecordMessageOpened", "profile": ADA, "id": "2", "message_id": "m1"}
    api.command(**opened)
    shown = api.get(f"/v1/profiles/{profile_id}").json()["engagement"]
    assert shown == {
        "score": 60,
        "parts": {
            "opens": 40.0,
            "actions": 0.0,
            "recency": 20.0,
            "dismissals": 0.0,
            "sent": 1,
            "opened": 1,
            "acted": 0,
            "dismissed": 0,
            "complained": 0,
        },
        "last_contact": {"email": "2026-11-21T12:00:00Z"},
        "sent_today": 1,
        "sent_7d": 1,
        "fatigue": 0.1,
    }


def test_who_was_never_written_to_has_no_score(api: Api) -> None:
    answer = api.command(type="SetContact", id="1", profile=ADA, first_name="Ada").json()
    shown = api.get(f"/v1/profiles/{answer['profile_id']}").json()["engagement"]
    assert (shown["score"], shown["last_contact"], shown["sent_7d"]) == (None, {}, 0)
