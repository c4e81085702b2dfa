"""Lists of contacts as people and programs write them."""

from pathlib import Path

from api.contacts.contact import Contact
from api.contacts.listed import Listed, listed
from api.contacts.records import Rejection


def csv(folder: Path, *lines: str, encoding: str = "utf-8", end: str = "\n") -> Path:
    file = folder / "contacts.csv"
    file.write_bytes(end.join((*lines, "")).encode(encoding))
    return file


def read(folder: Path, *lines: str) -> Listed:
    return listed(csv(folder, *lines))


def contacts(found: Listed) -> list[Contact]:
    """Those of a list without rejections."""
    told = list(found.contacts())
    assert not [one for one in told if isinstance(one, Rejection)]
    return [one.contact for one in told if not isinstance(one, Rejection)]


def contact(folder: Path, *lines: str) -> Contact:
    """The only one."""
    (only,) = contacts(read(folder, *lines))
    return only


def rejections(found: Listed) -> list[Rejection]:
    return [one for one in found.contacts() if isinstance(one, Rejection)]
