"""Who may write to a customer, where, and in which words they agreed to it.

Consent belongs to a channel and an address, a withdrawal may reach further. Every register here is
a maximum, so the same signals end in the same state in any order; what follows from it is said in
`permission`.
"""

from datetime import datetime
from typing import ClassVar, Literal, TypeAlias, assert_never

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from aggregates.profile.channels import Scope as Scope
from aggregates.profile.latest import Latest, Stamp, newest, put

Channel = Literal["email", "sms", "whatsapp", "push"]
CHANNELS: tuple[Channel, ...] = ("email", "sms", "whatsapp", "push")
Level = Literal["single", "confirmed", "unknown"]
Basis = Literal["consent", "soft_opt_in", "legitimate_interest"]
Suppression = Literal["hard_bounce", "complaint", "invalid", "manual"]
CollectedBy = Literal[
    "checkout", "popup", "form", "keyword", "pos", "account", "preference_page",
    "unsubscribe_link", "import", "api", "admin", "other",
]  # fmt: skip
MAX_REQUESTS = 5


class ConsentEvent(Struct, frozen=True, omit_defaults=True):
    """Marks every consent event."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()


class Agreement(ConsentEvent, frozen=True, kw_only=True):
    """What was shown and how it was answered. The text is the shop's: it stays after an erasure.

    `source` and `source_detail` say where it was collected, `evidence` what proves it, `actor` who
    wrote it down. An `imported` one was told by a list.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset(
        {"address", "source_detail", "ip", "user_agent", "region", "evidence", "actor"}
    )
    channel: Channel
    address: str = ""
    level: Level = "unknown"
    text: str | None = None
    text_sha256: str | None = None
    text_version: str | None = None
    language: str | None = None
    source: CollectedBy | None = None
    source_detail: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    region: str | None = None
    basis: Basis = "consent"
    expires_at: datetime | None = None
    evidence: str | None = None
    actor: str | None = None
    imported: bool = False


class Granted(Agreement, frozen=True, kw_only=True, tag="consent.granted"):
    """They agreed to be written to at this address."""


class Requested(Agreement, frozen=True, kw_only=True, tag="consent.requested"):
    """They were asked to confirm, and have not yet: pending is not yes."""


class Withdrawn(ConsentEvent, frozen=True, kw_only=True, tag="consent.withdrawn"):
    """No longer to this address, on this channel, or at all: `scope` says which.

    `channel` and `address` may be named by a wider one, too: it came by them.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset(
        {"address", "source_detail", "reason", "ip", "user_agent", "evidence", "actor"}
    )
    scope: Scope
    channel: Channel | None = None
    address: str | None = None
    source: CollectedBy | None = None
    source_detail: str | None = None
    reason: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    evidence: str | None = None
    actor: str | None = None


class Suppressed(ConsentEvent, frozen=True, tag="consent.suppressed"):
    """Nothing may go there: the address bounces, complained, cannot exist, or the shop says so."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"address", "detail"})
    channel: Channel
    reason: Suppression
    address: str = ""
    detail: str | None = None


class SuppressionLifted(ConsentEvent, frozen=True, tag="consent.suppression_lifted"):
    """What was said against the address before holds no more."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"address", "detail"})
    channel: Channel
    address: str = ""
    detail: str | None = None


class Redacted(ConsentEvent, frozen=True, tag="consent.redacted"):
    """The place that collected the consent has erased it."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"address"})
    channel: Channel
    address: str = ""


Event: TypeAlias = Granted | Requested | Withdrawn | Suppressed | SuppressionLifted | Redacted


class AddressConsent(Struct, frozen=True, omit_defaults=True):
    """Of one address on one channel: the newest grant of each weight, the newest requests, the
    newest withdrawal, the newest suppression of each reason."""

    grants: dict[str, Latest[Granted]] = {}
    requests: tuple[Latest[Requested], ...] = ()
    withdrawn: Latest[Withdrawn] | None = None
    suppressed: dict[str, Latest[Suppressed]] = {}
    lifted: Latest[SuppressionLifted] | None = None
    redacted: Latest[Redacted] | None = None


NOTHING = AddressConsent()


class Consent(Struct, frozen=True, omit_defaults=True):
    """By `channel:address`, and the withdrawals that reach further."""

    addresses: dict[str, AddressConsent] = {}
    channels: dict[str, Latest[Withdrawn]] = {}
    everywhere: Latest[Withdrawn] | None = None


def evolve(consent: Consent, event: Event, stamp: Stamp) -> Consent:
    match event:
        case Withdrawn(scope="global"):
            return replace(consent, everywhere=newest(consent.everywhere, event, stamp))
        case Withdrawn(scope="channel", channel=str(channel)):
            return replace(consent, channels=put(consent.channels, channel, event, stamp))
        case _:
            key = key_of(event.channel, event.address)
            held = _after(consent.addresses.get(key, NOTHING), event, stamp)
            return replace(consent, addresses={**consent.addresses, key: held})


def held_of(consent: Consent, channel: str | None, address: str | None) -> AddressConsent:
    return consent.addresses.get(key_of(channel, address), NOTHING)


def key_of(channel: str | None, address: str | None) -> str:
    return f"{channel}:{address or ''}"


def strength_of(grant: Granted) -> int:
    """What it lifts: 0 nothing, 1 a withdrawal from its address or channel, 2 a global one too.

    A list that cannot prove what it says lifts nothing; a global no is lifted by words only.
    """
    if grant.text is not None:
        return 2
    return 0 if grant.imported and grant.evidence is None else 1


def weight_of(grant: Granted) -> str:
    """Grants of one weight replace each other; one that lifts more is kept beside a later one."""
    return f"{grant.level}:{strength_of(grant)}"


def _after(held: AddressConsent, event: Event, stamp: Stamp) -> AddressConsent:
    match event:
        case Granted():
            return replace(held, grants=put(held.grants, weight_of(event), event, stamp))
        case Requested():
            return replace(held, requests=_latest((*held.requests, Latest(event, stamp))))
        case Withdrawn():
            return replace(held, withdrawn=newest(held.withdrawn, event, stamp))
        case Suppressed():
            return replace(held, suppressed=put(held.suppressed, event.reason, event, stamp))
        case SuppressionLifted():
            return replace(held, lifted=newest(held.lifted, event, stamp))
        case Redacted():
            return replace(held, redacted=newest(held.redacted, event, stamp))
        case _:
            assert_never(event)


def _latest(requests: tuple[Latest[Requested], ...]) -> tuple[Latest[Requested], ...]:
    """The newest few, each once."""
    apart = {(one.stamp, msgspec.json.encode(one.value)): one for one in requests}
    return tuple(apart[key] for key in sorted(apart, reverse=True)[:MAX_REQUESTS])
