"""Post webhooks the way a shop under load does: many at once, again when told to come later."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from ssl import create_default_context
from time import perf_counter

import httpx
from msgspec import Struct, field
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from api.demo.patience import each, send
from api.demo.webhooks import Webhook, sign

PATH = "/webhooks/shopify"
CONNECTIONS = 16
TIMEOUT_S = 5.0  # as long as Shopify waits


class Report(Struct):
    """What became of the deliveries; a delivery counts once, however often it was retried."""

    sent: int = 0
    repeated: int = 0
    retried: int = 0
    seconds: float = 0.0
    refused: Counter[int] = field(default_factory=Counter)  # by status
    milliseconds: list[float] = field(default_factory=list)  # of those taken, retries included

    @property
    def per_second(self) -> float:
        return self.sent / self.seconds if self.seconds else 0.0

    @property
    def all_taken(self) -> bool:
        return not self.refused

    def percentile(self, share: float) -> float:
        """Nearest rank, in milliseconds; 0.0 if nothing was taken."""
        ordered = sorted(self.milliseconds)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


class Pace:
    """Lets the n-th delivery through no earlier than n / per_second after the first."""

    def __init__(self, per_second: float | None) -> None:
        self.gap_s = 1 / per_second if per_second else 0.0
        self.next_at = perf_counter()

    async def turn(self) -> None:
        wait_s = self.next_at - perf_counter()
        self.next_at += self.gap_s
        if self.gap_s and wait_s > 0:
            await asyncio.sleep(wait_s)


async def post(
    base_url: str,
    webhooks: list[Webhook],
    secret: str,
    console: Console,
    connections: int = CONNECTIONS,
    per_second: float | None = None,
) -> Report:
    """As fast as `connections` go, or at most `per_second`. Raises patience.Unreachable."""
    report, pace, started = Report(), Pace(per_second), perf_counter()
    async with AsyncExitStack() as stack:
        progress = stack.enter_context(_progress(console))
        task = progress.add_task("webhooks", total=len(webhooks), speed="0", repeated=0)
        idle = [await stack.enter_async_context(one) for one in _clients(base_url, connections)]

        async def deliver(webhook: Webhook) -> None:
            await pace.turn()
            client = idle.pop()
            await _deliver(client, webhook, secret, report)
            idle.append(client)
            report.seconds = perf_counter() - started
            speed = f"{report.per_second:,.0f}"
            progress.update(task, advance=1, speed=speed, repeated=report.repeated)

        await each(webhooks, deliver, connections)
    return report


def _clients(base_url: str, connections: int) -> Iterator[httpx.AsyncClient]:
    """One a connection: a pool looks through all its connections at every request."""
    trust, one = create_default_context(), httpx.Limits(max_connections=1)
    for _ in range(connections):
        yield httpx.AsyncClient(base_url=base_url, verify=trust, limits=one, timeout=TIMEOUT_S)


async def _deliver(
    client: httpx.AsyncClient, webhook: Webhook, secret: str, report: Report
) -> None:
    headers, body = sign(webhook, secret)
    began = perf_counter()
    response, attempts = await send(
        client, client.build_request("POST", PATH, headers=headers, content=body)
    )
    report.sent += 1
    report.repeated += webhook.again
    report.retried += attempts - 1
    if response.is_success:
        report.milliseconds.append((perf_counter() - began) * 1000)
    else:
        report.refused[response.status_code] += 1


def table(report: Report) -> Table:
    rows = Table("deliveries", "", title="Sent")
    rows.add_row("sent", f"{report.sent:,} in {report.seconds:.1f} s")
    rows.add_row("per second", f"{report.per_second:,.0f}")
    rows.add_row("sent twice on purpose", f"{report.repeated:,}")
    rows.add_row("retried", f"{report.retried:,}")
    for status, count in sorted(report.refused.items()):
        rows.add_row(f"refused with {status}", f"[red]{count:,}[/red]")
    for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("slowest", 1.0)):
        rows.add_row(name, f"{report.percentile(share):,.1f} ms")
    return rows


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}/s, {task.fields[repeated]} sent twice"),
        TimeElapsedColumn(),
        console=console,
    )
