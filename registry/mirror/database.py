"""Opens the mirror's SQLite file: one writer, any number of readers; refuses a file of another chain or deployment."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.chain.deployment import Deployment
from registry.chain.reads import book_account
from registry.domain.ids import NOBODY
from registry.errors import HaltError, RetryableError, Unavailable
from registry.mirror import tables

BUSY_MS = 10_000
REBUILD = "`equity mirror rebuild` makes it anew"


def open_writer(path: Path, deployment: Deployment) -> sqlite3.Connection:
    """The mirror of this deployment, made if it is not there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with told(path):
        connection = _connect(f"file:{path}?mode=rwc")
        connection.execute("PRAGMA journal_mode = WAL")
        # A lost last commit is fetched again; the file itself stays whole.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA cache_size = -65536")
        with transaction(connection):
            if not _is_made(connection):
                _make(connection, deployment)
    try:
        check_identity(connection, deployment, path)
    except HaltError:
        connection.close()
        raise
    return connection


def open_anew(path: Path, deployment: Deployment) -> sqlite3.Connection:
    """For a rebuild: what cannot be opened, or belongs to another deployment, is taken away first."""
    try:
        return open_writer(path, deployment)
    except HaltError:
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)
        return open_writer(path, deployment)


def open_reader(path: Path) -> sqlite3.Connection:
    """Reads only. Unavailable until somebody has made the mirror."""
    if not path.exists():
        raise Unavailable(f"there is no mirror at {path}; `equity mirror sync` makes it")
    with told(path):
        connection = _connect(f"file:{path}?mode=ro")
        connection.execute("PRAGMA query_only = ON")
        if not _is_made(connection):
            connection.close()
            raise Unavailable(f"the mirror at {path} is still empty; `equity mirror sync` fills it")
        _check_schema(connection, path)
    return connection


def remake(connection: sqlite3.Connection, deployment: Deployment) -> None:
    """Everything away, inside the caller's transaction."""
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    connection.execute("PRAGMA defer_foreign_keys = ON")
    for name in names:
        if not name.startswith("sqlite_"):
            connection.execute(f'DROP TABLE "{name}"')
    _make(connection, deployment)


def mark_goal(connection: sqlite3.Connection, block: int) -> None:
    """Of a rebuild: until it is reached nothing is answered. 0: there is none. Kept in the head of the file, which a
    rollback restores like any table."""
    connection.execute(f"PRAGMA user_version = {block}")


def goal_of(connection: sqlite3.Connection) -> int:
    """The block that a rebuild has to reach; 0 if none is under way."""
    (block,) = connection.execute("PRAGMA user_version").fetchone()
    return int(block)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Takes the write lock at once, so that two writers queue and never read what the other is about to change."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


@contextmanager
def told(path: Path) -> Iterator[None]:
    """SQLite's errors in the project's family."""
    try:
        yield
    except sqlite3.OperationalError as error:
        text = str(error)
        if "locked" in text or "busy" in text:
            raise RetryableError(f"another process holds the mirror at {path}: {text}") from error
        raise Unavailable(f"the mirror at {path} cannot be used: {text}") from error
    except sqlite3.DatabaseError as error:
        raise HaltError(f"the mirror at {path} is damaged or no database: {error}; {REBUILD}") from error


def check_identity(connection: sqlite3.Connection, deployment: Deployment, path: Path) -> None:
    """HaltError unless the file mirrors this deployment on this chain."""
    _check_schema(connection, path)
    found = connection.execute("SELECT chain_id, genesis_hash, registry, factory, utc_offset FROM meta").fetchone()
    wanted = (
        deployment.chain_id,
        bytes(deployment.genesis_hash),
        bytes(deployment.registry),
        bytes(deployment.factory),
        deployment.utc_offset,
    )
    names = ("chain id", "genesis hash", "registry", "factory", "UTC offset")
    for name, here, there in zip(names, found, wanted, strict=True):
        if here != there:
            raise HaltError(
                f"the mirror at {path} belongs to another chain or deployment: its {name} is {_show(here)}, "
                f"wanted {_show(there)}; {REBUILD}"
            )


def _check_schema(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("SELECT schema_version FROM meta").fetchone()
    if version != tables.SCHEMA_VERSION:
        raise HaltError(
            f"the mirror at {path} has schema version {version}, this program reads {tables.SCHEMA_VERSION}; {REBUILD}"
        )


def _connect(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    return connection


def _is_made(connection: sqlite3.Connection) -> bool:
    found = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'meta'").fetchone()
    return bool(found[0])


def _make(connection: sqlite3.Connection, deployment: Deployment) -> None:
    for statement in tables.ddl():
        connection.execute(statement)
    connection.execute(
        tables.insert(tables.meta),
        (
            1,
            tables.SCHEMA_VERSION,
            deployment.chain_id,
            deployment.genesis_hash,
            deployment.registry,
            deployment.factory,
            deployment.utc_offset,
            deployment.first_block,
            book_account(deployment, NOBODY)[:16],
            deployment.distributions,
        ),
    )


def _show(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
