"""`c360 import`: files into a running server."""

from pathlib import Path
from typing import Annotated

import typer

from api.verbs.common import DataDir, settings_of

app = typer.Typer(no_args_is_help=True)


@app.callback()
def imports() -> None:
    """Back-fill from files; running an import twice changes nothing."""


@app.command("shopify-orders")
def shopify_orders(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    shop: Annotated[str, typer.Option(help="The shop's domain.")],
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
