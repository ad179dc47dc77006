"""Pro rata by largest remainder, all in [shares × 10^decimals].

Everybody gets `asked × maximum ÷ total` rounded down, and the shares that are left go one by one to the largest
remainders; ties to the earlier payment, then to the smaller party id. The same stands in contracts/libraries/Cut.sol.
"""

from __future__ import annotations

from collections.abc import Mapping

from registry.domain.ids import NOBODY, PartyId
from registry.domain.raise_words import Subscription
from registry.domain.raising import OfferingState

NO_KEY = 2**256 - 1
"""No key is as large: nobody gets a share more."""

_LATEST = 2**40 - 1
_LAST_PARTY = 2**32 - 1


def key_of(asked: int, maximum: int, total: int, paid_at: int, party: PartyId) -> int:
    """Orders subscribers: the larger key gets its share first."""
    return (asked * maximum % total) << 72 | (_LATEST - paid_at) << 32 | (_LAST_PARTY - party)


def part_of(asked: int, maximum: int, total: int, key: int, last: int) -> int:
    """What one subscriber gets if `last` is the smallest key that gets a share more."""
    return asked * maximum // total + (key >= last)


def last_of(asked: Mapping[PartyId, tuple[int, int]], maximum: int) -> PartyId:
    """Whose remainder is the last to get a share more, 0 if none does; `asked`: shares and time of payment by party.

    For more demand than the maximum.
    """
    total = sum(shares for shares, _ in asked.values())
    left = maximum - sum(shares * maximum // total for shares, _ in asked.values())
    if left == 0:
        return NOBODY
    keys = {key_of(shares, maximum, total, paid_at, party): party for party, (shares, paid_at) in asked.items()}
    return keys[sorted(keys, reverse=True)[left - 1]]


def proposed(o: OfferingState) -> tuple[tuple[PartyId, ...], PartyId]:
    """What `verifyCut` wants to be told of a raise for which more was asked than the maximum."""
    price = o.terms.price
    parties = tuple(sorted(o.subscriptions))
    asked = {party: (o.subscriptions[party].amount // price, o.subscriptions[party].paid_at) for party in parties}
    return parties, last_of(asked, o.most_shares)


def subscribers_key(o: OfferingState, party: PartyId, asked: int) -> int:
    """A subscriber's key, where `asked` [fen] is what was asked for in all."""
    s, price = o.subscriptions.get(party, Subscription()), o.terms.price
    return key_of(s.amount // price, o.most_shares, asked // price, s.paid_at, party)


def subscribers_part(o: OfferingState, party: PartyId, asked: int, last: int) -> int:
    """What a subscriber gets if `last` is the smallest key that gets a share more."""
    s, price = o.subscriptions.get(party, Subscription()), o.terms.price
    key = subscribers_key(o, party, asked)
    return part_of(s.amount // price, o.most_shares, asked // price, key, last)


def allotted_to(o: OfferingState, party: PartyId) -> int:
    """What a subscriber gets of a raise that is closing, or was parked in one that is settled."""
    if o.cut:
        return subscribers_part(o, party, o.asked, o.cut)
    return o.subscriptions[party].amount // o.terms.price
