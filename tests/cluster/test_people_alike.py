"""Lists of people of whom it is known who is who: no rule unites them, the right are asked.

The lists are judged whole by `python -m tests.matching`; half of one shows that we ask the same.
"""

import csv
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import httpx
import psycopg
import pytest

from api.serve import Server
from config.settings import environment_of
from tests.cluster.conftest import worlds
from tests.cluster.delivering import Shop
from tests.faults.waiting import until
from tests.matching.labelled import SETS, WITHOUT_DATA
from tests.places import NO_TLS

pytestmark = pytest.mark.cluster
PATIENCE_S = 120.0
RECALL, PRECISION = 0.85, 0.95
UNSEEN = SETS[1]  # the weights were learnt from the other one
BEHIND = """
    SELECT (SELECT count(*) FROM rm_likeness.alike WHERE NOT asked)
    + (SELECT sum(position) FROM (SELECT shard, max(position) AS position FROM events GROUP BY 1) h)
    - (SELECT sum(notification_id) FROM rm_likeness.tracking WHERE application_name ~ '^[0-9]+$')
"""
Pair = tuple[str, str]


@pytest.mark.skipif(not UNSEEN.is_file(), reason=WITHOUT_DATA)
def test_of_a_list_without_mail_the_pairs_are_asked_about_and_nobody_is_united(
    server: Server, tmp_path: Path
) -> None:
    shop, _ = worlds(server, "febrl.myshopify.com")
    half = tmp_path / "half.csv"
    half.write_text(_half(UNSEEN))
    _import(server, shop, half)
    until(lambda: _waiting(server) == 0, PATIENCE_S, "not all are asked about")
    headers = {"Authorization": f"Bearer {shop.api_key}"}
    with httpx.Client(base_url=shop.url, headers=headers, timeout=10, verify=NO_TLS) as client:
        asked, same = dict(_candidates(client)), _same(half)
    right = asked.keys() & same
    assert len(right) / len(same) >= RECALL
    assert len(right) / len(asked) >= PRECISION
    assert _merges(server, shop) == 0


def _half(file: Path) -> str:
    """The lines of every other person, below the names of the columns."""
    names, *people = file.read_text().splitlines(keepends=True)
    return names + "".join(line for line in people if int(line.split("-")[1]) % 2)


def _import(server: Server, shop: Shop, file: Path) -> None:
    verb = ["import", "contacts", str(file), "--shop", shop.domain, "--source", "list", "--json"]
    told = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "api.cli", *verb],
        env={**os.environ, **environment_of(server.settings)},
        capture_output=True,
        check=True,
    )
    report = json.loads(told.stdout)
    assert report["rejected"] == 0


def _waiting(server: Server) -> int:
    with psycopg.connect(str(server.settings.database_url)) as connection:
        row = connection.execute(BEHIND.encode()).fetchone()
    return int(row[0]) if row and row[0] is not None else 1


def _merges(server: Server, shop: Shop) -> int:
    query = (
        "SELECT count(*) FROM merges JOIN namespaces USING (namespace_id)"
        " JOIN shops USING (shop_id) WHERE domain = %s"
    )
    with psycopg.connect(str(server.settings.database_url)) as connection:
        rows = connection.execute(query, (shop.domain,)).fetchall()
    return int(rows[0][0])


def _candidates(client: httpx.Client) -> Iterator[tuple[Pair, float]]:
    """By the ids in the list, likeliest first."""
    cursor, names = "", dict[str, str]()
    while True:
        after = {"cursor": cursor} if cursor else {}
        page = client.get("/v1/merge-candidates", params={"limit": "200", **after})
        for one in page.json()["items"]:
            a, b = (_name(client, profile, names) for profile in one["profiles"])
            yield (min(a, b), max(a, b)), one["score"]
        if (cursor := page.json()["next_cursor"] or "") == "":
            return


def _name(client: httpx.Client, profile: str, names: dict[str, str]) -> str:
    if profile not in names:
        known = client.get(f"/v1/profiles/{profile}").json()["identifiers"]
        names[profile] = next(i["value"] for i in known if i["kind"] == "external_id").split(":")[1]
    return names[profile]


def _same(file: Path) -> frozenset[Pair]:
    records = defaultdict[str, list[str]](list)
    with file.open(newline="") as lines:
        for row in csv.DictReader(lines, skipinitialspace=True):
            records[row["rec_id"].split("-")[1]].append(row["rec_id"])
    pairs = (combinations(sorted(group), 2) for group in records.values())
    return frozenset(pair for some in pairs for pair in some)
