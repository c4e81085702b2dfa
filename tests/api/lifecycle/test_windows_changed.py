"""A shop changes its windows over HTTP, and all its customers are staged anew by themselves."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import msgspec
import pytest
from psycopg import OperationalError

from aggregates.log.shops import ShopLog
from api.lifecycle import restaging, windows_changed
from api.lifecycle.clock import Clock
from api.lifecycle.windows_changed import KNOWN_BY_ALL, WindowsChanged
from api.shops.asked import asked_of
from api.shops.settings import SettingsDesk
from projections.changes import ChangeFeed
from projections.readmodel import ReadModel
from projections.runner import Runner
from projections.stages import Stages
from projections.windows import Windows
from tests.api.lifecycle.year import DAY, Shop, Year, said
from tests.api.merges.store import KEYRING, ok, opened

ADA, BOB, EVE = "ada@shop.example", "bob@shop.example", "eve@shop.example"


class Settling(Year):
    """A year in which clock and readers go by what the shop has settled."""

    def __init__(self, shop: Shop) -> None:
        self._seconds = count()
        super().__init__(shop)
        self._clock = Clock(shop.ports)
        self._changed = WindowsChanged(shop.ports)

    def _reader(self) -> Runner:
        windows = Windows(lambda: float(next(self._seconds)))
        models: list[ReadModel] = [Stages(windows.of, self.store.now, windows.look), ChangeFeed()]
        return Runner(self._shop.dsn, KEYRING, models)

    def settles(self, at_risk: int, churned: int) -> None:
        self.store.settles(lifecycle={"at_risk_days": at_risk, "churned_days": churned})

    def settled(self, at_risk: int, churned: int) -> None:
        """And everybody has heard of it."""
        self.settles(at_risk, churned)
        self.pass_days(KNOWN_BY_ALL / DAY)

    def look_again(self) -> None:
        self.store.run(self._changed.round())

    def look_again_while_it_settles(
        self, at_risk: int, churned: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The shop thinks again after the first page."""
        whole, ports = restaging.restage, self._shop.ports
        desk = SettingsDesk(ShopLog(ports.pool, ports.keyring), ports.rules)
        body = {"lifecycle": {"at_risk_days": at_risk, "churned_days": churned}}
        asked = asked_of(msgspec.json.encode(body), None)

        async def interrupted(*given: Any) -> Any:
            async for reached in whole(*given):
                await desk.change(1, asked, "key:test", ports.now())
                yield reached

        with monkeypatch.context() as patch:
            patch.setattr(windows_changed, "restage", interrupted)
            self.look_again()

    def progress(self) -> dict[str, Any]:
        return ok(self.store.get("/v1/shop/settings/restaging"))

    def left(self) -> tuple[int, int]:
        told = self.progress()
        return told["left"], told["of"]

    def stages(self, known: str) -> list[str]:
        return [to for _, to, _ in self.noticed(known)]


@pytest.fixture
def shop(database: str) -> Iterator[Settling]:
    with opened(database) as store:
        year = Settling(Shop(store, store.ports, database))
        yield year
        year.close()


@pytest.fixture
def _one_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restaging, "AT_ONCE", 1)


