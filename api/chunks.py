"""Lines of a file on their way to the server, some at a time."""

from msgspec import Struct, field

MAX_LINES = 500  # a chunk
MAX_BYTES = 4_000_000  # a chunk


class Chunk(Struct):
    """Some lines and their numbers; `read` also counts what was not sent among them."""

    numbers: list[int] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    size: int = 0
    read: int = 0

    @property
    def body(self) -> bytes:
        """NDJSON."""
        return b"\n".join(self.lines) + b"\n"

    def holds(self, line: bytes) -> bool:
        return len(self.lines) < MAX_LINES and self.size + len(line) < MAX_BYTES

    def add(self, number: int, line: bytes) -> None:
        self.numbers.append(number)
        self.lines.append(line)
        self.size += len(line) + 1  # and its line end
