"""One store's history told twice, in two disorders and with other repeats: the same profiles."""

import threading
from typing import Any

import httpx
import pytest

from api.demo.generated import rows
from api.demo.history import store_of
from api.demo.store import Store
from api.demo.webhooks import plan, sign
from api.serve import Server
from tests.cluster.conftest import worlds
from tests.cluster.delivering import Delivery, Shop, deliver
from tests.cluster.log_checks import assert_whole
from tests.places import NO_TLS

pytestmark = pytest.mark.cluster
DOMAIN = "any-order.myshopify.com"
SHOPPERS = 12
PATIENCE_S = 30
# until profiles are merged, who a cart belongs to may depend on what came first
COMPARED = ("name", "email", "phone", "addresses", "commerce", "identifiers", "first_seen_at")


def test_two_disorders_of_one_history_end_in_the_same_profiles(server: Server) -> None:
    live, sandbox = worlds(server, DOMAIN)
    store = _store()
    deliver([live.url], _told(store, live, seed=1))
    deliver([sandbox.url], _told(store, sandbox, seed=2))
    _wait_for_letters(server)
    for customer in store.customers:
        here, there = (_known(world, str(customer.id)) for world in (live, sandbox))
        assert here == there
        assert here["commerce"]["order_count"] == store.tallies()[customer.number].orders
    assert_whole(str(server.settings.database_url))


def test_nothing_of_one_environment_is_seen_from_the_other(server: Server) -> None:
    live, sandbox = worlds(server, "two-worlds.myshopify.com")
    deliver([live.url], _told(_store(), live, seed=3))
    _wait_for_letters(server)
    items = live.get("/v1/profiles", email=_store().customers[0].email).json()["items"]
    assert len(items) == 1
    assert sandbox.get("/v1/profiles", email=_store().customers[0].email).json()["items"] == []
    assert sandbox.get(f"/v1/profiles/{items[0]['id']}").status_code == 404
    assert sandbox.get(f"/v1/profiles/{items[0]['id']}/events").status_code == 404


def _store() -> Store:
    made = rows(seed=5)
    some = sorted({row.customer for row in made if row.customer})[:SHOPPERS]
    return store_of([row for row in made if row.customer in some])


def _told(store: Store, world: Shop, seed: int) -> list[Delivery]:
    return [Delivery(*sign(webhook, world.secret)) for webhook in plan(store, world.domain, seed)]


def _known(world: Shop, shopper: str) -> dict[str, Any]:
    (profile,) = world.get("/v1/profiles", shopify_customer_id=shopper).json()["items"]
    return {member: profile[member] for member in COMPARED}


def _wait_for_letters(server: Server) -> None:
    """News of orders that came before the orders themselves is retried every second."""
    headers = {"Authorization": f"Bearer {server.settings.admin_token_file.read_text().strip()}"}
    for _ in range(PATIENCE_S * 4):
        answer = httpx.get(
            f"{server.url}/admin/dead-letters", headers=headers, timeout=10, verify=NO_TLS
        )
        if not [item for item in answer.json()["items"] if item["reason"] == "awaiting_owner"]:
            return
        threading.Event().wait(0.25)
    raise AssertionError("letters still wait for their owner")
