"""What travels between the API and the hosts: signals there, outcomes back."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from aggregates.profile.decide import Command
from aggregates.profile.decisions import lineage
from aggregates.profile.decisions.identity import Recognise
from aggregates.profile.identifiers import Identifier
from aggregates.profile.source import Source
from aggregates.resolution import Owned
from aggregates.shop.bounds import Bounds


class Step(Struct, frozen=True, array_like=True):
    """One command of a signal and when, in the world, what it tells of happened (UTC)."""

    at: datetime
    command: Command | lineage.Command


class Signal(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything one delivery says about one shopper; committed whole or not at all.

    `id` is the idempotency key, unique in its namespace. `content` is a second key for the same
    news under another id. `fingerprint` tells a true repeat of `id` from its reuse for something
    else. A signal that may not `create` waits until a profile owns one of its identifiers.
    `powerless` are those of its identifiers that lead to their owner but merge nobody.
    """

    id: str
    namespace: int
    occurred_at: datetime
    source: Source
    by: str
    identifiers: tuple[Identifier, ...]
    steps: tuple[Step, ...]
    content: str | None = None
    fingerprint: bytes = b""
    profile: UUID | None = None
    creates: bool = True
    powerless: tuple[Identifier, ...] = ()


class Routed(Struct, frozen=True, array_like=True):
    """A signal on its way to the host of `profile`; `fresh` where the id was minted for it.

    It is about `subject`: the profile itself or one that it stands for. `owned` are those of its
    identifiers that are somebody else's; `recognise.demoted` those left out, see `Outcome`.
    """

    profile: UUID
    fresh: bool
    recognise: Recognise
    signal: Signal
    subject: UUID
    owned: tuple[Owned, ...] = ()
    rules: Bounds = Bounds()

    @property
    def owned_elsewhere(self) -> frozenset[Identifier]:
        return frozenset([owned.identifier for owned in self.owned])

    @property
    def claimable(self) -> frozenset[Identifier]:
        """What may become the subject's own."""
        named = self.signal.identifiers
        return frozenset(named) - self.owned_elsewhere if named else frozenset()


class Outcome(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a signal. `position` is `shard:position` of its last event.

    `created`: the profile is new. Its `events` may be in the streams of others as well.
    `refused` is a `Rejected` code (or `internal` for a bug of ours) with `detail` for people.
    `outrun` tells the gateway that somebody else claimed an identifier first, or that the profile
    it was to follow was not made: resolve again, this time without those that are `dropped`
    because the profile would have too many of a kind. `answer` is what the decision says besides
    its events, as JSON; a repeat of the signal is answered the same. `blocked` tells it that
    somebody else holds a lock on the shard: it may be free in a while.
    """

    profile_id: UUID
    version: int
    events: tuple[str, ...] = ()
    position: str | None = None
    created: bool = False
    duplicate: bool = False
    refused: str | None = None
    detail: str | None = None
    outrun: bool = False
    blocked: bool = False
    dropped: tuple[Identifier, ...] = ()
    answer: bytes | None = None


class Busy(Exception):
    """More signals wait than we promise to hold; the sender may retry after `retry_after_s`."""

    def __init__(self, retry_after_s: int = 1) -> None:
        super().__init__(f"too many signals are waiting, retry in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class Unavailable(Exception):
    """The log could not be reached in time. The outcome may be unknown; the same id is safe.

    `retry_after_s`: a host restarts or a database fails over in about two seconds.
    """

    def __init__(self, why: str, retry_after_s: int = 2) -> None:
        super().__init__(why)
        self.retry_after_s = retry_after_s


class NobodyYet(Exception):
    """No profile owns any of the signal's identifiers, and the signal may not create one."""


class UnknownProfile(Exception):
    """The profile named by id is not in this namespace."""
