"""`c360 key`: works whether or not a server runs; a server notices within seconds."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.verbs.common import AsJson, DataDir, Failed, printed, settings_of, with_database

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    from aggregates.log.keys import Keyring

app = typer.Typer(no_args_is_help=True)


@app.command()
def create(
    domain: str,
    scope: Annotated[list[str], typer.Option(help="read, write or admin; may be repeated.")],
    environment: Annotated[str, typer.Option(help="live or sandbox")] = "live",
    as_json: AsJson = True,
    data_dir: DataDir = None,
) -> None:
    """Make one more API key with chosen scopes. It is shown only this once."""
    from api.shops.keys import checked_scopes, create_key
    from api.shops.names import checked_environment
    from api.shops.registry import namespace_of

    world, scopes = checked_environment(environment), checked_scopes(scope)

    async def act(connection: "AsyncConnection", _: "Keyring") -> str:
        number = await namespace_of(connection, domain, world)
        return await create_key(connection, number, world, scopes)

    key = with_database(settings_of(data_dir), act)
    printed({"shop": domain, "environment": world, "scopes": list(scopes), "api_key": key}, as_json)


@app.command()
def revoke(prefix: str, as_json: AsJson = True, data_dir: DataDir = None) -> None:
    """Make a key invalid. `prefix` is how it begins, up to the 12th random character."""
    from api.shops.keys import prefix_of, revoke_key

    count = with_database(
        settings_of(data_dir), lambda connection, _: revoke_key(connection, prefix_of(prefix))
    )
    if not count:
        raise Failed("no valid key begins so")
    printed({"revoked": count}, as_json)
