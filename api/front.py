"""In front of everything: what cannot be served is turned away, webhooks skip the router."""

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.bodies import Gone
from api.errors import Problem, problem_of, report, try_again
from api.intake import hooks
from api.operations.condition import Condition
from api.operations.counts import Counts
from api.room import WAITED_S, Room

ALWAYS_ANSWERED = frozenset({"/healthz", "/readyz", "/metrics"})
READING = frozenset({"GET", "HEAD", "OPTIONS"})
FAILED = 500
BUSY = try_again("busy", "too many requests are under way", after_s=1)
DISK_FULL = try_again("disk_full", "there is no room to store anything; reading works", after_s=10)


class Front:
    """An ASGI application around the others. Nothing leaves it as an exception.

    Readers have a room of their own: whoever writes may have to wait for somebody.
    """

    def __init__(
        self,
        app: ASGIApp,
        hook: ASGIApp,
        counts: Counts,
        condition: Condition,
        reading: Room,
        writing: Room,
    ) -> None:
        self.condition = condition
        self._app = app
        self._hook = hook
        self._counts = counts
        self._requests = counts.requests
        self._reading, self._writing = reading, writing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif (refusal := self.refusal(scope["method"], scope["path"])) is not None:
            await _turn_away(refusal, send)
        else:
            await self._served(scope, receive, send)

    def room_for(self, method: str) -> Room:
        return self._reading if method in READING else self._writing

    def refusal(self, method: str, path: str, at_the_door: int = 0) -> Problem | None:
        """Why such a request is turned away now, and counts it then; None if it may come in."""
        why = self._why_not(method, path, at_the_door)
        if why is not None:
            self._counts.turned_away[why.code] += 1
        return why

    def _why_not(self, method: str, path: str, at_the_door: int) -> Problem | None:
        if path not in ALWAYS_ANSWERED and self.room_for(method).is_full(at_the_door):
            return BUSY
        if self.condition.disk_full and method not in READING:
            return DISK_FULL
        return None

    async def _served(self, scope: Scope, receive: Receive, send: Send) -> None:
        room, request = self.room_for(scope["method"]), self._requests.began(send)
        room.inside += 1
        try:
            app = self._hook if scope["path"] == hooks.PATH else self._app
            await app(scope, receive, request.send)
        except Gone:
            pass
        except Exception as error:  # noqa: BLE001 - already answered; only the report is left
            if problem_of(error).status == 500:
                report(error, _route(scope))
        finally:
            room.inside -= 1
            seconds = self._requests.ended(request, _route(scope), scope.get(WAITED_S, 0.0))
            if request.status < FAILED:
                room.answered(seconds)


async def _turn_away(refusal: Problem, send: Send) -> None:
    start, body = _MESSAGES[refusal.code]
    await send(start)
    await send(body)


def _messages(refusal: Problem) -> tuple[Message, Message]:
    body = msgspec.json.encode(refusal.document)
    headers = [*refusal.response().raw_headers]
    start = {"type": "http.response.start", "status": refusal.status, "headers": headers}
    return start, {"type": "http.response.body", "body": body}


def _route(scope: Scope) -> str:
    """The route's pattern: the address itself may hold an e-mail."""
    if scope["path"] == hooks.PATH:
        return hooks.PATH
    return str(getattr(scope.get("route"), "path", "unknown"))


_MESSAGES = {refusal.code: _messages(refusal) for refusal in (BUSY, DISK_FULL)}
