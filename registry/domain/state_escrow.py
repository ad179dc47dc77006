"""What an escrow's events do to the state: terms, tranches, the purse, votes, all recomputed.

Redemptions, puts and the ratchet stand in `state_rights`.

A tranche is written where its cause is told; `TrancheChanged` is compared with that. Without a cause it is released by
a final verdict, or its holders are asked for more time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from registry.domain.board import CasePhase, judged, next_round, reached_at
from registry.domain.days import day_of
from registry.domain.escrow import (
    EscrowState,
    Fell,
    Miss,
    RatchetSource,
    TrancheState,
    Vote,
    amounts,
    begins_claims,
    consents,
    first_case,
    ratchet_fell,
    ratchet_need,
    ratchet_reserve,
)
from registry.domain.event import At
from registry.domain.events import RegistryEvent
from registry.domain.events_escrow import (
    ClaimsBegan,
    ConsentGiven,
    EscrowFunded,
    EscrowScheduled,
    MilestoneMissed,
    RatchetScheduled,
    TrancheChanged,
    TrancheReleased,
    TrancheScheduled,
)
from registry.domain.findings import Check
from registry.domain.ids import Address, PartyId, Shares
from registry.domain.lots import subscription_of
from registry.domain.moves import balance_at
from registry.domain.raise_args import EscrowTerms, RatchetTerms
from registry.domain.raise_words import Purse, Tranche
from registry.domain.raising import SubscriptionStatus
from registry.domain.register import RegisterState
from registry.domain.state_board import tell
from registry.domain.state_notes import expect_payment, expect_reserved, note


def escrow_at(state: RegisterState, at: At) -> EscrowState | None:
    found = state.escrows.get(at.emitter)
    if found is None:
        note(state, Check.EMITTER, at, f"{at.emitter.hex()} is no escrow of this registry")
    return found


def settle(state: RegisterState) -> None:
    """Ends a transaction: every case and tranche that changed was told, and what was closed led to something."""
    trail = state.trail
    for escrow, milestone in (*trail.cases, *trail.tranches):
        note(state, Check.CASE, trail.last_at, f"milestone {milestone} of {escrow.hex()} changed and was not told")
    for escrow, milestone in trail.closing:
        note(state, Check.ESCROW, trail.last_at, f"milestone {milestone} of {escrow.hex()} closed and nothing followed")
    for escrow in trail.fell:
        note(state, Check.ESCROW, trail.last_at, f"the ratchet of {escrow.hex()} fell and was not told")
    for escrow in trail.claims:
        note(state, Check.ESCROW, trail.last_at, f"the time for claims on {escrow.hex()} began and was not told")
    for escrow, amount in trail.lapsing.items():
        note(state, Check.ESCROW, trail.last_at, f"{amount} of lots of {escrow.hex()} lapsed and went nowhere")
    for told in (trail.cases, trail.tranches, trail.closing, trail.fell, trail.claims, trail.lapsing):
        told.clear()


# --- terms, opening, failure ---


def _scheduled(state: RegisterState, e: EscrowScheduled) -> None:
    escrow = escrow_at(state, e.at)
    if escrow is not None:
        escrow.terms = EscrowTerms(**{f.name: getattr(e, f.name) for f in fields(EscrowTerms)})


def _tranche_scheduled(state: RegisterState, e: TrancheScheduled) -> None:
    escrow = escrow_at(state, e.at)
    if escrow is None:
        return
    if e.milestone != len(escrow.tranches) or e.tranche.state != TrancheState.SCHEDULED:
        note(state, Check.ORDER, e.at, f"tranche {e.milestone} does not follow {len(escrow.tranches)} tranches")
    escrow.tranches.append(e.tranche)
    escrow.criteria.append((e.criterion, e.terms))


def _ratchet_scheduled(state: RegisterState, e: RatchetScheduled) -> None:
    escrow = escrow_at(state, e.at)
    if escrow is not None:
        escrow.ratchet = RatchetTerms(**{f.name: getattr(e, f.name) for f in fields(RatchetTerms)})


def prepared(state: RegisterState, e: EscrowState, at: At, maximum: int) -> None:
    """The raise opens: panels suffice, shares of a ratchet are kept free [shares × 10^decimals]."""
    for i, tranche in enumerate(e.tranches):
        members = state.board.panel_of(e.company, tranche.kind).in_force(day_of(at.time, state.utc_offset))
        if tranche.quorum > members:
            note(state, Check.ESCROW, at, f"milestone {i} needs {tranche.quorum} verifiers, the panel has {members}")
    keep(state, e, ratchet_reserve(e.ratchet, maximum))


def abandoned(state: RegisterState, e: EscrowState) -> None:
    """The raise failed after it had opened: nothing will come."""
    keep(state, e, 0)


def keep(state: RegisterState, e: EscrowState, shares: int) -> None:
    expect_reserved(state, e.share_class, shares - e.reserved)
    e.reserved = shares


def _funded(state: RegisterState, e: EscrowFunded) -> None:
    escrow = escrow_at(state, e.at)
    if escrow is None:
        return
    o = state.offerings[escrow.offering]
    if escrow.purse != Purse() or e.proceeds != o.totals.raised - o.fee:
        note(state, Check.ESCROW, e.at, f"funded with {e.proceeds}, the raise has {o.totals.raised - o.fee} for it")
    escrow.purse = Purse(e.proceeds)
    for i, amount in enumerate(amounts(escrow.tranches, e.proceeds)):
        tranche = replace(escrow.tranches[i], value=amount, state=TrancheState.WAITING)
        _tell(state, escrow, i, tranche)
        tell(state, (escrow.address, i), first_case(escrow, tranche))


# --- tranches ---


def _changed(state: RegisterState, e: TrancheChanged) -> None:
    escrow = escrow_at(state, e.at)
    if escrow is None:
        return
    if e.milestone >= len(escrow.tranches):
        note(state, Check.KNOWN, e.at, f"tranche {e.milestone} was never scheduled")
        return
    expected = state.trail.tranches.pop((escrow.address, e.milestone), None)
    if expected is None:
        expected = _uncaused(state, escrow, e)
        escrow.tranches[e.milestone] = expected
    if expected != e.tranche:
        note(state, Check.ESCROW, e.at, f"the event shows {e.tranche}, the register {expected}")


def _uncaused(state: RegisterState, escrow: EscrowState, e: TrancheChanged) -> Tranche:
    tranche, key = escrow.tranches[e.milestone], (escrow.address, e.milestone)
    is_waiting = tranche.state == TrancheState.WAITING
    reached = state.trail.closing.pop(key, None)
    if e.tranche.state == TrancheState.RELEASED:
        if not is_waiting or reached is not True:
            note(state, Check.ESCROW, e.at, f"tranche {e.milestone} released without a final verdict")
        escrow.tranches[e.milestone] = replace(tranche, state=TrancheState.RELEASED)
        _expect_claims(state, escrow, e.at)
        return escrow.tranches[e.milestone]
    if e.tranche.state != TrancheState.VOTING:
        note(state, Check.ESCROW, e.at, f"tranche {e.milestone} changed for no reason that was told")
        return tranche
    is_askable = is_waiting and tranche.on_miss == Miss.EXTEND and not tranche.is_extended
    c, o = state.classes[escrow.share_class], state.offerings[escrow.offering]
    if not is_askable or reached is not False or c.record_times[-1:] != [e.at.time]:
        note(state, Check.ESCROW, e.at, f"holders are asked about tranche {e.milestone}, which is not theirs to extend")
    escrow.votes[e.milestone] = Vote(Shares(0), Shares(o.totals.raised // o.terms.price))
    ends = state.clock(escrow.region, e.at.time) + escrow.terms.voting
    return replace(tranche, state=TrancheState.VOTING, is_extended=True, epoch=len(c.record_times), vote_ends=ends)


def _released(state: RegisterState, e: TrancheReleased) -> None:
    escrow = escrow_at(state, e.at)
    if escrow is None:
        return
    tranche, to = escrow.tranches[e.milestone], state.destination_of(escrow.terms.issuer_account)
    if tranche.state != TrancheState.RELEASED or e.account != to or e.amount != tranche.value:
        note(state, Check.ESCROW, e.at, f"{e.amount} to {e.account.hex()}, not {tranche.value} to {to.hex()}")
    escrow.purse = replace(escrow.purse, released=escrow.purse.released + tranche.value)
    expect_payment(state, escrow.address, to, tranche.value)
    if escrow.ratchet.source == RatchetSource.NONE or escrow.ratchet.milestone != e.milestone:
        return
    o, reached = state.offerings[escrow.offering], reached_at(state.board.cases[escrow.address, e.milestone])
    escrow.fell = ratchet_fell(escrow.ratchet, reached)
    keep(state, escrow, ratchet_need(escrow.ratchet, Fell(escrow.fell), o.totals.raised // o.terms.price))
    if escrow.fell != Fell.IN_BETWEEN:
        state.trail.fell[escrow.address] = escrow.fell


def _missed(state: RegisterState, e: MilestoneMissed) -> None:
    """The tranche itself, tranches that are voted on, and those whose case has no quorum."""
    escrow = escrow_at(state, e.at)
    if escrow is None:
        return
    clock, key = state.clock(escrow.region, e.at.time), (escrow.address, e.milestone)
    tranche = escrow.tranches[e.milestone]
    is_voted_down = tranche.state == TrancheState.VOTING and clock > tranche.vote_ends
    if state.trail.closing.pop(key, None) is not False and not is_voted_down:
        note(state, Check.ESCROW, e.at, f"milestone {e.milestone} was not missed")
    escrow.is_put_open = escrow.is_put_open or tranche.on_miss == Miss.PUT
    missed = 0
    for i, other in enumerate(escrow.tranches):
        is_over = i == e.milestone or other.state == TrancheState.VOTING
        if not is_over and other.state == TrancheState.WAITING:
            is_over = _closed_undecided(state, escrow, i, clock)
        if is_over:
            missed += other.value
            _tell(state, escrow, i, replace(other, state=TrancheState.MISSED))
            if i == escrow.ratchet.milestone:
                keep(state, escrow, 0)
    escrow.purse = replace(escrow.purse, redeemable=escrow.purse.redeemable + missed)
    _expect_claims(state, escrow, e.at)


def _closed_undecided(state: RegisterState, escrow: EscrowState, milestone: int, clock: int) -> bool:
    case = state.board.cases[escrow.address, milestone]
    case = judged(case, state.board.panel_of(escrow.company, case.kind), clock)
    if case.phase != CasePhase.COLLECTING:
        return False
    tell(state, (escrow.address, milestone), replace(case, phase=CasePhase.CLOSED))
    return True


def _expect_claims(state: RegisterState, escrow: EscrowState, at: At) -> None:
    if begins_claims(escrow.tranches):
        state.trail.claims[escrow.address] = state.clock(escrow.region, at.time) + escrow.terms.claims


def _claims_began(state: RegisterState, e: ClaimsBegan) -> None:
    escrow = escrow_at(state, e.at)
    if escrow is None:
        return
    ends = state.trail.claims.pop(escrow.address, None)
    if ends != e.ends:
        note(state, Check.ESCROW, e.at, f"claims can be made until {e.ends}, by the terms until {ends}")
    escrow.claims_end = ends or escrow.claims_end


def _consented(state: RegisterState, e: ConsentGiven) -> None:
    escrow = escrow_at(state, e.at)
    if escrow is None:
        return
    tranche, vote = escrow.tranches[e.milestone], escrow.votes.get(e.milestone)
    clock = state.clock(escrow.region, e.at.time)
    party, lot_shares = _lot_shares(state, escrow, e.account)
    voter = e.milestone, party
    if vote is None or tranche.state != TrancheState.VOTING or clock > tranche.vote_ends or voter in escrow.voted:
        note(state, Check.ESCROW, e.at, f"{e.account.hex()} consents where nothing is asked of it")
    if vote is None:
        return
    c = state.classes[escrow.share_class]
    shares = min(lot_shares, balance_at(c, state.account_of(e.account), tranche.epoch))
    if shares != e.shares:
        note(state, Check.ESCROW, e.at, f"{e.shares} shares consent, the record date shows {shares}")
    escrow.voted.add(voter)
    vote = escrow.votes[e.milestone] = replace(vote, yes=Shares(vote.yes + shares))
    if not consents(vote, escrow.terms.consent_bps):
        return
    _tell(state, escrow, e.milestone, replace(tranche, state=TrancheState.WAITING))
    key = escrow.address, e.milestone
    tell(state, key, replace(next_round(state.board.cases[key]), deadline=clock + tranche.extension))


def _lot_shares(state: RegisterState, escrow: EscrowState, account: Address) -> tuple[PartyId, int]:
    o = state.offerings[escrow.offering]
    party, s = subscription_of(state, o, account)
    is_allotted = s is not None and s.status == SubscriptionStatus.ALLOTTED
    return party, s.amount // o.terms.price - s.cancelled if s is not None and is_allotted else 0


def _tell(state: RegisterState, escrow: EscrowState, milestone: int, tranche: Tranche) -> None:
    """Writes a tranche that the escrow has to tell of later in this transaction."""
    escrow.tranches[milestone] = tranche
    state.trail.tranches[escrow.address, milestone] = tranche


HANDLERS: dict[type[RegistryEvent], Callable[[RegisterState, Any], None]] = {
    EscrowScheduled: _scheduled,
    TrancheScheduled: _tranche_scheduled,
    RatchetScheduled: _ratchet_scheduled,
    EscrowFunded: _funded,
    TrancheChanged: _changed,
    TrancheReleased: _released,
    MilestoneMissed: _missed,
    ConsentGiven: _consented,
    ClaimsBegan: _claims_began,
}
