"""From a signed webhook to a profile, through everything real."""

import random
from collections import Counter

import httpx
import pytest

from api.serve import Server
from tests.cluster.delivering import Delivery, Shop, deliver, orders
from tests.cluster.log_checks import assert_whole, placed_by

pytestmark = pytest.mark.cluster


def test_a_burst_with_duplicates_and_reordering_ends_in_exact_profiles(
    server: Server, shop: Shop
) -> None:
    once = orders(shop, 300, 40, seed=1)
    dice = random.Random(1)  # noqa: S311
    often = [d for d in once for _ in range(dice.randint(1, 5))]
    dice.shuffle(often)
    answers = deliver([shop.url], often)
    assert set(answers.values()) <= {"accepted", "duplicate"}
    assert _counted(shop, once) == len(once)
    dsn = str(server.settings.database_url)
    placed = placed_by(dsn)
    assert all(placed[d.headers["X-Shopify-Webhook-Id"]] == 1 for d in once)
    assert_whole(dsn)


def test_two_api_processes_minting_for_the_same_new_shoppers_end_with_one_profile_each(
    server: Server, shop: Shop, second_api: str
) -> None:
    deliveries = orders(shop, 400, 20, seed=2)  # twenty shoppers, all first seen at once
    deliver([shop.url, second_api], deliveries, connections=64)
    assert _counted(shop, deliveries) == len(deliveries)
    assert_whole(str(server.settings.database_url))


def test_a_profile_reads_the_same_through_every_api_process(shop: Shop, second_api: str) -> None:
    deliveries = orders(shop, 5, 1, seed=3)
    deliver([shop.url], deliveries)
    here, there = (_profile(s, deliveries[0]) for s in (shop, shop._replace(url=second_api)))
    assert here == there
    past = shop.get(f"/v1/profiles/{here['id']}", version="1").json()
    assert past["version"] == 1
    assert shop.get(f"/v1/profiles/{here['id']}/events").json()["items"][0]["version"] == 1


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"X-Shopify-Hmac-Sha256": "bm90IGl0"}, 401),
        ({"X-Shopify-Shop-Domain": "nobody.myshopify.com"}, 404),
    ],
)
def test_what_is_not_signed_for_a_shop_of_ours_is_refused(
    shop: Shop, changes: dict[str, str], status: int
) -> None:
    delivery = orders(shop, 1, 1, seed=4)[0]
    answer = httpx.post(
        f"{shop.url}/webhooks/shopify",
        headers={**delivery.headers, **changes},
        content=delivery.body,
    )
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def _counted(shop: Shop, deliveries: list[Delivery]) -> int:
    """Orders in the profiles of these deliveries' shoppers that these deliveries placed."""
    shoppers = Counter(_customer(delivery) for delivery in deliveries)
    total = 0
    for shopper, placed in shoppers.items():
        items = shop.get("/v1/profiles", shopify_customer_id=shopper).json()["items"]
        assert len(items) == 1
        assert items[0]["commerce"]["order_count"] >= placed
        total += placed
    return total


def _profile(shop: Shop, delivery: Delivery) -> dict[str, object]:
    found = shop.get("/v1/profiles", shopify_customer_id=_customer(delivery)).json()["items"]
    profile: dict[str, object] = found[0]
    return profile


def _customer(delivery: Delivery) -> str:
    import msgspec

    return str(msgspec.json.decode(delivery.body)["customer"]["id"])
