"""Every event has a title, says what it is about, and why where it knows."""

import re

import pytest
from msgspec.structs import replace

from aggregates.log.codec import TOPICS
from aggregates.profile.events import contact, identity, messages, orders
from aggregates.profile.profile import Event
from api.history.because import REFUSALS, because, refusal
from api.history.links import Links
from api.history.titles import TITLES, Names, title
from tests.aggregates.log.samples import SAMPLES, topic_of

LINKS = Links("/v1/profiles/ada", "quiet-store.myshopify.com/live")


def test_every_event_there_is_has_a_title() -> None:
    assert TITLES.keys() == TOPICS.keys()


@pytest.mark.parametrize("event", SAMPLES, ids=topic_of)
def test_a_title_is_plain_words(event: Event) -> None:
    said = title(event)
    assert re.fullmatch(r"[^\[\]{}]{3,200}", said)
    assert "None" not in said
    assert not re.search(r"\s\s|[:,] *$", said)


@pytest.mark.parametrize("event", SAMPLES, ids=topic_of)
def test_a_title_misses_nothing_where_personal_details_were_erased(event: Event) -> None:
    emptied = {name: type(getattr(event, name))() for name in event.PERSONAL & _emptiable(event)}
    said = title(replace(event, **emptied))
    assert re.fullmatch(r"[^\[\]{}]{3,200}", said)
    assert "canary" not in said


def _emptiable(event: Event) -> set[str]:
    kinds = (str, tuple, dict)
    return {name for name in event.__struct_fields__ if isinstance(getattr(event, name), kinds)}


def test_an_order_is_called_as_people_call_it() -> None:
    assert title(orders.Paid("820982911946154508")) == "Order 820982911946154508 paid"
    names = Names(order={"820982911946154508": "#1001"}.get)
    assert title(orders.Paid("820982911946154508"), names) == "Order #1001 paid"


def test_a_message_is_called_by_its_channel() -> None:
    assert title(messages.Opened("m-1"), Names(channel={"m-1": "email"}.get)) == "E-mail opened"


def test_of_many_names_the_first_are_said() -> None:
    said = title(contact.TagsAdded(tuple("abcdefg")))
    assert said == "Tagged a, b, c, d, e and 2 more"


def test_things_of_the_shop_are_linked_to_its_administration() -> None:
    order = LINKS.about(orders.Paid("1001"))
    assert order.href == "/v1/profiles/ada/orders/1001"
    assert order.shop_href == "https://quiet-store.myshopify.com/admin/orders/1001"
    assert LINKS.about(orders.Paid("till/7 42")).href == "/v1/profiles/ada/orders/till%2F7%2042"
    assert LINKS.about(orders.Paid("till/7 42")).shop_href is None
    assert Links("/v1/profiles/ada", "shop.example/live").product("42").shop_href is None


def test_whatever_is_about_nothing_else_is_about_the_customer() -> None:
    (stage,) = (one for one in SAMPLES if topic_of(one) == "lifecycle.stage_changed")
    about = LINKS.about(stage)
    assert (about.type, about.id, about.href) == ("customer", "ada", "/v1/profiles/ada")


def test_every_reason_of_the_gate_has_a_sentence() -> None:
    assert refusal("channel_cap_reached:whatsapp:2/2") == REFUSALS["channel_cap_reached"]
    assert refusal("some_new_reason:1") == "The gate said some new reason:1."


def test_a_blocked_message_says_why_with_the_numbers() -> None:
    (blocked,) = (one for one in SAMPLES if isinstance(one, messages.Blocked))
    found = because(blocked)
    assert found is not None
    assert (found.rule, found.said) == ("quiet_hours", REFUSALS["quiet_hours"])
    assert found.decision == blocked.decision


def test_what_needs_no_reason_has_none() -> None:
    assert because(orders.Paid("1")) is None
    assert because(identity.Linked()) is None
