"""Fetches logs in pages sized by events, the next one while the last is being worked on.

Ranges are for blocks that are final; the newest blocks are asked for by hash, so that a reorganisation in between
gives an error and never rows of two histories.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from registry.chain.client import BlockRef
from registry.chain.rpc import NodeRefusal, RawLog
from registry.errors import RetryableError

PAGE_EVENTS = 2_000
"""Nodes answer fastest at about 1 000 to 5 000 logs a request."""
FIRST_SPAN = 16
WIDEST_SPAN = 5_000


class LogSource(Protocol):
    """The part of a node that gives logs."""

    def raw_logs(self, from_block: int, to_block: int) -> list[RawLog]: ...
    def raw_logs_of(self, block_hash: bytes) -> list[RawLog]: ...
    def find_block(self, block: bytes) -> BlockRef | None: ...


@dataclass(frozen=True, slots=True)
class LogPage:
    """All logs of the blocks first to last, ours and others'."""

    first: int
    last: int
    logs: list[RawLog]


def pages(node: LogSource, first: int, last: int, page_events: int = PAGE_EVENTS) -> Iterator[LogPage]:
    """Pages that cover first to last without gap, ascending."""
    if first > last:
        return
    span = FIRST_SPAN
    with ThreadPoolExecutor(1, thread_name_prefix="logs") as fetcher:
        pending = fetcher.submit(_fetch, node, first, min(last, first + span - 1))
        while True:
            page = pending.result()
            if page.last == last:
                yield page
                return
            span = _next_span(page, page_events)
            pending = fetcher.submit(_fetch, node, page.last + 1, min(last, page.last + span))
            yield page


def logs_of(node: LogSource, header: BlockRef) -> list[RawLog]:
    """The logs of one block, by its hash."""
    logs = node.raw_logs_of(header.hash)
    for log in logs:
        log.blockTimestamp = hex(header.time)
    return logs


def _next_span(page: LogPage, page_events: int) -> int:
    """As many blocks as hold a page's events, if the next blocks are like these; grows at most fourfold."""
    blocks = page.last - page.first + 1
    fitting = blocks * page_events // max(1, len(page.logs))
    return max(1, min(fitting, blocks * 4, WIDEST_SPAN))


def _fetch(node: LogSource, first: int, last: int) -> LogPage:
    """Halves the range while the node finds it too wide."""
    while True:
        try:
            logs = node.raw_logs(first, last)
        except NodeRefusal:
            if first == last:
                raise
            last = (first + last) // 2
            continue
        fill_times(node, logs)
        return LogPage(first, last, logs)


def fill_times(node: LogSource, logs: list[RawLog]) -> None:
    """Some nodes leave a block's time out of its logs."""
    times: dict[str, str] = {}
    for log in logs:
        if log.blockTimestamp is not None:
            continue
        if log.blockHash not in times:
            header = node.find_block(bytes.fromhex(log.blockHash[2:]))
            if header is None:
                raise RetryableError(f"block {log.blockHash} has logs and no header")
            times[log.blockHash] = hex(header.time)
        log.blockTimestamp = times[log.blockHash]
