"""How fast an empty mirror takes in a chain's whole history, beside the leanest code that could be called one."""

from __future__ import annotations

import resource
import sqlite3
import tempfile
import time
from pathlib import Path

from benchmarks.dataset import serving
from benchmarks.harness import Outcome, Say, Series
from registry.chain.client import Node
from registry.chain.deployment import Deployment
from registry.chain.logs import pages
from registry.chain.rpc import RawLog
from registry.mirror import Mirror

NAME = "backfill"
SUMMARY = "events a second into an empty SQLite mirror, all tables, indexes and checks on"
TARGET = 20_000
COMMIT_ROWS = 20_000
Ints = tuple[int, int, int, int]


def measure(cache: Path, runs: int, say: Say) -> Outcome:
    with serving(cache, say) as (node, deployment):
        head = node.head().number
        mirror_rates, floor_rates = [], []
        events = size = entries = 0
        with tempfile.TemporaryDirectory(prefix="equity-bench-") as folder:
            for run in range(runs):
                floor_events, floor_seconds = _floor(node, head, Path(folder) / f"floor-{run}.db")
                events, entries, seconds, size = _mirror(node, deployment, Path(folder) / f"mirror-{run}.db")
                mirror_rates.append(events / seconds)
                floor_rates.append(floor_events / floor_seconds)
                say(f"run {run + 1}: mirror {mirror_rates[-1]:,.0f} events/s, floor {floor_rates[-1]:,.0f} events/s")
    facts = {
        "events": events,
        "entries": entries,
        "blocks": head,
        "store_mib": round(size / 2**20, 1),
        "peak_rss_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    return Outcome(
        figure=Series("mirror backfill", "events/s", tuple(mirror_rates)),
        target=TARGET,
        is_at_least=True,
        baseline=Series("floor: fetch, decode, insert four integers", "events/s", tuple(floor_rates)),
        facts=facts,
    )


def _mirror(node: Node, deployment: Deployment, path: Path) -> tuple[int, int, float, int]:
    taken = 0

    def count(_block: int, _goal: int, events: int) -> None:
        nonlocal taken
        taken = events

    began = time.perf_counter()
    with Mirror(path, deployment) as mirror:
        mirror.catch_up(node, progress=count)
        seconds = time.perf_counter() - began
        with mirror.queries() as queries:
            entries = queries.status().entries
    return taken, entries, seconds, path.stat().st_size


def _floor(node: Node, head: int, path: Path) -> tuple[int, float]:
    """No address is asked about, nothing is checked, one narrow table."""
    began = time.perf_counter()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("CREATE TABLE moves (id INTEGER PRIMARY KEY, giver INTEGER, taker INTEGER, shares INTEGER)")
    events = 0
    waiting: list[Ints] = []
    for page in pages(node, 0, head):
        waiting += [_four(log) for log in page.logs]
        if len(waiting) >= COMMIT_ROWS or page.last == head:
            connection.execute("BEGIN")
            connection.executemany("INSERT INTO moves VALUES (?, ?, ?, ?)", waiting)
            connection.execute("COMMIT")
            events += len(waiting)
            waiting = []
    connection.close()
    return events, time.perf_counter() - began


def _four(log: RawLog) -> Ints:
    """Key, and three numbers of whatever stands first in the data."""
    word = int(log.data[2:66] or "0", 16)
    key = int(log.blockNumber, 16) << 20 | int(log.logIndex, 16)
    return key, word & 0xFFFFFFFF, word >> 32 & 0xFF, word >> 40 & 0x7FFFFFFFFFFFFFFF
