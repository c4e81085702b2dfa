"""Every error leaves as a problem document (RFC 9457) and repeats nothing a shopper told us."""

from collections.abc import Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
import psycopg
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from msgspec import Struct
from starlette.exceptions import HTTPException

from actors.signals import Busy, NobodyYet, Unavailable, UnknownProfile
from aggregates.log.port import LogUnreachable
from config.failures import failure
from config.logs import logger

MEDIA_TYPE = "application/problem+json"
UNREACHABLE = (LogUnreachable, psycopg.OperationalError, psycopg.InterfaceError)
log = logger()


class Fault(Struct, frozen=True):
    """What is wrong with one field; `field` is a path such as `total.amount`."""

    field: str
    problem: str


class ProblemDocument(Struct, frozen=True, kw_only=True, omit_defaults=True):
    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: tuple[Fault, ...] = ()


class Problem(Exception):
    """An answer other than the one hoped for. `code` is stable, `detail` is for people."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: tuple[Fault, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = dict(headers or {})

    @property
    def document(self) -> ProblemDocument:
        return ProblemDocument(
            type=f"urn:customer360:problem:{self.code}",
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            detail=self.detail,
            code=self.code,
            errors=self.errors,
        )

    def response(self) -> Response:
        body = msgspec.json.encode(self.document)
        return Response(body, self.status, self.headers, MEDIA_TYPE)


def invalid(*faults: Fault, status: int = 422) -> Problem:
    """Well-formed input that is not what this route takes."""
    named = ", ".join(fault.field for fault in faults if fault.field)
    detail = f"see errors: {named}" if named else "see errors"
    return Problem(status, "invalid", detail, faults)


def try_again(code: str, detail: str, after_s: int) -> Problem:
    return Problem(503, code, detail, headers={"Retry-After": str(after_s)})


def problem_of(error: Exception) -> Problem:
    """What to tell a client about `error`, whatever it is."""
    for kind, told in _TOLD.items():
        if isinstance(error, kind):
            return told(error)
    return Problem(500, "internal", "this is our mistake; the request may be repeated")


def no_such(thing: str) -> Problem:
    """What is in another namespace is not there either."""
    return Problem(404, f"no_such_{thing}", f"there is no such {thing} in this namespace")


def report(error: Exception, route: str) -> None:
    """Logs a bug by its kind and place: messages and locals may hold personal data."""
    log.error("request_failed", route=route, **failure(error))


async def answer(request: Request, error: Exception) -> Response:
    return problem_of(error).response()


Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]


def handlers() -> dict[int | type[Exception], Handler]:
    return dict.fromkeys((*_TOLD, Exception), answer)


def _fault(loc: tuple[int | str, ...], message: str) -> Fault:
    return Fault(".".join(str(part) for part in loc[1:]), message)


def _plain(error: HTTPException) -> Problem:
    status = HTTPStatus(error.status_code)
    code = status.phrase.lower().replace(" ", "_").replace("-", "_")
    details = {404: "there is nothing at this address", 405: "this address takes other methods"}
    detail = details.get(status, status.description or status.phrase)
    return Problem(status.value, code, detail, headers=error.headers)


def _busy(error: Busy) -> Problem:
    return try_again("busy", str(error), error.retry_after_s)


def _unavailable(error: Unavailable) -> Problem:
    detail = "the log cannot be reached; repeat with the same id"
    return try_again("unavailable", detail, error.retry_after_s)


def _unreachable(error: Exception) -> Problem:
    return _unavailable(Unavailable(type(error).__name__))


def _nobody_yet(_: NobodyYet) -> Problem:
    return Problem(404, "no_such_profile", "nobody is known by these identifiers yet")


def _bad_parameters(error: RequestValidationError) -> Problem:
    return invalid(*(_fault(found["loc"], found["msg"]) for found in error.errors()))


_TOLD: dict[type[Exception], Callable[[Any], Problem]] = {
    Problem: lambda problem: problem,
    Busy: _busy,
    Unavailable: _unavailable,
    **dict.fromkeys(UNREACHABLE, _unreachable),
    UnknownProfile: lambda _: no_such("profile"),
    NobodyYet: _nobody_yet,
    RequestValidationError: _bad_parameters,
    HTTPException: _plain,
}
HANDLED = tuple(_TOLD)
