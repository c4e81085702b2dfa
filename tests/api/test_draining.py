"""A process lets its clients in without delay and, told to stop, lets go of them unnoticed."""

import socket

import pytest

from api import draining
from tests.api.served import served

LONG_S = 3_600.0


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here happens because time is over, unless the test says so."""
    monkeypatch.setattr(draining, "GOODBYE_S", LONG_S)


def listening() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def test_a_crowd_is_let_in_many_at_a_time_however_busy_we_are() -> None:
    with served() as place:
        assert place.turns_to_let_in(64) < 16


def test_what_is_under_way_is_answered_and_ends_its_connection() -> None:
    with listening() as shared, served("answer", shared=shared) as place:
        client = place.client()
        place.application.may_answer.clear()
        client.request("GET", "/a")
        place.application.asked.acquire()
        place.tell_to_stop()
        place.application.may_answer.set()
        answer = client.getresponse()
        assert (answer.status, answer.headers["Connection"]) == (200, "close")
        assert answer.read() == b"answer"
        assert place.has_ended()


def test_one_who_asks_after_the_signal_is_answered_too() -> None:
    with listening() as shared, served("answer", shared=shared) as place:
        client = place.client()
        client.request("GET", "/a")
        before = client.getresponse()
        before.read()
        place.tell_to_stop()
        client.request("GET", "/b")
        after = client.getresponse()
        assert (before.headers["Connection"], after.headers["Connection"]) == (None, "close")
        assert (after.status, after.read()) == (200, b"answer")
        assert place.has_ended()


def test_one_who_is_turned_away_after_the_signal_is_not_kept_either() -> None:
    with listening() as shared, served(room=0, shared=shared) as place:
        client = place.client()
        place.tell_to_stop()
        client.request("GET", "/a")
        answer = client.getresponse()
        assert (answer.status, answer.headers["Connection"]) == (503, "close")
        assert place.has_ended()


def test_new_connections_are_left_to_others_who_share_the_socket() -> None:
    with (
        listening() as shared,
        served("old", shared=shared) as old,
        served("new", shared=shared) as new,
    ):
        held = [old.client() for _ in range(20)]  # so that it does not just end
        old.tell_to_stop()
        for client in held:
            client.request("GET", "/a")
            client.getresponse().read()
        assert old.has_ended()
        fresh = [new.client() for _ in range(20)]
        for client in fresh:
            client.request("GET", "/a")
        assert {client.getresponse().read() for client in fresh} == {b"new"}


def test_one_that_listens_alone_still_tells_that_it_is_about_to_stop() -> None:
    with served("not ready") as place:
        place.tell_to_stop()
        asking = place.client()
        asking.request("GET", "/readyz")
        assert asking.getresponse().read() == b"not ready"
        assert place.condition.draining


def test_a_connection_nobody_uses_is_closed_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "GOODBYE_S", 0.0)
    with listening() as shared, served(shared=shared) as place:
        client = place.client()
        place.tell_to_stop()
        assert client.sock.recv(1) == b""
        assert place.has_ended()


def test_a_second_signal_is_obeyed_at_once() -> None:
    with listening() as shared, served(shared=shared) as place:
        place.client()
        place.tell_to_stop()
        place.tell_to_stop()
        assert place.has_ended()
