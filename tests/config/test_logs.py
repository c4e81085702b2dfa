"""What may be logged: fixed words, short values, nothing that could be about somebody."""

import json
import re
import subprocess
import sys
import textwrap
from uuid import UUID

import pytest

from config.edges import Flood, Outage
from config.logs import Allowed

SECRETS = re.compile(r"sarah|connor|berlin|49151", re.IGNORECASE)
PRELUDE = """
    import asyncio, logging, sys, threading, warnings
    from config import logs
    logs.configure("info", "{form}", "api")
    log = logs.logger()
"""


def said(script: str, form: str = "json", code: int = 0) -> str:
    """What a process of its own writes to stdout and stderr."""
    whole = textwrap.dedent(PRELUDE.format(form=form)) + textwrap.dedent(script)
    done = subprocess.run(  # noqa: S603  # our own interpreter and script
        [sys.executable, "-c", whole], capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def logged(script: str, code: int = 0) -> dict[str, object]:
    """The one line it logs."""
    (line,) = said(script, code=code).splitlines()
    fields: dict[str, object] = json.loads(line)
    assert (fields.pop("process"), fields.pop("timestamp") is None) == ("api", False)
    assert isinstance(fields.pop("pid"), int)
    return fields


def allowed(**fields: object) -> dict[str, object]:
    shown = dict(Allowed("api")(None, "info", fields))
    return {name: shown[name] for name in shown if name not in ("process", "pid")}


def test_a_line_is_one_json_object_with_its_place_in_time_and_space() -> None:
    assert logged('log.info("part_restarted", part="database", seconds=1.5)') == {
        "event": "part_restarted",
        "level": "info",
        "part": "database",
        "seconds": 1.5,
    }


def test_people_may_have_lines_for_people() -> None:
    line = said('log.info("part_restarted", part="database")', form="console")
    assert "part_restarted" in line
    assert "part=database" in line


def test_a_field_that_is_not_on_the_list_is_dropped_and_named() -> None:
    assert allowed(event="ready", port=8360, email="sarah@shop.example", note=None) == {
        "event": "ready",
        "port": 8360,
        "dropped": "email",
    }


@pytest.mark.parametrize(
    "value",
    [
        "sarah@shop.example",
        "Sarah Connor",
        "+4915112345678",
        "Jürgen",
        ["sarah"],
        {"name": "sarah"},
        b"sarah",
        ValueError("sarah"),
    ],
)
def test_a_value_that_could_be_about_somebody_is_dropped(value: object) -> None:
    assert allowed(event="ready", part=value) == {"event": "ready", "dropped": "part"}


def test_ids_numbers_routes_and_places_pass() -> None:
    fields = {
        "event": "request_failed",
        "route": "/v1/profiles/{profile_id}",
        "status": 500,
        "error": "LogUnreachable",
        "places": "api/front.py:40,psycopg_pool/pool_async.py:12",
    }
    assert allowed(**fields) == fields
    profile = UUID(int=7)
    assert allowed(event="ready", profile_id=profile)["profile_id"] == str(profile)


@pytest.mark.parametrize("event", ["Hello Sarah", "ready now", "hello sarah@shop.example", 7])
def test_an_event_is_a_fixed_word(event: object) -> None:
    assert allowed(event=event) == {"event": "unnamed", "dropped": "event"}


def test_long_values_are_cut() -> None:
    assert len(str(allowed(event="ready", places="a" * 10_000)["places"])) == 600


def test_a_library_is_heard_without_the_values_in_its_message() -> None:
    assert logged('logging.getLogger("lib").warning("lost %s after %d", "sarah", 3)') == {
        "event": "library_message",
        "level": "warning",
        "logger": "lib",
        "places": "<string>:6",
    }


def test_a_librarys_text_is_told_where_it_stands_in_its_source() -> None:
    line = logged(
        """
        import linecache
        linecache.cache["<lib>"] = (1, None, ['log.warning("lost %s", who)'], "<lib>")
        code = compile('log.warning("lost %s", who)', "<lib>", "exec")
        exec(code, {"log": logging.getLogger("lib"), "who": "sarah"})
        """
    )
    assert (line["text"], line["places"]) == ("lost %s", "<lib>:1")


SABOTEURS = {
    "a library's formatted message": 'logging.getLogger("lib").error(f"lost {SARAH}")',
    "a library's exception": """
        try: int(SARAH)
        except ValueError: logging.getLogger("lib").exception("lost " + SARAH)
    """,
    "a handler of the library's own": """
        lib = logging.getLogger("lib"); lib.propagate = False
        lib.addHandler(logging.StreamHandler())
        try: int(SARAH)
        except ValueError: lib.exception("lost %s", SARAH, stack_info=True)
    """,
    "a warning": "warnings.warn(SARAH)",
    "a thread that crashes": """
        thread = threading.Thread(target=int, args=(SARAH,), name=SARAH)
        thread.start(); thread.join()
    """,
    "a task nobody waited for": """
        async def fail(): raise KeyError(SARAH)
        async def main():
            task = asyncio.create_task(fail(), name=SARAH)
            await asyncio.sleep(0)
            del task
        asyncio.run(main())
    """,
    "an error while something is thrown away": """
        class Thrown:
            def __del__(self): int(SARAH)
        Thrown()
    """,
}


@pytest.mark.parametrize("script", SABOTEURS.values(), ids=SABOTEURS.keys())
def test_nothing_a_process_says_by_itself_names_anybody(script: str) -> None:
    whole = said('SARAH = "Sarah " + "Connor, Berlin, sarah" + "@shop.example"\n' + _plain(script))
    assert whole, "something is said"
    assert not SECRETS.search(whole)


def test_a_crash_tells_its_kind_and_place() -> None:
    script = 'def named(who): int(who)\nnamed("sar" + "ah@shop.example")'
    assert logged(script, code=1) == {
        "event": "crashed",
        "level": "error",
        "error": "ValueError",
        "places": "<string>:7,<string>:6",
    }


def test_a_log_that_cannot_be_written_stops_nothing() -> None:
    """Mechanism: `Lines` goes on without the line."""
    script = """
        import os
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, 2)
        log.error("disk_full")
        print("and on it goes")
    """
    assert said(script) == "and on it goes\n"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_outage_is_two_lines(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    outage = Outage("part_lost", "part_back", clock)
    outage.over(part="hosts")
    for _ in range(5):
        outage.failed(part="hosts")
    clock.now += 12.34
    outage.over(part="hosts")
    outage.over(part="hosts")
    lost, back = capsys.readouterr().out.splitlines()
    assert "part_lost" in lost
    assert "part_back" in back
    assert "seconds=12.3" in back


def test_a_flood_is_a_line_now_and_then_with_a_count(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    flood = Flood("slow_request", clock)
    for _ in range(1_000):
        flood.happened("/a", route="/a")
    flood.happened("/b", route="/b")
    clock.now += 10
    flood.happened("/a", route="/a")
    lines = capsys.readouterr().out.splitlines()
    counts = [re.findall(r"count=(\d+) .*route=(/.)", line)[0] for line in lines]
    assert counts == [("1", "/a"), ("1", "/b"), ("1000", "/a")]


def _plain(script: str) -> str:
    return textwrap.dedent(script).strip() + "\n"
