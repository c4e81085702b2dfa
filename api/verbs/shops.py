"""`c360 shop`: works whether or not a server runs."""

from typing import Annotated

import typer

from api.verbs.common import AsJson, DataDir, printed, settings_of, with_database

app = typer.Typer(no_args_is_help=True)
Environment = Annotated[str, typer.Option(help="live or sandbox")]


@app.command()
def create(  # noqa: PLR0913 - one argument an option
    domain: str,
    webhook_secret: Annotated[str, typer.Option(help="Signs the live shop's webhooks.")],
    sandbox_secret: Annotated[str | None, typer.Option(help="Signs a test shop's.")] = None,
    plan: Annotated[str, typer.Option(help="free|starter|pro|agency|enterprise")] = "free",
    timezone: Annotated[str, typer.Option(help="Such as Europe/Berlin.")] = "UTC",
    currency: Annotated[str, typer.Option(help="Such as EUR.")] = "USD",
    as_json: AsJson = True,
    data_dir: DataDir = None,
) -> None:
    """Set a shop up. Prints its keys as JSON; API keys are shown only this once."""
    from api.shops.registry import NewShop, create_shop

    new = NewShop(
        domain=domain,
        webhook_secret=webhook_secret,
        sandbox_secret=sandbox_secret,
        plan=plan,
        timezone=timezone,
        currency=currency,
    )
    made = with_database(
        settings_of(data_dir), lambda connection, keyring: create_shop(connection, keyring, new)
    )
    printed(made, as_json)


@app.command("list")
def list_(as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """The shops, by domain."""
    from api.shops.registry import list_shops

    shops = with_database(settings_of(data_dir), lambda connection, _: list_shops(connection))
    printed(shops, as_json)


@app.command("rotate-secret")
def rotate_secret(
    domain: str,
    webhook_secret: Annotated[str, typer.Option(help="The new one.")],
    environment: Environment = "live",
    as_json: AsJson = True,
    data_dir: DataDir = None,
) -> None:
    """Accept a new webhook secret; the one before stays valid until the next rotation."""
    from api.shops.names import checked_environment
    from api.shops.secrets import rotate_secret as rotate

    world = checked_environment(environment)
    valid = with_database(
        settings_of(data_dir),
        lambda connection, keyring: rotate(connection, keyring, domain, world, webhook_secret),
    )
    printed({"shop": domain, "environment": world, "valid_secrets": valid}, as_json)
