"""`c360` on a database without a server: shops, keys, letters, the audit, and clear refusals."""

import errno
import json
from pathlib import Path
from typing import Any

import pytest

from api import cli
from api.verbs.common import is_known

DOMAIN = "quiet-store.myshopify.com"
CONTACTS = ["import", "contacts", __file__, "--shop", DOMAIN]
CREATE = ["shop", "create", DOMAIN, "--webhook-secret", "s"]


class CommandLine:
    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.errors = ""

    def run(self, *arguments: str) -> int:
        """The exit code; what was printed waits in `said` and `errors`."""
        self._monkeypatch.setattr("sys.argv", ["c360", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        self.said, self.errors = self._capsys.readouterr()
        return int(ended.value.code or 0)

    def json(self, *arguments: str) -> Any:
        assert self.run(*arguments) == 0, self.errors
        return json.loads(self.said)


@pytest.fixture
def c360(
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> CommandLine:
    monkeypatch.setenv("C360_DATABASE_URL", database)
    monkeypatch.setenv("C360_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("C360_PORT", "1")  # nobody answers there
    monkeypatch.setenv("C360_HOST", "127.0.0.1")
    return CommandLine(monkeypatch, capsys)


def test_a_shop_is_created_and_listed(c360: CommandLine) -> None:
    made = c360.json(*CREATE, "--plan", "pro", "--timezone", "Europe/Berlin", "--currency", "EUR")
    assert made.keys() == {"shop", "plan", "live", "sandbox"}
    assert made["live"]["api_key"].startswith("c360_live_")
    assert made["live"]["pixel_key"].startswith("c360_pixel_")
    assert c360.json("shop", "list", "--json") == [
        {"shop": DOMAIN, "plan": "pro", "timezone": "Europe/Berlin", "currency": "EUR"}
    ]
    assert c360.run("shop", "list") == 0
    assert DOMAIN in c360.said


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["shop", "create", "x", "--webhook-secret", "s"], "named by its domain"),
        ([*CREATE, "--plan", "gold"], "one of free"),
        (["shop", "rotate-secret", DOMAIN, "--webhook-secret", "s"], "there is no shop"),
        (["key", "create", DOMAIN, "--scope", "rule"], "read, write, admin"),
        (["key", "revoke", "c360_live_x"], "no valid key"),
        (["dead-letters", "list", "--status", "lost"], "one of open"),
        (["dead-letters", "retry"], "--all"),
        (["dead-letters", "retry", "--all"], "c360 serve"),
        (["import", "shopify-orders", __file__, "--shop", DOMAIN], "c360 serve"),
        ([*CONTACTS, "--source", "crm"], "c360 serve"),
        ([*CONTACTS, "--source", "My CRM"], "small letters"),
        ([*CONTACTS, "--source", "crm", "--country", "Germany"], "two letters"),
    ],
)
def test_a_refusal_is_one_line_and_exit_code_2(
    c360: CommandLine, arguments: list[str], complaint: str
) -> None:
    assert c360.run(*arguments) == 2
    assert complaint in c360.errors
    assert len(c360.errors.splitlines()) == 1


def test_of_the_system_s_errors_only_a_full_disk_needs_no_traceback() -> None:
    assert is_known(OSError(errno.ENOSPC, "No space left on device"))
    assert not is_known(OSError(errno.EBADF, "Bad file descriptor"))


def test_a_wrong_setting_is_named(c360: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("C360_PORT", "many")
    assert c360.run("shop", "list") == 2
    assert "C360_PORT" in c360.errors


def test_a_key_is_created_with_its_scopes_and_revoked(c360: CommandLine) -> None:
    c360.json(*CREATE)
    made = c360.json("key", "create", DOMAIN, "--scope", "read", "--environment", "sandbox")
    assert made["scopes"] == ["read"]
    assert made["api_key"].startswith("c360_sandbox_")
    assert c360.json("key", "revoke", made["api_key"][:25]) == {"revoked": 1}
    assert c360.run("key", "revoke", made["api_key"]) == 2


def test_a_webhook_secret_is_rotated(c360: CommandLine) -> None:
    c360.json(*CREATE)
    told = c360.json("shop", "rotate-secret", DOMAIN, "--webhook-secret", "new")
    assert told == {"shop": DOMAIN, "environment": "live", "valid_secrets": 2}


def test_dead_letters_are_listed_and_discarded(c360: CommandLine) -> None:
    assert c360.json("dead-letters", "list", "--json") == []
    assert c360.json("dead-letters", "discard", "--all") == {"discarded": 0}


def test_an_empty_log_holds(c360: CommandLine) -> None:
    assert c360.json("audit", "verify", "--json") == {"checked": 0, "broken": None}


def test_the_doctor_tells_what_there_is(c360: CommandLine) -> None:
    c360.json(*CREATE)
    found = c360.json("doctor", "--json")
    assert found["database"]["shops"] == 1
    assert found["warnings"] == []
    assert "python" in found["versions"]
