"""A raise and its escrow as tables for people and one object for scripts: there money is in fen, times unix seconds."""

from __future__ import annotations

from typing import Any

from registry.acts.desk import Desk
from registry.acts.overview import Overview
from registry.cli.money import percent, span, yuan
from registry.cli.output import Column, Output
from registry.cli.raise_next import is_over, next_steps
from registry.cli.show import hexed
from registry.domain.board import CasePhase
from registry.domain.days import civil
from registry.domain.escrow import Miss
from registry.domain.raise_words import Case
from registry.domain.raising import Method, OfferingPhase

Rows = list[list[Any]]


def overview_object(d: Desk, seen: Overview) -> dict[str, Any]:
    terms, totals = seen.target.terms, seen.totals
    return {
        "block": seen.block.number,
        "time": seen.block.time,
        "raise": seen.target.number,
        "company": d.reads.company_number(terms.company),
        "offering": hexed(seen.target.offering),
        "escrow": hexed(seen.target.escrow),
        "phase": seen.phase.name.lower(),
        "price": terms.price,
        "minimum": terms.minimum,
        "maximum": terms.maximum,
        "investor_minimum": terms.investor_minimum,
        "investor_maximum": terms.investor_maximum,
        "opens_at": terms.opens_at + seen.slip,
        "closes_at": terms.closes_at + seen.slip,
        "cooling_off": terms.cooling_off,
        "settle_within": terms.settle_within,
        "fee_bps": terms.fee_bps,
        "region": terms.region,
        "halted": seen.is_halted,
        "method": Method(terms.method).name.lower(),
        "memorandum": hexed(terms.memorandum),
        "disclosure": hexed(terms.disclosure),
        "subscribers": totals.subscribers,
        "live": totals.live,
        "raised": totals.raised,
        "seats_left": seen.seats_left,
        "money": seen.money.as_json(),
        "milestones": [_milestone_object(seen, number) for number in range(len(seen.tranches))],
        "claim_period": seen.escrow.claims,
        "claims_end": seen.claims_end + seen.slip if seen.claims_end else None,
        "lapsed": seen.lapsed,
        "lapsed_to": hexed(seen.escrow.lapse_account),
        "next": [step.as_json() for step in next_steps(seen)],
    }


def show_overview(out: Output, seen: Overview, utc_offset: int) -> None:
    terms, totals = seen.target.terms, seen.totals
    rows: Rows = [
        ["phase", seen.phase.name.lower() + (", region halted" if seen.is_halted else "")],
        [
            "window",
            f"{civil(terms.opens_at + seen.slip, utc_offset)} to {civil(terms.closes_at + seen.slip, utc_offset)}",
        ],
        ["cooling-off, settling", f"{span(terms.cooling_off)}, {span(terms.settle_within)}"],
        ["price, CNY", yuan(terms.price)],
        ["minimum to maximum, CNY", f"{yuan(terms.minimum)} to {yuan(terms.maximum)}"],
        ["subscribed, CNY", f"{yuan(totals.live)} by {totals.subscribers}"],
        ["fee", percent(terms.fee_bps)],
        ["seats left", seen.seats_left],
    ]
    out.table(f"Raise {seen.target.number} at block {seen.block.number}", [Column("fact"), Column("value")], rows)
    show_money(out, seen)
    show_milestones(out, seen, utc_offset)
    show_next(out, seen, utc_offset)


def show_money(out: Output, seen: Overview) -> None:
    """What came in is the sum of the others."""
    columns = [Column(name, True) for name in seen.money.as_json()]
    out.table("Money, CNY", columns, [[yuan(fen) for fen in seen.money.as_json().values()]])


