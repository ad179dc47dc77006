"""The audit of one block: replay, then every check, then a verdict."""

from __future__ import annotations

from registry.audit.checks import CHECKS
from registry.audit.evidence import Evidence, companies_of
from registry.audit.outcome import DIFFERENT, EQUAL, Difference, Report
from registry.audit.replay import Progress, lines, replay
from registry.chain.client import BlockRef, Node
from registry.chain.deployment import Deployment
from registry.chain.reads import ChainReads
from registry.domain.effective import backdated
from registry.domain.register import RegisterState
from registry.errors import InputError
from registry.mirror.queries import AsOf, Queries


def audit(
    node: Node,
    deployment: Deployment,
    mirror: Queries | None = None,
    *,
    at: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Compares replay, chain and mirror after block `at`: the mirror's head if it is not given, else the node's."""
    block = _block(node, deployment, mirror, at)
    state = replay(node, deployment, block, progress, keep_lines=True)
    state.findings.extend(backdated(lines(state)))
    evidence = Evidence(state, ChainReads(node, deployment), block, mirror, companies_of(mirror, AsOf(block.number)))
    differences = tuple(difference for check in CHECKS for difference in check(evidence))
    return _report(state, block, mirror is not None, differences=differences)


def _block(node: Node, deployment: Deployment, mirror: Queries | None, at: int | None) -> BlockRef:
    head = node.head()
    if at is None:
        stands = mirror.status().head.block if mirror else head.number
        return node.block(stands) if stands != head.number else head
    if not deployment.first_block <= at <= head.number:
        raise InputError(
            f"block {at} is not one of {deployment.first_block} (the deployment) to {head.number} (the newest)",
            code="block_out_of_range",
            field="at",
            value=at,
        )
    return node.block(at)


def _report(state: RegisterState, block: BlockRef, has_mirror: bool, *, differences: tuple[Difference, ...]) -> Report:
    is_equal = not differences and not any(finding.is_fault for finding in state.findings)
    held = [h for c in state.classes.values() for h in c.holdings.values() if h.balance]
    return Report(
        verdict=EQUAL if is_equal else DIFFERENT,
        block=block.number,
        block_hash=block.hash,
        block_time=block.time,
        has_mirror=has_mirror,
        events=state.trail.events,
        entries=state.trail.entries,
        companies=len(state.companies),
        classes=len(state.classes),
        parties=len(state.parties),
        holdings=len(held),
        findings=tuple(state.findings),
        differences=differences,
    )
