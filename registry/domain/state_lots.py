"""What the events of a raise do to the state from the closing on: the cut, allotments, the settlement, redemptions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from registry.domain import state_rights
from registry.domain.args import ZERO_ADDRESS
from registry.domain.cut import NO_KEY, allotted_to, subscribers_key, subscribers_part
from registry.domain.events import At, RegistryEvent
from registry.domain.events_raise import (
    AllotmentParked,
    CutVerified,
    LotLapsed,
    LotRatcheted,
    LotRedeemed,
    RaiseSettled,
    SharesReserved,
    SubscriptionAllotted,
)
from registry.domain.findings import Check
from registry.domain.ids import NOBODY, Shares
from registry.domain.lots import Due, due, lapsing, subscription_of
from registry.domain.raising import WHOLE, OfferingPhase, OfferingState, SubscriptionStatus
from registry.domain.register import ClassState, RegisterState
from registry.domain.rules import CompanyRole, Rule
from registry.domain.state_notes import (
    class_at,
    expect_payment,
    expect_reserved,
    expect_shares,
    note,
    offering_at,
)
from registry.domain.state_raise import paid, pay_back, paying_account, release


def settle(state: RegisterState) -> None:
    """Ends a transaction: shares that were promised have moved, and classes have told what they keep free."""
    trail = state.trail
    for raiser, account, shares in trail.promised:
        message = f"{shares} shares of {account.hex()} did not move, which {raiser.hex()} said"
        note(state, Check.SUBSCRIPTION, trail.last_at, message)
    for share_class, changes in trail.keeping.items():
        if changes:
            note(state, Check.RESERVED, trail.last_at, f"class {share_class.hex()} did not keep {changes} shares more")
    trail.promised.clear()
    trail.keeping.clear()


def _reserved(state: RegisterState, e: SharesReserved) -> None:
    c = class_at(state, e.at)
    if c is None:
        return
    if e.reserved < c.reserved and not state.trail.keeping.get(c.address) and _may_free(state, c):
        # A dividend tells afterwards why.
        state.trail.freed.setdefault(c.address, []).append(e.reserved - c.reserved)
        c.reserved = e.reserved
        return
    # Several may be expected in one transaction, in whatever order.
    changes, change = state.trail.keeping.get(c.address, []), e.reserved - c.reserved
    expected = change if change in changes else (changes or [0])[0]
    if changes:
        changes.remove(expected)
    c.reserved += expected
    if c.reserved != e.reserved:
        note(state, Check.RESERVED, e.at, f"the event shows {e.reserved} shares kept free, the register {c.reserved}")
    if c.room < 0:
        note(state, Check.AUTHORISED, e.at, f"{c.reserved} kept free and {c.issued} issued, {c.authorised} authorised")


def _may_free(state: RegisterState, c: ClassState) -> bool:
    """Has the company admitted dividends in shares?"""
    roles, paying = state.company_of(c).roles, state.paying
    return paying is not None and bool(roles.get(paying.distributions, 0) & CompanyRole.OFFERING)


def _cut_verified(state: RegisterState, e: CutVerified) -> None:
    o = offering_at(state, e.at)
    if o is None:
        return
    asked = o.totals.live
    cut = NO_KEY if e.last == NOBODY else subscribers_key(o, e.last, asked)
    allotted = sum(subscribers_part(o, party, asked, cut) for party in o.subscriptions)
    is_needed = o.phase == OfferingPhase.CLOSING and not o.totals.raised
    is_named = e.last == NOBODY or e.last in o.subscriptions
    if not is_needed or not is_named or allotted != o.most_shares or e.raised != o.terms.maximum:
        note(state, Check.RAISE, e.at, f"raise {o.number}: the cut allots {allotted} shares of {o.most_shares}")
    o.cut, o.asked = cut, asked
    o.totals = replace(o.totals, raised=o.terms.maximum)


def _parked(state: RegisterState, e: AllotmentParked) -> None:
    o = offering_at(state, e.at)
    s = paid(state, o, e.at, e.party, SubscriptionStatus.PAID) if o else None
    if o is None or s is None:
        return
    _judge_register(state, o, e.at)
    if not state.party_word(e.party).is_frozen:
        note(state, Check.SUBSCRIPTION, e.at, f"party {e.party} is parked, and nobody froze it")
    o.subscriptions[e.party] = replace(s, status=SubscriptionStatus.PARKED)
    o.totals = replace(o.totals, handled=o.totals.handled + 1, parked=o.totals.parked + 1)


def _allotted(state: RegisterState, e: SubscriptionAllotted) -> None:
    o = offering_at(state, e.at)
    s = paid(state, o, e.at, e.party, SubscriptionStatus.PAID, SubscriptionStatus.PARKED) if o else None
    if o is None or s is None:
        return
    _judge_register(state, o, e.at)
    shares = allotted_to(o, e.party)
    amount = shares * o.terms.price
    told = (e.amount, e.shares, e.refund)
    if told != (amount, shares, s.amount - amount):
        note(state, Check.SUBSCRIPTION, e.at, f"party {e.party} was allotted {told}, due are {amount}, {shares}")
    if state.party_word(e.party).is_frozen or not o.totals.raised:
        note(state, Check.SUBSCRIPTION, e.at, f"party {e.party} is allotted while it is frozen, or before the closing")
    status = SubscriptionStatus.ALLOTTED if shares else SubscriptionStatus.REFUNDED
    o.subscriptions[e.party] = replace(s, amount=amount, status=status)
    if s.status == SubscriptionStatus.PAID:
        o.totals = replace(o.totals, handled=o.totals.handled + 1)
    else:
        o.totals = replace(o.totals, parked=o.totals.parked - 1)
    expect_shares(state, o.address, e.account, shares)
    pay_back(state, o, e.at, e.party, s, e.account, s.amount - amount)
    if not shares:
        # Who gets shares keeps the seat for them: it is released when they are there (`state_shares`).
        release(state, o, e.at, e.party)


def _judge_register(state: RegisterState, o: OfferingState, at: At) -> None:
    """No allotment begins in a register that is closed; one that had begun is finished."""
    if not o.totals.handled and state.classes[o.terms.share_class].stops & Rule.CLOSED:
        note(state, Check.RAISE, at, f"raise {o.number} begins to allot in a register that is closed")


def _raise_settled(state: RegisterState, e: RaiseSettled) -> None:
    o = offering_at(state, e.at)
    if o is None:
        return
    raised = o.totals.raised
    if o.phase != OfferingPhase.SETTLED or (e.raised, e.fee, e.proceeds) != (raised, o.fee, raised - o.fee):
        note(state, Check.RAISE, e.at, f"raise {o.number}: the event shows {e}, the register {raised}, {o.fee}")
    expect_reserved(state, o.terms.share_class, (raised - o.terms.maximum) // o.terms.price)
    expect_payment(state, o.address, state.destination_of(o.terms.fee_recipient), o.fee)
    expect_payment(state, o.address, o.escrow, raised - o.fee)


def _redeemed(state: RegisterState, e: LotRedeemed) -> None:
    o = offering_at(state, e.at)
    if o is None:
        return
    party, s = subscription_of(state, o, e.account)
    if s is None or party != e.party or not o.totals.raised:
        note(state, Check.SUBSCRIPTION, e.at, f"{e.account.hex()} is no account of the lot of party {e.party}")
        return
    part = due(state, o, e.account, s, state.escrows[o.escrow].purse.redeemable)
    if part != Due(e.amount, e.shares):
        note(state, Check.SUBSCRIPTION, e.at, f"party {party} got {e.amount} fen for {e.shares} shares, due was {part}")
    cancelled = Shares(s.cancelled + part.shares)
    o.subscriptions[party] = replace(s, redeemed=s.redeemed + part.amount, cancelled=cancelled)
    expect_shares(state, o.address, e.account, part.shares)


def _lapsed(state: RegisterState, e: LotLapsed) -> None:
    """Once nobody can claim it any more, money due to shares that the subscriber does not hold."""
    o = offering_at(state, e.at)
    s = paid(state, o, e.at, e.party, SubscriptionStatus.ALLOTTED) if o else None
    if o is None or s is None:
        return
    escrow = state.escrows[o.escrow]
    if not escrow.claims_end or state.clock(escrow.region, e.at.time) <= escrow.claims_end:
        note(state, Check.SUBSCRIPTION, e.at, f"a lot of party {e.party} lapses, claims end at {escrow.claims_end}")
    part = lapsing(state, o, paying_account(state, e.party, s), s, escrow.purse.redeemable)
    if part != Due(e.amount, e.shares) or not part.amount:
        message = f"{e.amount} fen for {e.shares} shares of party {e.party} lapse, due was {part}"
        note(state, Check.SUBSCRIPTION, e.at, message)
    cancelled = Shares(s.cancelled + part.shares)
    o.subscriptions[e.party] = replace(s, redeemed=s.redeemed + part.amount, cancelled=cancelled)
    state.trail.lapsing[o.escrow] = state.trail.lapsing.get(o.escrow, 0) + part.amount


def _ratcheted(state: RegisterState, e: LotRatcheted) -> None:
    """Once for each lot; who holds nothing any more leaves its shares to the account that the terms name."""
    o = offering_at(state, e.at)
    s = paid(state, o, e.at, e.party, SubscriptionStatus.ALLOTTED) if o else None
    if o is None or s is None:
        return
    escrow = state.escrows[o.escrow]
    r = escrow.ratchet
    shares = s.amount // o.terms.price * r.late_bps // WHOLE
    if s.is_ratcheted or e.shares != shares or state.party_word(e.party).is_frozen:
        note(state, Check.SUBSCRIPTION, e.at, f"party {e.party}: {e.shares} shares by the ratchet, due were {shares}")
    holds = state.companies[o.terms.company].seat_of(e.party).accounts != 0
    is_own = state.account_of(e.account)[0] == e.party
    if is_own != holds or (not holds and e.account != state.destination_of(r.fallback_account)):
        note(state, Check.ADDRESS, e.at, f"shares by the ratchet of party {e.party} go to {e.account.hex()}")
    o.subscriptions[e.party] = replace(s, is_ratcheted=True)
    if e.account == ZERO_ADDRESS:
        state_rights.unneeded(state, escrow, shares)


HANDLERS: dict[type[RegistryEvent], Callable[[RegisterState, Any], None]] = {
    SharesReserved: _reserved,
    CutVerified: _cut_verified,
    AllotmentParked: _parked,
    SubscriptionAllotted: _allotted,
    RaiseSettled: _raise_settled,
    LotRedeemed: _redeemed,
    LotLapsed: _lapsed,
    LotRatcheted: _ratcheted,
}
