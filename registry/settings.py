"""Every setting, read from the environment (prefix EQUITY_) once, at the door."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from registry.errors import InputError


def _default_home() -> Path:
    here = Path.cwd() / ".equity"
    return here if here.is_dir() else Path.home() / ".equity"


class Settings(BaseSettings):
    """EQUITY_HOME and its neighbours; everything has a default that suits one machine."""

    model_config = SettingsConfigDict(env_prefix="EQUITY_", extra="ignore")

    home: Path = Field(default_factory=_default_home, description="folder of keys, databases and deployment.json")
    rpc_url: str = Field(default="http://127.0.0.1:8545", description="the node's JSON-RPC address")
    rpc_timeout: float = Field(default=30.0, gt=0, le=600, description="deadline of one exchange with the node [s]")
    passphrase_file: Path | None = Field(default=None, description="file with the passphrase of the keystores")
    directory_key_file: Path | None = Field(default=None, description="file with the key of the directory of names")
    bind_host: str = Field(default="127.0.0.1", description="address that API and pages listen on")
    bind_port: int = Field(default=8080, ge=0, le=65535, description="port that API and pages listen on")
    log_level: str = Field(default="warning", pattern="^(debug|info|warning|error)$", description="least level logged")

    @property
    def deployment_file(self) -> Path:
        return self.home / "deployment.json"

    @property
    def durable_file(self) -> Path:
        return self.home / "durable.db"

    @property
    def mirror_file(self) -> Path:
        return self.home / "mirror.db"

    @property
    def keystores(self) -> Path:
        return self.home / "keystores"

    @property
    def chain_state(self) -> Path:
        return self.home / "chain" / "state.json"


def load_settings() -> Settings:
    """From the environment; a value that is out of bounds is named with its variable."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "EQUITY_" + "_".join(str(part) for part in first["loc"]).upper()
        raise InputError(
            f"{name} is {first['input']!r}: {first['msg']}", code="setting", field=name, value=first["input"]
        ) from error
