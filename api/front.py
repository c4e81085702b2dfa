"""In front of everything: too many at once are turned away, webhooks skip the router."""

from starlette.types import ASGIApp, Receive, Scope, Send

from api.bodies import Gone
from api.errors import problem_of, report, try_again
from api.intake import hooks
from api.operations.counts import Counts

IN_FLIGHT_AT_MOST = 2_000  # requests in this process; each may hold a body of megabytes
ALWAYS_ANSWERED = frozenset({"/healthz", "/readyz", "/metrics"})


class Front:
    """An ASGI application around the others. Nothing leaves it as an exception."""

    def __init__(self, app: ASGIApp, hook: ASGIApp, counts: Counts) -> None:
        self._app = app
        self._hook = hook
        self._counts = counts
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif self._in_flight >= IN_FLIGHT_AT_MOST and scope["path"] not in ALWAYS_ANSWERED:
            self._counts.refused_at_the_door += 1
            too_many = try_again("busy", "too many requests are under way", after_s=1)
            await too_many.response()(scope, receive, send)
        else:
            await self._counted(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._in_flight += 1
        try:
            app = self._hook if scope["path"] == hooks.PATH else self._app
            await app(scope, receive, send)
        except Gone:
            pass
        except Exception as error:  # noqa: BLE001 - already answered; only the report is left
            if problem_of(error).status == 500:
                report(error, _route(scope))
        finally:
            self._in_flight -= 1


def _route(scope: Scope) -> str:
    """The route's pattern: the address itself may hold an e-mail."""
    return str(getattr(scope.get("route"), "path", "unknown"))
