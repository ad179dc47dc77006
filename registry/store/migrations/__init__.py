"""Versions of the durable database. Loaded only when a database is not of the newest one."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def configuration() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(connection: Connection, version: str) -> None:
    """Inside the caller's transaction: all of it or nothing."""
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, version)
