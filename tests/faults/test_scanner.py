"""The scanner finds what it looks for however a program wrote it down."""

import json
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.faults.scanner import CHUNK, canaries_in

CANARY = "Zoë Kanarie+7@shop.example"


@pytest.mark.parametrize(
    "written",
    [
        CANARY,
        json.dumps({"name": CANARY}),
        json.dumps({"name": CANARY}, ensure_ascii=False),
        f"KeyError: {CANARY!a}",
        f"body {CANARY.encode()!r}",
        f"GET /v1/profiles?email={quote(CANARY)}",
        f"GET /v1/profiles?email={quote(CANARY).lower()}",
        *(b64encode(b"x" * before + CANARY.encode() + b"yz").decode() for before in range(3)),
    ],
)
def test_a_canary_is_found_in_any_form(tmp_path: Path, written: str) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.log").write_text(f"before\n{written}\nafter")
    hits = canaries_in([tmp_path], {}, [CANARY, "another"])
    assert {hit.canary for hit in hits} == {CANARY}
    assert hits[0].where == str(tmp_path / "deep" / "a.log")


def test_a_canary_across_two_reads_of_a_long_file_is_found(tmp_path: Path) -> None:
    file = tmp_path / "long.log"
    file.write_bytes(b"x" * (CHUNK - 5) + CANARY.encode() + b"y" * CHUNK)
    assert [hit.form for hit in canaries_in([file], {}, [CANARY])] == ["plain"]


def test_texts_are_searched_and_what_has_no_canary_is_clean(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("request_failed error=KeyError")
    assert canaries_in([tmp_path], {"/metrics": "c360_webhooks_total 7"}, [CANARY]) == []
    (hit,) = canaries_in([tmp_path], {"/metrics": f"x{{route={CANARY}}}"}, [CANARY])
    assert (hit.where, hit.form) == ("/metrics", "plain")
