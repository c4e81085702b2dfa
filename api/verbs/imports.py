"""`c360 import`: files into a running server."""

import re
from pathlib import Path
from typing import Annotated

import typer

from api.verbs.common import AsJson, DataDir, Failed, settings_of

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
Shop = Annotated[str, typer.Option(help="The shop's domain.")]
app = typer.Typer(no_args_is_help=True)


@app.callback()
def imports() -> None:
    """Back-fill from files; running an import twice changes nothing."""


@app.command("shopify-orders")
def shopify_orders(
    file: File,
    shop: Shop,
    data_dir: DataDir = None,
) -> None:
    """One Shopify REST order object a line."""
    import asyncio

    from rich.console import Console

    from api.demo.orders_import import import_orders
    from api.verbs.server import base_url, token_of_running

    settings = settings_of(data_dir)
    token = token_of_running(settings)
    report = asyncio.run(import_orders(base_url(settings), token, shop, file, Console(stderr=True)))
    raise typer.Exit(report.exit_code)


@app.command("contacts")
def contacts(  # noqa: PLR0913 - one for each option
    file: File,
    shop: Shop,
    source: Annotated[str, typer.Option(help="What the list is called, such as klaviyo.")],
    country: Annotated[
        str | None, typer.Option(help="Where those live who do not say, such as DE.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Every rejected line, as .csv; as .json all of the report.")
    ] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """A CSV of contacts: Klaviyo's profile export, or columns such as email, phone, first_name.

    Other columns become properties; consent counts where a column clearly tells of it.
    """
    import asyncio
    from datetime import UTC, datetime

    from rich.console import Console

    from api.contacts.report import ContactsReport, printed, write
    from api.contacts.report import as_json as written
    from api.contacts.sending import Target, import_contacts, operator
    from api.verbs.server import base_url, token_of_running

    settings = settings_of(data_dir)
    target = Target(shop, _name(source), datetime.now(UTC), _region(country))
    token, console = token_of_running(settings), Console(stderr=True)

    async def imported() -> ContactsReport:
        async with operator(base_url(settings), token) as client:
            return await import_contacts(client, target, file, console)

    done = asyncio.run(imported())
    if report is not None:
        try:
            write(done, report)
        except OSError as error:
            raise Failed(
                f"the import is done, but its report cannot be written: {error}"
            ) from error
    if as_json:
        typer.echo(written(done))
    else:
        printed(console, done)
    raise typer.Exit(done.exit_code)


def _name(source: str) -> str:
    from api.contacts.contact import SOURCE

    if not re.fullmatch(SOURCE, source):
        raise Failed("--source is a name in small letters and digits, such as klaviyo or crm-2026")
    return source


def _region(country: str | None) -> str | None:
    if country is not None and not re.fullmatch("[A-Za-z]{2}", country):
        raise Failed("--country is two letters, such as DE")
    return country.upper() if country else None
