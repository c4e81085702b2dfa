"""`c360 audit`: walks the hash chain of the log."""

import sys
from typing import Annotated

import typer

from api.verbs.common import AsJson, DataDir, printed, settings_of

app = typer.Typer(no_args_is_help=True)


@app.callback()
def audit() -> None:
    """Is the log as it was written?"""


@app.command()
def verify(
    shop: Annotated[
        str | None, typer.Option(help="A chain spans all shops, so all are walked anyway.")
    ] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Exit code 1 and the first broken position if the chain does not hold."""
    import psycopg

    from aggregates.log.audit import verify as walk
    from config.connections import limited
    from config.database import running_database
    from config.migrations import migrate

    with running_database(settings_of(data_dir)) as dsn:
        migrate(dsn)
        with psycopg.connect(limited(dsn, "c360-audit")) as connection:
            found = walk(connection, _progress if sys.stderr.isatty() else None)
    printed(found, as_json)
    if found.broken is not None:
        raise typer.Exit(1)


def _progress(checked: int) -> None:
    typer.echo(f"{checked:,} events\r", nl=False, err=True)  # overwrites itself
