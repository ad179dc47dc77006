"""What an escrow's events do to the state where subscribers and founders get something: redemptions, lapsed claims,
puts and the ratchet (EscrowRights.sol)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from registry.domain.escrow import EscrowState, Fell, Put, RatchetSource, interest
from registry.domain.events import RegistryEvent
from registry.domain.events_escrow import (
    ClaimsLapsed,
    PutExercised,
    PutPaid,
    RatchetDelivered,
    RatchetFell,
    RatchetUnmet,
    Redeemed,
)
from registry.domain.findings import Check
from registry.domain.ids import Shares
from registry.domain.lots import Lot, lot, subscription_of
from registry.domain.register import RegisterState
from registry.domain.state_escrow import escrow_at, keep
from registry.domain.state_notes import expect_payment, expect_shares, note

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


def _lapsed(state: RegisterState, e: ClaimsLapsed) -> None:
    escrow = escrow_at(state, e.at)
    if escrow is None:
        return
    amount, to = state.trail.lapsing.pop(escrow.address, 0), state.destination_of(escrow.terms.lapse_account)
    if e.account != to or e.amount != amount:
        note(state, Check.ESCROW, e.at, f"{e.amount} lapsed to {e.account.hex()}, not {amount} to {to.hex()}")
    escrow.purse = replace(escrow.purse, redeemed=escrow.purse.redeemed + amount)
    escrow.lapsed += amount
    expect_payment(state, escrow.address, to, amount)


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
    is_open = escrow.is_put_open and state.clock(escrow.region, e.at.time) <= escrow.claims_end
    if party in escrow.puts or not is_open or found.shares == 0:
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
    if state.clock(escrow.region, e.at.time) > escrow.claims_end:
        note(state, Check.ESCROW, e.at, f"a put paid after the time for claims, which ended at {escrow.claims_end}")
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


def unneeded(state: RegisterState, escrow: EscrowState, shares: int) -> None:
    """A lot whose subscriber holds nothing any more, and the terms name nobody else: its new shares are free again."""
    if escrow.ratchet.source == RatchetSource.NEW_SHARES:
        keep(state, escrow, escrow.reserved - shares)


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
    Redeemed: _redeemed,
    ClaimsLapsed: _lapsed,
    PutExercised: _put_exercised,
    PutPaid: _put_paid,
    RatchetFell: _ratchet_fell,
    RatchetDelivered: _ratchet_delivered,
    RatchetUnmet: _ratchet_unmet,
}
