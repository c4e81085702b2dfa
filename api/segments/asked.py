"""What somebody wants a segment to be: a rule as JSON or in words, checked."""

from typing import Annotated

from msgspec import Meta, Struct
from msgspec.json import Decoder

from api import wire
from api.errors import Fault, invalid
from projections.segments.checking import wrongs
from projections.segments.parsing import parsed
from projections.segments.rule import Rule
from projections.segments.tokens import Misunderstood

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*(?!\n)$")]
Words = Annotated[str, Meta(min_length=1, max_length=200_000)]


class SegmentAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """The rule as `rule` or, in words, as `text`."""

    name: Name
    rule: Rule | None = None
    text: Words | None = None


class PreviewAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """The rule as `rule` or, in words, as `text`."""

    rule: Rule | None = None
    text: Words | None = None


_SEGMENT, _PREVIEW = Decoder(SegmentAsked), Decoder(PreviewAsked)


def segment_asked(body: bytes) -> tuple[str, Rule]:
    """The name and the rule. Raises Problem."""
    asked = wire.whole(_SEGMENT, body)
    return asked.name, _rule(asked.rule, asked.text)


def preview_asked(body: bytes) -> Rule:
    """Raises Problem."""
    asked = wire.whole(_PREVIEW, body)
    return _rule(asked.rule, asked.text)


def _rule(rule: Rule | None, text: str | None) -> Rule:
    if (rule is None) == (text is None):
        raise invalid(Fault("rule", "give either rule or text"))
    read = _understood(text) if text is not None else rule
    assert read is not None, "one of both is given"
    place = "rule" if text is None else "text"
    if faults := [Fault(*wrong) for wrong in wrongs(read, place)]:
        raise invalid(*faults)
    return read


def _understood(text: str) -> Rule:
    try:
        return parsed(text)
    except Misunderstood as error:
        raise invalid(Fault("text", str(error))) from error
