"""What the terms of a raise must keep, as the factory asks: the number of the first field that is malformed, else 0.

Fields count from 1 in the order of contracts/types/Raise.sol and Tranche.sol.
"""

from __future__ import annotations

from collections.abc import Sequence

from registry.domain.args import ZERO_ADDRESS, ZERO_HASH
from registry.domain.escrow import Miss, RatchetSource
from registry.domain.ids import Address
from registry.domain.raise_args import EscrowTerms, OfferingTerms, RatchetTerms, TrancheTerms
from registry.domain.raising import WHOLE, Method
from registry.domain.register import NO_REGION, RegisterState

MAX_COOLING_OFF = 90 * 86_400
MAX_SPAN = 3_650 * 86_400
"""[s] Nothing that somebody waits for lasts longer: window, settlement, disputes, votes, extensions, claims."""
MAX_HORIZON = 10_950 * 86_400
"""[s] From the end of a raise's window to the deadline of a milestone."""
MAX_QUORUM = 16
MOST_RISK = 5


def net(raised: int, fee_bps: int) -> int:
    """[fen] What is left of a raise after the fee, which is rounded down."""
    return raised - raised * fee_bps // WHOLE


def offering_fault(state: RegisterState, t: OfferingTerms, time: int) -> int:
    """A price that gives a fraction of a share, a window that is over, more than the region's ceiling …"""
    company = state.companies.get(t.company)
    if company is None:
        return 1
    scheme = state.regions.get(t.region, NO_REGION)
    rules = (
        (t.share_class not in company.classes, 2),
        (not state.is_registered(t.fee_recipient), 3),
        (t.price == 0 or t.price > _highest_price(state, t.share_class), 4),
        (t.minimum == 0 or _has_fraction(t.minimum, t.price) or t.minimum > t.maximum, 5),
        (_has_fraction(t.maximum, t.price), 6),
        (t.investor_minimum > t.investor_maximum, 7),
        (t.investor_maximum < t.price, 8),
        (t.opens_at >= t.closes_at, 9),
        (t.cooling_off > MAX_COOLING_OFF, 11),
        (not 0 < t.settle_within <= MAX_SPAN, 12),
        (t.fee_bps >= WHOLE, 13),
        (t.region != company.region, 14),
        (t.risk_grade > MOST_RISK, 15),
        (t.method not in (Method.FIRST_COME, Method.PRO_RATA), 16),
        (t.memorandum == ZERO_HASH, 18),
        (t.disclosure == ZERO_HASH, 19),
        (not 0 < t.closes_at - scheme.clock_at(time) <= MAX_SPAN, 10),
        # A region without a scheme has a ceiling of zero.
        (t.maximum > scheme.raise_ceiling, 6),
    )
    return _first(rules)


def escrow_fault(state: RegisterState, t: EscrowTerms) -> int:
    rules = (
        (not state.is_registered(t.issuer_account), 1),
        (t.arbiter == ZERO_ADDRESS, 2),
        (not 0 < t.window <= MAX_SPAN, 3),
        (not 0 < t.arbitration <= MAX_SPAN, 4),
        (not 0 < t.challenge_bps <= WHOLE, 6),
        (not 0 < t.consent_bps <= WHOLE, 7),
        (t.voting > MAX_SPAN, 8),
        (t.put_payer != ZERO_ADDRESS and not state.is_registered(t.put_payer), 9),
        (t.put_rate_bps > WHOLE, 11),
        (not 0 < t.claims <= MAX_SPAN, 12),
        (not state.is_registered(t.lapse_account), 13),
    )
    return _first(rules)


def tranche_fault(offering: OfferingTerms, escrow: EscrowTerms, t: TrancheTerms) -> int:
    """A quorum of nobody, a deadline that may pass before the money is there, a miss that means nothing …"""
    rules = (
        (t.value == 0, 2),
        (t.kind == 0, 3),
        (not 0 < t.quorum <= MAX_QUORUM, 4),
        (not offering.cooling_off + offering.settle_within < t.deadline - offering.closes_at <= MAX_HORIZON, 5),
        (not 0 < t.on_miss <= Miss.PUT, 6),
        (t.on_miss == Miss.EXTEND and (t.extension == 0 or escrow.voting == 0), 7),
        (t.extension > MAX_SPAN, 7),
        (t.on_miss == Miss.PUT and escrow.put_payer == ZERO_ADDRESS, 6),
        (t.criterion == ZERO_HASH, 8),
    )
    return _first(rules)


def ratchet_fault(state: RegisterState, r: RatchetTerms, tranches: int) -> int:
    rules = (
        (r.milestone >= tranches, 1),
        (r.source > RatchetSource.FOUNDER, 2),
        (not state.is_registered(r.founder), 3),
        (r.fallback_account != ZERO_ADDRESS and not state.is_registered(r.fallback_account), 4),
        (bool(r.early_bps and r.late_bps and r.early_by > r.late_after), 5),
        (r.early_bps > WHOLE, 6),
        (r.late_bps > WHOLE or (r.early_bps == 0 and r.late_bps == 0), 8),
    )
    return _first(rules)


def schedule_fault(tranches: Sequence[TrancheTerms], least: int, most: int) -> tuple[int, int] | None:
    """What the tranches add up to and should, unless they do for every outcome from `least` to `most` [fen]."""
    bps = sum(t.value for t in tranches if t.is_share)
    fixed = sum(t.value for t in tranches if not t.is_share)
    if bps not in (0, WHOLE):
        return bps, WHOLE
    if fixed > least:
        return fixed, least
    if bps == 0 and not fixed == least == most:
        return fixed, most
    return None


def _first(rules: Sequence[tuple[bool, int]]) -> int:
    return next((field for is_broken, field in rules if is_broken), 0)


def _highest_price(state: RegisterState, share_class: Address) -> int:
    """[fen] The consideration of an allotment states the price of a whole share [10^-10 CNY] in 96 bits."""
    c = state.classes.get(share_class)
    return (2**96 - 1) // 10 ** (8 + c.decimals) if c else 0


def _has_fraction(amount: int, price: int) -> bool:
    return price == 0 or amount % price != 0
