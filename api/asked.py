"""What stands in an address: ids, moments, pages."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import Path, Query
from msgspec.json import Decoder

from aggregates.log.moments import Moment
from api.errors import Fault, invalid, no_such
from api.intake.command import in_utc

BIGINT = 2**63 - 1  # the greatest number Postgres compares a version with
PAGE_AT_MOST = 200
PAGE = 50
Version = Annotated[int | None, Query(ge=1, le=BIGINT)]
Instant = Annotated[str | None, Query(json_schema_extra={"format": "date-time"})]
IdInPath = Annotated[str, Path(json_schema_extra={"format": "uuid"})]
Limit = Annotated[int, Query(ge=1, le=PAGE_AT_MOST)]
Cursor = Annotated[str | None, Query()]
_INSTANT = Decoder(datetime)


def moment(version: Version = None, at: Instant = None, known_at: Instant = None) -> Moment:
    return Moment(version, instant_of(at, "at"), instant_of(known_at, "known_at"))


def instant_of(given: str | None, field: str) -> datetime | None:
    if given is None:
        return None
    try:
        at = _INSTANT.decode(msgspec.json.encode(given))
    except msgspec.ValidationError as error:
        expected = "expected an RFC 3339 instant such as 2026-11-21T10:00:00Z (write + as %2B)"
        raise invalid(Fault(field, expected)) from error
    return in_utc(at, field)


def known_id(profile_id: IdInPath) -> UUID:
    return id_of(profile_id, "profile")


def id_of(text: str, thing: str) -> UUID:
    """Whatever is no id of ours is nobody's and nothing's. Raises Problem (404)."""
    if (known := uuid_or_none(text)) is None:
        raise no_such(thing)
    return known


def uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
