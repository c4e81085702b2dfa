"""Who may do what: bearer keys for the shop's own systems, one admin token for the operator."""

import hmac
from collections.abc import Awaitable, Callable

from fastapi import Request

from api.errors import Problem
from api.shops.directory import Directory, KeyHolder
from api.shops.keys import Scope, looks_like_a_key

REALM = 'Bearer realm="customer360"'


def bearer(directory: Directory, scope: Scope) -> Callable[[Request], Awaitable[KeyHolder]]:
    """A dependency that answers whose key this is, and refuses one without `scope`."""

    async def holder_of(request: Request) -> KeyHolder:
        key = token_of(request)
        holder = await directory.holder(key) if looks_like_a_key(key) else None
        if holder is None:
            raise unauthorised("this API key is not known; it may have been revoked")
        if scope not in holder.scopes:
            raise _forbidden(scope)
        return holder

    return holder_of


def operator(admin_token: str) -> Callable[[Request], Awaitable[None]]:
    """A dependency that lets only the holder of the admin token pass."""

    async def check(request: Request) -> None:
        given, right = token_of(request).encode(), admin_token.encode()
        if not right or not hmac.compare_digest(given, right):
            raise unauthorised("this is not the token in admin.token of the data folder")

    return check


def token_of(request: Request) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise unauthorised("send Authorization: Bearer and your key", error=None)
    return token.strip()


def unauthorised(detail: str, error: str | None = "invalid_token") -> Problem:
    challenge = f'{REALM}, error="{error}"' if error else REALM
    return Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": challenge})


def _forbidden(scope: Scope) -> Problem:
    challenge = f'{REALM}, error="insufficient_scope", scope="{scope}"'
    detail = f"this API key lacks the scope {scope}"
    return Problem(403, "forbidden", detail, headers={"WWW-Authenticate": challenge})
