"""Commands to a server under measurement: one at a time, or by the thousand over a few connections.

The standard library's client takes little of what it measures; answers are read only afterwards.
"""

import http.client
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import msgspec
from msgspec import Struct

from api.routes import commands, settings
from api.wire import Json, Ndjson
from tests.bench.place import Deployment

LINES = commands.MAX_LINES  # a request
CONNECTIONS = 4
TIMEOUT_S = 30


class Said(Struct):
    """What the gate said."""

    allowed: bool
    reason: str | None = None


class Answer(Struct):
    """Of one command: what we read of it. A refusal has a code, no profile."""

    status: int = 200
    profile_id: str = ""
    code: str = ""
    decision: Said | None = None


class Client:
    """One connection that stays open."""

    def __init__(self, ours: Deployment) -> None:
        self._connection = http.client.HTTPConnection(
            ours.settings.host, ours.settings.port, timeout=TIMEOUT_S
        )
        self._authorized = {"Authorization": f"Bearer {ours.api_key}"}

    def one(self, told: bytes) -> Answer:
        status, said = self.asked("POST", commands.PATH, told)
        answer = _ANSWER.decode(said)
        answer.status = status
        return answer

    def many(self, body: bytes) -> bytes:
        """The answers, a line each."""
        status, said = self.asked("POST", commands.PATH, body, Ndjson.media_type)
        assert status == 200, (status, said[:200])
        return said

    def change_settings(self, **wanted: object) -> None:
        status, said = self.asked("PUT", settings.PATH, msgspec.json.encode(wanted))
        assert status == 200, (status, said[:200])

    def asked(
        self, method: str, path: str, body: bytes | None = None, kind: str = Json.media_type
    ) -> tuple[int, bytes]:
        self._connection.request(method, path, body, {**self._authorized, "Content-Type": kind})
        response = self._connection.getresponse()
        return response.status, response.read()

    def close(self) -> None:
        self._connection.close()


class Bulk(NamedTuple):
    """The answers in the order of the commands, and how long all took."""

    answers: list[Answer]
    seconds: float

    @property
    def per_s(self) -> float:
        return len(self.answers) / self.seconds


def command(kind: str, name: str, profile: dict[str, str], **more: object) -> bytes:
    return msgspec.json.encode({"type": kind, "id": name, "profile": profile, **more})


def in_bulk(ours: Deployment, told: Sequence[bytes]) -> Bulk:
    bodies = [b"\n".join(told[at : at + LINES]) for at in range(0, len(told), LINES)]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        started = time.perf_counter()
        parts = [pool.submit(_sent, ours, bodies[nth::CONNECTIONS]) for nth in range(CONNECTIONS)]
        said = [part.result() for part in parts]
        elapsed = time.perf_counter() - started
    in_order = (said[nth % CONNECTIONS][nth // CONNECTIONS] for nth in range(len(bodies)))
    answers = [_ANSWER.decode(line) for lines in in_order for line in lines.splitlines()]
    assert len(answers) == len(told), "one answer a line"
    return Bulk(answers, elapsed)


def _sent(ours: Deployment, bodies: Sequence[bytes]) -> list[bytes]:
    client = Client(ours)
    said = [client.many(body) for body in bodies]
    client.close()
    return said


_ANSWER = msgspec.json.Decoder(Answer)
