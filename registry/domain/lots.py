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
    """The lot of a party, by any of its accounts; None if there is none."""
    party, _ = state.account_of(account)
    return party, o.subscriptions.get(party) if party != NOBODY else None


def free_shares(state: RegisterState, o: OfferingState, account: Address) -> int:
    """[shares × 10^decimals] That an account holds and could move."""
    h = state.classes[o.terms.share_class].holdings.get(state.account_of(account))
    return h.balance - h.encumbered if h else 0


def due(state: RegisterState, o: OfferingState, account: Address, s: Subscription, redeemable: int) -> Due:
    """What brings a lot up to `redeemable` of what was raised."""
    party, _ = state.account_of(account)
    if s.status != SubscriptionStatus.ALLOTTED or state.party_word(party).is_frozen:
        return NOTHING
    missed = _missed(o, s, redeemable)
    held = free_shares(state, o, account)
    if held == 0:
        return NOTHING
    return Due(missed.amount * held // missed.shares, held) if missed.shares > held else missed


def lapsing(state: RegisterState, o: OfferingState, account: Address, s: Subscription, redeemable: int) -> Due:
    """What of a lot's missed money is due to shares that its subscriber no longer holds, in the account that subscribed
    and in the book account, pledged or not. No time runs against who is frozen."""
    party, _ = state.account_of(account)
    if s.status != SubscriptionStatus.ALLOTTED or state.party_word(party).is_frozen:
        return NOTHING
    missed, held = _missed(o, s, redeemable), _held_shares(state, o, account)
    if held and held >= missed.shares:
        return NOTHING
    kept = missed.amount * held // missed.shares if held else 0
    return Due(missed.amount - kept, missed.shares - held) if missed.amount > kept else NOTHING


def _missed(o: OfferingState, s: Subscription, redeemable: int) -> Due:
    raised = o.totals.raised
    amount = s.amount * redeemable // raised - s.redeemed
    # A put that was paid ended more than what was missed.
    return Due(amount, max(s.amount // o.terms.price * redeemable // raised - s.cancelled, 0))


def _held_shares(state: RegisterState, o: OfferingState, account: Address) -> int:
    party, number = state.account_of(account)
    holdings = state.classes[o.terms.share_class].holdings
    found = (holdings.get((party, each)) for each in {number, BOOK})
    return sum(h.balance for h in found if h)


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
