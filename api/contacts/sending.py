"""A list of contacts goes into a running server, chunk by chunk."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import httpx
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.chunks import Chunk
from api.contacts.answer import answers
from api.contacts.listed import Listed, listed
from api.contacts.records import Rejection
from api.contacts.report import ContactsReport, empty_report
from api.demo.orders_import import ImportStopped
from api.demo.patience import Unreachable, each, send

PATH = "/admin/imports/contacts"
AT_ONCE = 6  # chunks in flight
TIMEOUT_S = 60.0
NDJSON = {"Content-Type": "application/x-ndjson"}


class Target(NamedTuple):
    """Whose contacts these are, what their list is called, when it is imported, and where those
    live who do not say."""

    shop: str
    source: str
    at: datetime
    country: str | None = None

    @property
    def parameters(self) -> dict[str, str]:
        told = {"shop": self.shop, "source": self.source, "at": self.at.isoformat()}
        return told | ({"country": self.country} if self.country else {})


async def import_contacts(
    client: httpx.AsyncClient, target: Target, file: Path, console: Console
) -> ContactsReport:
    """Sends the list with a progress bar. Raises ImportStopped; Refused where nothing was sent."""
    found = listed(file)
    report = empty_report(target.source, found.columns, found.written)
    try:
        with _progress(console) as progress:
            task = progress.add_task(file.name, total=found.lines)

            async def take(chunk: Chunk) -> None:
                await _send(client, target, chunk, found, report)
                progress.advance(task, chunk.read)

            await each(_chunks(found, report), take, AT_ONCE)
    except (OSError, Unreachable) as error:
        raise ImportStopped(str(error)) from error
    return report


def operator(base_url: str, admin_token: str) -> httpx.AsyncClient:
    bearer = {"Authorization": f"Bearer {admin_token}"}
    return httpx.AsyncClient(base_url=base_url, headers=bearer, timeout=TIMEOUT_S)


def _chunks(found: Listed, report: ContactsReport) -> Iterator[Chunk]:
    chunk = Chunk()
    for one in found.contacts():
        if isinstance(one, Rejection):
            report.reject(one)
        else:
            line = msgspec.json.encode(one.contact)
            if not chunk.holds(line):
                yield chunk
                chunk = Chunk()
            chunk.add(one.line, line)
        chunk.read += 1
    yield chunk


async def _send(
    client: httpx.AsyncClient, target: Target, chunk: Chunk, found: Listed, report: ContactsReport
) -> None:
    if not chunk.lines:
        return
    request = client.build_request(
        "POST", PATH, params=target.parameters, headers=NDJSON, content=chunk.body
    )
    response, _ = await send(client, request)
    told = answers(response, len(chunk.lines))
    for number, answer in zip(chunk.numbers, told, strict=True):
        if answer.is_taken:
            report.note(answer)
        else:
            report.reject(Rejection(number, answer.reason(found.columns)))


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    )
