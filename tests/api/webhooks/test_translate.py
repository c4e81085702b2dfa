"""What a signal is besides its steps: its keys, its source, and the ways to be refused."""

import msgspec
import pytest

from aggregates.profile.decisions.orders import RecordOrder, RecordRefund
from aggregates.profile.source import Source
from api.webhooks.shopify.refusals import NotYetHandled, UnknownTopic, Untranslatable
from api.webhooks.shopify.topics import NOT_YET
from api.webhooks.shopify.translate import TRANSLATORS, translate_order
from tests.api.webhooks.said import (
    ORDER,
    RECEIVED,
    REFUND,
    RETURN,
    RULES,
    TRIGGERED,
    WHOLE,
    command_of,
    known_by,
    told,
)

IMPORT = Source("import", "orders/import")


def test_a_signal_says_where_it_came_from() -> None:
    signal = told("orders/create", ORDER, api_version="2026-10")
    assert signal.source == Source(
        "shopify", "orders/create", "b54557e4", "98880550", TRIGGERED, "2026-10"
    )
    assert (signal.by, signal.namespace, signal.fingerprint) == ("shopify", 1, b"")


def test_a_retried_delivery_keeps_its_id() -> None:
    assert told("orders/create", ORDER).id == "shopify:b54557e4"


def test_one_change_told_by_two_subscriptions_has_one_content() -> None:
    one, other = told("orders/create", ORDER), told("orders/create", ORDER, webhook_id="another")
    assert one.id != other.id
    assert one.content == other.content


def test_another_state_of_an_order_and_another_topic_are_other_contents() -> None:
    later = ORDER | {"updated_at": "2026-11-20T12:00:00Z"}
    contents = [
        told("orders/updated", ORDER).content,
        told("orders/updated", later).content,
        told("orders/paid", ORDER).content,
    ]
    assert len(set(contents)) == 3


def test_a_return_closed_again_is_news_although_its_body_says_the_same() -> None:
    first, again = told("returns/close", RETURN), told("returns/close", RETURN, event_id="later")
    assert first.content != again.content


def test_a_return_closed_once_is_one_content_for_all_subscriptions() -> None:
    one, other = told("returns/close", RETURN), told("returns/close", RETURN, webhook_id="another")
    assert one.content == other.content


def test_a_delivery_without_webhook_id_is_known_by_its_content() -> None:
    signal = told("orders/create", ORDER, webhook_id=None)
    assert signal.id == f"shopify:{signal.content}"


def test_a_topic_left_for_later_says_why() -> None:
    with pytest.raises(NotYetHandled, match="to come") as refused:
        told("customers/redact", b"not even JSON")
    assert refused.value.topic == "customers/redact"


@pytest.mark.parametrize("topic", ["", "orders", "orders/exploded", "orders/create "])
def test_a_topic_nobody_told_us_of_is_unknown(topic: str) -> None:
    with pytest.raises(UnknownTopic):
        told(topic, ORDER)


def test_a_topic_is_translated_or_left_for_later_but_not_both() -> None:
    assert not TRANSLATORS.keys() & NOT_YET.keys()


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "$: expected JSON"),
        (b"\xff", "$: expected JSON"),
        (b'{"name":"\xff"}', "$: expected UTF-8"),
        (b"\xef\xbb\xbf{}", "$: expected JSON"),
        (b"null", "$: Expected `object`, got `null`"),
        (b"[]", "$: Expected `object`, got `array`"),
        (b'{"id":' + b"9" * 5_000 + b"}", "$.id: Integer value out of range"),
        (b'{"id":1.5}', "$.id: Expected `int | str | null`, got `float`"),
        (b'{"total_price":NaN}', "$: expected JSON"),
        (b'{"total_price":1e999}', "$.total_price: Number out of range"),
        (b'{"note":' + b"[" * 100_000, "$: expected less nesting"),
        (b'{"line_items":[{"quantity":-1}]}', "$.line_items[0].quantity: Expected `int` >= 0"),
    ],
)
def test_a_body_that_is_no_order_is_refused_with_the_place(body: bytes, detail: str) -> None:
    with pytest.raises(Untranslatable) as refused:
        told("orders/create", body)
    assert refused.value.detail == detail


@pytest.mark.parametrize("topic", WHOLE)
def test_a_host_reads_every_signal_as_it_was_sent(topic: str) -> None:
    signal = told(topic, WHOLE[topic])
    packed = msgspec.msgpack.encode(signal)
    assert msgspec.msgpack.decode(packed, type=type(signal)) == signal


def test_an_imported_order_is_told_with_its_refunds() -> None:
    body = msgspec.json.encode(ORDER | {"refunds": [REFUND]})
    signal = translate_order(body, 1, RECEIVED, IMPORT, RULES)
    assert command_of(signal, RecordOrder).order_id == "820982911946154508"
    assert command_of(signal, RecordRefund).refund_id == "890088186047892319"
    assert (signal.source, signal.by) == (IMPORT, "import")
    assert "order:820982911946154508" in known_by(signal)


def test_an_imported_state_of_an_order_is_imported_once() -> None:
    body = msgspec.json.encode(ORDER)
    signal = translate_order(body, 1, RECEIVED, IMPORT, RULES)
    assert signal.id == "import:order:820982911946154508:2026-11-20T10:30:00+00:00"
    assert translate_order(body, 1, TRIGGERED, IMPORT, RULES) == signal


def test_an_undated_imported_order_is_known_by_what_it_says() -> None:
    body = msgspec.json.encode(ORDER | {"updated_at": None})
    one, other = (translate_order(body, 1, at, IMPORT, RULES) for at in (RECEIVED, TRIGGERED))
    assert one.id == other.id
