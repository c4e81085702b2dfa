"""What the benchmarks reckon with; nothing here is timed."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from api.demo.bench import bench_orders
from api.webhooks.shopify.signature import signed_by
from tests.bench import wrk
from tests.bench.deliveries import framed
from tests.bench.place import SECRET, SHOP
from tests.bench.report import Row, table, write
from tests.measured import Limit, shown

SAID = """Running 2s test @ http://127.0.0.1:8360/webhooks/shopify
  1 threads and 16 connections
{"requests": 3000, "seconds": 2.0, "not_200": 2, "broken": 1, "p50_ms": 8.5, "p99_ms": 20.25, \
"max_ms": 31.0, "taken": 3017, "position": 9911, "exhausted": 0}
"""
ROW = Row("part", "subject", {"req/s": 1_500.0, "p99 ms": 300.0}, (Limit("p99 ms", at_most=250),))


def test_what_wrk_saw_is_read_from_among_what_it_prints() -> None:
    load = wrk.read(SAID)
    assert (load.per_s, load.p99_ms, load.failed) == (1_500.0, 20.25, 3)


def test_a_wrk_that_broke_off_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="unable to connect"):
        wrk.read("unable to connect to 127.0.0.1:8360 Connection refused")


def test_a_limit_holds_up_to_its_bound() -> None:
    assert Limit("x peer", at_least=0.5).holds(0.5)
    assert not Limit("x peer", at_least=0.5).holds(0.49)
    assert Limit("ms", at_most=20).holds(20)
    assert not Limit("ms", at_most=20).holds(20.1)


def test_the_table_shows_figures_beside_limits_and_verdicts() -> None:
    console = Console(record=True, width=120, quiet=True)
    console.quiet = False
    with console.capture() as captured:
        console.print(table([ROW], "a title"))
    text = captured.get()
    assert all(part in text for part in ("a title", "req/s 1,500", "p99 ms ≤ 250", "MISS"))


def test_numbers_are_shown_as_precisely_as_they_are_known() -> None:
    assert [shown(n) for n in (0.8126, 12.34, 1_234.5, 0)] == ["0.81", "12.3", "1,234", "0"]


def test_the_file_for_programs_says_the_same_and_hides_from_git(tmp_path: Path) -> None:
    write(tmp_path / ".bench" / "latest.json", [ROW], {"quick": True})
    written = json.loads((tmp_path / ".bench" / "latest.json").read_text())
    assert written["rows"][0]["figures"]["p99 ms"] == 300.0
    assert written["rows"][0]["verdicts"] == ["MISS"]
    assert (tmp_path / ".bench" / ".gitignore").read_text() == "*\n"


def test_a_request_in_the_file_is_whole_and_signed() -> None:
    headers, body = next(bench_orders(1, 10, 1, SHOP, SECRET))
    frame = framed((headers, body))
    size, request = int(frame[:8]), frame[8:]
    head, _, sent = request.partition(b"\r\n\r\n")
    assert len(request) == size
    assert sent == body
    assert b"Content-Length: %d" % len(body) in head
    assert signed_by(sent, headers["X-Shopify-Hmac-Sha256"], [SECRET]) == 0
