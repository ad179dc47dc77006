"""What the pages of a dividend do to the state: parts that were paid, parked or lapsed, and shares instead of money.

What each part should be is worked out from the fixed register and the party's standing at that moment. Shares are
told before the page that pays them, so they wait in the trail for their line.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from registry.domain.days import day_of
from registry.domain.entitlements import Entitlement, outcome, scrip_of
from registry.domain.events import RegistryEvent
from registry.domain.events_payout import EntitlementsHandled, ScripDelivered
from registry.domain.findings import Check
from registry.domain.payout_args import DistributionPhase, Payment, Settlement
from registry.domain.payouts import DistributionState
from registry.domain.register import RegisterState
from registry.domain.rules import Phase
from registry.domain.state_notes import expect_payment, met, note
from registry.domain.state_payout import distribution_at, free


def _handled(state: RegisterState, e: EntitlementsHandled) -> None:
    d = distribution_at(state, e, e.id)
    if d is None or state.paying is None:
        return
    clock = state.clock(d.region, e.at.time)
    if d.phase not in (DistributionPhase.FIXED, DistributionPhase.CLOSED) or clock < d.terms.payable_from:
        note(state, Check.ENTITLEMENT, e.at, f"dividend {d.id} is paid in phase {d.phase} at {clock}")
        return
    spent = lapsed = 0
    for line in e.payments:
        due = _due(state, d, e, line, clock > d.expires_at)
        if due is None:
            continue
        lapsed += due.gross if due.settlement == Settlement.LAPSED else 0
        if due.settlement == Settlement.PAID:
            cost = state.trail.scrip.pop((d.id, line.party), 0)
            spent += cost
            to = state.destination_of(due.row.account)
            expect_payment(state, state.paying.distributions, to, due.net - cost)
    distributions = state.paying.distributions
    expect_payment(state, distributions, state.destination_of(d.terms.funded_by), spent)
    expect_payment(state, distributions, state.destination_of(d.remainder_account), lapsed)


def _due(
    state: RegisterState, d: DistributionState, e: EntitlementsHandled, line: Payment, is_over: bool
) -> Entitlement | None:
    """What the line should say; counted as that."""
    position = d.row_of(line.party)
    if position is None:
        note(state, Check.ENTITLEMENT, e.at, f"dividend {d.id}: party {line.party} is no holder of record")
        return None
    row, was = d.holders[position], d.settlements[position]
    today, is_lapsing = day_of(e.at.time, state.utc_offset), line.settlement == Settlement.LAPSED
    due = outcome(state, d, row, was, today, is_over=is_over, is_lapsing=is_lapsing)
    if due is None:
        note(state, Check.ENTITLEMENT, e.at, f"dividend {d.id}: party {line.party} was due nothing")
        return None
    told = (line.gross, line.tax, line.settlement)
    if told != (due.gross, due.tax, due.settlement):
        note(state, Check.ENTITLEMENT, e.at, f"dividend {d.id}: party {line.party} got {told}, due was {due}")
    count(d, position, due)
    return due


def count(d: DistributionState, position: int, due: Entitlement) -> None:
    """A row that was handled."""
    was = d.settlements[position]
    d.settlements[position] = due.settlement
    if was == Settlement.NONE:
        d.handled += due.row.shares
    if was == Settlement.PARKED:
        d.parked -= due.gross
    if due.settlement == Settlement.PARKED:
        d.parked += due.gross
    elif due.settlement == Settlement.LAPSED:
        d.lapsed += due.gross
    else:
        d.paid += due.net
        d.withheld += due.tax


def _scrip(state: RegisterState, e: ScripDelivered) -> None:
    """Stands behind the class's act and before the page."""
    d = distribution_at(state, e, e.id)
    position = d.row_of(e.party) if d else None
    if d is None or position is None:
        note(state, Check.ENTITLEMENT, e.at, f"dividend {e.id}: shares for party {e.party}, which is due nothing")
        return
    row, was = d.holders[position], d.settlements[position]
    due = outcome(state, d, row, was, day_of(e.at.time, state.utc_offset))
    told, to = (e.shares, e.cost), state.destination_of(row.account)
    is_chosen = e.party in d.scrip and due is not None and due.settlement == Settlement.PAID
    if not is_chosen or due is None or told != scrip_of(d, due.net) or e.account != to:
        note(state, Check.ENTITLEMENT, e.at, f"dividend {d.id}: party {e.party} got {told} instead of money")
    if fault := _scrip_fault(state, d, e):
        note(state, Check.ENTITLEMENT, e.at, f"dividend {d.id}: party {e.party} got {told}, and is due cash: {fault}")
    if not met(state.trail.delivered, (d.terms.share_class, e.account, e.shares)):
        note(state, Check.ENTITLEMENT, e.at, f"dividend {d.id}: {e.shares} shares did not move to {e.account.hex()}")
    free(state, d, e.at, e.shares)
    state.trail.scrip[d.id, e.party] = e.cost


def _scrip_fault(state: RegisterState, d: DistributionState, e: ScripDelivered) -> str | None:
    """Why cash was due to somebody who chose shares, if it was. The shares are in the register already."""
    company = state.companies[d.company]
    if company.phase != Phase.OPEN:
        phase = next((each.name.lower() for each in Phase if each == company.phase), "unknown")
        return f"company {company.number} is in phase {company.phase} ({phase})"
    if e.shares > d.reserved:
        return f"{d.reserved} shares are kept free"
    holding = state.classes[d.terms.share_class].holdings.get(state.account_of(e.account))
    is_all_the_account_holds = holding is not None and holding.balance == e.shares
    # The delivery itself has filled an account that held nothing of the class before.
    accounts_before = company.seat_of(e.party).accounts - (1 if is_all_the_account_holds else 0)
    if accounts_before <= 0:
        return f"it held nothing of company {company.number}"
    return None


HANDLERS: dict[type[RegistryEvent], Callable[[RegisterState, Any], None]] = {
    EntitlementsHandled: _handled,
    ScripDelivered: _scrip,
}
