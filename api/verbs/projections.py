"""`c360 projections`: read models, how far behind they are, and making one anew."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.verbs.common import AsJson, DataDir, Failed, printed, settings_of, with_database

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    from aggregates.log.keys import Keyring

app = typer.Typer(no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="As `c360 projections list` calls it.")]


@app.command("list")
def listed(as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Each with the events it is behind, when its keeper was last seen, and who is parked."""
    from projections.health import State, states

    async def asked(connection: "AsyncConnection[Any]", _: "Keyring") -> list[State]:
        return await states(connection)

    printed(with_database(settings_of(data_dir), asked), as_json)


@app.command()
def rebuild(name: Name, data_dir: DataDir = None) -> None:
    """Beside the old one, which answers until the new one takes its place."""
    from rich.console import Console
    from rich.progress import Progress

    from aggregates.log.keys import read_keyring
    from config.database import running_database
    from config.migrations import migrate
    from projections.models import read_models
    from projections.rebuilding import rebuild as made_anew
    from projections.worker import collect_seldom

    collect_seldom()
    settings = settings_of(data_dir)
    with running_database(settings) as dsn, Progress(console=Console(stderr=True)) as progress:
        migrate(dsn)
        keyring = read_keyring(settings.master_key_file)
        models = {model.name: model for model in read_models(keyring)}
        if name not in models:
            raise Failed(f"there is no read model {name}; there are {', '.join(sorted(models))}")
        bar = progress.add_task(f"rebuilding {name}", total=None)

        def show(read: int, there: int) -> None:
            progress.update(bar, completed=read, total=there)

        events = made_anew(dsn, keyring, models[name], show)
    typer.echo(f"{name}: made anew from {events:,} events")
