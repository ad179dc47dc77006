"""How the mirror is read: one read-only connection a thread, one snapshot a query, one bound for "as of"."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

from registry.chain.decode import CLASSES_PER_COMPANY, LOG_BITS
from registry.domain.ids import Day, Hash32, Timestamp
from registry.errors import InputError, Rebuilding, Unavailable
from registry.mirror.database import goal_of, open_reader, told
from registry.mirror.views import AsOf, Page, Stand

T = TypeVar("T")
NOW = AsOf()
MOST_A_PAGE = 200


@dataclass(frozen=True, slots=True)
class Bound:
    """What a query may see: rows with an id below `id`, dated up to `effective_on` where one was asked for."""

    stand: Stand
    id: int
    is_head: bool
    effective_on: Day | None


class Reader:
    """Base of the queries."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()

    def close(self) -> None:
        """Closes this thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection, to the file that stands there now: a rebuild may have replaced it."""
        try:
            file = self.path.stat().st_ino
        except FileNotFoundError:
            file = 0
        if getattr(self._local, "file", None) != file:
            self.close()
        if getattr(self._local, "connection", None) is None:
            self._local.connection = open_reader(self.path)
            self._local.file = file
        found: sqlite3.Connection = self._local.connection
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _snapshot(self) -> Iterator[sqlite3.Connection]:
        """All reads inside see the same commit, whatever the writer does meanwhile."""
        connection = self._connection()
        with told(self.path):
            connection.execute("BEGIN")
            try:
                self._check_built(connection)
                yield connection
            finally:
                connection.execute("ROLLBACK")

    def _check_built(self, connection: sqlite3.Connection) -> None:
        """What a rebuild has not come to yet must not be said not to exist."""
        goal = goal_of(connection)
        if not goal:
            return
        head = connection.execute("SELECT number FROM cursor").fetchone()
        reached = head[0] if head else 0
        if reached < goal:
            raise Rebuilding(f"the mirror at {self.path} is being rebuilt: block {reached} of {goal}")

    def _bound(self, connection: sqlite3.Connection, as_of: AsOf) -> Bound:
        head = connection.execute("SELECT number, hash, time FROM cursor").fetchone()
        if head is None:
            raise Unavailable(f"the mirror at {self.path} has taken in nothing yet; `equity mirror sync` fills it")
        block = head[0] if as_of.block is None else as_of.block
        row = head
        if block > head[0]:
            raise InputError(
                f"block {block} is ahead of the mirror, which stands at {head[0]}",
                code="block_ahead",
                field="as_of_block",
                value=block,
            )
        if block < head[0]:
            row = connection.execute(
                "SELECT number, hash, time FROM blocks WHERE number <= ? ORDER BY number DESC LIMIT 1", (block,)
            ).fetchone()
        if row is None:
            raise InputError(
                f"block {block} is older than the registry", code="block_too_old", field="as_of_block", value=block
            )
        stand = Stand(row[0], Hash32(row[1]), Timestamp(row[2]))
        return Bound(stand, (block + 1) << LOG_BITS, block == head[0], as_of.effective_on)


def class_range(company: int) -> tuple[int, int]:
    """First and last class id that the company can have."""
    return company * CLASSES_PER_COMPANY, (company + 1) * CLASSES_PER_COMPANY - 1


def checked_limit(limit: int) -> int:
    if not 1 <= limit <= MOST_A_PAGE:
        raise InputError(
            f"limit must be 1 to {MOST_A_PAGE}, not {limit}", code="limit_out_of_range", field="limit", value=limit
        )
    return limit


def checked_cursor(cursor: str | None, default: int) -> int:
    """Cursors are ids; they say where the last page ended."""
    if cursor is None:
        return default
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise InputError(
            f"cursor {cursor!r} is not one that a page gave", code="cursor_malformed", field="cursor", value=cursor
        )
    return int(cursor)


def page_of(items: Sequence[T], ids: Sequence[int], limit: int, stand: Stand) -> Page[T]:
    """`items` may hold one more than the page: then there is a next one."""
    more = len(items) > limit
    return Page(tuple(items[:limit]), str(ids[limit - 1]) if more else None, stand)
