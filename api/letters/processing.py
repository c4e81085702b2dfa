"""From a letter to what became of it: accepted, or a reason to keep it."""

from collections.abc import Callable
from typing import NamedTuple

from actors.signals import NobodyYet, Outcome, Signal, UnknownProfile
from aggregates.log.keys import Keyring
from aggregates.profile.source import Source
from aggregates.shop.identity_rules import IdentityRules
from api.errors import Problem
from api.intake import command as intake
from api.intake import pixel
from api.letters.letter import Letter
from api.ports import Ports
from api.webhooks.shopify import delivery, refusals, translate

IMPORT = Source("import")
Reader = Callable[[Letter, IdentityRules], Signal]


class Unprocessed(NamedTuple):
    """Why a letter could not be processed, without a value of its body.

    `awaits` is the digest of an identifier somebody must own first.
    """

    reason: str
    detail: str | None = None
    awaits: bytes | None = None


async def process(
    ports: Ports, letter: Letter, read: Reader | None = None
) -> Outcome | Unprocessed:
    """Raises Busy or Unavailable, and whatever a bug raises: nothing is known to be stored then.

    `read` is for who has already parsed part of the letter.
    """
    rules = ports.rules.of(letter.namespace)
    signal = _signal_of(letter, rules, read or READERS[letter.source])
    if isinstance(signal, Unprocessed):
        return signal
    try:
        outcome = await ports.gateway.submit(signal)
    except NobodyYet:
        return _awaiting(ports.keyring, signal)
    except UnknownProfile:
        return Unprocessed("no_such_profile", "the profile named by id is not in this namespace")
    return Unprocessed(outcome.refused, outcome.detail) if outcome.refused else outcome


def _signal_of(letter: Letter, rules: IdentityRules, read: Reader) -> Signal | Unprocessed:
    try:
        return read(letter, rules)
    except refusals.NotYetHandled as error:
        return Unprocessed("not_yet_handled", error.reason)
    except refusals.UnknownTopic as error:
        return Unprocessed("unknown_topic", str(error))
    except refusals.Untranslatable as error:
        return Unprocessed("untranslatable", error.detail)
    except Problem as problem:
        return Unprocessed("untranslatable", explained(problem))


def explained(problem: Problem) -> str:
    faults = "; ".join(f"{fault.field}: {fault.problem}" for fault in problem.errors)
    return faults or problem.detail


def _awaiting(keyring: Keyring, signal: Signal) -> Unprocessed:
    first = signal.identifiers[0] if signal.identifiers else None
    awaits = keyring.namespace(signal.namespace).digest(first.kind, first.value) if first else None
    kind = first.kind if first else "identifier"
    return Unprocessed("awaiting_owner", f"nobody owns its {kind} yet", awaits)


def translated(said: delivery.Delivery, letter: Letter, rules: IdentityRules) -> Signal:
    return translate.translate(said, letter.body, letter.namespace, letter.received_at, rules)


def _webhook(letter: Letter, rules: IdentityRules) -> Signal:
    return translated(delivery.delivery(letter.headers), letter, rules)


def _import(letter: Letter, rules: IdentityRules) -> Signal:
    return translate.translate_order(
        letter.body, letter.namespace, letter.received_at, IMPORT, rules
    )


def _command(letter: Letter, rules: IdentityRules) -> Signal:
    caller = intake.Caller(letter.namespace, letter.given["by"], letter.received_at, rules)
    return intake.signal_of(letter.body, caller, letter.given.get("key"))


def _pixel(letter: Letter, rules: IdentityRules) -> Signal:
    return pixel.signal_of(letter.body, letter.namespace, letter.received_at, rules)


READERS: dict[str, Reader] = {
    "shopify": _webhook,
    "import": _import,
    "api": _command,
    "pixel": _pixel,
}
