"""What is sent over the cable arrives, unless the cable is cut; and nothing of it stays behind."""

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.faults.network.namespaces import Namespace, NoNamespace, namespace
from tests.faults.waiting import until

PORT = 8360
WITHIN_S = 20.0
ANSWERS = f"""
import socket, sys
with socket.create_server((sys.argv[1], {PORT})) as server:
    while True:
        caller, _ = server.accept()
        caller.sendall(b"here")
        caller.close()
"""


@pytest.fixture
def there() -> Iterator[Namespace]:
    """With somebody who answers at its far end."""
    try:
        with namespace() as made:
            command = [*made.inside, sys.executable, "-c", ANSWERS, made.far]
            with subprocess.Popen(command) as answering:  # noqa: S603  # a program of our own
                until(lambda: answers(made), WITHIN_S, "nobody answers")
                yield made
                answering.kill()
    except NoNamespace as reason:
        pytest.skip(str(reason))


def answers(there: Namespace) -> bool:
    try:
        with socket.create_connection((there.far, PORT), timeout=0.5) as caller:
            return caller.recv(4) == b"here"
    except OSError:
        return False


def test_nothing_arrives_while_the_cable_is_cut(there: Namespace) -> None:
    there.part()
    assert not answers(there)
    there.heal()
    until(lambda: answers(there), WITHIN_S, "the cable is not whole again")


def test_what_is_cut_says_nothing(there: Namespace) -> None:
    """No error: whoever has a connection waits."""
    there.part()
    with pytest.raises(TimeoutError):
        socket.create_connection((there.far, PORT), timeout=0.5)


def test_afterwards_it_is_gone(there: Namespace) -> None:
    names = subprocess.run(["ip", "netns", "list"], capture_output=True, check=True, text=True)  # noqa: S607  # the system's own
    assert there.inside[-1] in names.stdout
    there.close()
    names = subprocess.run(["ip", "netns", "list"], capture_output=True, check=True, text=True)  # noqa: S607  # the system's own
    assert there.inside[-1] not in names.stdout