def show_milestones(out: Output, seen: Overview, utc_offset: int) -> None:
    is_funded = seen.phase is OfferingPhase.SETTLED
    rows: Rows = []
    for number, (tranche, case) in enumerate(zip(seen.tranches, seen.cases, strict=True)):
        scheduled = percent(tranche.value) if tranche.is_share else yuan(tranche.value)
        deadline = (case.deadline if case.phase else tranche.deadline) + seen.slip
        rows.append(
            [
                number,
                yuan(tranche.value) if is_funded else scheduled,
                seen.state_of(number).name.lower(),
                _votes(seen, number) if case.phase else f"{tranche.quorum} needed",
                _verdict(seen, case, utc_offset),
                civil(deadline, utc_offset),
                Miss(tranche.on_miss).name.lower(),
            ]
        )
    columns = [Column("milestone", True), Column("CNY", True), Column("state"), Column("votes")]
    columns += [Column("verdict"), Column("deadline"), Column("missed means")]
    out.table("Milestones", columns, rows)


def show_place(out: Output, seen: Overview) -> None:
    """Whose escrow it is, and where."""
    name = f"escrow of raise {seen.target.number} ({seen.phase.name.lower()})"
    out.line(f"{name} at {hexed(seen.target.escrow)}, block {seen.block.number}")


def show_claims(out: Output, seen: Overview, utc_offset: int) -> None:
    """Once something was missed: until when subscribers may put, and what lapsed since."""
    if not seen.claims_end:
        return
    word = "ended" if seen.clock > seen.claims_end else "runs until"
    out.line(f"the claim period {word} {civil(seen.claims_end + seen.slip, utc_offset)}; {_lapsed(seen)}")


def show_next(out: Output, seen: Overview, utc_offset: int) -> None:
    steps = next_steps(seen)
    if is_over(seen):
        out.line("nothing is left to do: all is decided, and what was due is paid")
    if steps:
        rows = [[s.who, s.may, _moment(s.since, utc_offset), _moment(s.until, utc_offset), s.command] for s in steps]
        columns = [Column("who"), Column("may"), Column("from"), Column("until"), Column("command")]
        out.table("What next", columns, rows)


def _moment(seconds: int | None, utc_offset: int) -> str:
    return "" if seconds is None else civil(seconds, utc_offset)


def _lapsed(seen: Overview) -> str:
    to = hexed(seen.escrow.lapse_account)
    if seen.lapsed:
        return f"{yuan(seen.lapsed)} CNY of what was redeemed lapsed, to {to}"
    return f"what is due to shares no longer held then lapses to {to}"


def _milestone_object(seen: Overview, number: int) -> dict[str, Any]:
    tranche, case = seen.tranches[number], seen.cases[number]
    deadline = case.deadline if case.phase else tranche.deadline
    return {
        "milestone": number,
        "value": tranche.value,
        "in_basis_points": tranche.is_share and seen.phase is not OfferingPhase.SETTLED,
        "kind": tranche.kind,
        "quorum": tranche.quorum,
        "state": seen.state_of(number).name.lower(),
        "on_miss": Miss(tranche.on_miss).name.lower(),
        "deadline": deadline + seen.slip,
        "extended": tranche.is_extended,
        "vote_ends": tranche.vote_ends + seen.slip if tranche.vote_ends else None,
        "case": CasePhase(case.phase).name.lower(),
        "round": case.round,
        "yes": seen.votes_for(number),
        "no": seen.votes_against(number),
        "window_ends": case.window_ends + seen.slip if case.window_ends else None,
    }


def _votes(seen: Overview, number: int) -> str:
    case = seen.cases[number]
    against = seen.votes_against(number)
    return f"{seen.votes_for(number)} of {case.quorum}, {against} against, round {case.round}"


def _verdict(seen: Overview, case: Case, utc_offset: int) -> str:
    phase = CasePhase(case.phase)
    if phase is CasePhase.QUORATE:
        return f"quorum, disputable until {civil(case.window_ends + seen.slip, utc_offset)}"
    if phase is CasePhase.CHALLENGED:
        until = case.window_ends + case.arbitration + seen.slip
        return f"challenged, to be decided until {civil(until, utc_offset)}"
    return {CasePhase.NONE: "", CasePhase.COLLECTING: "collecting"}.get(phase, phase.name.lower())
