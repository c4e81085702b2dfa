"""Identity: what a customer was recognised by."""

import pytest
from msgspec.structs import replace

from aggregates.profile.decisions.identity import LinkIdentifier, Recognise
from aggregates.profile.events.identity import ConflictSeen, Linked, Sighting, day_of
from aggregates.profile.identifiers import Identifier
from aggregates.profile.source import Source
from tests.aggregates.profile.signals import HOUR, heard
from tests.given import CONTEXT, NOON, given

MAIL = Identifier("email", "ada@mail.example")
COOKIE = Identifier("cookie", "c-1")
DAY = 24 * HOUR


def test_an_identifier_is_linked_in_its_normal_form() -> None:
    given().when(LinkIdentifier("email", "ada@mail.example")).then(Linked((MAIL,), "shopify"))


@pytest.mark.parametrize("value", ["ada", "Ada@mail.example", " ada@mail.example"])
def test_what_is_not_in_normal_form_is_rejected(value: str) -> None:
    given().when(LinkIdentifier("email", value)).then_rejected("not_normal")


def test_only_what_is_new_is_linked() -> None:
    given(Linked((MAIL,), "shopify")).when(Recognise((MAIL, COOKIE))).then(
        Linked((COOKIE,), "shopify")
    )


def test_a_second_sighting_on_the_same_day_is_not_news() -> None:
    given(Linked((MAIL,), "shopify")).when(Recognise((MAIL,)), NOON + HOUR).then_nothing()


def test_a_sighting_on_another_day_is_news() -> None:
    given(Linked((MAIL,), "shopify")).when(Recognise((MAIL,)), NOON + DAY).then(
        Linked((MAIL,), "shopify")
    )


def test_an_earlier_sighting_is_news() -> None:
    given(Linked((MAIL,), "shopify")).when(Recognise((MAIL,)), NOON - HOUR).then(
        Linked((MAIL,), "shopify")
    )


def test_of_two_sources_at_one_moment_the_smaller_name_is_the_first() -> None:
    api, shopify = (replace(CONTEXT, source=Source(kind)) for kind in ("api", "shopify"))
    seen = Recognise((MAIL,))
    one, other = heard([(seen, api), (seen, shopify)]), heard([(seen, shopify), (seen, api)])
    assert one == other
    assert one.identity.sightings == {"email:ada@mail.example": Sighting(NOON, day_of(NOON), "api")}


def test_a_conflict_is_noted_once() -> None:
    disputed = Recognise((), ("p2",), ("email",), "shopify_customer_id")
    conflict = ConflictSeen(("p2",), ("email",), "shopify_customer_id")
    given().when(disputed).then(conflict)
    given(conflict).when(disputed, NOON + DAY).then_nothing()


def test_another_dispute_with_the_same_profile_is_noted() -> None:
    conflict = ConflictSeen(("p2",), ("email",), "shopify_customer_id")
    disputed = Recognise((), ("p2", "p3"), ("phone",), "email")
    given(conflict).when(disputed).then(ConflictSeen(("p2", "p3"), ("phone",), "email"))
