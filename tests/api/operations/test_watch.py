"""What an operator finds in the log: a line where something changes, not one for each request."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from psycopg_pool import AsyncConnectionPool
from starlette.types import Message
from structlog.testing import capture_logs

from api.app import create_app
from api.letters.letter import Letter
from api.letters.processing import Unprocessed
from api.letters.store import DeadLetters
from api.operations.counts import Counts
from api.operations.health import Health
from api.operations.hosts import Hosts
from api.operations.requests import Requests
from api.operations.watch import Watch
from api.ports import Ports
from tests.api.memory import Memory
from tests.api.sentences import NOW, Api


class Watched:
    """A watch over hosts that the test makes up; each look tells what was logged."""

    def __init__(self, loop: asyncio.Runner, ports: Ports) -> None:
        self._loop = loop
        self.memory = Memory()
        self.counts = Counts()
        own = replace(ports, gateway=self.memory)
        self._watch = Watch(Health(own, Hosts(own)), self.counts)

    def hosts(self, *told: dict[str, object]) -> None:
        async def stats() -> Sequence[dict[str, object]]:
            return told

        self.memory.stats = stats  # type: ignore[method-assign]  # what a host says is the story

    def look(self) -> list[str]:
        with capture_logs() as logs:
            self._loop.run(self._watch.look())
        return [" ".join(str(v) for k, v in sorted(line.items()) if k in SHOWN) for line in logs]


SHOWN = {"event", "part", "host", "count"}


@pytest.fixture
def watched(loop: asyncio.Runner, ports: Ports, api: Api) -> Watched:
    found = Watched(loop, ports)
    found.hosts({"pid": 1}, {"pid": 2})
    assert found.look() == ["ready"]
    return found


def test_a_host_that_goes_and_comes_back_is_four_lines(watched: Watched) -> None:
    watched.hosts({"pid": 1}, {"lost": "gone"})
    assert watched.look() == ["host_lost 1", "part_lost hosts"]
    assert watched.look() == []
    watched.hosts({"pid": 1}, {"pid": 3})
    assert watched.look() == ["host_back 1", "host_restarted 1", "part_back hosts"]
    assert watched.look() == []


def test_shedding_is_told_when_it_begins_and_with_its_number_when_it_is_over(
    watched: Watched,
) -> None:
    watched.counts.turned_away["busy"] += 3
    assert watched.look() == ["shedding_began"]
    watched.counts.webhooks["busy"] += 4
    assert watched.look() == []
    assert watched.look() == ["7 shedding_ended"]
    assert watched.look() == []


def test_draining_is_told_once(watched: Watched, ports: Ports) -> None:
    ports.condition.draining = True
    try:
        assert watched.look() == ["draining"]
        assert watched.look() == []
    finally:
        ports.condition.draining = False


def test_wrong_signatures_are_told_by_their_number(watched: Watched) -> None:
    watched.counts.webhooks["bad_signature"] += 500
    assert watched.look() == ["500 signatures_refused"]
    assert watched.look() == []


def test_a_kept_letter_is_told_by_its_reason_and_a_topic_we_know(
    loop: asyncio.Runner, ports: Ports, api: Api
) -> None:
    letters = DeadLetters(ports.pool, ports.keyring)
    with capture_logs() as logs:
        loop.run(letters.store(letter("customers/merge"), Unprocessed("not_yet_handled")))
        loop.run(letters.store(letter("customers/merge"), Unprocessed("not_yet_handled")))
        loop.run(letters.store(letter("sarah/connor"), Unprocessed("unknown_topic")))
    shown = [{k: v for k, v in line.items() if k in ("event", "reason", "topic")} for line in logs]
    assert shown == [
        {"event": "dead_letter_kept", "reason": "not_yet_handled", "topic": "customers/merge"},
        {"event": "dead_letter_kept", "reason": "unknown_topic", "topic": None},
    ]


def letter(topic: str) -> Letter:
    return Letter(namespace=1, source="shopify", topic=topic, received_at=NOW, body=b"{}")


def test_a_slow_request_is_told_by_its_route() -> None:
    requests = Requests()
    request = requests.began(_nobody)
    request.started -= 1.5
    with capture_logs() as logs:
        requests.ended(request, "/v1/profiles/{profile_id}")
    (line,) = logs
    assert (line["event"], line["route"]) == ("slow_request", "/v1/profiles/{profile_id}")
    assert line["seconds"] >= 1.5


def test_who_wishes_to_wait_is_not_slow() -> None:
    requests = Requests()
    request = requests.began(_nobody)
    request.started -= 30.2
    with capture_logs() as logs:
        assert requests.ended(request, "/v1/changes", waited_s=30.0) < 1
    assert logs == []


async def _nobody(_: Message) -> None:
    raise AssertionError("nothing is sent here")


def test_the_watch_lasts_as_long_as_the_api(
    loop: asyncio.Runner, ports: Ports, shops_database: str
) -> None:
    async def story() -> list[str]:
        told: asyncio.Queue[Message] = asyncio.Queue()
        heard: asyncio.Queue[Message] = asyncio.Queue()
        pool = AsyncConnectionPool(shops_database, min_size=1, max_size=2, open=False)
        app = create_app(replace(ports, pool=pool, gateway=Memory()))
        with capture_logs() as logs:
            running = asyncio.ensure_future(app({"type": "lifespan"}, told.get, heard.put))
            for phase in ("lifespan.startup", "lifespan.shutdown"):
                await told.put({"type": phase})
                assert (await heard.get())["type"] == f"{phase}.complete"
                await asyncio.sleep(0)
            await running
        return [line["event"] for line in logs]

    assert loop.run(story()) == ["started", "stopped"]
