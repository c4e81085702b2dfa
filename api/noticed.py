"""What we notice ourselves, unasked, becomes a signal like any other."""

from hashlib import blake2b
from uuid import UUID

from actors.signals import Signal, Step
from aggregates.profile.source import Source
from api.intake.command import FINGERPRINT_BYTES


def noticed(name: str, step: Step, *, by: str, namespace: int, profile: UUID) -> Signal:
    """About a profile that is known. The `name` says what was noticed, and is the signal's id: who
    notices the same again repeats it, whichever process it is."""
    return Signal(
        id=name,
        namespace=namespace,
        occurred_at=step.at,
        source=Source("rules"),
        by=by,
        identifiers=(),
        steps=(step,),
        fingerprint=blake2b(name.encode(), digest_size=FINGERPRINT_BYTES).digest(),
        profile=profile,
        creates=False,
    )
