"""Whose signal is this?"""

from itertools import permutations
from uuid import UUID

import pytest

from aggregates.profile.decisions.identity import Recognise
from aggregates.profile.identifiers import Identifier
from aggregates.resolution import attribute

ADA, BOB, EVE = (UUID(int=number) for number in (10, 11, 12))
ACCOUNT = Identifier("shopify_customer_id", "42")
MAIL = Identifier("email", "ada@mail.example")
PHONE = Identifier("phone", "+4930123456")
COOKIE = Identifier("cookie", "k1")
ORDER = Identifier("order", "1001")
CART = Identifier("cart", "c1")


def test_nobody_owns_what_was_never_seen() -> None:
    found = attribute((MAIL, COOKIE), {})
    assert found.profile is None
    assert found.recognise == Recognise(identifiers=(MAIL, COOKIE))
    assert found.owned_elsewhere == frozenset()


def test_a_known_identifier_leads_to_its_owner() -> None:
    found = attribute((MAIL, COOKIE), {COOKIE: ADA})
    assert found.profile == ADA
    assert found.recognise == Recognise(identifiers=(MAIL, COOKIE))


def test_an_order_leads_to_whoever_placed_it_and_is_nobodys_name() -> None:
    found = attribute((ORDER,), {ORDER: ADA})
    assert found.profile == ADA
    assert found.recognise == Recognise()


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [
        (ACCOUNT, Identifier("external_id", "crm:7")),
        (Identifier("external_id", "crm:7"), MAIL),
        (MAIL, PHONE),
        (PHONE, ORDER),
        (ORDER, Identifier("draft", "d1")),
        (Identifier("draft", "d1"), Identifier("checkout", "t1")),
        (Identifier("checkout", "t1"), CART),
        (CART, COOKIE),
    ],
)
def test_the_stronger_identifier_decides(stronger: Identifier, weaker: Identifier) -> None:
    found = attribute((weaker, stronger), {weaker: BOB, stronger: ADA})
    assert found.profile == ADA
    assert found.recognise.decided_by == stronger.kind
    assert found.owned_elsewhere == {weaker}


def test_what_others_own_is_noted_and_not_linked() -> None:
    found = attribute((ACCOUNT, MAIL, PHONE, COOKIE), {ACCOUNT: ADA, MAIL: EVE, COOKIE: BOB})
    assert found.profile == ADA
    assert found.recognise == Recognise(
        identifiers=(ACCOUNT, PHONE),
        others=(str(BOB), str(EVE)),
        disputed=("cookie", "email"),
        decided_by="shopify_customer_id",
    )
    assert found.owned_elsewhere == {MAIL, COOKIE}


def test_a_profile_named_by_id_outranks_every_identifier() -> None:
    found = attribute((ACCOUNT, MAIL), {ACCOUNT: BOB}, named=ADA)
    assert found.profile == ADA
    assert found.recognise.identifiers == (MAIL,)
    assert found.recognise.decided_by == "id"
    assert found.owned_elsewhere == {ACCOUNT}


def test_where_all_agree_nothing_is_decided() -> None:
    found = attribute((ACCOUNT, MAIL), {ACCOUNT: ADA, MAIL: ADA}, named=ADA)
    assert found.recognise == Recognise(identifiers=(ACCOUNT, MAIL))


def test_an_identifier_said_twice_is_one() -> None:
    assert attribute((MAIL, MAIL), {}).recognise.identifiers == (MAIL,)


def test_the_order_in_which_they_are_named_does_not_matter() -> None:
    twins = (MAIL, Identifier("email", "ada@work.example"), PHONE, COOKIE)
    owners = {twins[0]: ADA, twins[1]: BOB, COOKIE: EVE}
    answers = {repr(attribute(order, owners)) for order in permutations(twins)}
    assert len({answer.partition(", owned_elsewhere")[0] for answer in answers}) == 1


def test_a_signal_about_nobody_is_nobodys() -> None:
    assert attribute((), {}).profile is None
    assert attribute((), {}, named=ADA).profile == ADA
