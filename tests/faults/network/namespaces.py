"""Another machine, as far as the network goes: a namespace of its own at the end of a cable.

Files and Unix sockets are shared with it. The cable is a pair of virtual devices; cut, whatever
either end sends is addressed to a machine that does not exist, so nobody hears it and nobody is
told. It all goes away when the block ends.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

NOBODY = "02:00:00:00:00:01"  # a hardware address that no device has


class NoNamespace(Exception):
    """This machine does not let us make one; the message says why."""


class Namespace:
    """`near` is our end's address, `far` the other's; `inside` is how a command begins there."""

    def __init__(self) -> None:
        self._name = f"c360-{os.getpid()}"
        self._ours, self._theirs = f"c360n{os.getpid()}"[:15], f"c360f{os.getpid()}"[:15]
        network = f"10.83.{os.getpid() % 250}"
        self.near, self.far = f"{network}.1", f"{network}.2"
        self.inside = ("ip", "netns", "exec", self._name)

    def part(self) -> None:
        for side, device, other in self._ends():
            _ip(*side, "neigh", "replace", other, "lladdr", NOBODY, "nud", "permanent",
                "dev", device)  # fmt: skip

    def heal(self) -> None:
        for side, device, other in self._ends():
            _ip(*side, "neigh", "del", other, "dev", device)

    def open(self) -> None:
        there = ("-n", self._name)
        _ip("netns", "add", self._name)
        _ip("link", "add", self._ours, "type", "veth", "peer", "name", self._theirs)
        _ip("link", "set", self._theirs, "netns", self._name)
        _ip("addr", "add", f"{self.near}/30", "dev", self._ours)
        _ip(*there, "addr", "add", f"{self.far}/30", "dev", self._theirs)
        _ip("link", "set", self._ours, "up")
        for device in ("lo", self._theirs):
            _ip(*there, "link", "set", device, "up")

    def close(self) -> None:
        """The cable first: with the namespace it would go, too, but some time later."""
        for gone in (("link", "del", self._ours), ("netns", "del", self._name)):
            subprocess.run(["ip", *gone], capture_output=True, check=False)  # noqa: S603, S607  # our own names

    def _ends(self) -> Iterator[tuple[tuple[str, ...], str, str]]:
        yield (), self._ours, self.far
        yield ("-n", self._name), self._theirs, self.near


@contextmanager
def namespace() -> Iterator[Namespace]:
    """Raises NoNamespace where we may not."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        raise NoNamespace("network namespaces take root and the program ip (of iproute2)")
    made = Namespace()
    try:
        made.open()
        yield made
    finally:
        made.close()


def _ip(*words: str) -> None:
    try:
        subprocess.run(["ip", *words], capture_output=True, check=True, text=True)  # noqa: S603, S607  # fixed words and our own names
    except subprocess.CalledProcessError as error:
        raise NoNamespace(f"ip {' '.join(words)}: {error.stderr.strip()}") from error
