"""What is asked of the list of customers, checked before the database hears of it."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple, TypeAlias, get_args
from uuid import UUID

import msgspec
from fastapi import Query, Request

from aggregates.profile.events.lifecycle import Stage
from api.asked import id_of
from api.errors import Fault, invalid
from api.intake.whom import EXPECTED
from projections.words import asked

LONGEST = 200  # characters of a search
WORDS_AT_MOST = 8
LONGEST_SOURCE = 100
Sort: TypeAlias = Literal[
    "name", "-name", "email", "-email", "order_count", "-order_count",
    "lifetime_spend", "-lifetime_spend", "last_order_at", "-last_order_at",
    "created_at", "-created_at", "last_activity_at", "-last_activity_at",
]  # fmt: skip
COLUMNS = {"order_count": "orders", "lifetime_spend": "spend"}  # where the table says otherwise
TAKEN = ("q", "stage", "source", "segment", "sort", "limit", "cursor", "after")
Sought = Annotated[str | None, Query(max_length=LONGEST)]
OneSource = Annotated[str | None, Query(min_length=1, max_length=LONGEST_SOURCE)]
OneSegment = Annotated[str | None, Query(json_schema_extra={"format": "uuid"})]
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_MARKS = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


class Asked(NamedTuple):
    """`order` is a column of the table."""

    q: str
    stage: Stage | None
    source: str | None
    segment: UUID | None
    order: str
    descending: bool

    @property
    def about(self) -> str:
        """What a cursor is bound to."""
        return f"customers {msgspec.json.encode(self).decode()}"

    @property
    def read_models(self) -> list[str]:
        """Those that the answer is made of."""
        return ["customers", "stages", *(["segments"] if self.segment else [])]


def asked_for(
    request: Request,
    q: Sought = None,
    stage: Stage | None = None,
    source: OneSource = None,
    segment: OneSegment = None,
    sort: Sort = "-last_activity_at",
) -> Asked | None:
    """None where one is looked up by an identifier. Raises Problem."""
    given = Counter(name for name, _ in request.query_params.multi_items())
    if given.keys() & EXPECTED.keys():
        return None
    _check_names(given)
    column = sort.removeprefix("-")
    return Asked(
        _searched(q or ""),
        stage,
        _plain(source, "source"),
        _segment(segment),
        COLUMNS.get(column, column),
        sort.startswith("-"),
    )


def _check_names(given: Mapping[str, int]) -> None:
    """A filter that nobody reads would show everybody."""
    if given.keys() - set(TAKEN):
        raise invalid(Fault("", f"this list takes {', '.join(TAKEN)} and nothing else"))
    if twice := [name for name, count in given.items() if count > 1]:
        raise invalid(*(Fault(name, "is given more than once") for name in twice))


def _searched(q: str) -> str:
    """Without the marks by which right-to-left text is shown: they come along when it is copied."""
    text = _MARKS.sub("", _plain(q, "q") or "").strip()
    if len(asked(text)) > WORDS_AT_MOST:
        raise invalid(Fault("q", f"expected at most {WORDS_AT_MOST} words"))
    return text


def _plain(text: str | None, field: str) -> str | None:
    if text is not None and _CONTROLS.search(text):
        raise invalid(Fault(field, "expected a text without control characters"))
    return text


def _segment(given: str | None) -> UUID | None:
    return id_of(given, "segment") if given is not None else None


assert {sort.removeprefix("-") for sort in get_args(Sort)} >= COLUMNS.keys()
