"""Who acts on changed settings, and when: several who change them at once, other processes, the
signals that come next."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from starlette.types import Message

from actors.signals import Busy, Outcome, Unavailable
from aggregates.log.keys import Keyring
from aggregates.log.shops import ShopLog, ShopRecord
from aggregates.profile.events.identity import is_live
from aggregates.profile.identifiers import Identifier
from aggregates.shop.identity_rules import Limits
from api.app import create_app
from api.errors import Problem
from api.ports import Ports
from api.shops.asked import asked_of
from api.shops.rules import Known, Rules
from api.shops.settings import ATTEMPTS, SettingsDesk
from tests.actors.callers import LocalHost, gateway
from tests.actors.shopping import folded, known, signal
from tests.api.memory import Memory
from tests.api.sentences import NOW
from tests.api.shops.settling import Owner


class Interrupted(ShopLog):
    """Before each append somebody else does something, as often as there is something to do."""

    def __init__(self, pool: AsyncConnectionPool, keyring: Keyring) -> None:
        super().__init__(pool, keyring)
        self.meanwhile: list[Callable[[], Awaitable[Known]]] = []

    async def append(self, record: ShopRecord) -> None:
        if self.meanwhile:
            await self.meanwhile.pop(0)()
        await super().append(record)


class Process:
    """One of several that serve the shop."""

    def __init__(self, owner: Owner, keyring: Keyring) -> None:
        self.log = Interrupted(owner.pool, keyring)
        self.rules = Rules(self.log)
        self.desk = SettingsDesk(self.log, self.rules)
        self._owner = owner

    async def wants(self, body: bytes, if_match: str | None = None) -> Known:
        asked = asked_of(body, if_match)
        return await self.desk.change(self._owner.namespace, asked, "key:x", NOW)

    def limits(self) -> Limits:
        return self.rules.of(self._owner.namespace).limits


@pytest.fixture
def one(owner: Owner, keyring: Keyring) -> Process:
    return Process(owner, keyring)


@pytest.fixture
def other(owner: Owner, keyring: Keyring) -> Process:
    return Process(owner, keyring)


def pool_of(owner: Owner) -> "AsyncConnectionPool[AsyncConnection[Any]]":
    """One more, not yet open."""
    return AsyncConnectionPool(
        owner.pool.conninfo, min_size=1, max_size=1, open=False, kwargs={"autocommit": True}
    )


EMAILS, PHONES = (b'{"identity": {"limits": {"%s": 2}}}' % kind for kind in (b"email", b"phone"))


def test_of_two_at_once_who_looked_is_refused(
    loop: asyncio.Runner, one: Process, other: Process
) -> None:
    one.log.meanwhile.append(lambda: other.wants(PHONES))
    with pytest.raises(Problem) as refused:
        loop.run(one.wants(EMAILS, if_match='"0"'))
    assert (refused.value.status, refused.value.code) == (409, "settings_changed")
    assert one.limits() == Limits(phone=2)


def test_who_did_not_look_changes_what_is_there_by_then(
    loop: asyncio.Runner, one: Process, other: Process
) -> None:
    one.log.meanwhile.append(lambda: other.wants(PHONES))
    told = loop.run(one.wants(EMAILS))
    assert (told.version, told.settings.identity.limits) == (2, Limits(email=2, phone=2))


def test_who_wanted_the_same_has_nothing_left_to_change(
    loop: asyncio.Runner, one: Process, other: Process
) -> None:
    one.log.meanwhile.append(lambda: other.wants(EMAILS))
    assert loop.run(one.wants(EMAILS)).version == 1


def test_another_shops_change_is_no_reason_to_refuse(
    loop: asyncio.Runner, one: Process, owner: Owner, keyring: Keyring
) -> None:
    change, asked = Process(owner, keyring).desk.change, asked_of(PHONES, None)
    one.log.meanwhile.append(lambda: change(owner.sandbox, asked, "key:y", NOW))
    assert loop.run(one.wants(EMAILS, if_match='"0"')).version == 1


def test_who_is_outrun_too_often_may_come_again(
    loop: asyncio.Runner, one: Process, other: Process
) -> None:
    bodies = [b'{"identity": {"limits": {"phone": %d}}}' % n for n in range(10, 10 + ATTEMPTS)]
    one.log.meanwhile += [partial(other.wants, body) for body in bodies]
    with pytest.raises(Busy):
        loop.run(one.wants(EMAILS))


def test_all_who_change_different_things_at_once_are_heard(
    loop: asyncio.Runner, owner: Owner, one: Process, other: Process
) -> None:
    kinds = ("external_id", "email", "phone", "cookie")
    bodies = [b'{"identity": {"limits": {"%s": 7}}}' % kind.encode() for kind in kinds]

    async def all_at_once() -> None:
        await asyncio.gather(
            *(desk.wants(body) for desk, body in zip([one, other] * 2, bodies, strict=True))
        )

    loop.run(all_at_once())
    assert owner.reads()["version"] == len(kinds)
    assert owner.reads()["identity"]["limits"] == {
        "shopify_customer_id": 1, "external_id": 7, "email": 7, "phone": 7, "cookie": 7,
        "cookies_per_week": 5,
    }  # fmt: skip


def test_another_process_knows_after_its_next_look(
    loop: asyncio.Runner, one: Process, other: Process
) -> None:
    loop.run(other.rules.look())
    loop.run(one.wants(EMAILS))
    assert one.limits() == Limits(email=2)
    assert other.limits() == Limits()
    loop.run(other.rules.look())
    assert other.limits() == Limits(email=2)


def test_two_looks_at_once_count_a_change_once(
    loop: asyncio.Runner, one: Process, other: Process
) -> None:
    loop.run(one.wants(EMAILS))

    async def twice() -> None:
        await asyncio.gather(other.rules.catch_up(), other.rules.catch_up())

    loop.run(twice())
    assert other.limits() == Limits(email=2)


def test_before_the_first_look_nobody_guesses(owner: Owner, keyring: Keyring) -> None:
    unread = Rules(ShopLog(owner.pool, keyring))
    with pytest.raises(Unavailable):
        unread.of(owner.namespace)


def test_who_starts_has_read_them_before_the_first_request(
    loop: asyncio.Runner, owner: Owner, ports: Ports
) -> None:
    async def started() -> Limits:
        told: asyncio.Queue[Message] = asyncio.Queue()
        heard: asyncio.Queue[Message] = asyncio.Queue()
        fresh = pool_of(owner)
        unread = Rules(ShopLog(fresh, ports.keyring))
        app = create_app(replace(ports, pool=fresh, rules=unread))
        running = asyncio.ensure_future(app({"type": "lifespan"}, told.get, heard.put))
        await told.put({"type": "lifespan.startup"})
        assert (await heard.get())["type"] == "lifespan.startup.complete"
        limits = unread.of(owner.namespace).limits
        await told.put({"type": "lifespan.shutdown"})
        await running
        return limits

    owner.wants(limits={"email": 2})
    assert loop.run(started()) == Limits(email=2)


def test_without_the_database_what_is_known_goes_on(
    loop: asyncio.Runner, owner: Owner, keyring: Keyring
) -> None:
    async def known_without_it() -> Limits:
        pool = pool_of(owner)
        await pool.open()
        rules = Rules(ShopLog(pool, keyring))
        await rules.look()
        await pool.close()
        await rules.look()
        return rules.of(owner.namespace).limits

    owner.wants(limits={"email": 2})
    assert loop.run(known_without_it()) == Limits(email=2)


def test_a_blocked_address_recognises_nobody_from_now_on(owner: Owner, memory: Memory) -> None:
    def visit(number: int) -> None:
        profile = {"email": "Till@shop.example", "cookie": "c-1"}
        command = {"type": "RecordVisit", "id": f"v{number}", "profile": profile}
        owner.api.command(**command, visit_id=f"v{number}")

    memory.forget()
    visit(1)
    owner.wants(blocked=["TILL@shop.example"])
    visit(2)
    kinds = [{one.kind for one in told.identifiers} for told in memory.signals]
    assert kinds == [{"email", "cookie"}, {"cookie"}]
    memory.forget()


def test_a_lower_limit_holds_for_the_next_signal(
    loop: asyncio.Runner, owner: Owner, rules: Rules
) -> None:
    mails = [Identifier("email", f"ada{n}@mail.example") for n in range(3)]
    (account,) = known(shopify_customer_id="42")
    host = LocalHost()

    def seen_with(mail: Identifier) -> tuple[str, ...]:
        sent = signal(by=[account, mail], namespace=owner.namespace)

        async def delivered() -> Outcome:
            return await gateway(host, rules_of=rules.bounds).submit(sent)

        return loop.run(delivered()).events

    assert [seen_with(mail) for mail in mails[:2]] == [("identity.linked",)] * 2
    owner.wants(limits={"email": 2})
    assert seen_with(mails[2]) == ("identity.demoted",)
    (profile,) = host.tables.keys
    held = folded(host.tables, profile).identity
    assert [is_live(held, mail) for mail in mails] == [True, True, False]
    assert [batch[0].rules.limits.email for batch in host.batches] == [5, 5, 2]
