"""A list of contacts, imported as an operator does, through everything real."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from api.serve import Server
from config.settings import environment_of
from tests.cluster.conftest import worlds
from tests.cluster.delivering import Shop
from tests.cluster.log_checks import assert_whole

pytestmark = pytest.mark.cluster
PEOPLE = 400
TWICE = 50  # with another line later in the list
HEADER = "Email,Klaviyo ID,First Name,Last Name,Date of Birth,City,Points,SMS Consent"


def rows() -> list[str]:
    """Every fourth has no e-mail, every eighth nothing but a name and a birthday."""
    people = [
        f"{_mail(n)},{_id(n)},Ada,King {n},1980-12-{1 + n % 28:02},Bath,{n},SUBSCRIBED"
        for n in range(PEOPLE)
    ]
    again = [f"{_mail(n)},,Augusta,,,,," for n in range(1, 4 * TWICE, 4)]
    return [HEADER, *people, *again, "nobody,,,,,,,", ",,Ada,King,,,,"]


def test_a_list_is_imported_once_however_often_it_comes(server: Server, tmp_path: Path) -> None:
    shop, sandbox = worlds(server, "contacts.myshopify.com")
    file = tmp_path / "contacts.csv"
    file.write_text("\n".join(rows()) + "\n")
    first, again = (_imported(server, shop, file) for _ in range(2))
    assert (first["created"], first["attached"], first["rejected"]) == (PEOPLE, TWICE, 2)
    assert first["recognised"]["SMS Consent"] == "consent by sms"
    assert first["not_imported"] == []
    assert (again["unchanged"], again["events"]) == (PEOPLE + TWICE, 0)
    by_mail = shop.get("/v1/profiles", email=_mail(1)).json()["items"]
    by_id = shop.get("/v1/profiles", external_id="klaviyo:K1").json()["items"]
    assert by_mail == by_id
    assert by_mail[0]["properties"] == {"Points": 1.0}
    assert sandbox.get("/v1/profiles", email=_mail(1)).json()["items"] == []
    assert_whole(str(server.settings.database_url))


def _imported(server: Server, shop: Shop, file: Path) -> Any:
    verb = ["import", "contacts", str(file), "--shop", shop.domain, "--source", "klaviyo", "--json"]
    told = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "api.cli", *verb],
        env={**os.environ, **environment_of(server.settings)},
        capture_output=True,
        check=False,
    )
    assert told.returncode == 1, told.stderr  # two lines are rejected
    return json.loads(told.stdout)


def _mail(number: int) -> str:
    return f"ada{number}@lane.shop" if number % 4 else ""


def _id(number: int) -> str:
    return f"K{number}" if number % 8 else ""
