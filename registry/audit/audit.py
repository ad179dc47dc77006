"""The audit of one block: replay, then every check, then a verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, fields

from registry.audit.checks import CHECKS
from registry.audit.checks_money import MONEY_CHECKS, broken_laws
from registry.audit.checks_payout import PAYOUT_CHECKS, broken_dividend_laws
from registry.audit.checks_raise import RAISE_CHECKS
from registry.audit.evidence import Evidence, companies_of, dividends_of, raises_of
from registry.audit.outcome import DIFFERENT, EQUAL, Difference, Report
from registry.audit.replay import Progress, lines, replay
from registry.audit.told import Told
from registry.chain.client import BlockRef, Node
from registry.chain.deployment import Deployment
from registry.chain.reads import ChainReads
from registry.chain.reads_payout import PayoutReads
from registry.chain.reads_raise import RaiseReads
from registry.domain.effective import backdated
from registry.domain.entitlements import DividendSummary, summary
from registry.domain.register import RegisterState
from registry.errors import InputError
from registry.mirror.queries import AsOf, Queries

ALL_CHECKS = (*CHECKS, *MONEY_CHECKS, *RAISE_CHECKS, *PAYOUT_CHECKS)


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
    told = Told()
    state = replay(node, deployment, block, progress, keep_lines=True, hear=told.hear)
    state.findings.extend(backdated(lines(state)))
    as_of = AsOf(block.number)
    evidence = Evidence(
        state=state,
        chain=ChainReads(node, deployment),
        raises=RaiseReads(node, deployment),
        payouts=PayoutReads(node, deployment),
        told=told,
        block=block,
        mirror=mirror,
        mirrored=companies_of(mirror, as_of),
        mirrored_raises=raises_of(mirror, as_of),
        mirrored_dividends=dividends_of(mirror, as_of),
    )
    differences = tuple(difference for check in ALL_CHECKS for difference in check(evidence))
    state.findings.extend(broken_laws(evidence))
    state.findings.extend(broken_dividend_laws(evidence))
    return _report(state, block, mirror is not None, differences=differences)


def _block(node: Node, deployment: Deployment, mirror: Queries | None, at: int | None) -> BlockRef:
    head = node.head()
    whole = max(deployed.block for deployed in deployment.contracts.values())
    wanted = at
    if wanted is None:
        wanted = mirror.status().head.block if mirror else head.number
    if not whole <= wanted <= head.number:
        raise InputError(
            f"block {wanted} is not one of {whole} (the deployment's last) to {head.number} (the newest)",
            code="block_out_of_range",
            field="at",
            value=wanted,
        )
    return head if wanted == head.number else node.block(wanted)


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
        raises=len(state.offerings),
        dividends=len(state.payouts.distributions),
        dividend_money=_sum(summary(d) for d in state.payouts.distributions.values()),
        money=state.money.supply,
        findings=tuple(state.findings),
        differences=differences,
    )


def _sum(summaries: Iterable[DividendSummary]) -> DividendSummary:
    found = [astuple(each) for each in summaries]
    return DividendSummary(*(sum(each[place] for each in found) for place in range(len(fields(DividendSummary)))))
