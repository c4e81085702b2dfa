"""The place that the gate keeps for a message: whose it is, and whether it may still be used."""

from hashlib import blake2b

from aggregates.profile import permission, sending
from aggregates.profile.decisions.context import Context
from aggregates.profile.decisions.message_commands import RecordMessageSent, ReservedCommand
from aggregates.profile.decisions.rejection import Rejected
from aggregates.profile.events.messages import Dispatch, Message, is_lost
from aggregates.profile.profile import Profile

ID_BYTES = 12


def reservation_id(message_id: str) -> str:
    """A message has one, however often it is granted: who asks twice may confirm either answer."""
    return blake2b(message_id.encode("utf-8", "surrogatepass"), digest_size=ID_BYTES).hexdigest()


def known(profile: Profile, name: str, context: Context) -> Message:
    return (context.whole or profile).messages.by_id.get(name, Message())


def named(profile: Profile, command: ReservedCommand, context: Context) -> str:
    """The message's id. Raises Rejected where a reservation is named that is not the message's."""
    name, reservation = command.message_id, command.reservation
    if reservation is None:
        if name is None:
            raise Rejected("no_message", "name a message_id, a reservation or both")
        return name
    held = (context.whole or profile).messages.by_id
    owner = next(
        (n for n, m in held.items() if m.reserved and reservation_id(n) == reservation), None
    )
    if owner is None:
        raise unknown()
    if name not in (None, owner):
        raise Rejected("reservation_of_another_message", "this reservation is another message's")
    return owner


def confirm(
    whole: Profile,
    message: Message,
    held: Dispatch,
    command: RecordMessageSent,
    context: Context,
) -> None:
    """Raises Rejected where the place is not kept any more, or consent was withdrawn."""
    if is_lost(message):
        raise Rejected("message_failed", "another try is another message and needs a new id")
    if message.released is not None and message.released >= held.at:
        raise Rejected("reservation_released", "it was given back; request the send again")
    if sending.reservation(message, context.occurred_at) is None:
        raise Rejected("reservation_expired", "it was kept too long; request the send again")
    address, now = command.address or held.address or None, max(context.now, context.occurred_at)
    refusal = permission.refusal(whole, held.channel, address, held.message_class, now)
    if refusal is not None:
        raise Rejected("consent_withdrawn", f"it may not be sent any more: {refusal}")


def unknown() -> Rejected:
    return Rejected("unknown_reservation", "this profile has no such reservation")
