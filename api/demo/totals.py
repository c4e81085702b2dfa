"""Read every shopper's totals back from the API and compare them with the shop's own history."""

import asyncio
from decimal import Decimal
from time import monotonic

import httpx
from msgspec import Struct, ValidationError, json
from rich.table import Table

from api.demo.patience import each
from api.demo.people import Customer
from api.demo.store import CURRENCY, Store, Tally

DEADLINE_S = 30.0  # refunds that came before their order wait in the server for it
POLL_S = 0.5
READERS = 8
TIMEOUT_S = 10.0


class CannotRead(Exception):
    """The API's answer is not one to compare; waiting would not mend it."""


class Price(Struct, frozen=True):
    amount: str
    currency: str | None = None


class Commerce(Struct, frozen=True):
    order_count: int = 0
    gross: Price | None = None
    refunded: Price | None = None
    lifetime_spend: Price | None = None


class Profile(Struct, frozen=True):
    commerce: Commerce


class Page(Struct, frozen=True):
    items: list[Profile]


class Seen(Struct, frozen=True):
    """A shopper as the API tells it; what was spent is its own figure, not our subtraction."""

    tally: Tally
    spent_minor: int


class Comparison(Struct, frozen=True):
    expected: dict[str, Tally]
    seen: dict[str, Seen]

    @property
    def differing(self) -> list[str]:
        """The customer numbers that are missing or do not agree yet."""
        return [
            number
            for number, tally in self.expected.items()
            if self.seen.get(number) != Seen(tally, tally.net_minor)
        ]

    @property
    def equal(self) -> bool:
        return not self.differing


async def compare(base_url: str, api_key: str, store: Store, deadline_s: float) -> Comparison:
    """Asks again for whoever differs, until nobody does or the deadline. Raises CannotRead."""
    comparison = Comparison(store.tallies(), {})
    customers = {customer.number: customer for customer in store.customers}
    give_up_at = monotonic() + deadline_s
    bearer = {"Authorization": f"Bearer {api_key}"}
    async with httpx.AsyncClient(base_url=base_url, headers=bearer, timeout=TIMEOUT_S) as client:

        async def read(number: str) -> None:
            if seen := await _read(client, customers[number]):
                comparison.seen[number] = seen

        await each(comparison.differing, read, READERS)
        while comparison.differing and monotonic() < give_up_at:
            await asyncio.sleep(POLL_S)
            await each(comparison.differing, read, READERS)
    return comparison


async def _read(client: httpx.AsyncClient, customer: Customer) -> Seen | None:
    """None while the API does not know the shopper or cannot answer just now."""
    try:
        response = await client.get(
            "/v1/profiles", params={"shopify_customer_id": str(customer.id)}
        )
    except httpx.TransportError:
        return None
    if response.status_code in (401, 403):
        raise CannotRead(f"the API key is not accepted: {response.status_code}")
    if not response.is_success:
        return None
    try:
        page = json.decode(response.content, type=Page)
    except ValidationError as error:
        raise CannotRead(f"GET /v1/profiles answered something else: {error}") from error
    return _seen(page.items[0].commerce) if page.items else None


def _seen(commerce: Commerce) -> Seen:
    tally = Tally(commerce.order_count, _minor(commerce.gross), _minor(commerce.refunded))
    return Seen(tally, _minor(commerce.lifetime_spend))


def _minor(price: Price | None) -> int:
    minor = Decimal(price.amount).scaleb(2) if price else Decimal(0)
    if minor and price and price.currency != CURRENCY:
        raise CannotRead(f"amounts are in {price.currency}; this shop was made for {CURRENCY}")
    return int(minor)


def table(comparison: Comparison) -> Table:
    expected = sum(comparison.expected.values(), Tally())
    seen = sum((one.tally for one in comparison.seen.values()), Tally())
    spent_minor = sum(one.spent_minor for one in comparison.seen.values())
    rows = Table(title="Totals")
    for heading in ("", "expected", "read back", "equal"):
        rows.add_column(heading, justify="left" if not heading else "right")
    rows.add_row(*_counts("customers", len(comparison.expected), len(comparison.seen)))
    rows.add_row(*_counts("orders", expected.orders, seen.orders))
    rows.add_row(*_amounts("gross", expected.gross_minor, seen.gross_minor))
    rows.add_row(*_amounts("refunded", expected.refunded_minor, seen.refunded_minor))
    rows.add_row(*_amounts("spent", expected.net_minor, spent_minor))
    return rows


def _counts(name: str, expected: int, seen: int) -> tuple[str, str, str, str]:
    return name, f"{expected:,}", f"{seen:,}", _verdict(expected == seen)


def _amounts(name: str, expected: int, seen: int) -> tuple[str, str, str, str]:
    return name, pounds(expected), pounds(seen), _verdict(expected == seen)


def _verdict(equal: bool) -> str:
    return "[green]yes[/green]" if equal else "[red]no[/red]"


def pounds(minor: int) -> str:
    return f"{Decimal(minor).scaleb(-2):,.2f} {CURRENCY}"
