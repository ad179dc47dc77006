"""What people ask of an escrow: where each tranche stands and what it waits for, its money, what a miss would mean.

Times are on the clock of the escrow's region [s], money in fen.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from registry.domain.bilingual import Bilingual
from registry.domain.board import CasePhase, arbitration_ends, judged
from registry.domain.escrow import EscrowState, Miss, TrancheState
from registry.domain.ids import Address
from registry.domain.lots import NOTHING, Due, due, subscription_of
from registry.domain.raise_words import Case, Tranche
from registry.domain.register import RegisterState


class Waiting(Bilingual):
    """What a tranche waits for. Every one but the first and the last has a time after which it ends by itself."""

    FUNDING = "funding", "waits for the raise to settle", "等待募集结算"
    VERDICT = "verdict", "waits for the verifiers", "等待核验方出具证明"
    WINDOW = "window", "dispute window is open", "异议期进行中"
    RULING = "ruling", "challenged, waits for the arbiter", "已提出异议，等待仲裁"
    CONSENT = "consent", "waits for the holders' consent to more time", "等待股东同意延期"
    STEP = "step", "anybody may take the next step", "任何人均可触发下一步"
    NOTHING = "nothing", "is decided", "已有结果"


class Step(StrEnum):
    """What anybody may do now, or what comes when the time is over."""

    NONE = "none"
    RELEASE = "release"
    MISS = "miss"
    CLOSE_VOTE = "close_vote"
    SILENCE = "decide_by_silence"


@dataclass(frozen=True, slots=True)
class Standing:
    """One tranche on the timeline, with its case as votes and panel have it now. `due`: last second for its quorum;
    `until`: last second of what it waits for, None where nothing ends by itself; `follows`: what comes then, or can be
    done now if it waits for a step."""

    milestone: int
    tranche: Tranche
    case: Case | None
    votes: int
    due: int
    waiting: Waiting
    until: int | None
    follows: Step


@dataclass(frozen=True, slots=True)
class EscrowMoney:
    """Proceeds = held + released + redeemed, with what lapsed; held = waiting + claimable. Debts of a put's payer stand
    beside it."""

    proceeds: int
    held: int
    released: int
    redeemed: int
    waiting: int
    claimable: int
    put_debts: int


@dataclass(frozen=True, slots=True)
class IfMissed:
    """What a subscriber would get back [fen], for how many shares, and the milestones that would end together."""

    due: Due
    milestones: tuple[int, ...]
    asks_holders_first: bool
    opens_put: bool


def timeline(state: RegisterState, escrow: EscrowState, time: int) -> tuple[Standing, ...]:
    """Every tranche as it stands at a moment [unix s]."""
    clock = state.clock(escrow.region, time)
    return tuple(_standing(state, escrow, i, clock) for i in range(len(escrow.tranches)))


def _standing(state: RegisterState, escrow: EscrowState, milestone: int, clock: int) -> Standing:
    tranche, case, votes = escrow.tranches[milestone], state.board.cases.get((escrow.address, milestone)), 0
    if case is not None:
        panel = state.board.panel_of(escrow.company, case.kind)
        case = judged(case, panel, clock)
        votes = (case.yes & panel.active).bit_count()
    deadline = tranche.deadline if case is None else case.deadline
    return Standing(milestone, tranche, case, votes, deadline, *_waiting(tranche, case, clock))


def _waiting(tranche: Tranche, case: Case | None, clock: int) -> tuple[Waiting, int | None, Step]:
    if tranche.state == TrancheState.VOTING:
        return _until(clock, tranche.vote_ends, Waiting.CONSENT, Step.CLOSE_VOTE)
    if tranche.state != TrancheState.WAITING or case is None:
        is_decided = tranche.state in (TrancheState.RELEASED, TrancheState.MISSED)
        return Waiting.NOTHING if is_decided else Waiting.FUNDING, None, Step.NONE
    if case.phase == CasePhase.COLLECTING:
        return _until(clock, case.deadline, Waiting.VERDICT, Step.MISS)
    if case.phase == CasePhase.QUORATE:
        return _until(clock, case.window_ends, Waiting.WINDOW, Step.RELEASE)
    if case.phase == CasePhase.CHALLENGED:
        return _until(clock, arbitration_ends(case), Waiting.RULING, Step.SILENCE)
    return Waiting.STEP, None, Step.RELEASE


def _until(clock: int, last: int, waiting: Waiting, follows: Step) -> tuple[Waiting, int | None, Step]:
    return (waiting, last, follows) if clock <= last else (Waiting.STEP, None, follows)


def escrow_money(escrow: EscrowState) -> EscrowMoney:
    """The money of one escrow, from its purse and its tranches."""
    p = escrow.purse
    open_states = (TrancheState.WAITING, TrancheState.VOTING)
    waiting = sum(t.value for t in escrow.tranches if t.state in open_states)
    debts = sum(put.debt for put in escrow.puts.values() if not put.is_paid)
    return EscrowMoney(p.proceeds, p.held, p.released, p.redeemed, waiting, p.redeemable - p.redeemed, debts)


def if_missed(state: RegisterState, escrow: EscrowState, milestone: int, account: Address, time: int) -> IfMissed:
    """What a miss of this milestone, at a moment [unix s], would mean for a subscriber, with what is due to it already.

    `account`: where it subscribed from, or its book account.
    """
    clock, tranche = state.clock(escrow.region, time), escrow.tranches[milestone]
    ending = tuple(i for i in range(len(escrow.tranches)) if _ends(state, escrow, i, milestone, clock))
    o = state.offerings[escrow.offering]
    _, s = subscription_of(state, o, account)
    redeemable = escrow.purse.redeemable + sum(escrow.tranches[i].value for i in ending)
    found = NOTHING if s is None else due(state, o, account, s, redeemable)
    asks = tranche.on_miss == Miss.EXTEND and not tranche.is_extended
    return IfMissed(found, ending, asks, tranche.on_miss == Miss.PUT)


def _ends(state: RegisterState, escrow: EscrowState, milestone: int, missed: int, clock: int) -> bool:
    """A tranche ends with the missed one if its holders are asked or no quorum stands."""
    tranche = escrow.tranches[milestone]
    if tranche.state == TrancheState.VOTING or (milestone == missed and tranche.state == TrancheState.WAITING):
        return True
    case = state.board.cases.get((escrow.address, milestone))
    if tranche.state != TrancheState.WAITING or case is None:
        return False
    panel = state.board.panel_of(escrow.company, case.kind)
    return judged(case, panel, clock).phase == CasePhase.COLLECTING
