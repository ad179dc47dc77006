"""How long an audit of a whole market takes: replay of every event, comparison with mirror and chain."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.dataset import serving
from benchmarks.harness import Outcome, Say, Series
from registry.audit import audit
from registry.chain.client import Node
from registry.chain.deployment import Deployment
from registry.chain.logs import pages
from registry.mirror import Mirror

NAME = "audit"
SUMMARY = "seconds to replay and compare 100 000 entries with mirror and chain, fetching included"
TARGET = 10
ENTRIES = 100_000
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
"""Topic of ERC-20's Transfer."""


def measure(cache: Path, runs: int, say: Say) -> Outcome:
    seconds, floors = [], []
    with (
        serving(cache, say) as (node, deployment),
        tempfile.TemporaryDirectory(prefix="equity-bench-") as folder,
        Mirror(Path(folder) / "mirror.db", deployment) as mirror,
    ):
        mirror.catch_up(node)
        queries = mirror.queries()
        for run in range(runs):
            floor, moved = _floor(node, deployment)
            began = time.perf_counter()
            report = audit(node, deployment, queries)
            took = time.perf_counter() - began
            if not report.is_equal or report.entries < ENTRIES or moved != report.entries:
                raise AssertionError(f"{report.verdict} after {report.entries} entries, {moved} transfers")
            seconds.append(took * ENTRIES / report.entries)
            floors.append(floor * ENTRIES / report.entries)
            say(f"run {run + 1}: audit {took:.2f} s for {report.entries:,} entries, floor {floor:.2f} s")
        queries.close()
    facts = {name: getattr(report, name) for name in ("events", "entries", "companies", "parties", "holdings")}
    return Outcome(
        figure=Series("audit of 100 000 entries", "s", tuple(seconds)),
        target=TARGET,
        is_at_least=False,
        baseline=Series("floor: fetch, sum amounts by account", "s", tuple(floors)),
        facts=facts,
    )


def _floor(node: Node, deployment: Deployment) -> tuple[float, int]:
    """The leanest replay: balances from ERC-20 transfers, nothing checked, nothing compared."""
    began = time.perf_counter()
    balances: dict[tuple[str, str], int] = {}
    moved = 0
    for page in pages(node, deployment.first_block, node.head().number):
        for log in page.logs:
            if log.topics[0] != TRANSFER:
                continue
            moved += 1
            amount = int(log.data, 16)
            for account, delta in ((log.topics[1], -amount), (log.topics[2], amount)):
                key = (log.address, account)
                balances[key] = balances.get(key, 0) + delta
    return time.perf_counter() - began, moved
