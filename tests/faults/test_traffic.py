"""What is sent, and how stubbornly."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from threading import Thread

import msgspec
from aiohttp import web

from api.webhooks.shopify.signature import signed_by
from tests.faults.client import Client
from tests.faults.journal import Journal
from tests.faults.traffic import EVERYTHING, Traffic, repeated
from tests.faults.worlds import World
from tests.places import free_port

Answering = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
WORLD = World("http://x", "shop.myshopify.com", "live", "secret", "key", "pixel", 1)


def traffic(seed: int = 1, hot: float = 0.0) -> Traffic:
    return Traffic(seed, WORLD, customers=20, hot=hot)


def test_a_seed_tells_the_same_story_every_time() -> None:
    assert traffic().take(300) == traffic().take(300)
    ids = [{sending.id for sending in traffic(seed).take(300)} for seed in (1, 2)]
    assert len(ids[0] | ids[1]) == 600


def test_the_story_goes_on_and_has_something_of_everything() -> None:
    told = traffic()
    sendings = [*told.first_orders(), *told.take(500), *told.take(500)]
    assert len({sending.id for sending in sendings}) == len(sendings)
    assert {sending.kind for sending in sendings} == set(EVERYTHING)
    assert {sending.profile_key for sending in sendings} == set(told.profile_keys)


def test_webhooks_are_signed_and_commands_carry_the_key() -> None:
    for sending in traffic().take(100):
        if sending.id.startswith("shopify:"):
            said = sending.headers["X-Shopify-Hmac-Sha256"]
            assert signed_by(sending.body, said, [WORLD.secret]) == 0
        else:
            assert sending.headers["Authorization"] == "Bearer key"
            assert msgspec.json.decode(sending.body)["id"] == sending.id


def test_one_customer_may_have_much_of_the_traffic() -> None:
    told = traffic(hot=0.5)
    share = Counter(sending.profile_key for sending in told.take(1_000))[told.hottest]
    assert 450 < share < 600


def test_repeats_are_one_to_five_times_as_many_and_stay_within_their_window() -> None:
    once = traffic().take(400)
    often = repeated(once, seed=1, window=30)
    assert often == repeated(once, seed=1, window=30)
    times = Counter(sending.id for sending in often)
    assert set(times.values()) == {1, 2, 3, 4, 5}
    assert times.keys() == {sending.id for sending in once}
    assert sum(one is other for one, other in pairwise(often)) > 100
    order = [sending.id for sending in once]
    permuted = [order.index(sending.id) for sending in repeated(once, seed=1, window=30, times=1)]
    assert permuted != sorted(permuted)
    assert max(abs(place - was) for place, was in enumerate(permuted)) <= 30


def test_what_failed_is_sent_again_with_the_same_id_until_it_is_taken(tmp_path: Path) -> None:
    """Each third request breaks, each third is answered 503, each third is taken."""
    asked: list[int] = []

    async def moody(request: web.BaseRequest) -> web.Response:
        await request.read()
        asked.append(1)
        if len(asked) % 3 == 1:
            assert request.transport is not None
            request.transport.abort()
        taken = len(asked) % 3 == 0
        said = {"result": "accepted"} if taken else {"code": "busy"}
        return web.json_response(said, status=200 if taken else 503)

    sendings = traffic().take(5)
    with serving(moody) as url, Journal(tmp_path / "attempts.jsonl") as journal:
        Client(url, journal, connections=1).send(sendings)
    assert journal.acknowledged == {sending.id: "accepted" for sending in sendings}
    assert journal.statuses() == {"ServerDisconnectedError": 5, "503": 5, "200": 5}
    assert journal.reasons() == {"ServerDisconnectedError": 5, "busy": 5}
    assert [attempt.number for attempt in journal.attempts] == [1, 2, 3] * 5


def test_what_is_refused_for_good_is_not_sent_again(tmp_path: Path) -> None:
    async def strict(request: web.BaseRequest) -> web.Response:
        await request.read()
        return web.json_response({}, status=422)

    sendings = traffic().take(5)
    with serving(strict) as url, Journal(tmp_path / "attempts.jsonl") as journal:
        Client(url, journal, connections=2).send(sendings)
    assert journal.refused == {sending.id: 422 for sending in sendings}
    assert len(journal.attempts) == 5


def test_a_server_that_never_takes_anything_exhausts_the_sender(tmp_path: Path) -> None:
    sendings = traffic().take(5)
    with Journal(tmp_path / "attempts.jsonl") as journal:
        Client(f"http://127.0.0.1:{free_port()}", journal, patience_s=0.2).send(sendings)
    assert journal.unanswered == {sending.id for sending in sendings}
    assert journal.statuses().keys() == {"ClientConnectorError"}


def test_an_open_load_does_not_wait_for_answers(tmp_path: Path) -> None:
    """Nothing is answered before everything was sent."""
    waiting = 0
    all_here = asyncio.Event()

    async def slow(request: web.BaseRequest) -> web.Response:
        nonlocal waiting
        await request.read()
        waiting += 1
        if waiting == 10:
            all_here.set()
        await all_here.wait()
        return web.json_response({"result": "accepted"})

    with serving(slow) as url, Journal(tmp_path / "attempts.jsonl") as journal:
        Client(url, journal).send(traffic().take(10), per_s=1_000)
    assert len(journal.acknowledged) == 10


@contextmanager
def serving(answer: Answering) -> Iterator[str]:
    """A server of our own on a thread of its own."""
    port, over, up = free_port(), asyncio.Event(), []
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        runner = web.ServerRunner(web.Server(answer))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        up.append(True)
        await over.wait()
        await runner.cleanup()

    thread = Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        while not up:
            thread.join(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()
