"""What a customer agreed to and refused, as clients read it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from aggregates.log.record import Record
from aggregates.profile.events import consent
from aggregates.profile.events.consent import (
    ConsentEvent,
    Granted,
    Redacted,
    Requested,
    Suppressed,
    SuppressionLifted,
    Withdrawn,
)
from aggregates.profile.permission import reached_by
from aggregates.profile.profile import Profile
from aggregates.profile.standing import standing
from api.views.shape import Consent, Consents

SAID = {
    Granted: "subscribed",
    Requested: "pending",
    Withdrawn: "unsubscribed",
    Suppressed: "suppressed",
    SuppressionLifted: "suppression_lifted",
    Redacted: "redacted",
}


class ConsentRecord(Struct, frozen=True, kw_only=True):
    """`state` is what this record said, `stands` what holds for its address at the moment asked
    for. `since` is when it happened, `recorded_at` when we heard of it; `collected_by` is the
    system that told us, where `source` says in which way they answered. The event is number
    `version` of `stream`."""

    state: str
    stands: str | None
    channel: str | None
    address: str | None
    since: datetime
    recorded_at: datetime
    scope: str | None = None
    reason: str | None = None
    level: str | None = None
    text: str | None = None
    text_sha256: str | None = None
    text_version: str | None = None
    language: str | None = None
    source: str | None = None
    source_detail: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    region: str | None = None
    basis: str | None = None
    expires_at: datetime | None = None
    evidence: str | None = None
    actor: str | None = None
    by: str
    collected_by: str
    event: str
    stream: UUID
    subject: UUID
    version: int
    erased: bool


class ConsentPage(Struct, frozen=True):
    """The newest first."""

    items: list[ConsentRecord]
    next_cursor: str | None = None


def of_channels(profile: Profile, at: datetime) -> Consents:
    """How things stand with the address that messages on each channel go to."""
    return Consents(**{channel: _shown(profile, channel, at) for channel in consent.CHANNELS})


def records(told: Iterable[Record], profile: Profile, at: datetime) -> list[ConsentRecord]:
    found = [record for record in told if isinstance(record.event, ConsentEvent)]
    found.sort(key=lambda record: (record.occurred_at, record.stream, record.version), reverse=True)
    return [_record(record, profile, at) for record in found]


def _shown(profile: Profile, channel: str, at: datetime) -> Consent:
    address, found = reached_by(profile, channel, at)
    known = found.state != "never"
    return Consent(found.state, found.since, address if known else None)


def _record(record: Record, profile: Profile, at: datetime) -> ConsentRecord:
    event = record.event
    assert isinstance(event, ConsentEvent)
    named = {f: v for f in event.__struct_fields__ if f != "imported" and (v := getattr(event, f))}
    channel, address = named.pop("channel", None), named.pop("address", None)
    if "detail" in named:
        named["source_detail"] = named.pop("detail")
    return ConsentRecord(
        **named,
        state=SAID[type(event)],
        stands=standing(profile.consent, channel, address, at).state if channel else None,
        channel=channel,
        address=address,
        since=record.occurred_at,
        recorded_at=record.recorded_at,
        by=record.by,
        collected_by=record.source.kind,
        event=str(event.__struct_config__.tag),
        stream=record.stream,
        subject=record.subject,
        version=record.version,
        erased=record.erased,
    )
