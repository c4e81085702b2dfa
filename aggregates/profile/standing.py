"""How things stand with an address: what follows from every yes and no about it. Pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from msgspec.structs import replace

from aggregates.profile.events.consent import (
    AddressConsent,
    Consent,
    Granted,
    Requested,
    Scope,
    held_of,
    strength_of,
)
from aggregates.profile.latest import Latest

State = Literal[
    "never", "pending", "subscribed", "unsubscribed", "suppressed", "redacted", "expired"
]
UNDELIVERABLE = ("hard_bounce", "invalid")
REASONS = (*UNDELIVERABLE, "complaint", "manual")  # the first that stands is told
BY_HAND = "manual"  # lifted by hand only
WIDTH: dict[Scope, int] = {"address": 0, "channel": 1, "global": 2}
BEGINNING = datetime.min.replace(tzinfo=UTC)


class Standing(NamedTuple):
    """`reason` of a suppression, `scope` of a withdrawal, `agreed` where they are subscribed."""

    state: State = "never"
    since: datetime | None = None
    reason: str | None = None
    scope: Scope | None = None
    agreed: Granted | None = None


def standing(consent: Consent, channel: str, address: str | None, at: datetime) -> Standing:
    """How things stand with an address, or with a channel of which no address is known."""
    held = held_of(consent, channel, address)
    for reason in REASONS if held.suppressed else ():
        if said := suppressed_since(held, reason):
            return Standing("suppressed", said, reason)
    barriers = list(_barriers(consent, channel, held))
    standing_in_the_way = [barrier for barrier in barriers if not _is_lifted(barrier, held)]
    if not standing_in_the_way:
        return _granted(held, barriers, at)
    last = max(barrier.at for barrier in standing_in_the_way)
    return _asked(held, last) or _refused(standing_in_the_way)


class _Barrier(NamedTuple):
    at: datetime
    scope: Scope
    redacted: bool = False


def _barriers(consent: Consent, channel: str, held: AddressConsent) -> Iterator[_Barrier]:
    if consent.everywhere:
        yield _Barrier(consent.everywhere.stamp.at, "global")
    if channel in consent.channels:
        yield _Barrier(consent.channels[channel].stamp.at, "channel")
    if held.withdrawn:
        yield _Barrier(held.withdrawn.stamp.at, "address")
    if held.redacted:
        yield _Barrier(held.redacted.stamp.at, "address", redacted=True)


def _is_lifted(barrier: _Barrier, held: AddressConsent) -> bool:
    return any(_lifts(grant, barrier, held) for grant in held.grants.values())


def _lifts(grant: Latest[Granted], barrier: _Barrier, held: AddressConsent) -> bool:
    """Later, not merely as late; after a global no only with words shown after it."""
    strength = strength_of(grant.value)
    if grant.stamp.at <= barrier.at or not strength:
        return False
    if barrier.scope != "global" or strength == 2:
        return True
    shown = _shown_before(grant, held)
    return shown is not None and shown.stamp.at > barrier.at


def _granted(held: AddressConsent, lifted: Sequence[_Barrier], at: datetime) -> Standing:
    """Where nothing stands in the way any more."""
    last_no = max([barrier.at for barrier in lifted], default=BEGINNING)
    firm = [grant for grant in held.grants.values() if grant.stamp.at > last_no]
    live = [g for g in firm if g.value.expires_at is None or g.value.expires_at > at]
    if live:
        best = live[0] if len(live) == 1 else max(live, key=lambda grant: _worth(grant, held))
        return Standing("subscribed", best.stamp.at, agreed=_completed(best, held))
    last_yes = max((grant.stamp.at for grant in firm), default=last_no)
    if asked := _asked(held, last_yes):
        return asked
    ended = max((grant.value.expires_at for grant in firm if grant.value.expires_at), default=None)
    return Standing("expired", ended) if ended else Standing()


def _refused(standing_in_the_way: Sequence[_Barrier]) -> Standing:
    """The widest no is told; as redacted only what was not refused since."""
    widest = max(standing_in_the_way, key=lambda barrier: (WIDTH[barrier.scope], barrier.at))
    if widest.redacted:
        return Standing("redacted", widest.at)
    return Standing("unsubscribed", widest.at, scope=widest.scope)


def _asked(held: AddressConsent, since: datetime) -> Standing | None:
    newest = next(iter(held.requests), None)
    if newest is None or newest.stamp.at <= since:
        return None
    return Standing("pending", newest.stamp.at)


def suppressed_since(held: AddressConsent, reason: str) -> datetime | None:
    """Since when, if it stands: a later confirmation from the address lifts what machines and
    complaints said, and somebody's word lifts all."""
    said = held.suppressed.get(reason)
    if said is None or (held.lifted and held.lifted.stamp.at > said.stamp.at):
        return None
    answered = any(
        grant.value.level == "confirmed"
        and strength_of(grant.value) > 0
        and grant.stamp.at > said.stamp.at
        for grant in held.grants.values()
    )
    return None if answered and reason != BY_HAND else said.stamp.at


def _worth(grant: Latest[Granted], held: AddressConsent) -> tuple[bool, object]:
    """Words count for more than what was said later without any: a shop's own note of the same
    consent follows it by a moment, and has none."""
    return _completed(grant, held).text is not None, grant.stamp


def _completed(grant: Latest[Granted], held: AddressConsent) -> Granted:
    """A confirmation with the words that it confirms."""
    given = grant.value
    shown = _shown_before(grant, held) if given.text is None else None
    if shown is None:
        return given
    asked = shown.value
    return replace(
        given,
        text=asked.text,
        text_sha256=asked.text_sha256,
        text_version=given.text_version or asked.text_version,
        language=given.language or asked.language,
    )


def _shown_before(grant: Latest[Granted], held: AddressConsent) -> Latest[Requested] | None:
    """The request that a grant confirms."""
    if grant.value.level != "confirmed":
        return None
    earlier = (asked for asked in held.requests if asked.stamp.at <= grant.stamp.at)
    return next((asked for asked in earlier if asked.value.text is not None), None)
