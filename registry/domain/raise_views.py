"""The questions a raise answers: which rules would refuse a subscription, who may subscribe, where the money is."""

from __future__ import annotations

from dataclasses import dataclass

from registry.domain.commands.seats import fits
from registry.domain.days import day_of
from registry.domain.ids import NOBODY, Address, Hash32, PartyId
from registry.domain.raising import OfferingPhase, OfferingState
from registry.domain.register import RegisterState
from registry.domain.subscribing import broken_by_money, broken_by_subscription, fits_annual_limit
from registry.domain.subscription_rules import SubscriptionRule


@dataclass(frozen=True, slots=True)
class Money:
    """The money of one raise [fen]: what came in is in one of the other five places."""

    money_in: int
    held: int
    released: int
    fee: int
    refunded: int
    redeemed: int

    @property
    def is_whole(self) -> bool:
        """LAW-8."""
        return self.money_in == self.held + self.released + self.fee + self.refunded + self.redeemed


def money_of(state: RegisterState, offering: Address) -> Money:
    """Held is what raise and escrow have together."""
    o = state.offerings[offering]
    purse = state.escrows[o.escrow].purse
    fee = o.fee if o.phase == OfferingPhase.SETTLED else 0
    held = o.held + purse.held
    return Money(o.totals.money_in, held, purse.released, fee, o.totals.refunded, purse.redeemed)


def broken_subscription_rules(
    state: RegisterState, offering: Address, account: Address, amount: int, disclosure: Hash32, time: int
) -> SubscriptionRule:
    """All rules that would refuse this subscription [fen]; 0 if it would succeed. `brokenRules`."""
    o = state.offerings[offering]
    broken = broken_by_subscription(state, o, account, amount, disclosure, time)
    broken |= broken_by_money(state, account, amount)
    party, _ = state.account_of(account)
    if party in state.parties:
        broken |= _by_limits(state, o, party, amount, time)
    return broken


def who_may_subscribe(state: RegisterState, offering: Address, time: int) -> dict[PartyId, SubscriptionRule]:
    """For every party: the rules that refuse even the smallest subscription, paid from its book account.

    Whether there is money in the account is not asked: it can be brought.
    """
    o = state.offerings[offering]
    least = -(-max(o.terms.investor_minimum, 1) // o.terms.price) * o.terms.price
    disclosure = o.terms.disclosure
    return {
        party: broken_by_subscription(state, o, state.book_account(party), least, disclosure, time)
        | _by_limits(state, o, party, least, time)
        for party in state.parties
    }


def _by_limits(state: RegisterState, o: OfferingState, party: PartyId, amount: int, time: int) -> SubscriptionRule:
    broken = SubscriptionRule(0)
    if not fits_annual_limit(state, party, amount, day_of(time, state.utc_offset)):
        broken |= SubscriptionRule.ANNUAL_LIMIT
    if not fits(state.companies[o.terms.company], NOBODY, party, state.party_word(party).weight):
        broken |= SubscriptionRule.HOLDERS_CAP
    return broken
