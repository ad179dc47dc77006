"""What may be declared: the terms of a distribution, and the classes that come before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from registry.domain.args import ZERO_ADDRESS
from registry.domain.days import day_of
from registry.domain.ids import Address
from registry.domain.payout_args import RATE_UNIT, DistributionPhase, DistributionTerms
from registry.domain.payouts import DistributionState
from registry.domain.register import ClassState, RegisterState
from registry.domain.words import CATEGORY_TREASURY

MAX_EXCLUDED = 16
MIN_SPAN, MAX_SPAN = 86_400, 10_950 * 86_400
"""[s] From the payment date to the expiry."""
MOST_SCRIP_PRICE = 2**48 - 1


def distribution_fault(state: RegisterState, t: DistributionTerms, actor: Address, time: int) -> int:
    """Number of the first term that is refused, counted from 1; 0 if all are well. An unknown class is 1, an unknown
    schedule 3; 6 only of a preferred class."""
    c = state.classes.get(t.share_class)
    if c is None:
        return 1
    if epoch_fault(c, t, time):
        return 2
    if t.share_class in state.payouts.preferences and t.rate == 0:
        return 6
    if t.schedule not in state.payouts.schedules:
        return 3
    if fault := funds_fault(state, t, actor) or times_fault(state, c, t, time):
        return fault
    own = state.payouts.preferences.get(t.share_class)
    if own is None:
        return 0
    counted = min(t.rate, own.arrears(day_of(c.record_times[t.epoch - 1], state.utc_offset)))
    return 5 if is_uncovered(c, counted, t.total) else 0


def epoch_fault(c: ClassState, t: DistributionTerms, time: int) -> bool:
    """No record date of the class, or one that has passed."""
    return not 0 < t.epoch <= len(c.record_times) or c.record_times[t.epoch - 1] < time


def funds_fault(state: RegisterState, t: DistributionTerms, actor: Address) -> int:
    if t.funded_by != actor and not state.may_act_for(actor, t.funded_by):
        return 4
    if t.total == 0:
        return 5
    return 7 if t.profit < t.total else 0


def times_fault(state: RegisterState, c: ClassState, t: DistributionTerms, time: int) -> int:
    """The payment date is after the record date, the expiry after that."""
    clock = state.clock(state.company_of(c).region, time)
    if t.payable_from <= clock + c.record_times[t.epoch - 1] - time:
        return 8
    if not MIN_SPAN <= t.expires_at - t.payable_from <= MAX_SPAN:
        return 9
    if t.remainder_account != ZERO_ADDRESS and not state.is_registered(t.remainder_account):
        return 10
    return 11 if t.scrip_price > MOST_SCRIP_PRICE else 0


def is_uncovered(c: ClassState, counted: int, total: int) -> bool:
    """What counts towards a class's arrears is not paid for on all that is issued [10^-10 CNY a share, fen]."""
    unit: int = RATE_UNIT * 10**c.decimals
    return counted * c.issued // unit > total


def serves_all(state: RegisterState, excluded: Iterable[Address]) -> bool:
    """Nobody is left out of what counts towards arrears but the company itself."""
    parties = (state.account_of(address)[0] for address in excluded)
    return all(state.party_word(party).category == CATEGORY_TREASURY for party in parties)


def first_arrears(state: RegisterState, c: ClassState, day: int) -> tuple[Address, int] | None:
    """The first class that comes before this one and has arrears on a day, and how much [10^-10 CNY a share]."""
    known = state.payouts.preferences
    own = known.get(c.address)
    for address, p in known.items():
        if state.classes[address].company != c.company or (own is not None and p.rank >= own.rank):
            continue
        if open_ := p.arrears(day):
            return address, open_
    return None


def rank_of(state: RegisterState, share_class: Address) -> int:
    """Of the class's preference; 0 without one."""
    own = state.payouts.preferences.get(share_class)
    return own.rank if own else 0


def resting_on(state: RegisterState, d: DistributionState) -> int | None:
    """The last dividend of a class that comes later, declared since and not cancelled, on whose record day there would
    be arrears without what `d` counts."""
    if not d.counted:
        return None
    own = state.payouts.preferences[d.terms.share_class]
    left = replace(own, declared=own.declared - d.counted)
    for other in reversed(state.payouts.distributions.values()):
        if other.id <= d.id:
            return None
        comes_later = other.rank == 0 or other.rank > own.rank
        if other.company != d.company or not comes_later or other.phase == DistributionPhase.CANCELLED:
            continue
        times = state.classes[other.terms.share_class].record_times
        if left.arrears(day_of(times[other.terms.epoch - 1], state.utc_offset)):
            return other.id
    return None
