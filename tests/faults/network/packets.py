"""As much of IPv4 and TCP as it takes to turn a packet round and to know whose it is."""

import re
from typing import NamedTuple

TCP, SYN = 6, 0x02
NAMED = re.compile(rb"\0application_name\0([^\0]+)\0")


class Packet(NamedTuple):
    """One of a connection to the server's `port`, going either way."""

    client_port: int
    opens: bool
    says: str | None  # the application_name, where it is in this packet


def turned_round(packet: bytes) -> bytes:
    """From where it went to, to where it came from. Sums do not care about order, so both
    checksums still hold."""
    return packet[:12] + packet[16:20] + packet[12:16] + packet[20:]


def read(packet: bytes, port: int) -> Packet | None:
    """None for what is not TCP over IPv4."""
    if packet[0] >> 4 != 4 or packet[9] != TCP:
        return None
    tcp = packet[(packet[0] & 15) * 4 :]
    source, target = (int.from_bytes(tcp[at : at + 2]) for at in (0, 2))
    goes_there = target == port
    named = NAMED.search(tcp) if goes_there else None
    return Packet(
        client_port=source if goes_there else target,
        opens=goes_there and bool(tcp[13] & SYN),
        says=named[1].decode() if named else None,
    )
