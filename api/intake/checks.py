"""The question whether a message may go out, as it is asked over HTTP."""

from datetime import datetime

from msgspec import Struct
from msgspec.json import Decoder
from msgspec.structs import replace

from aggregates.gate.facts import Asked
from aggregates.profile.channels import Channel, MessageClass, SendSource
from aggregates.profile.decisions.message_commands import Address
from aggregates.profile.decisions.sends import YEARS
from aggregates.shop.identity_rules import IdentityRules
from api import wire
from api.errors import Fault, invalid
from api.intake.command import in_utc
from api.intake.normal_form import reached_at
from api.intake.whom import Whom


class CheckAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`at`: any instant, now where it is absent. What follows is as in `RequestSend`."""

    profile: Whom
    channel: Channel
    message_class: MessageClass = "marketing"
    source: SendSource = "manual"
    at: datetime | None = None
    address: Address | None = None
    deadline: datetime | None = None

    def asked(self, rules: IdentityRules) -> Asked:
        address = reached_at(self.channel, self.address, rules) if self.address else None
        return Asked(self.channel, self.message_class, self.source, self.deadline, address)


_CHECK = Decoder(CheckAsked)


def check_asked(body: bytes) -> CheckAsked:
    """With its instants in UTC. Raises Problem."""
    given = wire.whole(_CHECK, body)
    at = in_utc(given.at, "at") if given.at else None
    if at is not None and at.year not in YEARS:
        raise invalid(Fault("at", f"expected the years {YEARS.start} to {YEARS.stop - 1}"))
    deadline = in_utc(given.deadline, "deadline") if given.deadline else None
    return replace(given, at=at, deadline=deadline)