@pytest.fixture
def breaks(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """After so many pages; then it holds."""

    def after(pages: int) -> None:
        whole = restaging.restage

        async def broken(*asked: Any) -> Any:
            async for number, reached in _numbered(whole(*asked)):
                if number == pages:
                    monkeypatch.setattr(windows_changed, "restage", whole)
                    raise OperationalError("the connection is lost")
                yield reached

        monkeypatch.setattr(windows_changed, "restage", broken)

    return after


async def _numbered(pages: Any) -> Any:
    number = 0
    async for page in pages:
        yield number, page
        number += 1


def test_who_is_quiet_for_too_long_by_the_new_windows_is_at_risk(shop: Settling) -> None:
    ada, bob = shop.ordered(ADA, shop.start - 8 * DAY), shop.ordered(BOB, shop.start)
    shop.go_on()
    shop.settled(7, 14)
    shop.look_again()
    shop.go_on()
    assert shop.noticed(ada)[1:] == [("converted", "at_risk", said(shop.start - DAY))]
    assert shop.stages(bob) == ["converted"]


def test_who_was_given_up_too_early_is_taken_back(shop: Settling) -> None:
    ada = shop.ordered(ADA, shop.start - 100 * DAY)
    shop.go_on()
    shop.settled(120, 240)
    shop.look_again()
    shop.go_on()
    assert shop.stages(ada) == ["churned", "converted"]
    shop.pass_days(21)
    shop.go_on()
    assert shop.stages(ada)[2:] == ["at_risk"]


def test_a_profile_is_told_by_the_new_windows_at_once(shop: Settling) -> None:
    ada = shop.ordered(ADA, shop.start - 8 * DAY)
    shop.go_on()
    shop.settles(7, 14)
    assert shop.lifecycle(ada)["stage"] == "at_risk"


def test_nobody_is_looked_at_before_every_reader_knows_the_windows(shop: Settling) -> None:
    shop.ordered(ADA, shop.start)
    shop.go_on()
    shop.settles(7, 14)
    shop.look_again()
    assert shop.progress() == {"left": 1, "of": 1, "since": None, "finished_at": None}
    shop.pass_days(KNOWN_BY_ALL / DAY)
    shop.look_again()
    assert shop.left() == (0, 1)


@pytest.mark.usefixtures("_one_a_page")
def test_how_far_it_has_come_is_told(shop: Settling, breaks: Callable[[int], None]) -> None:
    for mail in (ADA, BOB, EVE):
        shop.ordered(mail, shop.start)
    shop.go_on()
    assert shop.progress() == {"left": 0, "of": 0, "since": None, "finished_at": None}
    shop.settled(7, 14)
    begun = said(shop.store.now())[:16]
    breaks(2)
    with pytest.raises(OperationalError):
        shop.look_again()
    told = shop.progress()
    assert (told["left"], told["of"], told["finished_at"]) == (1, 3, None)
    assert told["since"].startswith(begun)
    shop.look_again()
    done = shop.progress()
    assert (done["left"], done["of"], done["since"]) == (0, 3, told["since"])
    assert done["finished_at"].startswith(begun)


@pytest.mark.usefixtures("_one_a_page")
def test_broken_off_it_goes_on_where_it_was(
    shop: Settling, breaks: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    people = sorted(shop.ordered(mail, shop.start - 8 * DAY) for mail in (ADA, BOB, EVE))
    shop.go_on()
    shop.settled(7, 14)
    breaks(2)
    with pytest.raises(OperationalError):
        shop.look_again()
    seen = looked_at(monkeypatch)
    shop.look_again()
    assert seen == people[2:]
    shop.go_on()
    assert [shop.stages(one)[-1] for one in people] == ["at_risk"] * 3


def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The last of each page from now on."""
    seen: list[str] = []
    whole = restaging.restage

    async def watched(*asked: Any) -> Any:
        async for reached in whole(*asked):
            seen.append(str(reached.profile))
            yield reached

    monkeypatch.setattr(windows_changed, "restage", watched)
    return seen


@pytest.mark.usefixtures("_one_a_page")
def test_windows_that_change_meanwhile_begin_it_anew(
    shop: Settling, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = sorted(shop.ordered(mail, shop.start - 8 * DAY) for mail in (ADA, BOB, EVE))
    shop.go_on()
    shop.settled(7, 14)
    shop.look_again_while_it_settles(5, 14, monkeypatch)
    assert shop.left() == (3, 3)
    seen = looked_at(monkeypatch)
    shop.look_again()
    assert seen == []  # it is too new
    shop.pass_days(KNOWN_BY_ALL / DAY)
    shop.look_again()
    assert seen == people
    shop.go_on()
    since = said(shop.start - 3 * DAY)
    assert [shop.noticed(one)[-1] for one in people] == [("converted", "at_risk", since)] * 3


def test_what_is_done_is_not_done_again(shop: Settling, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.ordered(ADA, shop.start - 8 * DAY)
    shop.go_on()
    shop.settled(7, 14)
    shop.look_again()
    seen = looked_at(monkeypatch)
    shop.look_again()
    shop.store.settles(messaging={"daily_cap": 4})
    shop.pass_days(1)
    shop.look_again()
    assert seen == []


def test_windows_that_are_taken_back_are_looked_at_too(shop: Settling) -> None:
    ada = shop.ordered(ADA, shop.start - 8 * DAY)
    shop.go_on()
    for windows in ((7, 14), (30, 90)):
        shop.settled(*windows)
        shop.look_again()
        shop.go_on()
    assert shop.stages(ada) == ["converted", "at_risk", "converted"]


def test_windows_that_were_there_for_a_moment_leave_nobody_behind(shop: Settling) -> None:
    shop.settles(60, 180)
    ada = shop.ordered(ADA, shop.start - 31 * DAY)
    shop.go_on()
    assert shop.stages(ada) == ["converted"]
    shop.settled(30, 90)
    shop.look_again()
    shop.go_on()
    assert shop.stages(ada) == ["converted", "at_risk"]


def test_who_orders_while_it_is_under_way_is_staged_by_the_new_windows(shop: Settling) -> None:
    shop.settled(7, 14)
    ada = shop.ordered(ADA, shop.start - 8 * DAY)
    shop.look_again()
    shop.go_on()
    assert shop.stages(ada) == ["at_risk"]


def test_the_sandbox_is_not_looked_at_for_the_live_shop(shop: Settling) -> None:
    with shop.store.in_sandbox():
        shop.store.in_the_sandbox()
    shop.read()
    shop.settled(7, 14)
    shop.look_again()
    assert shop.left() == (0, 0)
    with shop.store.in_sandbox():
        told = shop.store.get("/v1/shop/settings/restaging", shop.store.sandbox_key)
    assert told.json() == {"left": 0, "of": 0, "since": None, "finished_at": None}


def test_before_there_are_stages_there_is_nothing_to_look_at(database: str) -> None:
    with opened(database) as store:
        store.settles(lifecycle={"at_risk_days": 7, "churned_days": 14})
        store.ahead += KNOWN_BY_ALL
        store.run(WindowsChanged(store.ports).round())
        told = ok(store.get("/v1/shop/settings/restaging"))
        assert told == {"left": 0, "of": 0, "since": None, "finished_at": None}
