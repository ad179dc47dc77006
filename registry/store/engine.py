"""SQLite as this project wants it: WAL, foreign keys, synchronous FULL, writers that wait their turn.

A database belongs to one deployment on one chain for ever; it refuses to open for another. Troubles of the database
come out as Unavailable (not there, busy, full) or HaltError (damaged, of another chain, of a newer version).
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from registry.errors import HaltError, RegistryError, Unavailable

HEAD: Final = "0001"
"""Newest migration. A test compares it with the scripts, so that opening need not load them."""
_BUSY_MS = 15_000


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose database it is."""

    chain_id: int
    genesis_hash: bytes
    registry: bytes

    def __str__(self) -> str:
        return f"chain {self.chain_id}, genesis 0x{self.genesis_hash.hex()}, registry 0x{self.registry.hex()}"


def open_durable(path: Path, identity: Identity | None) -> Engine:
    """Opens or makes the durable database and brings it to the present version. Identity None: a chain is not there
    yet, and only an unclaimed database opens."""
    with _translated(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = sqlite_engine(path)
    try:
        with _translated(path):
            _migrate(engine)
            if identity is not None:
                _claim(engine, identity, path)
    except RegistryError:
        engine.dispose()
        raise
    return engine


def sqlite_engine(path: Path) -> Engine:
    """An engine whose transactions begin as writers unless `reading` asked otherwise."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)), connect_args={"timeout": _BUSY_MS / 1000, "check_same_thread": False}
    )
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


@contextlib.contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that holds the writer's place from its beginning, so that it never fails half way for a lock."""
    with _translated(_path(engine)), engine.begin() as connection:
        yield connection


@contextlib.contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view; neither waits for writers nor holds them up."""
    with _translated(_path(engine)), engine.connect().execution_options(equity_begin="DEFERRED") as connection:
        yield connection


def _on_connect(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # the driver's own transactions would begin late and unasked
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {_BUSY_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    mode = connection.get_execution_options().get("equity_begin", "IMMEDIATE")
    connection.exec_driver_sql(f"BEGIN {mode}")


def _migrate(engine: Engine) -> None:
    with reading(engine) as connection:
        found = _version(connection)
    if found == HEAD:
        return
    if found is not None and found > HEAD:
        raise HaltError(f"the database is of version {found}, this program knows {HEAD}: use a newer one")
    with engine.begin() as connection:
        if _version(connection) != HEAD:  # another process may have been first
            from registry.store.migrations import upgrade

            upgrade(connection, HEAD)


def _version(connection: Connection) -> str | None:
    known = connection.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")).scalar()
    if known is None:
        return None
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if version is None else str(version)


def _claim(engine: Engine, identity: Identity, path: Path) -> None:
    select = text("SELECT chain_id, genesis_hash, registry FROM identity")
    with reading(engine) as connection:
        row = connection.execute(select).first()
    if row is None:
        with engine.begin() as connection:
            row = connection.execute(select).first()
            if row is None:
                values: dict[str, Any] = {
                    "chain_id": identity.chain_id,
                    "genesis_hash": identity.genesis_hash,
                    "registry": identity.registry,
                }
                connection.execute(text("INSERT INTO identity VALUES (1, :chain_id, :genesis_hash, :registry)"), values)
                return
    found = Identity(row.chain_id, row.genesis_hash, row.registry)
    if found != identity:
        raise HaltError(f"{path} is the database of {found}; it does not open for {identity}")


def _path(engine: Engine) -> Path:
    return Path(engine.url.database or "")


@contextlib.contextmanager
def _translated(path: Path) -> Iterator[None]:
    """What the driver says, as an error of this project."""
    try:
        yield
    except DBAPIError as error:
        words = str(error.orig)
        if "not a database" in words or "malformed" in words:
            raise HaltError(f"{path} is damaged or no database: {words}") from error
        if isinstance(error.orig, sqlite3.OperationalError):
            raise Unavailable(f"the database {path} is not to be had: {words}") from error
        raise
    except PermissionError as error:
        raise Unavailable(f"the folder of {path} is not to be had: {error.strerror}") from error
    except (NotADirectoryError, FileExistsError) as error:
        raise Unavailable(f"the folder of {path} cannot be made: {error.strerror}") from error
