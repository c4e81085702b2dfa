import asyncio
import io
from pathlib import Path

import pytest
from rich.console import Console

from api import chunks
from api.demo import orders_import, patience
from api.demo.orders_import import ImportReport, ImportStopped, Rejection, import_orders
from tests.api.demo.fake_server import Answer, Handler, Request, said, serving

TOKEN = "admin-token-of-tests"  # noqa: S105  opens nothing
CHANGED = b'{"status": 200, "duplicate": false, "events": ["orders.placed", "orders.paid"]}'
UNCHANGED = b'{"status": 200, "duplicate": true, "events": []}'
REJECTED = b'{"status": 422, "code": "invalid", "detail": "no id"}'


class Server:
    """Knows orders by their line: one seen before is a duplicate, one saying `bad` is refused."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.known: set[bytes] = set()

    def __call__(self, request: Request) -> Answer:
        self.requests.append(request)
        return Answer(body=b"\n".join(map(self.answer, request.body.splitlines())) + b"\n")

    def answer(self, line: bytes) -> bytes:
        if b"bad" in line:
            return REJECTED
        seen = line in self.known
        self.known.add(line)
        return UNCHANGED if seen else CHANGED


def imported(
    handler: Handler, file: Path, console: Console | None = None, times: int = 1
) -> ImportReport:
    quiet = console or Console(file=io.StringIO())

    async def run() -> ImportReport:
        async with serving(handler) as url:
            for _ in range(times - 1):
                await import_orders(url, TOKEN, "a.myshopify.com", file, quiet)
            return await import_orders(url, TOKEN, "a.myshopify.com", file, quiet)

    return asyncio.run(run())


def ndjson(folder: Path, *lines: str) -> Path:
    file = folder / "orders.ndjson"
    file.write_text("\n".join(lines) + "\n")
    return file


def orders(count: int) -> list[str]:
    return [f'{{"id": {number}}}' for number in range(count)]


def test_a_file_goes_in_by_chunks_to_the_shop_it_is_for(tmp_path: Path) -> None:
    server = Server()
    report = imported(server, ndjson(tmp_path, *orders(1_201)))
    assert (report.lines, report.changed, report.events) == (1_201, 1_201, 2_402)
    assert sorted(len(r.body.splitlines()) for r in server.requests) == [201, 500, 500]
    assert {r.headers["authorization"] for r in server.requests} == {f"Bearer {TOKEN}"}
    assert {r.query["shop"][0] for r in server.requests} == {"a.myshopify.com"}


def test_a_chunk_is_bounded_in_bytes_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "MAX_BYTES", 30)
    server = Server()
    assert imported(server, ndjson(tmp_path, *orders(9))).changed == 9
    assert max(len(request.body) for request in server.requests) <= 30


def test_running_it_twice_changes_nothing(tmp_path: Path) -> None:
    report = imported(Server(), ndjson(tmp_path, *orders(3)), times=2)
    assert (report.changed, report.unchanged, report.exit_code) == (0, 3, 0)


def test_rejected_lines_are_named_as_an_editor_counts_them(tmp_path: Path) -> None:
    file = ndjson(tmp_path, '{"id": 1}', "", "bad", '{"id": 2}', "bad")
    console = Console(file=io.StringIO(), width=100)
    report = imported(Server(), file, console)
    expected = [Rejection(3, "invalid", "no id"), Rejection(5, "invalid", "no id")]
    assert (sorted(report.rejections), report.exit_code) == (expected, 1)
    assert "line 3: invalid: no id" in console.file.getvalue()  # type: ignore[attr-defined]


def test_a_line_longer_than_a_chunk_is_rejected_without_being_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "MAX_BYTES", 40)
    server = Server()
    report = imported(server, ndjson(tmp_path, '{"id": 1}', "x" * 200, '{"id": 2}'))
    assert [(r.line, r.code) for r in report.rejections] == [(2, "too_long")]
    assert report.changed == 2


def test_rejections_beyond_those_shown_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders_import, "REJECTIONS_SHOWN", 2)
    report = imported(Server(), ndjson(tmp_path, *["bad"] * 5))
    assert (report.rejected, len(report.rejections)) == (5, 2)


def test_a_busy_server_gets_the_chunk_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "FIRST_WAIT_S", 0.001)
    server = Server()
    bodies: list[bytes] = []

    def busy_first(request: Request) -> Answer:
        bodies.append(request.body)
        return Answer(503) if len(bodies) == 1 else server(request)

    assert imported(busy_first, ndjson(tmp_path, *orders(2))).changed == 2
    assert bodies[0] == bodies[1]


def test_a_wrong_token_stops_the_import_with_the_servers_reason(tmp_path: Path) -> None:
    problem = said({"status": 401, "code": "unauthenticated", "detail": "unknown token"}, 401)
    with pytest.raises(ImportStopped, match="401 unauthenticated: unknown token"):
        imported(lambda _: problem, ndjson(tmp_path, *orders(2)))


def test_answers_that_do_not_fit_the_lines_stop_the_import(tmp_path: Path) -> None:
    with pytest.raises(ImportStopped, match="1 answers to 2 lines"):
        imported(lambda _: Answer(body=CHANGED), ndjson(tmp_path, *orders(2)))
    with pytest.raises(ImportStopped, match="something else"):
        imported(lambda _: Answer(body=b"<html>"), ndjson(tmp_path, *orders(2)))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImportStopped, match=r"nowhere\.ndjson"):
        imported(Server(), tmp_path / "nowhere.ndjson")


def test_an_empty_file_sends_nothing(tmp_path: Path) -> None:
    server = Server()
    (tmp_path / "empty.ndjson").touch()
    assert imported(server, tmp_path / "empty.ndjson") == ImportReport()
    assert server.requests == []
