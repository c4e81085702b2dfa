"""The master key in its file, and the keys that are made of it."""

import multiprocessing
import os
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from aggregates.log.keys import (
    KEY_BYTES,
    BadMasterKey,
    Keyring,
    Sealer,
    Unreadable,
    new_subject_key,
    read_keyring,
)
from tests.aggregates.log.samples import KEYRING, OTHER_SHOPPER, SHOPPER

MAIL = ("email", "ada@example.com")
AT_ONCE = 4
DIGEST = "db1abd761a3cc8c36bf2500e073fc6c2"
DERIVED = "deb58f730e3a65a5b8f78a6313713299d493d1a7946c61bc58464d3ba2390112"
VAULT = "a48004dc9d46e4ebf7e2a4191edb85f470fa2a3ad68f5db393329c1d99d29ef5"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "master.key"


def test_a_new_master_key_is_for_its_owner_alone(file: Path) -> None:
    read_keyring(file, create=True)
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_the_same_file_gives_the_same_keys(file: Path) -> None:
    created, read = read_keyring(file, create=True), read_keyring(file)
    again = read_keyring(file, create=True)
    assert created.namespace(1).key == read.namespace(1).key == again.namespace(1).key


def test_a_master_key_is_not_made_unasked(file: Path) -> None:
    with pytest.raises(BadMasterKey, match="cannot read"):
        read_keyring(file)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_master_key_that_others_may_read_is_refused(file: Path, mode: int) -> None:
    read_keyring(file, create=True)
    file.chmod(mode)
    with pytest.raises(BadMasterKey, match="chmod 600"):
        read_keyring(file)


@pytest.mark.parametrize("text", ["", "hello", "00" * 31, "00" * 33, "zz" * 32, "\xff" * 64])
def test_a_file_that_is_no_key_is_refused(file: Path, text: str) -> None:
    file.parent.mkdir()
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(BadMasterKey):
        read_keyring(file)


def _created(file: Path, start: Barrier) -> bytes:
    start.wait()
    return read_keyring(file, create=True).namespace(1).key


def _create(file: str, start: Barrier, answers: "multiprocessing.Queue[bytes]") -> None:
    answers.put(_created(Path(file), start))


def test_processes_that_start_at_once_agree_on_the_key(file: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    start, answers = spawn.Barrier(AT_ONCE), spawn.Queue()
    processes = [
        spawn.Process(target=_create, args=(str(file), start, answers)) for _ in range(AT_ONCE)
    ]
    for process in processes:
        process.start()
    keys = {answers.get(timeout=30) for _ in processes}
    for process in processes:
        process.join()
    assert keys == {read_keyring(file).namespace(1).key}


def test_a_start_that_broke_off_does_not_stop_the_next(file: Path) -> None:
    file.parent.mkdir()
    file.with_name(f".{file.name}.{os.getpid()}").write_text("half a k")
    read_keyring(file, create=True)


def test_every_shop_has_keys_of_its_own() -> None:
    one, other = KEYRING.namespace(1), KEYRING.namespace(2)
    assert one.key != other.key
    assert one.digest(*MAIL) != other.digest(*MAIL)


def test_another_master_key_makes_other_keys() -> None:
    other = Keyring(bytes(KEY_BYTES))
    assert other.namespace(1).key != KEYRING.namespace(1).key
    assert other.namespace(1).digest(*MAIL) != KEYRING.namespace(1).digest(*MAIL)


def test_the_vault_is_no_shops_key() -> None:
    assert KEYRING.vault.key not in {KEYRING.namespace(number).key for number in range(100)}


def test_digests_and_keys_are_the_same_for_ever() -> None:
    """What is stored is looked up by them: changing a derivation loses every shopper."""
    key = KEYRING.namespace(1)
    assert key.digest(*MAIL).hex() == DIGEST
    assert key.key.hex() == DERIVED
    assert KEYRING.vault.key.hex() == VAULT


def test_a_digest_tells_kinds_and_values_apart() -> None:
    digest = KEYRING.namespace(1).digest
    pairs = [("email", "x"), ("phone", "x"), ("emai", "lx"), ("email", ""), ("email", "\ud800")]
    assert len({digest(*pair) for pair in pairs}) == len(pairs)


def test_a_subjects_key_is_wrapped_for_its_subject_in_its_shop() -> None:
    key, namespace = new_subject_key(), KEYRING.namespace(1)
    wrapped = namespace.wrap(SHOPPER, key)
    assert key not in wrapped
    assert namespace.unwrap(SHOPPER, wrapped) == key
    with pytest.raises(Unreadable):
        namespace.unwrap(OTHER_SHOPPER, wrapped)
    with pytest.raises(Unreadable):
        KEYRING.namespace(2).unwrap(SHOPPER, wrapped)


def test_the_same_text_is_sealed_differently_each_time() -> None:
    sealer = Sealer(new_subject_key())
    assert sealer.seal(b"hello", b"") != sealer.seal(b"hello", b"")


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(12), bytes(100)])
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(Unreadable):
        Sealer(new_subject_key()).open(sealed, b"")


def test_a_short_master_key_is_refused() -> None:
    with pytest.raises(BadMasterKey, match="32 bytes, this one 16"):
        Keyring(bytes(16))
