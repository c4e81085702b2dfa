"""Back-fill a shop's orders from a file: one Shopify REST order object a line."""

from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import httpx
import msgspec
from msgspec import Struct, field
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from api import chunks
from api.chunks import Chunk
from api.demo.patience import Unreachable, each, send

PATH = "/admin/imports/shopify-orders"
AT_ONCE = 6  # chunks in flight
REJECTIONS_SHOWN = 1_000  # the rest is counted
TIMEOUT_S = 60.0


class ImportStopped(Exception):
    """The import cannot go on; what was taken so far stays, and running it again is harmless."""


class Rejection(Struct, frozen=True, order=True):
    line: int
    code: str
    detail: str


class Outcome(Struct, frozen=True):
    """The server's answer to one line."""

    status: int
    duplicate: bool = False
    events: list[str] = []
    code: str = ""
    detail: str = ""


DECODER = msgspec.json.Decoder(Outcome)
TOO_LONG = Outcome(422, code="too_long", detail=f"a line has at most {chunks.MAX_BYTES:,} bytes")


class ImportReport(Struct):
    lines: int = 0
    changed: int = 0
    events: int = 0
    unchanged: int = 0
    rejected: int = 0
    rejections: list[Rejection] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        return 1 if self.rejected else 0

    def reject(self, rejection: Rejection) -> None:
        self.rejected += 1
        if len(self.rejections) < REJECTIONS_SHOWN:
            self.rejections.append(rejection)

    def note(self, line: int, outcome: Outcome) -> None:
        self.lines += 1
        if outcome.status >= 300:
            self.reject(Rejection(line, outcome.code, outcome.detail))
        elif outcome.duplicate or not outcome.events:
            self.unchanged += 1
        else:
            self.changed += 1
            self.events += len(outcome.events)


async def import_orders(
    base_url: str, admin_token: str, shop: str, file: Path, console: Console
) -> ImportReport:
    """Sends the file with a progress bar and prints the report. Raises ImportStopped."""
    report = ImportReport()
    bearer = {"Authorization": f"Bearer {admin_token}", "Content-Type": "application/x-ndjson"}
    try:
        with _progress(console) as progress:
            task = progress.add_task(file.name, total=_size(file))
            async with httpx.AsyncClient(
                base_url=base_url, headers=bearer, timeout=TIMEOUT_S
            ) as client:

                async def take(chunk: Chunk) -> None:
                    await _send(client, shop, chunk, report)
                    progress.advance(task, chunk.read)

                await each(_chunks(file, report), take, AT_ONCE)
    except (OSError, Unreachable) as error:
        raise ImportStopped(str(error)) from error
    _print(console, report)
    return report


def _chunks(file: Path, report: ImportReport) -> Iterator[Chunk]:
    """Lines are numbered from 1, as editors do; empty ones are not sent."""
    chunk = Chunk()
    with file.open("rb") as source:
        for number, (line, size) in enumerate(_lines(source), start=1):
            if line is None:
                report.note(number, TOO_LONG)
            elif line:
                if not chunk.holds(line):
                    yield chunk
                    chunk = Chunk()
                chunk.add(number, line)
            chunk.read += size
    yield chunk


def _size(file: Path) -> int:
    return file.stat().st_size


def _lines(source: BinaryIO) -> Iterator[tuple[bytes | None, int]]:
    """Each line and its size in the file; None for one longer than a chunk."""
    while raw := source.readline(chunks.MAX_BYTES + 1):
        size, rest = len(raw), raw
        too_long = len(raw) > chunks.MAX_BYTES and not raw.endswith(b"\n")
        while too_long and rest and not rest.endswith(b"\n"):
            rest = source.readline(chunks.MAX_BYTES + 1)
            size += len(rest)
        yield (None if too_long else raw.removeprefix(BOM_UTF8).strip()), size


async def _send(client: httpx.AsyncClient, shop: str, chunk: Chunk, report: ImportReport) -> None:
    if not chunk.lines:
        return
    request = client.build_request("POST", PATH, params={"shop": shop}, content=chunk.body)
    response, _ = await send(client, request)
    if not response.is_success:
        raise ImportStopped(_complaint(response))
    outcomes = _outcomes(response.content)
    if len(outcomes) != len(chunk.lines):
        raise ImportStopped(f"{len(outcomes)} answers to {len(chunk.lines)} lines")
    for number, outcome in zip(chunk.numbers, outcomes, strict=True):
        report.note(number, outcome)


def _outcomes(content: bytes) -> list[Outcome]:
    try:
        return DECODER.decode_lines(content)
    except msgspec.DecodeError as error:
        raise ImportStopped(f"POST {PATH} answered something else: {error}") from error


def _complaint(response: httpx.Response) -> str:
    try:
        problem = msgspec.json.decode(response.content, type=Outcome)
    except msgspec.DecodeError:
        return f"POST {PATH}: {response.status_code} {response.reason_phrase}"
    return f"POST {PATH}: {response.status_code} {problem.code}: {problem.detail}"


def _print(console: Console, report: ImportReport) -> None:
    console.print(
        f"{report.lines:,} lines: {report.changed:,} changed something ({report.events:,} events), "
        f"{report.unchanged:,} unchanged, {report.rejected:,} rejected"
    )
    for rejection in sorted(report.rejections):
        reason = f"line {rejection.line}: {rejection.code}: {rejection.detail}"
        console.print(reason, style="red", markup=False, highlight=False, soft_wrap=True)
    if (more := report.rejected - len(report.rejections)) > 0:
        console.print(f"and {more:,} more", style="red")


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
    )
