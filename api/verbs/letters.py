"""`c360 dead-letters`: listing and discarding need the database, retrying needs the server."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from api.verbs.common import AsJson, DataDir, Failed, printed, settings_of, with_database

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    from aggregates.log.keys import Keyring

app = typer.Typer(no_args_is_help=True)
Letters = Annotated[list[UUID] | None, typer.Argument(help="Letter ids.")]
Reason = Annotated[str | None, typer.Option(help="All that are kept for this reason.")]
Every = Annotated[bool, typer.Option("--all", help="All that are open.")]


@app.command("list")
def list_(
    status: Annotated[str, typer.Option(help="open, retried or discarded")] = "open",
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Deliveries that verified but could not be processed, oldest first."""
    from api.letters.store import checked_status, listed

    wanted = checked_status(status)
    found = with_database(
        settings_of(data_dir), lambda connection, _: listed(connection, wanted, None, limit)
    )
    printed(found, as_json)


@app.command()
def retry(
    letters: Letters = None,
    reason: Reason = None,
    every: Every = False,
    as_json: AsJson = True,
    data_dir: DataDir = None,
) -> None:
    """Try them again, after a fix. Exit code 1 if any failed again."""
    from api.verbs.server import client, token_of_running

    selection = _selection(letters, reason, every)
    settings = settings_of(data_dir)
    with client(settings, token_of_running(settings)) as asking:
        response = asking.post("/admin/dead-letters/retry", json=selection)
    if not response.is_success:
        raise Failed(f"the server answered {response.status_code}: {response.json()['detail']}")
    tally = response.json()
    printed(tally, as_json)
    if tally["failed"]:
        raise typer.Exit(1)


@app.command()
def discard(
    letters: Letters = None,
    reason: Reason = None,
    every: Every = False,
    as_json: AsJson = True,
    data_dir: DataDir = None,
) -> None:
    """Give them up. Their content stays, sealed."""
    from api.letters.store import discard as give_up

    _selection(letters, reason, every)

    async def act(connection: "AsyncConnection", _: "Keyring") -> int:
        return await give_up(connection, letters or None, reason)

    printed({"discarded": with_database(settings_of(data_dir), act)}, as_json)


def _selection(letters: list[UUID] | None, reason: str | None, every: bool) -> dict[str, object]:
    """Raises Failed unless exactly one way of choosing is used."""
    chosen: dict[str, object] = {}
    if letters:
        chosen["letters"] = [str(letter) for letter in letters]
    if reason is not None:
        chosen["reason"] = reason
    if every:
        chosen["all"] = True
    if len(chosen) != 1:
        raise Failed("name letters, or give --reason R, or --all")
    return chosen
