"""What happened to a dividend, step by step, and what corrections recorded later would change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.pages.look import Look
from api.pages.standing import Person
from api.pages.tongue import Tongue, plain
from registry.domain.ids import Hash32
from registry.domain.payout_args import DistributionPhase, Settlement
from registry.mirror.views_payout import Distribution, DistributionStep, DividendDifference, Handling, Happening


@dataclass(frozen=True, slots=True)
class StepLine:
    what: str
    amount: str


@dataclass(frozen=True, slots=True)
class Step:
    """What one transaction did."""

    lines: Sequence[StepLine]
    day: str
    tx: str


@dataclass(frozen=True, slots=True)
class Change:
    person: Person
    shares: str
    corrected: str
    gross: str
    difference: str


def happened(look: Look, found: Distribution) -> Sequence[Step]:
    """The newest first; what one transaction did in the order in which it did it."""
    t = look.t
    told = [(each.at, _words(each, t), each.amount) for each in found.steps]
    told += [(each.at, t.text("happened.tax"), each.amount) for each in found.remittances]
    for handled in look.register.handlings(found.number, look.as_of):
        told += [(handled.at, what, amount) for what, amount in _handled(handled, found, t)]
    by_tx: dict[Hash32, list[tuple[Happening, StepLine]]] = {}
    # Of equal places the order stays: what was paid in shares stands behind what was paid.
    for at, what, amount in sorted(told, key=lambda each: each[0].key):
        by_tx.setdefault(at.tx, []).append((at, StepLine(what, t.fen(amount) if amount else "")))
    return [
        Step([line for _, line in several], t.moment(several[0][0].time), "0x" + tx.hex())
        for tx, several in reversed(by_tx.items())
    ]


def _handled(each: Handling, found: Distribution, t: Tongue) -> list[tuple[str, int]]:
    """Words and amounts [fen]: what was paid is told net, what was parked or lapsed gross."""
    if each.settlement != Settlement.PAID:
        key = "parked" if each.settlement == Settlement.PARKED else "lapsed"
        return [(t.text(f"happened.{key}", n=each.parties), each.gross)]
    tax = t.text("happened.withheld", tax=t.yuan(each.tax)) if each.tax else ""
    lines = [(t.text("happened.cured" if each.was_parked else "happened.paid", n=each.parties) + tax, each.cash)]
    if each.scrip_parties:
        shares = t.shares(each.scrip_shares, found.decimals)
        lines.append((t.text("happened.scrip", n=each.scrip_parties, shares=shares), each.scrip_cost))
    return lines


def _words(step: DistributionStep, t: Tongue) -> str:
    """Of a total that is shared out nothing goes back."""
    if step.phase == DistributionPhase.FIXED and not step.amount:
        return t.text("happened.2.all")
    return t.text(f"happened.{step.phase}")


def changes(look: Look, found: Distribution) -> Sequence[Change]:
    """By party; `look` has not met who is only in a correction."""
    if found.phase == DistributionPhase.CANCELLED:
        return []
    differences = look.register.dividend_differences(found.number, look.as_of)
    names = look.visit.parts.names([each.party for each in differences])
    return [_change(look, found, each, names.get(each.party)) for each in differences]


def _change(look: Look, found: Distribution, each: DividendDifference, name: str | None) -> Change:
    t = look.t
    sign = "+" if each.difference > 0 else "−" if each.difference < 0 else ""
    who = plain(name) if name else t.text("party.id", id=str(each.party))
    return Change(
        Person(who, look.visit.url(f"{look.root}/holders/{each.party}")),
        t.shares(each.shares, found.decimals),
        t.shares(each.corrected_shares, found.decimals),
        t.fen(each.corrected_gross),
        sign + t.fen(abs(each.difference)),
    )
