"""Where a test asks for segments over HTTP, after whatever has happened was noticed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import msgspec

from projections.models import read_models
from projections.runner import Runner
from projections.segments.clock import Clock
from tests.api.merges.store import KEYRING, Store, ok
from tests.fuzz.world import Answer, World, as_type, bearer
from tests.projections.store import catch_up


class Counter:
    def __init__(self, store: Store, world: World, runner: Runner, clock: Clock) -> None:
        self.store = store
        self.world = world
        self._runner = runner
        self._clock = clock

    def noticed(self) -> None:
        """Everything that has happened by now."""
        catch_up(self._runner)
        while self._clock.step():
            pass

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        key: str | None = None,
        query: Mapping[str, object] | None = None,
    ) -> Answer:
        headers = [*bearer(key or self.world.shop.live.api_key), *as_type("application/json")]
        sent = b"" if body is None else msgspec.json.encode(body)
        target = f"{path}?{urlencode(query)}" if query else path
        return self.world.call(method, target, headers, sent)

    def get(self, path: str, **query: object) -> dict[str, Any]:
        return ok(self.ask("GET", path, query=query))

    def made(self, text: str, name: str = "Some") -> str:
        """The id of a segment; its members are known."""
        answer = ok(self.ask("POST", "/v1/segments", {"name": name, "text": text}))
        self.noticed()
        return str(answer["id"])

    def members(self, segment: str) -> list[str]:
        return [one["profile_id"] for one in self.get(f"/v1/segments/{segment}/members")["items"]]

    def pages(self, path: str, **query: object) -> list[list[Mapping[str, Any]]]:
        """To the end."""
        pages = [self.get(path, **query)]
        while (cursor := pages[-1]["next_cursor"]) is not None:
            pages.append(self.get(path, **{**query, "cursor": cursor}))
        return [page["items"] for page in pages]


@contextmanager
def counter(store: Store, dsn: str) -> Iterator[Counter]:
    runner, clock = Runner(dsn, KEYRING, read_models(KEYRING)), Clock(dsn, store.now)
    yield Counter(store, store.world, runner, clock)
    clock.close()
    runner.close()
