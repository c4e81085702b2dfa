"""A network link of our own, on which packets really are lost and late.

It is a TUN device with two addresses at its ends. Whatever is sent to the far one comes out of
the device here and, turned round, goes back in as if the far end had sent it to the near one. So
a server listening at the near address is reached at the far one, over a link that we rule, without
another machine, network namespace or kernel module. The device goes away with the process that
opened it, however that ends.
"""

import fcntl
import os
import random
import socket
import struct
from asyncio import AbstractEventLoop
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.faults.network.background import background_loop
from tests.faults.network.packets import read, turned_round

TUN = Path("/dev/net/tun")
NETWORK = "198.18"  # for trying out networks and nothing else (RFC 2544)
PORT = 5432
MTU = 1_500
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
SIOCSIFADDR, SIOCSIFNETMASK, SIOCSIFFLAGS = 0x8916, 0x891C, 0x8914
IFF_UP = 0x1


class NoLink(Exception):
    """This machine does not let us make one; the message says why."""


class Link:
    """Connect to `far`, listen on `near`. Connections are told apart by their application_name."""

    def __init__(self, device: int, loop: AbstractEventLoop, near: str, far: str) -> None:
        self.near, self.far = near, far
        self.lost = 0
        self._device = device
        self._loop = loop
        self._groups: dict[int, str] = {}
        self._parted: frozenset[str] = frozenset()
        self._loss = self._delay_s = self._jitter_s = 0.0
        self._chance = random.Random(8360)  # noqa: S311 - the same packets are lost in every run

    def part(self, *groups: str) -> None:
        """Nothing of these groups' connections arrives any more, either way."""
        self._parted = frozenset(groups)

    def weather(self, loss: float, delay_s: float, jitter_s: float) -> None:
        """A share of all packets is lost, the others are so late, give or take."""
        self._loss, self._delay_s, self._jitter_s = loss, delay_s, jitter_s

    def heal(self) -> None:
        self.part()
        self.weather(0, 0, 0)

    def receive(self) -> None:
        with suppress(BlockingIOError):  # all are read
            while True:
                self._carry(os.read(self._device, 2 * MTU))

    def _carry(self, packet: bytes) -> None:
        if not self._arrives(packet):
            self.lost += 1
            return
        late_s = self._delay_s + self._jitter_s * self._chance.uniform(-1, 1)
        if late_s > 0:
            self._loop.call_later(late_s, self._deliver, packet)
        else:
            self._deliver(packet)

    def _arrives(self, packet: bytes) -> bool:
        if (found := read(packet, PORT)) is None:
            return False  # the kernel's own talk, of no use here
        if found.opens:
            self._groups.pop(found.client_port, None)
        if found.says is not None:
            self._groups[found.client_port] = found.says
        if self._groups.get(found.client_port) in self._parted:
            return False
        return self._chance.random() >= self._loss

    def _deliver(self, packet: bytes) -> None:
        with suppress(OSError):  # the device is being closed
            os.write(self._device, turned_round(packet))


@contextmanager
def linked() -> Iterator[Link]:
    """Raises NoLink where we may not."""
    third = os.getpid() % 250
    near, far = f"{NETWORK}.{third}.1", f"{NETWORK}.{third}.2"
    device = _device(f"c360-{os.getpid()}", near)
    try:
        with background_loop("link") as loop:
            link = Link(device, loop, near, far)
            loop.call_soon_threadsafe(loop.add_reader, device, link.receive)
            yield link
            loop.call_soon_threadsafe(loop.remove_reader, device)
    finally:
        os.close(device)


def _device(name: str, near: str) -> int:
    """A TUN device that is up and has this address, in a network of four."""
    label = name.encode()[:15]
    try:
        device = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", label, IFF_TUN | IFF_NO_PI))
    except OSError as error:
        raise NoLink(f"no network device of our own ({error.strerror}); it takes root") from error
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for request, address in ((SIOCSIFADDR, near), (SIOCSIFNETMASK, "255.255.255.252")):
            packed = struct.pack("16sHH4s16x", label, socket.AF_INET, 0, socket.inet_aton(address))
            fcntl.ioctl(control, request, packed)
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH22x", label, IFF_UP))
    return device
