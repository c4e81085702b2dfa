"""What is turned away before any work is done for it."""

import asyncio
from collections.abc import Sequence

import msgspec
from starlette.types import Message, Receive, Scope, Send

from api.front import Front
from api.operations.condition import Condition
from api.operations.counts import Counts
from api.room import MOST, Room


class Asked:
    """Requests sent to a Front over an application that takes a turn of the loop."""

    def __init__(self, condition: Condition | None = None, room: int = MOST) -> None:
        self.counts = Counts()
        rooms = Room(room), Room(room)
        self.front = Front(_app, _app, self.counts, condition or Condition(), *rooms)

    def at_once(self, *requests: tuple[str, str]) -> Sequence["Answer"]:
        async def all_of_them() -> Sequence[Answer]:
            return await asyncio.gather(*(self._one(*request) for request in requests))

        return asyncio.run(all_of_them())

    async def _one(self, method: str, path: str) -> "Answer":
        answer = Answer()
        scope = {"type": "http", "method": method, "path": path, "headers": []}
        await self.front(scope, _receive, answer.send)
        return answer


class Answer:
    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = dict(message["headers"])
        else:
            self.body += message["body"]


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.sleep(0)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"done"})


async def _receive() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def test_too_many_at_once_are_turned_away_and_told_when_to_come_back() -> None:
    asked = Asked(room=1)
    first, second = asked.at_once(("GET", "/a"), ("GET", "/b"))
    assert (first.status, second.status) == (200, 503)
    assert second.headers[b"retry-after"] == b"1"
    assert second.headers[b"content-type"] == b"application/problem+json"
    assert int(second.headers[b"content-length"]) == len(second.body)
    assert msgspec.json.decode(second.body)["code"] == "busy"
    assert asked.counts.turned_away == {"busy": 1}


def test_those_who_ask_how_we_are_are_answered_however_busy_we_are() -> None:
    answers = Asked(room=1).at_once(("GET", "/a"), ("GET", "/readyz"), ("GET", "/metrics"))
    assert [answer.status for answer in answers] == [200, 200, 200]


def test_readers_are_not_turned_away_because_writers_wait() -> None:
    answers = Asked(room=1).at_once(("POST", "/a"), ("GET", "/a"), ("POST", "/a"), ("HEAD", "/a"))
    assert [answer.status for answer in answers] == [200, 200, 503, 503]


def test_who_was_answered_makes_room_for_the_next() -> None:
    asked = Asked(room=1)
    assert [asked.at_once(("GET", "/a"))[0].status for _ in range(3)] == [200, 200, 200]


def test_a_full_disk_stops_writing_and_not_reading() -> None:
    asked = Asked(Condition(disk_full=True))
    read, written, told = asked.at_once(
        ("GET", "/v1/profiles"), ("POST", "/v1/commands"), ("POST", "/webhooks/shopify")
    )
    assert (read.status, written.status, told.status) == (200, 503, 503)
    assert msgspec.json.decode(written.body)["code"] == "disk_full"
    assert written.headers[b"retry-after"] == b"10"
