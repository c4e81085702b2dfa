"""Any value in any member of a command or pixel event: taken or named, and nobody else suffers."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, get_args

import msgspec
import pytest
from msgspec import Raw

from api.documentation.schemas import described
from api.intake.command import KINDS, MAX_COMMAND
from api.intake.pixel_events import PixelEvents
from tests.fuzz import doors
from tests.fuzz.poison import written
from tests.fuzz.samples import Path, places, put, whole
from tests.fuzz.world import Answer, World, fresh

Json = dict[str, Any]
VALUES = written()
ENDS = {
    "integer": {"maximum"},
    "array": {"maxItems"},
    "string": {"maxLength", "pattern", "format", "enum"},
}
FAR = "2100-01-01T00:00:00Z"
NUL = b'"a\\u0000b"'
PIXELS: dict[str, type] = {k.__struct_config__.tag: k for k in get_args(PixelEvents)}
WHOM = {
    "email": "ada@lane.shop",
    "phone": "+32470123456",
    "shopify_customer_id": "42",
    "external_id": "crm:42",
    "cookie": "c-1",
}


def command(kind: str) -> Json:
    """A valid one about somebody and something new."""
    common = {"id": fresh("id"), "profile": {"cookie": fresh("cookie")}}
    return _about_new_things(whole(KINDS[kind])) | common


def event(kind: str) -> Json:
    own = {"id": fresh("e"), "cookie": fresh("cookie")}
    return _about_new_things(whole(PIXELS[kind])) | own


def _about_new_things(sample: Json) -> Json:
    """Orders, carts and the like belong to who names them first."""
    things = [name for name in sample if name.endswith(("_id", "token")) and sample[name]]
    lasting = {"expires_at": FAR} if "expires_at" in sample else {}
    return sample | {name: fresh("thing") for name in things} | lasting


def poisoned(sample: Json, path: Path) -> list[bytes]:
    """The sample once with every value at `path`, between two that are as they should be."""
    return [
        msgspec.json.encode(put(sample, path, Raw(value)) | _other_id(sample, path))
        for value in VALUES
    ]


def _other_id(sample: Json, path: Path) -> Json:
    return {} if path == ("id",) else {"id": fresh("id")}


def dotted(path: Path) -> str:
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path)[1:]


def of(kinds: Iterable[str], make: Callable[[str], Json]) -> list[Any]:
    """Each kind with each of its members; what lies within them only where it comes first."""
    found: dict[object, tuple[str, Path]] = {}
    for kind in kinds:
        for path in places(make(kind)):
            found.setdefault(path if len(path) > 1 else (kind, path), (kind, path))
    return [pytest.param(*each, id=f"{each[0]} {dotted(each[1])}") for each in found.values()]


@pytest.mark.parametrize(("kind", "path"), of(KINDS, command))
def test_a_command_with_any_value_is_taken_or_named(world: World, kind: str, path: Path) -> None:
    _commands(world, command(kind), path)


@pytest.mark.parametrize("path", [("occurred_at",), *(("profile", kind) for kind in (*WHOM, "id"))])
def test_what_all_commands_have_is_taken_or_named(world: World, path: Path) -> None:
    sample = command("AddTags") | {"profile": WHOM | {"id": None}, "occurred_at": None}
    _commands(world, sample, path)


@pytest.mark.parametrize(("kind", "path"), of(PIXELS, event))
def test_a_pixel_event_with_any_value_is_taken_or_named(
    world: World, kind: str, path: Path
) -> None:
    lines = [*poisoned(event(kind), path), msgspec.json.encode(event(kind))]
    refused: dict[int, Json] = {}
    for first in range(0, len(lines), 50):
        answer = doors.pixels(world, b"\n".join(lines[first : first + 50]))
        assert answer.status == 200
        refused |= {first + r["line"] - 1: r["why"] for r in answer.json()["refused"]}
    assert len(VALUES) not in refused, "the good one"
    for place, why in refused.items():
        _explained(why, path, VALUES[place])


@pytest.mark.parametrize("member", ["letters", "reason", "all"])
@pytest.mark.parametrize("door", [doors.retry, doors.discard])
def test_a_selection_of_letters_with_any_value_is_taken_or_named(
    world: World, door: Callable[[World, bytes], Answer], member: str
) -> None:
    for value in VALUES:
        answer = door(world, b'{"%b": %b}' % (member.encode(), value))
        assert answer.status in (200, 400, 422)
        if answer.status == 422:
            assert all(field.startswith(member) or not field for field in answer.fields())
    assert door(world, b'{"reason": %b}' % NUL).fields() == {"reason"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_with_nul_is_named(world: World, kind: str) -> None:
    for path in places(command(kind)):
        answer = doors.command(world, msgspec.json.encode(put(command(kind), path, Raw(NUL))))
        assert answer.status == 422
        assert dotted(path) in answer.fields()


def test_members_given_twice_are_named(world: World) -> None:
    body = b'{"type": "RecordOrder", "total": {"amount": "1", "currency": "EUR", "amount": "2"}}'
    answer = doors.command(world, body)
    assert (answer.status, answer.fields()) == (422, {"total.amount"})


def test_whole_numbers_are_bounded_and_named(world: World) -> None:
    sample = command("RecordOrder")
    for number in (10**9 + 1, 2**64, 10**400):
        raw = Raw(str(number).encode())
        body = msgspec.json.encode(put(sample, ("items", 0, "quantity"), raw))
        assert doors.command(world, body).fields() == {"items[0].quantity"}


@pytest.mark.parametrize("kind", [*KINDS, *PIXELS])
def test_every_text_and_number_has_an_end(kind: str) -> None:
    """Else one of them fills memories, or breaks what is packed into 64 bits."""
    _, components = described([KINDS.get(kind) or PIXELS[kind]])
    for node in _nodes(components):
        ends = ENDS.get(str(node.get("type")))
        assert ends is None or ends & node.keys(), node


@pytest.mark.parametrize("kind", ["", "recordorder", "Recognise", "x" * 1_000, "🛒"])
def test_an_unknown_type_is_told_the_known_ones(world: World, kind: str) -> None:
    answer = doors.command(world, msgspec.json.encode({"type": kind, "id": "1"}))
    assert answer.status == 422
    assert all(known.encode() in answer.body for known in KINDS)
    answer = doors.pixel(world, msgspec.json.encode({"type": kind, "cookie": "c"}))
    assert answer.status == 422
    assert all(known.encode() in answer.body for known in PIXELS)
    assert not kind or f"'{kind}'".encode() not in answer.body


def test_one_command_has_at_most_2_mb(world: World) -> None:
    long = b" " * (MAX_COMMAND - 10) + b'{"type": 1}'
    assert doors.command(world, long).status == 413
    assert [line["status"] for line in doors.commands(world, b"{}\n" + long[1:]).lines()] == [
        422
    ] * 2
    padded = b'{"type": "' + b"x" * MAX_COMMAND + b'"}'
    assert [line["status"] for line in doors.commands(world, b"{}\n" + padded).lines()] == [
        422,
        413,
    ]


def _nodes(tree: Any) -> Iterator[Json]:
    if isinstance(tree, dict):
        yield tree
        for below in tree.values():
            yield from _nodes(below)
    if isinstance(tree, list):
        for below in tree:
            yield from _nodes(below)


def _commands(world: World, sample: Json, path: Path) -> None:
    good = [msgspec.json.encode(command("AddTags")) for _ in range(2)]
    answer = doors.commands(world, b"\n".join([good[0], *poisoned(sample, path), good[1]]))
    first, *others, last = answer.lines()
    assert (first["status"], last["status"]) == (200, 200)
    for value, line in zip(VALUES, others, strict=True):
        if line["status"] != 200:
            _explained(line, path, value)


def _explained(line: Json, path: Path, value: bytes) -> None:
    """By the member's name, unless the profile says no or the line is no JSON at all."""
    assert line["status"] in (400, 404, 409, 422), line
    assert line["code"] not in ("could_not_decide", "internal"), (value, line)
    if line["code"] == "invalid":
        named = {fault["field"] for fault in line["errors"]}
        assert any(field.startswith(str(path[0])) for field in named), (value, line)
