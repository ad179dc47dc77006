"""The audit as an act: replay, comparison, and the verdict kept for whoever shows it."""

from __future__ import annotations

from collections.abc import Callable

from registry.acts.desk import Desk
from registry.audit import Report, audit
from registry.store import Verdict, record_verdict


def verify(desk: Desk, at: int | None = None, progress: Callable[[int, int], None] | None = None) -> Report:
    """Replays the chain, compares it with mirror and chain at one block, and records what came out."""
    desk.catch_up()
    report = audit(desk.node, desk.deployment, desk.queries, at=at, progress=progress)
    record_verdict(
        desk.outbox.engine,
        Verdict(
            verdict=report.verdict,
            block=report.block,
            block_hash=report.block_hash,
            entries=report.entries,
            findings=len(report.faults),
            differences=len(report.differences),
            at=int(desk.clock()),
        ),
    )
    return report
