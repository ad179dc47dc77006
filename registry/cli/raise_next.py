"""Who may do what next with a raise and its escrow, in which time, and by which command: capitals stand for what only
the caller knows."""

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
    """`since` and `until` [unix s] are the first and the last second for it, None where it may be done at once, or
    without end; times move on with a halt of the region."""

    who: str
    may: str
    command: str
    until: int | None = None
    since: int | None = None

    def as_json(self) -> dict[str, Any]:
        return {"who": self.who, "may": self.may, "command": self.command, "from": self.since, "until": self.until}


def next_steps(seen: Overview) -> list[Step]:
    """None before the raise is open, nor when everything is decided and paid."""
    if seen.phase is not OfferingPhase.SETTLED:
        return list(_of_raise(seen))
    steps = [step for number in range(len(seen.tranches)) for step in _of_milestone(seen, number)]
    return [*steps, *_of_missed(seen)]


def is_over(seen: Overview) -> bool:
    """Nothing is left to decide, and no money is held beyond roundings, less than a fen a lot."""
    is_ended = seen.phase in {OfferingPhase.SETTLED, OfferingPhase.FAILED}
    return is_ended and not next_steps(seen) and seen.money.held < max(seen.totals.subscribers, 1)


def _of_raise(seen: Overview) -> Iterator[Step]:
    terms, number = seen.target.terms, seen.target.number
    due = terms.closes_at + terms.cooling_off
    settle = f"equity raise settle {number}"
    if seen.phase is OfferingPhase.OPEN:
        since = due + 1 + seen.slip if seen.clock <= due else None
        yield Step(_ANYBODY, "close the raise and allot its shares", settle, since=since)
    if seen.phase is OfferingPhase.CLOSING:
        yield Step(_ANYBODY, "allot the shares of the raise", settle)
        if seen.clock > due + terms.settle_within:
            what = "end the raise, unless something was allotted: all money goes back"
            yield Step(_ANYBODY, what, f"equity raise fail {number}")
    if seen.phase is OfferingPhase.FAILED and seen.money.held:
        yield Step(_ANYBODY, "pay all money back", f"equity raise refund {number}")


def _of_milestone(seen: Overview, number: int) -> Iterator[Step]:
    state, vote_ends = seen.state_of(number), seen.tranches[number].vote_ends
    if state is TrancheState.WAITING:
        yield _of_case(seen, number)
    elif state is TrancheState.VOTING and seen.clock <= vote_ends:
        command = f"equity escrow consent {seen.target.number} {number} --wallet NAME"
        yield Step("subscribers", f"consent to an extension of milestone {number}", command, vote_ends + seen.slip)
    elif state is TrancheState.VOTING:
        yield _miss(seen, number, f"close the vote on milestone {number}")


def _of_case(seen: Overview, number: int) -> Step:
    case, place = seen.cases[number], f"{seen.target.number} {number}"
    phase = CasePhase(case.phase)
    if phase is CasePhase.COLLECTING and seen.clock <= case.deadline:
        until = case.deadline + seen.slip
        return Step("verifiers", f"attest milestone {number}", _attest(place), until)
    if phase is CasePhase.COLLECTING:
        return _miss(seen, number, f"state that milestone {number} was missed")
    if phase is CasePhase.QUORATE and seen.clock <= case.window_ends:
        until, command = case.window_ends + seen.slip, f"equity verifier challenge {place} --document FILE"
        what = f"challenge the verdict on milestone {number}"
        return Step("holders together, the regulator", what, f"{command} --wallet NAME (or --regulator)", until)
    if phase is CasePhase.CHALLENGED:
        ends = case.window_ends + case.arbitration
        command = f"equity verifier decide {place}"
        if seen.clock <= ends:
            ruling = f"{command} --uphold --arbiter NAME --document FILE (or --void)"
            return Step("the arbiter", f"decide on milestone {number}", ruling, ends + seen.slip)
        return Step(_ANYBODY, f"state that the arbiter was silent on milestone {number}", f"{command} --silence")
    return Step(_ANYBODY, f"release the tranche of milestone {number}", f"equity escrow release {place}")


def _attest(place: str) -> str:
    return f"equity verifier attest {place} reached --signer NAME --evidence FILE (or not-reached)"


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
        yield Step("subscribers", "put the rest of their lots", f"equity escrow put {raise_} --wallet NAME", until)
        yield Step("the payer", "pay puts", f"equity escrow pay-put {raise_} ACCOUNT --payer NAME", until)
