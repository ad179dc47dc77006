"""The one check of a subscription, over the whole state: which rules would it break?"""

from __future__ import annotations

from registry.domain.args import ZERO_HASH
from registry.domain.days import day_of, year_of
from registry.domain.ids import Address, Day, Hash32, PartyId
from registry.domain.raise_words import RegionWord
from registry.domain.raising import Method, OfferingPhase, OfferingState
from registry.domain.register import NO_REGION, RegisterState
from registry.domain.rules import CATEGORY_QUALIFIED
from registry.domain.subscription_rules import SubscriptionRule

MAX_SUBSCRIBERS = 1_000

_R = SubscriptionRule


def broken_by_subscription(
    state: RegisterState, o: OfferingState, account: Address, amount: int, disclosure: Hash32, time: int
) -> SubscriptionRule:
    """All rules but annual limit, seat and money, which the execution itself answers."""
    region = state.regions.get(o.terms.region, NO_REGION)
    broken = _by_time(o, region, time) | _by_party(state, o, account, day_of(time, state.utc_offset))
    broken |= _by_amount(state, o, region, account, amount)
    return broken | _R.DISCLOSURE if disclosure == ZERO_HASH else broken


def broken_by_money(state: RegisterState, account: Address, amount: int) -> SubscriptionRule:
    """What the settlement token would refuse."""
    broken, cash = _R(0), state.money.cash(account)
    if cash.balance < amount:
        broken |= _R.MONEY
    if cash.is_frozen or state.money.is_stopped:
        broken |= _R.MONEY_FROZEN
    return broken


def fits_annual_limit(state: RegisterState, party: PartyId, amount: int, today: Day) -> bool:
    """Is this much more within the party's limit of today's year? A statement that has lapsed answers false."""
    word, limit, year = state.party_word(party), state.annual_limit, year_of(today)
    if limit == 0 or not word.is_limited:
        return True
    total = state.annual_use.get((party, year), 0) + amount
    if word.uses_outside:
        stated, until = state.outside_use.get((party, year), (0, Day(0)))
        if (stated or until) and today > until:
            return False
        total += stated
    return total <= limit


def _by_time(o: OfferingState, region: RegionWord, time: int) -> SubscriptionRule:
    broken, clock = _R(0), region.clock_at(time)
    if o.phase != OfferingPhase.OPEN:
        broken |= _R.NOT_OPEN
    if clock < o.terms.opens_at:
        broken |= _R.TOO_EARLY
    if clock > o.terms.closes_at:
        broken |= _R.TOO_LATE
    if region.is_halted:
        broken |= _R.REGION_HALTED
    return broken


def _by_party(state: RegisterState, o: OfferingState, account: Address, today: Day) -> SubscriptionRule:
    broken, c = _R(0), state.classes[o.terms.share_class]
    if c.stops:
        broken |= _R.SHARES_STOPPED
    party, number = state.account_of(account)
    w = state.parties.get(party)
    if w is None:
        return broken | _R.UNKNOWN
    if w.is_frozen:
        broken |= _R.FROZEN
    if w.is_closed(number):
        broken |= _R.WALLET_CLOSED
    if not c.categories >> w.category & 1:
        broken |= _R.CATEGORY
    if today > w.kyc_day:
        broken |= _R.KYC
    if w.category == CATEGORY_QUALIFIED and today > w.qualification_day:
        broken |= _R.QUALIFICATION
    if w.risk_grade < o.terms.risk_grade:
        broken |= _R.RISK_GRADE
    return broken


def _by_amount(
    state: RegisterState, o: OfferingState, region: RegionWord, account: Address, amount: int
) -> SubscriptionRule:
    broken, t = _R(0), o.terms
    party, _ = state.account_of(account)
    if amount % t.price:
        broken |= _R.FRACTION
    if amount < t.investor_minimum or amount == 0:
        broken |= _R.BELOW_MINIMUM
    if amount > t.investor_maximum:
        broken |= _R.ABOVE_MAXIMUM
    if region.investor_ceiling and amount > region.investor_ceiling:
        broken |= _R.INVESTOR_CEILING
    if t.method == Method.FIRST_COME and o.totals.live + amount > t.maximum:
        broken |= _R.TARGET
    if party in o.subscriptions:
        broken |= _R.TWICE
    if o.totals.subscribers == MAX_SUBSCRIBERS:
        broken |= _R.TOO_MANY
    return broken
