"""A page of the log and what it has changed, cut to what concerns each read model."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from aggregates.log import story, tail
from aggregates.log.following import Changes
from aggregates.log.tail import Tailed

ALWAYS = story.TOPICS  # after these a profile is another one


class Page:
    """`reached` are the last positions in it, by shard."""

    def __init__(self, events: Sequence[Tailed], changes: Changes) -> None:
        self._events = events
        self._changes = changes
        self.reached = tail.advanced({}, events)
        self._first: dict[int, int] = {}
        self._by_topic: defaultdict[str, set[UUID]] = defaultdict(set)
        for one in events:
            self._first.setdefault(one.shard, one.position)
            self._by_topic[one.stored.topic].add(one.profile)

    def concerning(
        self, cursors: Mapping[int, int], moved_by: Collection[str] | None, parked: set[UUID]
    ) -> Changes:
        """What comes after `cursors`, without profiles whose news cannot change the read model. Who
        is parked always can: of what they had before nothing was absorbed."""
        news = self._beyond(cursors)
        if moved_by is None:
            return news
        moving = (p for t, p in self._by_topic.items() if t in moved_by or t in ALWAYS)
        return only(news, parked.union(*moving))

    def _beyond(self, cursors: Mapping[int, int]) -> Changes:
        """Without what the read model has dealt with before."""
        changes = self._changes
        if all(first > cursors[shard] for shard, first in self._first.items()):
            return changes
        news = {
            (one.profile, one.stored.originator_version)
            for one in self._events
            if one.position > cursors[one.shard]
        }
        streams = {stream for stream, _ in news}
        return changes._replace(
            records=[one for one in changes.records if (one.stream, one.version) in news],
            profiles={one: held for one, held in changes.profiles.items() if one in streams},
            unreadable={one: why for one, why in changes.unreadable.items() if one in streams},
        )


def only(changes: Changes, streams: Collection[UUID]) -> Changes:
    """Of these profiles; who cannot be read stays, because nobody knows what was in there."""
    profiles = {one: held for one, held in changes.profiles.items() if one in streams}
    if len(profiles) == len(changes.profiles):
        return changes
    records = [record for record in changes.records if record.stream in profiles]
    return changes._replace(records=records, profiles=profiles)
