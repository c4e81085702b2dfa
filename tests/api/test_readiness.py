"""When the supervisor gives the hosts up: not while anything else explains their silence."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from api import readiness
from api.readiness import HostsWatch, parts
from tests.faults.waiting import until
from tests.places import free_port

WITHIN_S = 20.0
WELL = {"database": True, "hosts": True}
WITHOUT_HOSTS = {"database": True, "hosts": False}
WITHOUT_DATABASE = {"database": False, "hosts": False}


class Api(HTTPServer):
    """Answers /readyz with whatever the test says of its parts."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Readyz)
        self.parts = WELL
        self.asked = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def until_asked(self, times: int) -> None:
        wanted = self.asked + times
        until(lambda: self.asked >= wanted, WITHIN_S, "nobody asks")


class Readyz(BaseHTTPRequestHandler):
    server: Api

    def do_GET(self) -> None:
        found = {name: {"ready": ready} for name, ready in self.server.parts.items()}
        body = json.dumps({"ready": all(self.server.parts.values()), "parts": found}).encode()
        self.send_response(200 if all(self.server.parts.values()) else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.server.asked += 1

    def log_message(self, *_: object) -> None:
        """To nobody."""


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def hosts(api: Api, monkeypatch: pytest.MonkeyPatch) -> Iterator[HostsWatch]:
    monkeypatch.setattr(readiness, "EVERY_S", 0.01)
    monkeypatch.setattr(readiness, "PATIENCE_S", 0.05)
    with HostsWatch(api.url) as watch:
        yield watch


def test_it_is_told_what_is_ready_and_what_is_not(api: Api) -> None:
    api.parts = WITHOUT_HOSTS
    assert parts(api.url) == WITHOUT_HOSTS


def test_where_nobody_answers_the_api_is_what_is_missing() -> None:
    assert parts(f"http://127.0.0.1:{free_port()}") == {"api": False}


def test_hosts_that_answer_are_not_gone(api: Api, hosts: HostsWatch) -> None:
    api.until_asked(20)
    assert not hosts.are_gone()


def test_hosts_that_stay_away_are_gone_and_that_is_said_once(api: Api, hosts: HostsWatch) -> None:
    api.parts = WITHOUT_HOSTS
    until(hosts.are_gone, WITHIN_S, "nobody misses them")
    assert not hosts.are_gone()
    until(hosts.are_gone, WITHIN_S, "nobody misses them a second time")


def test_hosts_that_come_back_in_time_are_not_gone(
    api: Api, hosts: HostsWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "PATIENCE_S", WITHIN_S)
    api.parts = WITHOUT_HOSTS
    api.until_asked(3)
    api.parts = WELL
    api.until_asked(3)
    monkeypatch.setattr(readiness, "PATIENCE_S", 0.0)
    assert not hosts.are_gone()


@pytest.mark.parametrize("others", [WITHOUT_DATABASE, {}], ids=["no database", "no API"])
def test_hosts_are_not_missed_while_something_else_is(
    api: Api, hosts: HostsWatch, others: dict[str, bool]
) -> None:
    """A host that cannot reach its database has nothing to gain from another Ray."""
    api.parts = others
    api.until_asked(20)
    assert not hosts.are_gone()


def test_hosts_on_their_way_are_not_missed(
    api: Api, hosts: HostsWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They take their time on a busy machine, and starting Ray anew would never end."""
    api.parts = WITHOUT_HOSTS
    hosts.are_coming()
    api.until_asked(20)
    assert not hosts.are_gone()
    monkeypatch.setattr(readiness, "COMING_S", 0.0)
    hosts.are_coming()
    until(hosts.are_gone, WITHIN_S, "nobody misses them any more")
