"""Paying a dividend out by the bank: what book accounts got, as payment orders, each under a reference of its own.

When the bank has paid an order, its money is burned under that reference, and the bank's statement compared with it.
"""

from __future__ import annotations

from registry.acts.desk import Desk
from registry.acts.dividend_pay import word_of
from registry.acts.shares import reference
from registry.chain.payout_logs import cash_paid, holders_of
from registry.domain.ids import PartyId
from registry.interchange.payments import Order


def reference_of(distribution: int, party: PartyId) -> str:
    """Of one party's payment; at most once on the chain."""
    return f"DV{distribution}-P{party}"


def orders_of(desk: Desk, distribution: int) -> tuple[Order, ...]:
    """By party: what lies on book accounts and was not burned under the payment's reference yet."""
    word_of(desk, distribution)
    paid = cash_paid(desk.node, desk.deployment, distribution)
    booked = [
        row.party
        for row in holders_of(desk.node, desk.deployment, distribution)
        if paid.get(row.party) and desk.raises.destination_of(row.account) == desk.book(row.party)
    ]
    used = desk.raises.are_used([reference(reference_of(distribution, party)) for party in booked])
    due = [party for party, is_used in zip(booked, used, strict=True) if not is_used]
    names = desk.directory.names(due)
    return tuple(
        Order(
            reference=reference_of(distribution, party),
            account=f"P{party}",
            name=names.get(party) or f"party {party}",
            amount=paid[party],
            text=f"Dividend 分红 {distribution}",
        )
        for party in due
    )
