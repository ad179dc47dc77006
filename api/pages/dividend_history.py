"""What happened to a dividend, step by step, and what corrections recorded later would change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.pages.look import Look
from api.pages.standing import Person
from api.pages.tongue import Tongue, plain
from registry.domain.payout_args import DistributionPhase
from registry.mirror.views_payout import Distribution, DistributionStep, DividendDifference


@dataclass(frozen=True, slots=True)
class Step:
    what: str
    amount: str
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
    """The newest first."""
    t = look.t
    steps = [(each.at, _words(each, t), each.amount) for each in found.steps]
    steps += [(each.at, t.text("happened.tax"), each.amount) for each in found.remittances]
    ordered = sorted(steps, key=lambda each: each[0].block, reverse=True)
    return [
        Step(what, t.fen(amount) if amount else "", t.moment(at.time), "0x" + at.tx.hex())
        for at, what, amount in ordered
    ]


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
