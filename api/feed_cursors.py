"""Where a reader of the feed of changes goes on: sealed for one namespace, and kept for long."""

import re

from api.changes import BEGINNING, Cursor, Feed
from api.cursors import Cursors
from api.errors import no_such

ABOUT = "changes"  # of any kind: whatever is asked for, it is one place in one order
_PLAIN = re.compile(r"c([0-9a-f]{1,8})-([0-9]{1,18})")  # as the first readers were given them


class FeedCursors:
    def __init__(self, cursors: Cursors, feed: Feed) -> None:
        self._cursors = cursors
        self._feed = feed

    async def read(self, namespace: int, text: str | None) -> Cursor:
        """Raises Problem as `Cursors` does, and LogUnreachable."""
        if text is None:
            return BEGINNING
        if (plain := _PLAIN.fullmatch(text)) is None:
            return self._cursors.read(namespace, ABOUT, text, Cursor)
        place = Cursor(plain[1], int(plain[2]))
        if not await self._feed.gave(namespace, place):
            raise no_such("cursor")
        return place

    def written(self, namespace: int, place: Cursor) -> str:
        return self._cursors.written(namespace, ABOUT, place)
