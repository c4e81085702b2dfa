"""Whose signal is this?"""

from collections.abc import Mapping
from itertools import permutations
from uuid import UUID

import pytest

from aggregates.profile.decisions.identity import Recognise
from aggregates.profile.identifiers import Identifier
from aggregates.resolution import Attribution, Owned, Seen, attribute

ADA, BOB, EVE = (UUID(int=number) for number in (10, 11, 12))
ACCOUNT = Identifier("shopify_customer_id", "42")
MAIL = Identifier("email", "ada@mail.example")
PHONE = Identifier("phone", "+4930123456")
COOKIE = Identifier("cookie", "k1")
ORDER = Identifier("order", "1001")
CART = Identifier("cart", "c1")


def given(
    *seen: Identifier, owners: Mapping[Identifier, UUID] | None = None, named: UUID | None = None
) -> Attribution:
    """Every owner stands for themselves alone."""
    owned = {known: Owned(known, owner, owner) for known, owner in (owners or {}).items()}
    return attribute(Seen(seen), owned, (named, named) if named else None)


def elsewhere(found: Attribution) -> set[Identifier]:
    return {owned.identifier for owned in found.owned}


def test_nobody_owns_what_was_never_seen() -> None:
    found = given(MAIL, COOKIE)
    assert found.profile is None
    assert found.recognise == Recognise(identifiers=(MAIL, COOKIE))
    assert elsewhere(found) == set()


def test_a_known_identifier_leads_to_its_owner() -> None:
    found = given(MAIL, COOKIE, owners={COOKIE: ADA})
    assert found.profile == ADA
    assert found.recognise == Recognise(identifiers=(MAIL, COOKIE))


def test_an_order_leads_to_whoever_placed_it_and_is_nobodys_name() -> None:
    found = given(ORDER, owners={ORDER: ADA})
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
    found = given(weaker, stronger, owners={weaker: BOB, stronger: ADA})
    assert found.profile == ADA
    assert found.recognise.decided_by == stronger.kind
    assert elsewhere(found) == {weaker}


def test_what_others_own_is_noted_and_not_linked() -> None:
    found = given(ACCOUNT, MAIL, PHONE, COOKIE, owners={ACCOUNT: ADA, MAIL: EVE, COOKIE: BOB})
    assert found.profile == ADA
    assert found.recognise == Recognise(
        identifiers=(ACCOUNT, PHONE),
        others=(str(BOB), str(EVE)),
        disputed=("cookie", "email"),
        decided_by="shopify_customer_id",
    )
    assert elsewhere(found) == {MAIL, COOKIE}


def test_a_profile_named_by_id_outranks_every_identifier() -> None:
    found = given(ACCOUNT, MAIL, owners={ACCOUNT: BOB}, named=ADA)
    assert found.profile == ADA
    assert found.recognise.identifiers == (MAIL,)
    assert found.recognise.decided_by == "id"
    assert elsewhere(found) == {ACCOUNT}


def test_where_all_agree_nothing_is_decided() -> None:
    found = given(ACCOUNT, MAIL, owners={ACCOUNT: ADA, MAIL: ADA}, named=ADA)
    assert found.recognise == Recognise(identifiers=(ACCOUNT, MAIL))


def test_an_identifier_said_twice_is_one() -> None:
    assert given(MAIL, MAIL, owners={}).recognise.identifiers == (MAIL,)


def test_the_order_in_which_they_are_named_does_not_matter() -> None:
    twins = (MAIL, Identifier("email", "ada@work.example"), PHONE, COOKIE)
    owners = {twins[0]: ADA, twins[1]: BOB, COOKIE: EVE}
    answers = {repr(given(*order, owners=owners)) for order in permutations(twins)}
    assert len({answer.partition(", owned=")[0] for answer in answers}) == 1


def test_a_signal_about_nobody_is_nobodys() -> None:
    assert given(owners={}).profile is None
    assert given(owners={}, named=ADA).profile == ADA
