"""What paying a dividend out has come to, for people and as one object: who is paid, who waits, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from registry.cli.dividend_show import Names, show_money, unsent_line
from registry.cli.money import counted, once_line, once_object
from registry.cli.output import Output
from registry.cli.parse import shown_day
from registry.cli.show import person
from registry.domain.ids import PartyId
from registry.domain.payout_args import Settlement

if TYPE_CHECKING:  # help does not wait for what sending needs
    from registry.acts.dividend_pay import Line, Served
    from registry.acts.operations import Done


def served_object(found: Served, names: Names) -> dict[str, Any]:
    return {
        "dividend": found.number,
        "phase": found.phase.name.lower(),
        "rows": {state.name.lower(): count for state, count in found.rows.items()},
        **asdict(found.money),
        "unsent": found.unsent,
        "expired": found.expired,
        "parked_parties": [parked_object(line, names) for line in found.parked],
    }


def show_served(out: Output, found: Served, names: Names) -> None:
    rows = found.rows
    told = f"{rows[Settlement.PAID]} paid, {rows[Settlement.PARKED]} parked, {rows[Settlement.LAPSED]} lapsed"
    out.line(f"dividend {found.number} is {found.phase.name.lower()}: {told}, {rows[Settlement.NONE]} waiting")
    for line in found.parked:
        out.line(parked_line(found.number, line, names), style="yellow")
    if found.is_late:
        out.line(late_line(found), style="yellow")
    show_money(out, asdict(found.money), found.money.lapsed, found.unsent)
    if found.unsent:
        out.line(unsent_line(found.number, found.unsent), style="yellow")


def claim_object(found: Served, line: Line, done: Done | None, names: Names) -> dict[str, Any]:
    waits = {"parked": parked_object(line, names)} if line.settlement == Settlement.PARKED else {}
    return {"dividend": found.number, "state": line.settlement.name.lower(), **waits, **once_object(done)}


def claim_line(found: Served, line: Line, done: Done | None, names: Names) -> str:
    """What became of a part that was claimed."""
    if line.settlement == Settlement.PARKED:
        return f"dividend {found.number}: {parked_line(found.number, line, names)}"
    if line.settlement == Settlement.PAID:
        return f"dividend {found.number} claimed for party {line.holder.party}: {once_line(done)}"
    who = f"dividend {found.number} is not paid to party {line.holder.party}"
    if line.settlement == Settlement.LAPSED:
        return f"{who}: its part lapsed 已失权 and went to the remainder account"
    return f"{who}: {late_line(found)}"


def late_line(found: Served) -> str:
    count = found.rows[Settlement.NONE]
    told = f"expired on {found.expired}, {counted(count, 'holder')} not paid by then"
    return f"{told}: `equity dividend lapse {found.number}`"


def parked_line(number: int, line: Line, names: Mapping[PartyId, str]) -> str:
    """Who waits, why, and what ends it."""
    party = line.holder.party
    who = f"parked 暂存: party {party}, {person(party, dict(names))}"
    pay = f"`equity dividend pay {number}`"
    if line.word.is_frozen:
        return f"{who}: frozen by order 依令冻结; once it is released, {pay}"
    if line.is_waiting:
        cure = f"`equity party classify {party} --kyc-until DATE --document FILE`"
        return f"{who}: {_kyc(line)}; {cure}, then {pay}"
    return f"{who}: nothing keeps it from being paid any more: {pay}"


def parked_object(line: Line, names: Names) -> dict[str, Any]:
    """`why` is frozen or kyc_ended; null for who is cured and not paid yet."""
    party, word = line.holder.party, line.word
    why = "frozen" if word.is_frozen else "kyc_ended" if line.is_waiting else None
    kyc = shown_day(word.kyc_day) if word.kyc_day else None
    return {"party": party, "name": names.get(party), "why": why, "kyc_until": kyc}


def _kyc(line: Line) -> str:
    day = line.word.kyc_day
    return f"KYC ended on {shown_day(day)} 身份核验已到期" if day else "no KYC is in force 无有效身份核验"
