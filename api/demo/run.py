"""The demo: a shop's whole history goes in as webhooks, and its totals must come out again."""

from pathlib import Path

from rich.console import Console

from api.demo import totals, traffic
from api.demo.history import load
from api.demo.online_retail import BadOrdersFile
from api.demo.patience import Unreachable
from api.demo.people import Customer
from api.demo.store import Store
from api.demo.webhooks import plan

DIFFERING_SHOWN = 5


async def demo(
    base_url: str,
    shop_domain: str,
    webhook_secret: str,
    api_key: str,
    orders_file: Path | None,
    seed: int,
) -> bool:
    """Whether every delivery was taken and the totals agree. What went wrong is printed."""
    console = Console()
    try:
        store = load(orders_file, seed)
        _announce(console, store)
        webhooks = plan(store, shop_domain, seed)
        report = await traffic.post(base_url, webhooks, webhook_secret, console)
        console.print(traffic.table(report))
        comparison = await totals.compare(base_url, api_key, store, totals.DEADLINE_S)
    except (BadOrdersFile, Unreachable, totals.CannotRead) as error:
        text = f"{type(error).__name__}: {error}"
        # not wrapped: a path that is broken over two lines cannot be copied
        console.print(text, style="red", markup=False, highlight=False, soft_wrap=True)
        return False
    _conclude(console, comparison, store)
    _invite(console, base_url, api_key, store)
    return report.all_taken and comparison.equal


def _announce(console: Console, store: Store) -> None:
    console.print(
        f"A shop with {len(store.customers):,} shoppers, {len(store.orders):,} orders and "
        f"{len(store.refunds):,} refunds, told in webhooks:"
    )


def _conclude(console: Console, comparison: totals.Comparison, store: Store) -> None:
    console.print(totals.table(comparison))
    left_out = store.left_out
    if left_out.without_customer:
        console.print(f"Left out: {left_out.without_customer:,} rows that name no customer.")
    if left_out.without_order:
        console.print(
            f"Left out: {left_out.without_order} returned lines over "
            f"{totals.pounds(left_out.without_order_minor)} of customers without any order."
        )
    if differing := comparison.differing:
        some = ", ".join(differing[:DIFFERING_SHOWN])
        console.print(f"[red]{len(differing)} customers differ[/red], such as {some}.")


def _invite(console: Console, base_url: str, api_key: str, store: Store) -> None:
    shopper = _most_interesting(store)
    bearer = f"-H 'Authorization: Bearer {api_key}'"
    console.print(f"\nAPI {base_url}/v1   documentation {base_url}/docs\n")
    for query in (f"shopify_customer_id={shopper.id}", f"email={shopper.email}"):
        console.print(
            f"curl {bearer} '{base_url}/v1/profiles?{query}'", soft_wrap=True, highlight=False
        )


def _most_interesting(store: Store) -> Customer:
    """Somebody who came often and sent something back."""
    tallies = store.tallies()

    def interest(shopper: Customer) -> tuple[bool, int]:
        tally = tallies[shopper.number]
        return tally.refunded_minor > 0, tally.orders

    return max(store.customers, key=interest)
