"""Bodies published by Shopify and captured from shops, where this machine has them."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from aggregates.profile.source import Source
from api.webhooks.shopify.refusals import NotYetHandled, Untranslatable
from api.webhooks.shopify.topics import NOT_YET
from api.webhooks.shopify.translate import TRANSLATORS, translate, translate_order
from tests.api.webhooks.said import RECEIVED, RULES, Json, assert_sound, delivered, outcome, told

DATA = Path(__file__).parents[3].parent / "shared" / "data"
DOCS = DATA / "shopify-webhook-docs"
EXEMPLARS = DATA / "shopify-webhook-exemplars"
FIXTURES = DATA / "shopify-rest-fixtures-python"
EMPTY = {"returns/process"}  # its published sample is {}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no sample bodies in {DATA}")

# Bodies captured from shops had every value replaced by a placeholder. Amounts, currencies and
# moments, without which an order is none, get a value that could be true.
PLACEHOLDERS = [
    (re.compile(rf'("(?:{members})": )"example string"'), rf'\1"{value}"')
    for members, value in (
        ("amount|price|total_price|total_discounts", "12.50"),
        ("currency|currency_code", "EUR"),
        ("created_at|updated_at", "2019-01-01T00:00:00Z"),
    )
]

TOPIC_OF = {
    "orders": "orders/updated",
    "checkouts": "checkouts/create",
    "carts": "carts/update",
    "customers": "customers/update",
    "refunds": "refunds/create",
    "draft_orders": "draft_orders/update",
    "fulfillments": "fulfillments/create",
}


def topic_of(sample: Path) -> str:
    return sample.stem.replace("__", "/")


def captured_topic(sample: Path, body: str) -> str:
    """The folders name the resource only; these two orders' topics show in their members."""
    if '"order_edit"' in body:
        return "orders/edited"
    if '"risk_level"' in body:
        return "orders/risk_assessment_changed"
    return TOPIC_OF.get(sample.parent.name, f"{sample.parent.name}/create")


def name_of(sample: Path) -> str:
    return f"{sample.parent.parent.name}/{sample.parent.name}/{sample.stem}"


def bodies(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern))


def fixtures() -> Iterator[tuple[str, Json]]:
    for resource, topic in TOPIC_OF.items():
        for path in (FIXTURES / f"{resource}.json", FIXTURES / f"{resource[:-1]}.json"):
            if path.exists():
                for found in msgspec.json.decode(path.read_bytes()).values():
                    yield from ((topic, body) for body in as_list(found))


def as_list(found: Json | list[Json]) -> list[Json]:
    return found if isinstance(found, list) else [found]


FAILED = "customers/merge"  # the published sample is of a merge that failed


@pytest.mark.parametrize("sample", bodies(DOCS, "20*/*.json"), ids=name_of)
def test_every_published_body_is_translated_or_left_for_later(sample: Path) -> None:
    topic = topic_of(sample)
    if topic in NOT_YET or topic == FAILED:
        with pytest.raises(NotYetHandled):
            told(topic, sample.read_bytes())
    elif topic in EMPTY and sample.read_bytes().strip() == b"{}":
        with pytest.raises(Untranslatable, match="admin_graphql_api_id"):
            told(topic, sample.read_bytes())
    else:
        assert_sound(told(topic, sample.read_bytes()))


def test_every_published_topic_is_known() -> None:
    published = {topic_of(sample) for sample in (DOCS / "topic-metadata").glob("*.json")}
    assert published - TRANSLATORS.keys() - NOT_YET.keys() == set()


@pytest.mark.parametrize("sample", bodies(EXEMPLARS, "*/*/*.json"), ids=name_of)
def test_every_captured_shape_is_translated_once_its_placeholders_have_values(sample: Path) -> None:
    text = sample.read_text()
    for placeholder, value in PLACEHOLDERS:
        text = placeholder.sub(value, text)
    result = outcome(captured_topic(sample, text), text.encode())
    assert_sound(result)
    assert not isinstance(result, Untranslatable)


@pytest.mark.parametrize("sample", bodies(EXEMPLARS, "*/*/*.json"), ids=name_of)
def test_a_captured_placeholder_is_refused_at_worst(sample: Path) -> None:
    for topic in TRANSLATORS:
        assert_sound(outcome(topic, sample.read_bytes()))


@pytest.mark.parametrize(("topic", "body"), list(fixtures()))
def test_every_rest_fixture_is_translated(topic: str, body: Json) -> None:
    assert_sound(told(topic, body))


def test_every_rest_order_can_be_imported() -> None:
    orders = [body for topic, body in fixtures() if topic.startswith("orders")]
    assert orders
    for order in orders:
        raw = msgspec.json.encode(order)
        assert_sound(translate_order(raw, 1, RECEIVED, Source("import", "orders/import"), RULES))


def test_rounded_ids_of_the_published_order_are_not_believed() -> None:
    raw = (DOCS / "2026-01" / "orders__create.json").read_bytes()
    signal = translate(delivered("orders/create"), raw, 1, RECEIVED, RULES)
    assert ("order", "820982911946154508") in {(k.kind, k.value) for k in signal.identifiers}


def test_the_published_sample_of_a_failed_merge_merges_nobody() -> None:
    with pytest.raises(NotYetHandled):
        told("customers/merge", (DOCS / "2026-01" / "customers__merge.json").read_bytes())
