"""Who may do what next with an escrow, until when, and by which command."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from registry.acts.overview import Overview
from registry.domain.board import CasePhase
from registry.domain.escrow import TrancheState
from registry.domain.raising import OfferingPhase

_ANYBODY = "anybody"


@dataclass(frozen=True, slots=True)
class Step:
    """`until` [unix s] is the last second for it, None without end; times move on with a halt of the region."""

    who: str
    may: str
    command: str
    until: int | None = None

    def as_json(self) -> dict[str, Any]:
        return {"who": self.who, "may": self.may, "command": self.command, "until": self.until}


def next_steps(seen: Overview) -> list[Step]:
    """None before the raise is settled, nor when everything is decided and paid."""
    if seen.phase is not OfferingPhase.SETTLED:
        return []
    steps = [step for number in range(len(seen.tranches)) for step in _of_milestone(seen, number)]
    return [*steps, *_of_missed(seen)]


def _of_milestone(seen: Overview, number: int) -> Iterator[Step]:
    state, vote_ends = seen.state_of(number), seen.tranches[number].vote_ends
    if state is TrancheState.WAITING:
        yield _of_case(seen, number)
    elif state is TrancheState.VOTING and seen.clock <= vote_ends:
        command = f"equity escrow consent {seen.target.number} {number}"
        yield Step("subscribers", f"consent to an extension of milestone {number}", command, vote_ends + seen.slip)
    elif state is TrancheState.VOTING:
        yield _miss(seen, number, f"close the vote on milestone {number}")


def _of_case(seen: Overview, number: int) -> Step:
    case, place = seen.cases[number], f"{seen.target.number} {number}"
    phase = CasePhase(case.phase)
    if phase is CasePhase.COLLECTING and seen.clock <= case.deadline:
        until = case.deadline + seen.slip
        return Step("verifiers", f"attest milestone {number}", f"equity verifier attest {place}", until)
    if phase is CasePhase.COLLECTING:
        return _miss(seen, number, f"state that milestone {number} was missed")
    if phase is CasePhase.QUORATE and seen.clock <= case.window_ends:
        until, command = case.window_ends + seen.slip, f"equity verifier challenge {place}"
        return Step("holders together, the regulator", f"challenge the verdict on milestone {number}", command, until)
    if phase is CasePhase.CHALLENGED:
        ends = case.window_ends + case.arbitration
        command = f"equity verifier decide {place}"
        if seen.clock <= ends:
            return Step("the arbiter", f"decide on milestone {number}", command, ends + seen.slip)
        return Step(_ANYBODY, f"state that the arbiter was silent on milestone {number}", f"{command} --silence")
    return Step(_ANYBODY, f"release the tranche of milestone {number}", f"equity escrow release {place}")


def _miss(seen: Overview, number: int, what: str) -> Step:
    return Step(_ANYBODY, what, f"equity escrow miss {seen.target.number} {number}")


def _of_missed(seen: Overview) -> Iterator[Step]:
    """What is due to shares that are held waits without end; what is due to others, and puts, until the claims end."""
    raise_, ends = seen.target.number, seen.claims_end
    is_over = ends != 0 and seen.clock > ends
    # Less than a fen a lot is rounding.
    if seen.purse.redeemable - seen.purse.redeemed >= max(seen.totals.subscribers, 1):
        yield Step(_ANYBODY, "pay back what was missed, for shares still held", f"equity escrow redeem {raise_}")
        if is_over:
            yield Step(_ANYBODY, "lapse what was missed, for shares no longer held", f"equity escrow lapse {raise_}")
    if seen.puts_open and not is_over:
        until = ends + seen.slip
        yield Step("subscribers", "put the rest of their lots", f"equity escrow put {raise_}", until)
        yield Step("the payer", "pay puts", f"equity escrow pay-put {raise_}", until)
