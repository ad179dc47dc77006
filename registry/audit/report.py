"""A report as text for people and as an object for scripts."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from registry.audit.outcome import Difference, Report, Value, show
from registry.domain.entitlements import DividendSummary
from registry.domain.findings import Finding

MOST_LINES = 100


def as_text(report: Report) -> str:
    """The verdict first, then what is behind it."""
    sides = "replay = mirror = chain" if report.has_mirror else "replay = chain (no mirror was compared)"
    names = ("events", "entries", "companies", "classes", "parties", "holdings", "raises", "dividends")
    counts = [f"{getattr(report, name)} {name}" for name in names]
    block = f"block {report.block} 0x{report.block_hash.hex()}"
    lines = [
        f"{report.verdict}: {sides if report.is_equal else 'see below'} at {block}",
        ", ".join([*counts, f"{_yuan(report.money)} CNY of settlement money"]),
        *_dividends(report),
    ]
    lines += _section("differences", [str(difference) for difference in report.differences])
    lines += _section("faults in the events", [_finding_text(finding) for finding in report.faults])
    lines += _section("worth a look", [_finding_text(finding) for finding in report.notices])
    return "\n".join(lines)


def as_json(report: Report) -> dict[str, Any]:
    """Plain values; quantities are decimal strings, hashes are hexadecimal."""
    return {
        "verdict": report.verdict,
        "block": report.block,
        "block_hash": "0x" + report.block_hash.hex(),
        "block_time": report.block_time,
        "has_mirror": report.has_mirror,
        "events": report.events,
        "entries": report.entries,
        "companies": report.companies,
        "classes": report.classes,
        "parties": report.parties,
        "holdings": report.holdings,
        "raises": report.raises,
        "dividends": {
            "count": report.dividends,
            **{each.name: str(getattr(report.dividend_money, each.name)) for each in fields(DividendSummary)},
        },
        "money": str(report.money),
        "differences": [_difference(difference) for difference in report.differences],
        "findings": [_finding(finding) for finding in report.findings],
    }


def _dividends(report: Report) -> list[str]:
    """Where what was declared is, of all dividends together."""
    if not report.dividends:
        return []
    money = report.dividend_money
    names = ("paid", "withheld", "unclaimed", "parked", "carried")
    parts = " + ".join(f"{_yuan(getattr(money, name))} {name}" for name in names)
    return [f"dividends: {_yuan(money.declared)} CNY declared = {parts}"]


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02}".replace(",", " ")


def _section(title: str, found: list[str]) -> list[str]:
    if not found:
        return []
    shown = [f"  {line}" for line in found[:MOST_LINES]]
    rest = len(found) - len(shown)
    return [f"{title}: {len(found)}", *shown, *([f"  … and {rest} more"] if rest else [])]


def _finding_text(finding: Finding) -> str:
    where = f"block {finding.at.block}, transaction 0x{finding.at.tx.hex()}" if finding.at.block >= 0 else "everywhere"
    return f"{finding.check}: {finding.message} ({where})"


def _difference(difference: Difference) -> dict[str, Any]:
    subject = difference.subject
    return {
        "company": subject.company,
        "class": subject.share_class,
        "party": subject.party,
        "account": subject.account,
        "address": None if subject.address is None else "0x" + subject.address.hex(),
        "offering": subject.offering,
        "milestone": subject.milestone,
        "distribution": subject.distribution,
        "field": difference.field,
        "replay": _plain(difference.replay),
        "mirror": _plain(difference.mirror),
        "chain": _plain(difference.chain),
        "transaction": None if difference.tx is None else "0x" + difference.tx.hex(),
        "message": str(difference),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "check": str(finding.check),
        "is_fault": finding.is_fault,
        "message": finding.message,
        "block": finding.at.block,
        "transaction": "0x" + finding.at.tx.hex(),
    }


def _plain(value: Value) -> str | None:
    return None if value is None else show(value)
