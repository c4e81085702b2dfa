"""Looking for strings that must not be anywhere: personal data planted to be missed."""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

from msgspec import Struct

CHUNK = 1 << 20  # bytes of a file looked at together


class Hit(Struct, frozen=True):
    """A canary that was found, where, and in which form."""

    canary: str
    where: str
    form: str


def canaries_in(
    paths: Iterable[Path], texts: Mapping[str, str | bytes], canaries: Iterable[str]
) -> list[Hit]:
    """Every canary in these files, in all files below these folders, and in the named texts."""
    needles = [(canary, form, raw) for canary in canaries for form, raw in forms(canary)]
    hits = {hit for path in paths for file in _files(path) for hit in _in_file(file, needles)}
    for name, text in texts.items():
        hits.update(_in_bytes(text.encode() if isinstance(text, str) else text, name, needles))
    return sorted(hits, key=lambda hit: (hit.canary, hit.where, hit.form))


def forms(canary: str) -> Iterator[tuple[str, bytes]]:
    """How a program may write it: plain, escaped, or within base64 at each of three offsets."""
    raw = canary.encode()
    found = {
        "plain": raw,
        "json": json.dumps(canary, ensure_ascii=False)[1:-1].encode(),
        "json, ascii": json.dumps(canary)[1:-1].encode(),
        "python": ascii(canary)[1:-1].encode(),
        "python, bytes": repr(raw)[2:-1].encode(),
        "url": quote(canary, safe="").encode(),
        "url, lower case": quote(canary, safe="").lower().encode(),
        "form": quote_plus(canary).encode(),
        **{f"base64, offset {offset}": _within_base64(raw, offset) for offset in range(3)},
    }
    seen: set[bytes] = set()
    for form, needle in found.items():
        if needle not in seen:
            seen.add(needle)
            yield form, needle


def _within_base64(raw: bytes, offset: int) -> bytes:
    """The digits that do not depend on what stands before and behind."""
    digits = b64encode(bytes(offset) + raw).rstrip(b"=")
    first = -(-offset * 8 // 6)
    whole = (offset + len(raw)) * 8 // 6
    return digits[first:whole]


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        for entry in sorted(path.rglob("*")):
            if entry.is_file() and not entry.is_symlink():
                yield entry
    elif path.is_file():
        yield path


def _in_file(file: Path, needles: list[tuple[str, str, bytes]]) -> Iterator[Hit]:
    longest = max((len(raw) for _, _, raw in needles), default=0)
    try:
        with file.open("rb") as content:
            before = b""
            while chunk := content.read(CHUNK):
                yield from _in_bytes(before + chunk, str(file), needles)
                before = chunk[-longest:]
    except FileNotFoundError:  # rotated away meanwhile
        return


def _in_bytes(content: bytes, where: str, needles: list[tuple[str, str, bytes]]) -> Iterator[Hit]:
    for canary, form, raw in needles:
        if raw in content:
            yield Hit(canary, where, form)
