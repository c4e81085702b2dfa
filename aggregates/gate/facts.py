"""What the gate decides on."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal, NamedTuple, TypeAlias

from aggregates.profile.channels import Channel, MessageClass, SendSource

ZoneFrom: TypeAlias = Literal["explicit", "address", "phone", "shop", "default"]


class Asked(NamedTuple):
    """What somebody wants to send; after the `deadline` it would be pointless."""

    channel: Channel
    message_class: MessageClass = "marketing"
    source: SendSource = "campaign"
    deadline: datetime | None = None
    address: str | None = None


class Sent(NamedTuple):
    """A message that has gone out, and counts."""

    at: datetime
    channel: Channel


class Held(NamedTuple):
    """One that was granted and counts `until` it is known whether it went out."""

    at: datetime
    until: datetime
    channel: Channel


class Place(NamedTuple):
    """By which clock the customer lives, and how we know.

    `regions` are the codes of those whose rules hold there, the narrowest first. Where it may be
    any of several clocks they are `possible`, and this one is the shop's.
    """

    name: str = "UTC"
    known_from: ZoneFrom = "default"
    zone: tzinfo = UTC
    regions: tuple[str, ...] = ()
    possible: tuple["Place", ...] = ()

    @property
    def each(self) -> tuple["Place", ...]:
        """Wherever it may be."""
        return self.possible or (self,)


class Facts(NamedTuple):
    """`refusal` is why nothing may be sent there at all, None where it may."""

    asked: Asked
    refusal: str | None = None
    sent: tuple[Sent, ...] = ()
    held: tuple[Held, ...] = ()
    place: Place = Place()

    def as_of(self, at: datetime) -> "Facts":
        """Without what happened only later."""
        sent = tuple([one for one in self.sent if one.at <= at])
        held = tuple([one for one in self.held if one.at <= at < one.until])
        return Facts(self.asked, self.refusal, sent, held, self.place)

    def on(self, channel: Channel) -> "Facts":
        """Only what concerns that channel."""
        return self._replace(
            sent=tuple(one for one in self.sent if one.channel == channel),
            held=tuple(one for one in self.held if one.channel == channel),
        )

    def still_held(self, at: datetime) -> list[Channel]:
        """The channel of each."""
        return [one.channel for one in self.held if at < one.until]


ZERO, WEEK = timedelta(), timedelta(seconds=604_800)
