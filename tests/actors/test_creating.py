"""Which hosts there are after a server has started on a Ray that may know some already, and what
becomes of the program that creates them."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from actors import creating
from actors.cluster import ClusterError, set_environment
from actors.creating import HostCreation
from actors.local_ray import LocalRay
from aggregates.log.keys import read_keyring
from config.settings import Settings
from tests.faults.waiting import until
from tests.places import environment
from tests.processes import words_of

SUCCEEDS = "pass"
SAYS = "import os, sys; sys.exit('the last words: ' + os.environ['RAY_AUTH_MODE'])"
HANGS = "import time; time.sleep(60)"
OURS = "postgresql://nobody@127.0.0.1:9/ours"  # hosts connect when they have work
THEIRS = "postgresql://nobody@127.0.0.1:9/theirs"
ENDS_S = 20.0


@pytest.fixture(scope="module")
def settings() -> Iterator[Settings]:
    """Of a deployment that joined a Ray of its own."""
    folder = Path(tempfile.mkdtemp(prefix="c360-"))  # short: Ray puts sockets below it
    settings = Settings(data_dir=folder, hosts=2, database_url=OURS)
    read_keyring(settings.master_key_file, create=True)
    with environment({}):
        set_environment(settings)
        with LocalRay(settings.ray_dir, settings.ray_dir) as ray:
            yield settings.model_copy(update={"ray_address": ray.address})
    shutil.rmtree(folder)


def hosts_after(settings: Settings, **other: object) -> set[int]:
    """The pids of all hosts once those of these settings, and no others, are there."""
    wanted = settings.model_copy(update=other)
    creation = HostCreation(wanted)
    creation.begin()
    creation.wait()
    until(lambda: len(_hosts(wanted)) == wanted.hosts, ENDS_S, "hosts are left over")
    return _hosts(wanted)


def _hosts(settings: Settings) -> set[int]:
    """Of the raylet whose sockets are in our folder, not of other tests' servers."""
    raylet = next(one for one in psutil.process_iter() if _is_raylet(one, str(settings.ray_dir)))
    return {one.pid for one in raylet.children() if "ray::Host" in words_of(one)}


def _is_raylet(process: psutil.Process, folder: str) -> bool:
    words = words_of(process)
    return bool(words) and words[0].endswith("/raylet") and any(folder in word for word in words)


@pytest.mark.cluster
def test_a_server_that_starts_again_finds_its_hosts(settings: Settings) -> None:
    assert hosts_after(settings) == hosts_after(settings)


@pytest.mark.cluster
def test_more_hosts_join_those_there_are_and_superfluous_ones_end(settings: Settings) -> None:
    two = hosts_after(settings)
    three = hosts_after(settings, hosts=3)
    assert two < three
    assert hosts_after(settings, hosts=1) < two


@pytest.mark.cluster
def test_another_deployment_in_the_same_namespace_is_refused_and_disturbs_nobody(
    settings: Settings,
) -> None:
    ours = hosts_after(settings)
    for number in (1, 3):
        with pytest.raises(ClusterError, match="choose another C360_RAY_NAMESPACE"):
            hosts_after(settings, database_url=THEIRS, hosts=number)
    assert hosts_after(settings) == ours


@pytest.mark.cluster
def test_hosts_of_an_older_build_are_replaced(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = hosts_after(settings)
    newer = "from actors import cluster; cluster.build = lambda: 'newer'; cluster.main()"
    monkeypatch.setattr(creating, "COMMAND", (sys.executable, "-c", newer))
    assert not before & hosts_after(settings)


@pytest.mark.cluster
def test_why_no_host_could_be_made_is_said(settings: Settings) -> None:
    with pytest.raises(ClusterError, match="master"):
        hosts_after(settings, ray_namespace="keyless", master_key_file=Path("/nowhere/master.key"))


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[HostCreation]:
    """Of a server that joins a Ray of somebody else's, so that its own folder is not there yet."""
    creation = HostCreation(Settings(data_dir=tmp_path / "data"))
    yield creation
    creation.abandon()


def program(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(creating, "COMMAND", (sys.executable, "-c", text))


def _programs() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if HANGS in words_of(child)]


def test_what_was_never_begun_is_done(alone: HostCreation) -> None:
    assert alone.is_done()


def test_it_is_done_when_its_program_has_ended_well(
    alone: HostCreation, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(monkeypatch, SUCCEEDS)
    alone.begin()
    alone.wait()
    assert alone.is_done()


def test_its_program_knows_how_to_speak_to_ray_and_its_last_words_are_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    program(monkeypatch, SAYS)
    creation = HostCreation(Settings(data_dir=tmp_path / "data"))
    creation.begin()
    with pytest.raises(ClusterError, match="the last words: token"):
        creation.wait()


def test_it_does_not_wait_for_ever(alone: HostCreation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(creating, "TIMEOUT_S", 0)
    program(monkeypatch, HANGS)
    alone.begin()
    with pytest.raises(ClusterError, match="not created within 0 s"):
        alone.wait()
    assert not _programs()


def test_begun_again_it_forgets_what_was_under_way(
    alone: HostCreation, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(monkeypatch, HANGS)
    alone.begin()
    (hanging,) = _programs()
    program(monkeypatch, SUCCEEDS)
    alone.begin()
    alone.wait()
    assert not hanging.is_running()
