"""What a subscriber's lot is worth: parts of missed money, and what is left of it for a put. Money in fen.

All is rounded down, and limited to the shares that the account still holds and may move.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.domain.ids import BOOK, NOBODY, Address, PartyId
from registry.domain.raise_words import Subscription
from registry.domain.raising import OfferingState, SubscriptionStatus
from registry.domain.register import RegisterState


@dataclass(frozen=True, slots=True)
class Lot:
    """What of a lot is still there: shares, the money not yet paid back for them, the money paid in for them."""

    party: PartyId
    shares: int = 0
    rest: int = 0
    principal: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """What is due to a lot and was not paid before, and the shares that end for it."""

    amount: int = 0
    shares: int = 0


NOTHING = Due()


def subscription_of(state: RegisterState, o: OfferingState, account: Address) -> tuple[PartyId, Subscription | None]:
    """The lot of a party, by the account that it was paid from or by its book account; None if there is none."""
    party, number = state.account_of(account)
    s = o.subscriptions.get(party) if party != NOBODY else None
    return party, s if s is not None and number in (s.account, BOOK) else None


def free_shares(state: RegisterState, o: OfferingState, account: Address) -> int:
    """[shares × 10^decimals] That an account holds and could move."""
    h = state.classes[o.terms.share_class].holdings.get(state.account_of(account))
    return h.balance - h.encumbered if h else 0


def due(state: RegisterState, o: OfferingState, account: Address, s: Subscription, redeemable: int) -> Due:
    """What brings a lot up to `redeemable` of what was raised."""
    party, _ = state.account_of(account)
    if s.status != SubscriptionStatus.ALLOTTED or state.party_word(party).is_frozen:
        return NOTHING
    raised = o.totals.raised
    amount = s.amount * redeemable // raised - s.redeemed
    # A put that was paid ended more than what was missed.
    shares = max(s.amount // o.terms.price * redeemable // raised - s.cancelled, 0)
    held = free_shares(state, o, account)
    if held == 0:
        return NOTHING
    if shares > held:
        amount, shares = amount * held // shares, held
    return Due(amount, shares)


def lot(state: RegisterState, o: OfferingState, account: Address, s: Subscription) -> Lot:
    """`lotOf`."""
    party, _ = state.account_of(account)
    owned = s.amount // o.terms.price - s.cancelled
    # While a party is frozen nothing is paid to it and its shares stay where they are.
    is_frozen = state.party_word(party).is_frozen
    if s.status != SubscriptionStatus.ALLOTTED or is_frozen or owned == 0:
        return Lot(party)
    shares = min(free_shares(state, o, account), owned)
    return Lot(party, shares, (s.amount - s.redeemed) * shares // owned, shares * o.terms.price)
