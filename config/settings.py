"""Everything an operator may choose, read once from C360_… variables."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "C360_"
HOSTS_AT_MOST = 256  # there are 256 shards, and a host that owns none has nothing to do
API_PROCESSES_AT_MOST = READERS_AT_MOST = 64
DISK_RESERVE_AT_LEAST_MB = 64  # half holds one piece of PostgreSQL's log, 17 MB, and some more


class BadSettings(ValueError):
    """At least one variable has a value we cannot work with; the message names each."""


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _postgres_url(url: str) -> str:
    if not url.startswith(("postgresql://", "postgres://")):
        raise ValueError("must look like postgresql://user@host:5432/database")
    return url


def _home() -> Path:
    # PostgreSQL never runs as root, and the user it runs as instead may not enter /root
    return Path("/var/lib/customer360") if os.geteuid() == 0 else Path("~/.customer360")


def _inside_data_dir(name: str) -> Any:
    return Field(default_factory=lambda known: known["data_dir"] / name)


Folder = Annotated[Path, AfterValidator(_absolute)]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,  # compose files pass variables nobody set as empty strings
        frozen=True,
        validate_default=True,
        hide_input_in_errors=True,  # the database URL may carry a password
    )

    data_dir: Folder = Field(default_factory=_home)
    host: str = "127.0.0.1"
    port: int = Field(default=8360, ge=0, le=65535)  # 0 lets the system choose
    database_url: Annotated[str, AfterValidator(_postgres_url)] | None = Field(
        default=None, repr=False
    )
    ray_address: str | None = None
    ray_namespace: str = Field(default="customer360", min_length=1)
    hosts: int = Field(default=2, ge=1, le=HOSTS_AT_MOST)
    api_processes: int = Field(default=1, ge=1, le=API_PROCESSES_AT_MOST)
    readers: int = Field(default=1, ge=1, le=READERS_AT_MOST)
    disk_reserve_mb: int = Field(default=256, ge=DISK_RESERVE_AT_LEAST_MB)
    master_key_file: Folder = _inside_data_dir("master.key")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"

    @property
    def postgres_dir(self) -> Path:
        return self.data_dir / "postgres"

    @property
    def ray_dir(self) -> Path:
        return self.data_dir / "ray"

    @property
    def admin_token_file(self) -> Path:
        return self.data_dir / "admin.token"


def load_settings() -> Settings:
    """Raises BadSettings, naming every variable at fault and what would be right."""
    try:
        return Settings()
    except ValidationError as error:
        raise BadSettings("; ".join(_complaints(error))) from None


def environment_of(settings: Settings) -> dict[str, str]:
    """The variables from which a child process reads these same settings."""
    values = settings.model_dump(mode="json", exclude_none=True)
    return {f"{PREFIX}{name.upper()}": str(value) for name, value in values.items()}


def _complaints(error: ValidationError) -> list[str]:
    return [
        f"{PREFIX}{str(problem['loc'][0]).upper()}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False)
        if problem["type"] != "default_factory_not_called"  # follows from another complaint
    ]
