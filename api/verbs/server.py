"""A running server, as the command line asks it."""

import httpx

from api.verbs.common import Failed
from config.settings import Settings

PATIENCE_S = 3.0
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where such a server is asked


def base_url(settings: Settings) -> str:
    host = EVERYWHERE.get(settings.host, settings.host)
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def admin_token(settings: Settings) -> str | None:
    try:
        return settings.admin_token_file.read_text().strip()
    except FileNotFoundError:
        return None


def is_running(settings: Settings) -> bool:
    """Whether a server of this data folder answers: it knows our token."""
    token = admin_token(settings)
    if token is None:
        return False
    try:
        with client(settings, token, PATIENCE_S) as asking:
            return asking.get("/admin/dead-letters", params={"limit": 1}).status_code != 401
    except httpx.TransportError:
        return False


def client(settings: Settings, token: str, timeout_s: float | None = None) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=base_url(settings), headers=headers, timeout=timeout_s)


def token_of_running(settings: Settings) -> str:
    """Raises Failed where no server of this data folder runs."""
    token = admin_token(settings)
    if token is None or not is_running(settings):
        raise Failed(
            f"no server of {settings.data_dir} answers at {base_url(settings)}; "
            "start one with c360 serve"
        )
    return token
