"""Whatever a client writes anywhere: refusals do not repeat it, log lines do not hold it."""

import json
from collections.abc import Iterator
from itertools import count

import psycopg
import pytest
from structlog.testing import capture_logs

from tests.api.sentences import ADMIN_TOKEN, SECRET, Api
from tests.faults.canaries.person import somebody
from tests.faults.canaries.requests import every
from tests.faults.place import World
from tests.faults.scanner import canaries_in

FAIL = "ALTER TABLE dead_letters ADD CONSTRAINT broken CHECK (reason = 'none') NOT VALID"
MEND = "ALTER TABLE dead_letters DROP CONSTRAINT broken"


@pytest.fixture
def failing_letters(shops_database: str) -> Iterator[None]:
    """Letters cannot be kept, and the database's error quotes each."""
    with psycopg.connect(shops_database, autocommit=True) as connection:
        connection.execute(FAIL)
        yield
        connection.execute(MEND)


def test_nobody_is_named_where_requests_are_refused_or_logged(api: Api) -> None:
    told, statuses = said(api)
    assert canaries_in([], told, PERSON.canaries) == []
    assert {400, 401, 404, 405, 422} <= statuses


@pytest.mark.usefixtures("failing_letters")
def test_nobody_is_named_where_statements_fail(api: Api) -> None:
    told, statuses = said(api)
    assert canaries_in([], told, PERSON.canaries) == []
    assert 500 in statuses


PERSON = somebody()


def said(api: Api) -> tuple[dict[str, str | bytes], set[int]]:
    """Every refusal, every log line and the metrics, by what they are; and all statuses."""
    live = api.shop.live
    world = World("", api.shop.shop, "live", SECRET, live.api_key, live.pixel_key, 1)
    told: dict[str, str | bytes] = {}
    statuses: set[int] = set()
    numbers = count(1)
    with capture_logs() as logs:
        for asked in every(world, ADMIN_TOKEN, PERSON):
            answer = api.send(
                asked.method, asked.path, content=asked.body, headers=dict(asked.headers)
            )
            statuses.add(answer.status_code)
            if answer.status_code >= 400:
                name = f"{next(numbers)}: {answer.status_code} {asked.method} {asked.path}"
                told[name] = str(answer.headers).encode() + answer.content
    told["the log"] = json.dumps(logs, default=repr)
    told["/metrics"] = api.send("GET", "/metrics").text
    return told, statuses
