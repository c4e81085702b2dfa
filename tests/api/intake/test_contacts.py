"""One contact of a list: the signal it becomes, under an id that tells nothing."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from actors.signals import Signal
from aggregates.log.keys import Keyring
from aggregates.profile.decide import Command
from aggregates.profile.decisions.consent import (
    ConsentCommand,
    GrantConsent,
    SuppressAddress,
    WithdrawConsent,
)
from aggregates.profile.decisions.contact import SetContact, SetTimeZone
from aggregates.profile.decisions.properties import SetProperties
from aggregates.profile.identifiers import Identifier
from aggregates.shop.identity_rules import IdentityRules
from api.contacts.contact import MAX_IDS, Contact
from api.errors import Problem
from api.intake.contacts import ContactList, signal_of
from tests.api.intake.test_intake import TEXTS, VALUES, taken
from tests.api.sentences import NOW

LISTED = ContactList(7, "crm", NOW - timedelta(hours=1), NOW, IdentityRules())
KEY, OTHER_KEY = Keyring(bytes(32)).namespace(7), Keyring(bytes(32)).namespace(8)
YES = GrantConsent(channel="email", address="ada@lane.shop", source="import")
SMS_YES = {"channel": "sms", "says": "subscribed"}
ADA = {"first_name": "Ada", "last_name": "King", "birthday": "1980-12-24"}


def read(listed: ContactList = LISTED, **members: Any) -> Signal:
    if "details" in members:
        members["details"] = {"type": "SetContact", **members["details"]}
    return signal_of(json.dumps(members).encode(), listed, KEY)


def refused(**members: Any) -> list[tuple[str, str]]:
    with pytest.raises(Problem) as caught:
        read(**members)
    assert caught.value.status == 422
    return [(fault.field, fault.problem) for fault in caught.value.errors]


def test_a_contact_is_one_signal() -> None:
    sent = read(
        at="2026-11-01T10:00:00+02:00",
        ids=["42"],
        details={"email": " Ada@Lane.shop", "phone": "+49 (0)30 1234567", "first_name": "Ada"},
        time_zone={"type": "SetTimeZone", "time_zone": "Europe/Berlin"},
        properties={"type": "SetProperties", "properties": {"vip": True}},
    )
    at = datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert sent.identifiers == (
        Identifier("external_id", "crm:42"),
        Identifier("email", "ada@lane.shop"),
        Identifier("phone", "+49301234567"),
    )
    assert [step.command for step in sent.steps] == [
        SetContact(email="ada@lane.shop", phone="+49301234567", first_name="Ada"),
        SetTimeZone("Europe/Berlin"),
        SetProperties({"vip": True}),
    ]
    assert {step.at for step in sent.steps} == {sent.occurred_at} == {at}
    assert (sent.source.kind, sent.source.topic, sent.by) == ("import", "contacts/crm", "import")


def test_what_is_not_dated_is_dated_by_the_import() -> None:
    assert read(details={"email": "a@lane.shop"}).occurred_at == LISTED.at


def test_the_same_contact_has_the_same_id_in_every_run() -> None:
    later = LISTED._replace(at=NOW)
    mail = {"email": "a@lane.shop"}
    assert read(details=mail).id == read(later, details={"email": "A@lane.shop "}).id
    assert read(details=mail).id != read(details=mail | {"first_name": "Ada"}).id
    assert read(details=mail).id != read(details=mail, at="2026-11-01T10:00:00Z").id
    assert read(details=mail).id != read(LISTED._replace(source="shop"), details=mail).id


def test_nobody_can_guess_an_id_who_has_not_the_key() -> None:
    told = json.dumps({"details": {"type": "SetContact", "email": "a@lane.shop"}}).encode()
    assert signal_of(told, LISTED, KEY).id != signal_of(told, LISTED, OTHER_KEY).id


def test_who_has_no_identifier_is_recognised_by_name_and_birthday_or_home() -> None:
    (known,) = read(details=ADA).identifiers
    assert known.kind == "external_id"
    assert known.value.startswith("crm:person-")
    assert read(details=ADA | {"first_name": "ADA", "company": "X"}).identifiers == (known,)
    assert read(details=ADA | {"birthday": "1980-12-25"}).identifiers != (known,)
    assert read(details=ADA | {"letter": {"line1": "1 Oak St"}}).identifiers != (known,)


@pytest.mark.parametrize(
    "details",
    [
        {},
        {"first_name": "Ada", "last_name": "King"},
        {"birthday": "1980-12-24"},
        {"letter": {"line1": "1 Oak St", "postcode": "N1"}},
        {"last_name": "King", "letter": {"city": "Bath", "country": "GB"}},
        {"email": "n/a", "phone": "0000", "last_name": "King"},
    ],
)
def test_who_could_be_anybody_is_refused(details: dict[str, Any]) -> None:
    ((field, problem),) = refused(details=details)
    assert (field, problem.partition(";")[0]) == ("", "recognises nobody")


def test_what_stands_for_nobody_is_passed_over() -> None:
    sent = read(ids=["null", "-1", "42"], details={"email": "none", "phone": "n/a"})
    assert sent.identifiers == (Identifier("external_id", "crm:42"),)
    assert sent.steps == ()


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"details": {"email": "ada"}}, "details.email"),
        ({"details": {"email": "a" * 400 + "@lane.shop"}}, "details.email"),
        ({"details": ADA, "at": "2026-12-01T00:00:00Z"}, "at"),
        ({"details": ADA, "at": "2026-11-01T00:00:00"}, "at"),
        ({"details": ADA, "ids": [str(n) for n in range(MAX_IDS + 1)]}, "ids"),
        ({"details": {"birthday": "24.12.1980"}}, "details.birthday"),
        ({"details": ADA, "consent": True}, "consent"),
    ],
)
def test_a_fault_names_its_member(members: dict[str, Any], field: str) -> None:
    assert [name for name, _ in refused(**members)] == [field]


@given(
    st.dictionaries(st.sampled_from(Contact.__struct_fields__), VALUES | TEXTS)
    .map(json.dumps)
    .map(str.encode)
    | st.binary(max_size=50)
)
def test_nothing_but_signals_and_problems(raw: bytes) -> None:
    taken(lambda raw: signal_of(raw, LISTED, KEY), raw)


def consents(*said: dict[str, Any], **members: Any) -> list[tuple[Command, datetime]]:
    sent = read(details=ADA | {"email": "Ada@Lane.shop"}, consents=list(said), **members)
    found = [step for step in sent.steps if isinstance(step.command, ConsentCommand)]
    return [(step.command, step.at) for step in found]


def test_an_undated_yes_is_as_old_as_the_contact_and_a_no_as_new_as_the_list() -> None:
    at = "2026-01-01T00:00:00Z"
    assert consents(
        {"channel": "email", "says": "subscribed", "level": "single"},
        {"channel": "email", "says": "pending"},
        {"channel": "email", "says": "unsubscribed"},
        {"channel": "email", "says": "suppressed", "reason": "hard_bounce"},
        at=at,
    ) == [
        (replace(YES, level="single"), datetime(2026, 1, 1, tzinfo=UTC)),
        (replace(YES, level="pending"), datetime(2026, 1, 1, tzinfo=UTC)),
        (
            WithdrawConsent(
                scope="address", channel="email", address="ada@lane.shop", source="import"
            ),
            LISTED.at,
        ),
        (
            SuppressAddress(channel="email", address="ada@lane.shop", reason="hard_bounce"),
            LISTED.at,
        ),
    ]


def test_a_dated_answer_is_of_its_own_moment() -> None:
    said = {"channel": "email", "says": "subscribed", "at": "2021-05-01T09:00:00+02:00"}
    assert consents(said) == [(YES, datetime(2021, 5, 1, 7, tzinfo=UTC))]
    field, problem = refused(
        details=ADA, consents=[said | {"at": (NOW + timedelta(hours=1)).isoformat()}]
    )[0]
    assert field == "consents[0].at"
    assert "future" in problem


def test_consent_without_an_address_says_nothing() -> None:
    assert consents({"channel": "sms", "says": "subscribed"}) == []
    odd = {"email": "ada@lane.shop", "phone": "ask her"}
    assert [type(step.command) for step in read(details=odd, consents=[SMS_YES]).steps] == [
        SetContact
    ]
    dialled = read(details=odd | {"phone": "+49 30 1234567"}, consents=[SMS_YES])
    assert dialled.steps[-1].command == GrantConsent(
        channel="sms", address="+49301234567", source="import"
    )


def test_a_contact_that_says_nothing_of_consent_keeps_its_id() -> None:
    assert read(details=ADA, consents=[]).id == read(details=ADA).id
    assert read(details=ADA, consents=[SMS_YES]).id != read(details=ADA).id
