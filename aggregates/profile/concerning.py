"""Whom of those united in one profile a command is about, where it says so itself."""

from aggregates.profile.channels import ADDRESSED_BY
from aggregates.profile.decide import Command
from aggregates.profile.decisions.identity import UnlinkIdentifier, checked
from aggregates.profile.decisions.lineage import LineageCommand
from aggregates.profile.decisions.message_commands import MessageCommand
from aggregates.profile.decisions.reservations import reservation_id
from aggregates.profile.events.identity import is_live
from aggregates.profile.identifiers import Identifier
from aggregates.profile.profile import Profile


def concerns(profile: Profile, command: Command | LineageCommand) -> bool:
    """An identifier's owner, whose address a message goes to, or who was written to before."""
    match command:
        case UnlinkIdentifier(kind, value):
            return is_live(profile.identity, checked(kind, value))
        case MessageCommand():
            return _is_written_to(profile, command)
        case _:
            return False


def _is_written_to(profile: Profile, command: MessageCommand) -> bool:
    """Sends belong to the address, so they go with it when the profile is parted."""
    kind = ADDRESSED_BY.get(getattr(command, "channel", None) or "email")
    address: str | None = getattr(command, "address", None)
    if address is not None and kind is not None:
        return is_live(profile.identity, Identifier(kind, address))
    held = profile.messages.by_id
    if reservation := getattr(command, "reservation", None):
        return any(reservation_id(name) == reservation for name in held)
    return getattr(command, "message_id", None) in held
