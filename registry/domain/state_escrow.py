"""What an escrow's events do to the state: tranches, the purse, votes, puts and the ratchet, all recomputed.

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
    Put,
    RatchetSource,
    TrancheState,
    Vote,
    amounts,
    consents,
    first_case,
    interest,
    ratchet_fell,
    ratchet_need,
    ratchet_reserve,
)
from registry.domain.event import At
from registry.domain.events import RegistryEvent
from registry.domain.events_escrow import (
    ConsentGiven,
    EscrowFunded,
    EscrowScheduled,
    MilestoneMissed,
    PutExercised,
    PutPaid,
    RatchetDelivered,
    RatchetFell,
    RatchetScheduled,
    RatchetUnmet,
    Redeemed,
    TrancheChanged,
    TrancheReleased,
    TrancheScheduled,
)
from registry.domain.findings import Check
from registry.domain.ids import Address, PartyId, Shares
from registry.domain.lots import Lot, lot, subscription_of
from registry.domain.moves import balance_at
from registry.domain.raise_args import EscrowTerms, RatchetTerms
from registry.domain.raise_words import Purse, Tranche
from registry.domain.raising import SubscriptionStatus
from registry.domain.register import RegisterState
from registry.domain.state_board import tell
from registry.domain.state_notes import expect_payment, expect_reserved, expect_shares, note


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
    for told in (trail.cases, trail.tranches, trail.closing, trail.fell):
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
    _keep(state, e, ratchet_reserve(e.ratchet, maximum))


def abandoned(state: RegisterState, e: EscrowState) -> None:
    """The raise failed after it had opened: nothing will come."""
    _keep(state, e, 0)


def _keep(state: RegisterState, e: EscrowState, shares: int) -> None:
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
        return replace(tranche, state=TrancheState.RELEASED)
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
    _keep(state, escrow, ratchet_need(escrow.ratchet, Fell(escrow.fell), o.totals.raised // o.terms.price))
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
                _keep(state, escrow, 0)
    escrow.purse = replace(escrow.purse, redeemable=escrow.purse.redeemable + missed)


def _closed_undecided(state: RegisterState, escrow: EscrowState, milestone: int, clock: int) -> bool:
    case = state.board.cases[escrow.address, milestone]
    case = judged(case, state.board.panel_of(escrow.company, case.kind), clock)
    if case.phase != CasePhase.COLLECTING:
        return False
    tell(state, (escrow.address, milestone), replace(case, phase=CasePhase.CLOSED))
    return True


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


# --- money and shares for subscribers ---


def _redeemed(state: RegisterState, e: Redeemed) -> None:
    escrow = escrow_at(state, e.at)
    if escrow is None:
        return
    purse = replace(escrow.purse, redeemed=escrow.purse.redeemed + e.amount)
    if purse.redeemed > purse.redeemable:
        note(state, Check.ESCROW, e.at, f"{purse.redeemed} redeemed, {purse.redeemable} were missed")
    escrow.purse = purse
    expect_payment(state, escrow.address, e.account, e.amount)


def _put_exercised(state: RegisterState, e: PutExercised) -> None:
    escrow = escrow_at(state, e.at)
    if escrow is None:
        return
    o = state.offerings[escrow.offering]
    party, s = subscription_of(state, o, e.account)
    found = Lot(party) if s is None else lot(state, o, e.account, s)
    elapsed = state.clock(escrow.region, e.at.time) - (s.paid_at if s else 0)
    owed = interest(found.principal, escrow.terms.put_rate_bps, elapsed)
    if (e.party, e.shares, e.rest, e.interest) != (party, found.shares, found.rest, owed):
        note(state, Check.ESCROW, e.at, f"a put of {e.rest} and {e.interest}, not {found.rest} and {owed}")
    if party in escrow.puts or not escrow.is_put_open or not escrow.is_decided or found.shares == 0:
        note(state, Check.ESCROW, e.at, f"party {e.party} has no put")
    escrow.puts[party] = Put(Shares(found.shares), found.rest + owed)


def _put_paid(state: RegisterState, e: PutPaid) -> None:
    escrow = escrow_at(state, e.at)
    if escrow is None:
        return
    put, o = escrow.puts.get(e.party), state.offerings[escrow.offering]
    s = o.subscriptions.get(e.party)
    if put is None or s is None or put.is_paid or e.amount != put.debt:
        note(state, Check.ESCROW, e.at, f"{e.amount} paid for a put of {put}")
    if put is None or s is None:
        return
    escrow.puts[e.party] = replace(put, is_paid=True)
    o.subscriptions[e.party] = replace(s, cancelled=Shares(s.cancelled + put.shares))
    expect_shares(state, o.address, e.account, put.shares)
    expect_payment(state, e.payer, state.destination_of(e.account), put.debt)


# --- the ratchet ---


def _ratchet_fell(state: RegisterState, e: RatchetFell) -> None:
    escrow = escrow_at(state, e.at)
    if escrow is None:
        return
    fell = state.trail.fell.pop(escrow.address, Fell.IN_BETWEEN)
    if fell != e.what:
        note(state, Check.ESCROW, e.at, f"the ratchet fell {e.what}, by the verdict {fell}")


def _ratchet_delivered(state: RegisterState, e: RatchetDelivered) -> None:
    escrow = escrow_at(state, e.at)
    if escrow is None:
        return
    is_early, founder = escrow.fell == Fell.EARLY, state.destination_of(escrow.ratchet.founder)
    if escrow.fell == Fell.IN_BETWEEN or (is_early and e.account != founder):
        note(state, Check.ESCROW, e.at, f"shares of a ratchet for {e.account.hex()}, which is not due to it")
    if not is_early and escrow.ratchet.source == RatchetSource.FOUNDER:
        return
    if e.shares > escrow.reserved:
        note(state, Check.ESCROW, e.at, f"{e.shares} shares of a ratchet, {escrow.reserved} were kept free")
    escrow.reserved -= e.shares
    expect_shares(state, escrow.address, e.account, e.shares)


def lapsed(state: RegisterState, escrow: EscrowState, shares: int) -> None:
    """A lot whose subscriber holds nothing any more, and the terms name nobody else: its new shares are free again."""
    if escrow.ratchet.source == RatchetSource.NEW_SHARES:
        _keep(state, escrow, escrow.reserved - shares)


def _ratchet_unmet(state: RegisterState, e: RatchetUnmet) -> None:
    """Nothing moved, so the lot stays due."""
    escrow = escrow_at(state, e.at)
    if escrow is None:
        return
    o = state.offerings[escrow.offering]
    party, s = subscription_of(state, o, e.account)
    if escrow.fell != Fell.LATE or escrow.ratchet.source != RatchetSource.FOUNDER or s is None or not s.is_ratcheted:
        note(state, Check.ESCROW, e.at, f"the founder owes no shares for {e.account.hex()}")
    if s is not None:
        o.subscriptions[party] = replace(s, is_ratcheted=False)


HANDLERS: dict[type[RegistryEvent], Callable[[RegisterState, Any], None]] = {
    EscrowScheduled: _scheduled,
    TrancheScheduled: _tranche_scheduled,
    RatchetScheduled: _ratchet_scheduled,
    EscrowFunded: _funded,
    TrancheChanged: _changed,
    TrancheReleased: _released,
    MilestoneMissed: _missed,
    ConsentGiven: _consented,
    Redeemed: _redeemed,
    PutExercised: _put_exercised,
    PutPaid: _put_paid,
    RatchetFell: _ratchet_fell,
    RatchetDelivered: _ratchet_delivered,
    RatchetUnmet: _ratchet_unmet,
}
