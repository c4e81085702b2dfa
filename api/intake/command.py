"""One JSON object becomes one signal: whose it is, when it happened, what is wanted."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple, get_args

import msgspec
from msgspec import Raw
from msgspec.json import Decoder
from msgspec.structs import replace

from actors.signals import Signal, Step
from aggregates.profile.decide import Command
from aggregates.profile.decisions.identity import LinkIdentifier, Recognise
from aggregates.profile.decisions.lifecycle import RecordStage
from aggregates.profile.identifiers import Identifier
from aggregates.profile.references import references_of
from aggregates.profile.source import Source
from aggregates.shop.identity_rules import IdentityRules
from api import wire
from api.bodies import too_large
from api.errors import Fault, invalid
from api.intake import consent
from api.intake.normal_form import in_normal_form
from api.intake.whom import whom_of
from api.recognition.known import powerless

MAX_ID = 255  # characters
MAX_COMMAND = 2 * 1024 * 1024  # bytes; a thousand lines of an order fit many times
AHEAD_AT_MOST = timedelta(minutes=5)  # clocks differ; beyond this it is a mistake
FINGERPRINT_BYTES = 16


class Caller(NamedTuple):
    """Who sends, into which namespace, and when it reached us."""

    namespace: int
    by: str
    received_at: datetime
    rules: IdentityRules
    source: Source = Source("api")


OURS = (Recognise, RecordStage)  # no client may send them
KINDS: dict[str, type[Command]] = {
    kind.__struct_config__.tag: kind for kind in get_args(Command) if kind not in OURS
}
_COMMANDS: dict[str, Decoder[Command]] = {tag: Decoder(kind) for tag, kind in KINDS.items()}
_encode = msgspec.json.Encoder().encode
_TEXT, _INSTANT = Decoder(str), Decoder(datetime)


def signal_of(raw: bytes, caller: Caller, key: str | None = None) -> Signal:
    """Raises Problem. `key` is the idempotency key of a header, used where the object has no id."""
    if len(raw) > MAX_COMMAND:
        raise too_large(MAX_COMMAND)
    members = wire.members(raw)
    name = _id(members.pop("id", None), key)
    at = _occurred_at(members.pop("occurred_at", None), caller.received_at)
    whom = members.pop("profile", None)
    asked = _command(members)
    profile, identifiers = whom_of(whom, caller.rules)
    command = in_normal_form(asked, caller.rules)  # says 409: after all that is malformed
    consent.check_times(command, at, caller.received_at)
    known = identifiers + _along(command, identifiers)
    return Signal(
        id=name,
        namespace=caller.namespace,
        occurred_at=at,
        source=caller.source,
        by=caller.by,
        identifiers=known,
        steps=(Step(at, command),),
        fingerprint=blake2b(raw.strip(), digest_size=FINGERPRINT_BYTES).digest(),
        profile=profile,
        powerless=powerless(known, caller.rules),
    )


def checked_id(name: str, field: str = "id") -> str:
    if not name or len(name) > MAX_ID or "\x00" in name:
        raise invalid(Fault(field, f"expected 1 to {MAX_ID} characters and no NUL"))
    return name


def in_utc(at: datetime, field: str) -> datetime:
    if at.tzinfo is None:
        raise invalid(Fault(field, "has no time zone: add a UTC offset, such as Z or +02:00"))
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise invalid(Fault(field, "lies outside the years 1 to 9999 in UTC")) from error


def not_ahead(at: datetime, now: datetime, field: str = "occurred_at") -> datetime:
    if at > now + AHEAD_AT_MOST:
        minutes = AHEAD_AT_MOST // timedelta(minutes=1)
        raise invalid(Fault(field, f"lies more than {minutes} minutes in the future"))
    return at


def _id(given: Raw | None, key: str | None) -> str:
    name = wire.read(_TEXT, given, "id") if given is not None else key
    if name is None:
        raise invalid(Fault("id", "is missing; it (or the header Idempotency-Key) tells repeats"))
    if key is not None and name != key:
        raise invalid(Fault("id", "differs from the header Idempotency-Key; send one of them"))
    return checked_id(name)


def _occurred_at(given: Raw | None, now: datetime) -> datetime:
    if given is None or bytes(given) == b"null":
        return now
    at = wire.read(_INSTANT, given, "occurred_at")
    return not_ahead(in_utc(at, "occurred_at"), now)


def _command(members: dict[str, Raw]) -> Command:
    kind = wire.read(_TEXT, members.get("type", Raw(b'""')), "type")
    if kind not in KINDS:
        raise invalid(Fault("type", f"expected one of {', '.join(KINDS)}"))
    command = wire.read(_COMMANDS[kind], _encode(members))
    given = [(field, getattr(command, field)) for field in command.__struct_fields__]
    instants = {f: in_utc(at, f) for f, at in given if isinstance(at, datetime)}
    return replace(command, **instants) if instants else command


def _along(command: Command, known: tuple[Identifier, ...]) -> tuple[Identifier, ...]:
    """What the command itself names besides `known`: an identifier to be linked, things it is
    about. They were seen together with the others, so they take part in recognition."""
    if not isinstance(command, LinkIdentifier):
        return references_of(command)
    linked = Identifier(command.kind, command.value)
    return () if linked in known else (linked,)
