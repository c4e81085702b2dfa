"""The simulation finds what is wrong: every way of breaking a promise shows within a few seeds."""

import pytest

from tests.simulation.broken_hosts import BROKEN_HOSTS, ClaimsNothing
from tests.simulation.broken_processes import BROKEN_GATEWAYS, BROKEN_IDENTITIES
from tests.simulation.product import Product
from tests.simulation.run import run

SEEDS = range(60)
BROKEN = [
    *((Product(work=kind), fault) for kind, fault in BROKEN_HOSTS.items()),
    *((Product(gateway=kind), fault) for kind, fault in BROKEN_GATEWAYS.items()),
    *((Product(identities=kind), fault) for kind, fault in BROKEN_IDENTITIES.items()),
]
KINDS = [kind.__name__ for kind in (*BROKEN_HOSTS, *BROKEN_GATEWAYS, *BROKEN_IDENTITIES)]


@pytest.mark.parametrize(("product", "fault"), BROKEN, ids=KINDS)
def test_a_broken_promise_is_noticed(product: Product, fault: str) -> None:
    """Within a few seeds that know no other fault, and in which the true product keeps it."""
    noticed = next(seed for seed in SEEDS if run(seed, product, [fault]).broken)
    assert not run(noticed, only=[fault]).broken


def test_a_report_says_how_to_see_it_again() -> None:
    played = run(0, Product(work=ClaimsNothing))
    assert played.broken
    assert played.report().endswith("python -m tests.simulation --seed 0 --trace")
    assert f"seed 0: {played.broken}" in played.report()
