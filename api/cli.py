"""`c360`: the command line. Each verb parses, calls and prints; the work is done elsewhere."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.verbs import audit as cli_audit
from api.verbs import imports as cli_imports
from api.verbs import keys as cli_keys
from api.verbs import letters as cli_letters
from api.verbs import projections as cli_projections
from api.verbs import shops as cli_shops
from api.verbs.common import (
    AsJson,
    DataDir,
    Failed,
    Host,
    Port,
    is_known,
    printed,
    settings_of,
)

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
app.add_typer(cli_shops.app, name="shop", help="Shops and their webhook secrets.")
app.add_typer(cli_keys.app, name="key", help="API keys.")
app.add_typer(cli_imports.app, name="import", help="Back-fill from files.")
app.add_typer(cli_letters.app, name="dead-letters", help="Deliveries kept unprocessed.")
app.add_typer(cli_projections.app, name="projections", help="Read models.")
app.add_typer(cli_audit.app, name="audit", help="Is the log as it was written?")


@app.command()
def serve(port: Port = None, host: Host = None, data_dir: DataDir = None) -> None:
    """Run the server until SIGTERM or Ctrl-C."""
    from api.serve import serve as run  # Ray and uvicorn take a second to import

    run(settings_of(data_dir, port, host))


@app.command()
def demo(
    once: Annotated[bool, typer.Option(help="Stop after comparing the totals.")] = False,
    orders: Annotated[Path | None, typer.Option(help="A CSV of Online Retail.")] = None,
    port: Port = None,
    host: Host = None,
    data_dir: DataDir = None,
) -> None:
    """Run a shop's history through the whole product and compare what comes out."""
    from api.verbs.demo import run

    if not run(settings_of(data_dir, port, host), orders, once):
        raise typer.Exit(1)


@app.command()
def doctor(as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """What is running, which versions, how much is stored, what is worrying."""
    from api.verbs.doctor import examine

    found = examine(settings_of(data_dir))
    printed(found, as_json)
    if found["warnings"]:
        raise typer.Exit(1)


def main() -> None:
    """Failures we know are one line on stderr and exit code 2; bugs keep their traceback."""
    try:
        app()
    except Failed as failure:
        sys.exit(_complaint(failure))
    except Exception as error:
        if is_known(error):
            sys.exit(_complaint(error))
        raise


def _complaint(error: Exception) -> int:
    typer.echo(f"c360: {error}", err=True)
    return 2


if __name__ == "__main__":
    main()
