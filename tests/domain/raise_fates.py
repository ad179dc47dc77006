"""The lives that `raise_lives` lives: where each leads, and the terms that it needs."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from random import Random

from registry.domain.escrow import Miss
from registry.domain.raising import Method
from tests.domain import raise_world as r
from tests.domain.escrow_world import DAY
from tests.domain.raise_cast import INVESTORS, PRICE


class Fate(Enum):
    """Where a life leads."""

    BOOK = "subscribed, and one withdrawn"
    CUT = "more asked for than the maximum, cut and partly allotted"
    FAILED = "failed in one of four ways, partly refunded"
    PARKED = "settled in pages, with one who was frozen"
    RELEASED = "the first milestone reached and released"
    LOST = "a quorum that is lost again"
    DISPUTED = "a quorum disputed"
    EXTENDED = "the holders asked for more time"
    MISSED = "the first milestone missed, partly redeemed"
    LAPSED = "lots sold before all is missed, and claims that ended"
    PUT = "all milestones missed, two puts exercised"
    OVERDUE = "puts in the last second for claims, and after it"
    EARLY = "the ratchet's milestone reached early"
    LATE = "the ratchet's milestone reached late"


LED_TO = {
    Fate.BOOK: {"Subscribed", "SubscriptionWithdrawn"},
    Fate.CUT: {"CutVerified", "SubscriptionAllotted"},
    Fate.FAILED: {"SubscriptionRefunded"},
    Fate.PARKED: {"AllotmentParked", "RaiseSettled", "EscrowFunded"},
    Fate.RELEASED: {"Attested", "TrancheReleased"},
    Fate.LOST: {"AttestationRetracted", "VerifierDismissed", "VerifierContradicted"},
    Fate.DISPUTED: {"CaseChallenged", "CaseRuled"},
    Fate.EXTENDED: {"RecordDateSet", "ConsentGiven", "TrancheChanged"},
    Fate.MISSED: {"MilestoneMissed", "ClaimsBegan", "LotRedeemed", "Redeemed"},
    Fate.LAPSED: {"ClaimsBegan", "LotLapsed", "ClaimsLapsed", "LotRedeemed"},
    Fate.PUT: {"PutExercised", "PutPaid"},
    Fate.OVERDUE: {"ClaimsBegan", "PutExercised", "PutPaid"},
    Fate.EARLY: {"RatchetFell", "RatchetDelivered"},
    Fate.LATE: {"RatchetFell", "LotRatcheted", "RatchetDelivered", "RatchetUnmet"},
}
"""Events that a life leads to, lived once with each of `PICKS`."""
PICKS = range(8)
_MISSES = {
    Fate.EXTENDED: Miss.EXTEND,
    Fate.MISSED: Miss.REDEEM,
    Fate.LAPSED: Miss.REDEEM,
    Fate.PUT: Miss.PUT,
    Fate.OVERDUE: Miss.PUT,
}
_SOLD = (*_MISSES, Fate.LATE)
"""Lives in which shares are sold, so that there is no lock-up."""


def fated(fate: Fate, scheme: r.Scheme) -> r.Scheme:
    """The drawn terms with what the life needs."""
    terms, escrow, scheduled, ratchet = scheme
    if fate == Fate.CUT:
        terms = replace(terms, method=Method.PRO_RATA, maximum=20 * PRICE)
    else:
        least = 10 if fate == Fate.FAILED else 5
        terms = replace(terms, minimum=least * PRICE, maximum=25 * PRICE)
    if fate in _SOLD:
        terms = replace(terms, lock_day=0)
    if fate in _MISSES:
        on_miss = _MISSES[fate]
        extension = 5 * DAY if on_miss == Miss.EXTEND else 0
        scheduled = tuple(replace(t, on_miss=on_miss, extension=extension) for t in scheduled)
    if fate in (Fate.EARLY, Fate.LATE) and not ratchet.source:
        ratchet = r.ratchet(lambda options: options[-1])
    return terms, escrow, scheduled, ratchet


def thrown(fate: Fate, pick: int) -> tuple[r.Scheme, list[int]]:
    """Terms and what is asked for, the same each time."""
    dice = Random(f"{fate.name} {pick}")
    return r.scheme_of(dice.choice), [dice.randint(2, 12) for _ in INVESTORS]
