"""Follows the chain: whole blocks per transaction, the cursor with them and moved only from where it stood.

Blocks that are final come in ranges; newer ones one by one, by hash, each joined to its parent. Where the chain went
another way the blocks that are gone are undone, as deep as the engine's finality; deeper, or onto a node that lost its
history, it stops (HaltError).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

from registry.chain.client import BlockRef, Node, NodeRefusal
from registry.chain.decode import Emitter, Emitters, Kind, rows
from registry.chain.deployment import Deployment
from registry.chain.logs import logs_of, pages
from registry.domain.ids import Hash32, Timestamp
from registry.errors import HaltError, RetryableError
from registry.mirror.database import goal_of, mark_goal, open_anew, open_writer, remake, told, transaction
from registry.mirror.project import Projection
from registry.mirror.queries import Queries
from registry.mirror.rewind import undo
from registry.mirror.views import Stand
from registry.mirror.working import Working

BATCH_EVENTS = 20_000
ATTEMPTS = 5
LONGEST_PAUSE = 5.0
Progress = Callable[[int, int, int], None]
"""Called after each commit: block reached, block wanted, events projected by this call so far."""


class Mirror:
    """The one writer of a mirror file. Two of them by mistake get in each other's way, and nothing worse."""

    def __init__(
        self,
        path: Path,
        deployment: Deployment,
        *,
        finality: int | None = None,
        batch_events: int = BATCH_EVENTS,
        for_rebuild: bool = False,
    ) -> None:
        self.path = path
        self._deployment = deployment
        self._finality = finality
        self._batch_events = batch_events
        self._connection = open_anew(path, deployment) if for_rebuild else open_writer(path, deployment)
        self._verified: Node | None = None
        self._remembered: Stand | None = None
        self._forget()

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def head(self) -> Stand | None:
        """The last block taken in; None before the first."""
        found = self._connection.execute("SELECT number, hash, time FROM cursor").fetchone()
        return Stand(found[0], Hash32(found[1]), Timestamp(found[2])) if found else None

    def queries(self) -> Queries:
        """The read side of the same file."""
        return Queries(self.path)

    # --- what callers do ---

    def catch_up(self, node: Node, until: int | None = None, progress: Progress | None = None) -> Stand:
        """Takes in everything up to the node's head, or up to block `until`."""
        for _ in range(ATTEMPTS):
            try:
                with told(self.path):
                    reached = self._catch_up(node, until, progress or _silent)
                    if until is None and goal_of(self._connection):
                        mark_goal(self._connection, 0)
                    return reached
            except (_ChainMoved, NodeRefusal) as error:
                trouble = str(error)
                self._forget()
            except HaltError as error:
                has_moved = self.head != self._remembered
                self._forget()
                if has_moved:  # what was read in the meantime belongs to a later block
                    raise RetryableError(f"another process moved the mirror at {self.path} on") from error
                raise
            except BaseException:
                # Memory may be ahead of the database: begin again from what was committed.
                with suppress(sqlite3.Error):
                    self._forget()
                raise
        raise RetryableError(f"the chain changed {ATTEMPTS} times while it was read: {trouble}")

    def follow(
        self,
        node: Node,
        stop: threading.Event,
        *,
        pause: float = 0.1,
        on_trouble: Callable[[RetryableError], None] | None = None,
    ) -> None:
        """Catches up again and again until told to stop. A silent node is waited for; a wrong one ends it."""
        waiting = pause
        while not stop.is_set():
            try:
                self.catch_up(node)
                waiting = pause
            except RetryableError as error:
                if on_trouble is not None:
                    on_trouble(error)
                waiting = min(LONGEST_PAUSE, waiting * 2)
            stop.wait(waiting)

    def rebuild(self, node: Node, progress: Progress | None = None) -> Stand:
        """Everything anew from the chain; until the head of now is reached, readers get Rebuilding. A file that does
        not open needs `for_rebuild` when this was made."""
        goal = node.head().number
        with told(self.path), transaction(self._connection):
            remake(self._connection, self._deployment)
            mark_goal(self._connection, goal)
        self._forget()
        return self.catch_up(node, progress=progress)

    # --- one way forward ---

    def _catch_up(self, node: Node, until: int | None, progress: Progress) -> Stand:
        self._verify(node)
        head = node.head()
        stand = self.head or self._begin(node)
        if head.hash == stand.hash:
            return stand
        if stand != self._remembered:
            self._forget()  # another process has written since
        finality = node.engine.finality if self._finality is None else self._finality
        stand = self._agree(node, stand, head, finality)
        goal = head.number if until is None else min(until, head.number)
        final = head.number - finality
        events = 0
        reached = stand
        for reached, more in self._steps(node, stand, goal, final):
            events += more
            progress(reached.block, goal, events)
        return reached

    def _steps(self, node: Node, stand: Stand, goal: int, final: int) -> Iterator[tuple[Stand, int]]:
        """Final blocks by range, the rest up to the goal by hash."""
        reached, last = stand, min(goal, final)
        if stand.block < last:
            for reached, events in self._backfill(node, stand, last, final):
                yield reached, events
        if reached.block < goal:
            yield self._join(node, reached, goal, final)

    def _backfill(self, node: Node, stand: Stand, last: int, final: int) -> Iterator[tuple[Stand, int]]:
        batch = self._batch()
        for page in pages(node, stand.block + 1, last):
            batch.apply(rows(page.logs, self._emitters))
            if batch.events < self._batch_events and page.last < last:
                continue
            header = node.block(page.last)
            newest = page.logs[-1] if page.logs else None
            if newest and int(newest.blockNumber, 16) == page.last and newest.blockHash != "0x" + header.hash.hex():
                raise _ChainMoved(f"block {page.last} was replaced")
            stand, events = self._commit(batch, stand, header, final)
            yield stand, events
            batch = self._batch()

    def _join(self, node: Node, stand: Stand, goal: int, final: int) -> tuple[Stand, int]:
        """The newest blocks, each joined to its parent; few enough for one batch."""
        batch = self._batch()
        parent = stand.hash
        header: BlockRef | None = None
        for header in node.blocks(range(stand.block + 1, goal + 1)):
            if header.parent != parent:
                raise _ChainMoved(f"block {header.number} has another parent")
            batch.add_block(header.number, header.hash, header.time)
            batch.apply(rows(logs_of(node, header), self._emitters))
            parent = header.hash
        if header is None:
            return stand, 0
        return self._commit(batch, stand, header, final)

    def _batch(self) -> Projection:
        return Projection(self._connection, self._deployment.utc_offset, self._working)

    def _commit(self, batch: Projection, stand: Stand, header: BlockRef, final: int) -> tuple[Stand, int]:
        batch.add_block(header.number, header.hash, header.time)
        reached = Stand(header.number, header.hash, header.time)
        with transaction(self._connection):
            self._move_cursor(stand, reached)
            events = batch.flush()
            # Blocks without events of ours are kept only as long as a reorganisation may ask for them.
            self._connection.execute(
                "DELETE FROM blocks WHERE events = 0 AND number >= ? AND number < ?",
                (self._deployment.first_block, min(final, reached.block)),
            )
        self._remembered = reached
        return reached, events

    def _move_cursor(self, stand: Stand, reached: Stand) -> None:
        moved = self._connection.execute(
            "UPDATE cursor SET number = ?, hash = ?, time = ? WHERE number = ? AND hash = ?",
            (reached.block, reached.hash, reached.time, stand.block, stand.hash),
        )
        if moved.rowcount != 1:
            raise RetryableError(f"another process moved the mirror at {self.path} on from block {stand.block}")

    # --- where both agree ---

    def _verify(self, node: Node) -> None:
        if self._verified is node:
            return
        wanted = self._deployment
        if node.chain_id != wanted.chain_id or node.genesis_hash() != wanted.genesis_hash:
            raise HaltError(f"wrong chain: the node is not on chain {wanted.chain_id} with the deployment's genesis")
        self._verified = node

    def _begin(self, node: Node) -> Stand:
        """The block before the deployment: no log of ours is older."""
        base = node.block(max(0, self._deployment.first_block - 1))
        with transaction(self._connection):
            if self.head is None:
                self._connection.execute(
                    "INSERT INTO blocks (number, hash, time, events) VALUES (?, ?, ?, 0)",
                    (base.number, base.hash, base.time),
                )
                self._connection.execute(
                    "INSERT INTO cursor (one, number, hash, time) VALUES (1, ?, ?, ?)",
                    (base.number, base.hash, base.time),
                )
        return Stand(base.number, base.hash, base.time)

    def _agree(self, node: Node, stand: Stand, head: BlockRef, finality: int) -> Stand:
        """Where mirror and node have the same history; what the mirror has beyond is undone."""
        if head.parent == stand.hash:
            return stand
        found = node.find_block(stand.block)
        if found is not None and found.hash == stand.hash:
            return stand
        if head.number < self._deployment.first_block:
            raise HaltError(f"the node ends at block {head.number}, before the registry was deployed: it was wiped")
        ancestor = self._ancestor(node, stand, head, finality)
        if ancestor.hash == head.hash:
            raise RetryableError(f"the node is behind: it has {head.number} blocks, the mirror {stand.block}")
        with transaction(self._connection):
            self._move_cursor(stand, ancestor)
            undo(self._connection, stand, ancestor)
        self._forget()
        return ancestor

    def _ancestor(self, node: Node, stand: Stand, head: BlockRef, finality: int) -> Stand:
        """The newest block that the node has too, no deeper than finality and not before the deployment."""
        lowest = max(self._deployment.first_block, stand.block - finality)
        known = self._connection.execute(
            "SELECT number, hash, time FROM blocks WHERE number <= ? AND number >= ? ORDER BY number DESC",
            (min(stand.block, head.number), lowest),
        ).fetchall()
        for number, block_hash, time in known:
            found = node.find_block(number)
            if found is not None and found.hash == block_hash:
                return Stand(number, Hash32(block_hash), Timestamp(time))
        raise HaltError(
            f"the node has another history than the mirror from block {lowest} or before, and ends at {head.number}: "
            f"deeper than {finality} blocks no reorganisation goes on this engine; it was wiped, set back or exchanged"
        )

    def _forget(self) -> None:
        """Emitters and working state anew from the database."""
        found = self._connection.execute("SELECT address, kind, company, class_id, offering FROM emitters").fetchall()
        known = [Emitter(address, Kind(kind), *numbers) for address, kind, *numbers in found]
        self._emitters = Emitters(self._deployment, known)
        self._working = Working(self._connection)
        self._remembered = self.head


class _ChainMoved(Exception):
    """A reorganisation went through what was being read."""


def _silent(_block: int, _goal: int, _events: int) -> None:
    pass
