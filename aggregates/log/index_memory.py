"""The identity index in memory."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from aggregates.log.index import Change, Closed, Merged, Moved, Opened, Redirected, Reversed, Shared
from aggregates.log.port import Key, Owner, StreamMoved


@dataclass
class MemoryIndex:
    """What Postgres would hold beside the log, about identity."""

    identifiers: dict[Key, UUID] = field(default_factory=dict)
    shared: set[Key] = field(default_factory=set)
    redirects: dict[UUID, UUID] = field(default_factory=dict)
    merges: dict[UUID, Merged] = field(default_factory=dict)
    reversed: dict[UUID, Reversed] = field(default_factory=dict)
    candidates: dict[UUID, Opened] = field(default_factory=dict)
    closed: dict[UUID, Closed] = field(default_factory=dict)

    def owner(self, key: Key) -> Owner | None:
        subject = self.identifiers.get(key)
        if subject is None:
            return None
        return Owner(subject, self.head_of(subject), key in self.shared)

    def head_of(self, profile: UUID) -> UUID:
        return self.redirects.get(profile, profile)

    def check(self, changes: Iterable[Change]) -> None:
        """Raises StreamMoved where an identifier has moved away."""
        for change in changes:
            if isinstance(change, Moved):
                held = self.identifiers.get((change.namespace, change.digest))
                if held != change.owner:
                    raise StreamMoved("an identifier has changed hands meanwhile")

    def write(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self._write(change)

    def _write(self, change: Change) -> None:
        match change:
            case Moved(namespace, digest, _, to):
                self.identifiers.pop((namespace, digest))
                if to is not None:
                    self.identifiers[namespace, digest] = to
            case Shared(namespace, digest):
                self.shared.add((namespace, digest))
            case Redirected(_, profile, head):
                self.redirects.pop(profile, None)
                if head is not None:
                    self.redirects[profile] = head
            case Merged():
                self.merges[change.merge_id] = change
            case Reversed():
                self.reversed[change.merge_id] = change
            case Opened():
                self.candidates[change.candidate_id] = change
            case Closed():
                self.closed[change.candidate_id] = change
