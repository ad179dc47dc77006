"""What the three commands show: one object each for scripts, lines in two languages for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oracles.commands import Checked, Explained
from oracles.daemon import Result
from oracles.journal import attestation_json
from oracles.seam import PHASES, OpenCase


def result_json(feed: str, at: int, result: Result) -> dict[str, Any]:
    """One cycle; `at` [unix s]."""
    decided = result.decided
    return {
        "feed": feed,
        "at": at,
        "state": result.state,
        "line": result.line,
        "line_zh": result.line_zh,
        "outcome": None if result.verdict is None else result.verdict.outcome,
        "digest": None if decided is None else "0x" + decided.digest.hex(),
        "attestation": None if decided is None else attestation_json(decided.attestation),
        "submission": result.submission,
        "disclosed": [one.month for one in result.disclosed],
        "alarms": [reason.as_json() for reason in result.alarms],
    }


def result_line(result: Result) -> str:
    """The same for people; equal lines are shown once."""
    digest = "" if result.decided is None else f" 0x{result.decided.digest.hex()}"
    months = "".join(f"; disclosed {one.month}" for one in result.disclosed)
    alarms = "".join(f"; {reason.line} / {reason.line_zh}" for reason in result.alarms if reason.line != result.line)
    return f"{result.state}: {result.line} / {result.line_zh}{digest}{months}{alarms}"


def checked_json(checked: Checked) -> dict[str, Any]:
    return {
        "feed": checked.feed.name,
        "signer": None if checked.signer is None else "0x" + checked.signer.hex(),
        "case": None if checked.case is None else _case_json(checked.case),
        "verdict": checked.verdict.as_json(),
        "line": checked.verdict.line,
        "line_zh": checked.verdict.line_zh,
        "would_attest": checked.would_attest,
    }


def checked_lines(checked: Checked) -> Iterator[str]:
    yield f"feed      {checked.feed.name}"
    yield f"signer    {'none: dry' if checked.signer is None else '0x' + checked.signer.hex()}"
    if checked.case is not None:
        english, chinese = PHASES[checked.case.phase]
        yield f"case      round {checked.case.round}: {english} / {chinese}"
    yield f"verdict   {checked.verdict.line} / {checked.verdict.line_zh}"
    yield f"attests   {'yes' if checked.would_attest else 'no'}; nothing was sent"


def explained_json(explained: Explained) -> dict[str, Any]:
    decided = explained.decided
    return {
        "evidence": "0x" + explained.evidence.hex(),
        "digest": None if decided is None else "0x" + decided.digest.hex(),
        "signer": None if decided is None else "0x" + decided.signer.hex(),
        "attestation": None if decided is None else attestation_json(decided.attestation),
        "stands": explained.stands,
        "differences": list(explained.kept.differences),
        "contradictions": list(explained.contradictions),
        "verdict": explained.kept.now.as_json(),
        "line": explained.kept.now.line,
        "line_zh": explained.kept.now.line_zh,
        "record": explained.kept.record,
    }


def explained_lines(explained: Explained) -> Iterator[str]:
    record, decided = explained.kept.record, explained.decided
    yield f"evidence  0x{explained.evidence.hex()}"
    if decided is not None:
        yield f"digest    0x{decided.digest.hex()}, signed by 0x{decided.signer.hex()}"
    case = record["case"]
    yield f"about     milestone {case['milestone']} of {case['escrow']}, round {case['round']}"
    yield f"by        feed {record['feed']}, {record['software']}, at {record['at']}"
    for sample in record["samples"]:
        yield f"source    {sample['source']}, body {sample['body']}"
    yield f"verdict   {explained.kept.now.line} / {explained.kept.now.line_zh}"
    for text in (*explained.kept.differences, *explained.contradictions):
        yield f"DIFFERS   {text}"
    yield "the evidence gives what was attested" if explained.stands else "the evidence does NOT give what was attested"


def _case_json(case: OpenCase) -> dict[str, Any]:
    return {
        "company": "0x" + case.company.hex(),
        "escrow": "0x" + case.escrow.hex(),
        "milestone": case.milestone,
        "round": case.round,
        "phase": case.phase,
        "outcomes": sorted(case.outcomes),
        "has_spoken": case.has_spoken,
    }
