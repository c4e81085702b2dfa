"""Turning away before ASGI must look to clients exactly like turning away in it."""

import socket

from tests.api.served import Served, served

FULL = 0
BODY = b'{"order": 1}'
HEAD = b"POST /webhooks/shopify HTTP/1.1\r\nHost: shop\r\nContent-Length: 12\r\n"
LAST = b"Connection: close\r\n\r\n"


def said_to(place: Served, request: bytes) -> bytes:
    """Everything until the server ends the connection."""
    with socket.create_connection(place.address, timeout=10) as client:
        client.sendall(request)
        return b"".join(iter(lambda: client.recv(65_536), b""))


def test_who_is_one_too_many_is_told_so_and_may_ask_again_on_the_same_connection() -> None:
    with served(room=1) as place:
        first, second = place.client(), place.client()
        place.application.may_answer.clear()
        first.request("POST", "/webhooks/shopify", BODY)
        place.application.asked.acquire()
        second.request("POST", "/webhooks/shopify", BODY)
        refused = second.getresponse()
        assert (refused.status, refused.headers["Retry-After"]) == (503, "1")
        assert b'"code":"busy"' in refused.read()
        connection = second.sock
        place.application.may_answer.set()
        assert first.getresponse().status == 200
        second.request("POST", "/webhooks/shopify", BODY)
        assert second.getresponse().status == 200
        assert second.sock is connection
        assert place.counts.turned_away == {"busy": 1}


def test_it_says_what_the_application_would_have_said() -> None:
    unusual = {"Expect": "100-continue"}  # left to the application
    with served(room=FULL) as place:
        answers = []
        for headers in ({}, unusual):
            client = place.client()
            client.request("POST", "/webhooks/shopify", BODY, headers)
            answer = client.getresponse()
            answers.append((answer.status, answer.getheaders(), answer.read()))
    assert answers[0] == answers[1]


def test_those_who_ask_how_we_are_are_answered_however_full_we_are() -> None:
    with served("well", room=FULL) as place:
        asking = place.client()
        asking.request("GET", "/readyz?verbose=1")
        assert asking.getresponse().read() == b"well"


def test_a_body_in_pieces_is_heard_to_its_end_before_it_is_turned_away() -> None:
    with served("taken", room=FULL) as place:
        client = place.client()
        client.request("POST", "/a", iter((b"one", b"two", b"three")), encode_chunked=True)
        assert client.getresponse().read().startswith(b"{")
        client.request("GET", "/healthz")
        assert client.getresponse().read() == b"taken"


def test_requests_sent_ahead_of_their_answers_are_answered_in_order() -> None:
    asked = b"GET /healthz HTTP/1.1\r\nHost: shop\r\n"
    with served("taken", room=FULL) as place:
        answers = said_to(place, asked + b"\r\n" + HEAD + b"\r\n" + BODY + asked + LAST)
    statuses = [part[:3] for part in answers.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"200", b"503", b"200"]


def test_a_head_is_turned_away_without_a_body() -> None:
    with served(room=FULL) as place:
        answer = said_to(place, b"HEAD /a HTTP/1.1\r\nHost: shop\r\n" + LAST)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert answer.endswith(b"\r\n\r\n")


def test_who_wants_the_connection_to_end_gets_that_too() -> None:
    with served(room=FULL) as place:
        answer = said_to(place, HEAD + LAST + BODY)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nconnection: close\r\n" in answer.lower()


def test_a_full_disk_stops_writing_and_not_reading_here_too() -> None:
    with served("read") as place:
        place.condition.disk_full = True
        client = place.client()
        client.request("POST", "/v1/commands", BODY)
        assert b'"code":"disk_full"' in client.getresponse().read()
        client.request("GET", "/v1/profiles")
        assert client.getresponse().read() == b"read"


def test_one_who_went_away_takes_up_room_until_the_work_is_done() -> None:
    with served(room=1) as place:
        gone, other = place.client(), place.client()
        place.application.may_answer.clear()
        gone.request("POST", "/webhooks/shopify", BODY)
        place.application.asked.acquire()
        gone.close()
        other.request("POST", "/webhooks/shopify", BODY)
        assert other.getresponse().status == 503
