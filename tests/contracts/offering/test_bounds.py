"""Raises at the bounds of 64 bits: nothing wraps, nothing is lost, and one who tries blocks nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.contracts.support.contracts import Contract
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import INSTITUTION, REGION, Ground, header, person, wallet_of
from tests.contracts.support.milestones import exercise, fail, lapse, pass_claims, reach, redeem
from tests.contracts.support.node import DAY
from tests.contracts.support.raising import (
    ERIN,
    INVESTORS,
    ISSUER,
    IVAN,
    MONEY,
    PLATFORM,
    PRO_RATA,
    PUT,
    SETTLED,
    Raise,
    clock,
    clock_to,
    closing,
    escrow_terms,
    mint,
    money,
    offering_terms,
    opened,
    raw,
    schedule,
    settled,
    tranche,
    use_of,
)

LARGEST = 2**64 - 1
SHARES = 2**64 - 2
"""Most that a class may authorise."""
REST = LARGEST - MONEY * len(INVESTORS)
"""[fen] All money that can still be minted."""
OTHER = 20_001


def rich(ground: Ground) -> dict[str, Any]:
    """A class and a region without bounds, all the money there can be with Ivan; terms of a raise at a fen a share."""
    ground.company.act("createClass", header(), ("无界股", "XGBD-U", SHARES, 0, 0b11000), by=ground.issuer)
    ground.regions.act("setScheme", header(), REGION, 2, LARGEST, 0, by=ground.regulator)
    mint(ground, (wallet_of(IVAN), REST))
    return {
        "share_class": raw(ground.company.read("classes")[-1]),
        "price": 1,
        "minimum": 1,
        "maximum": SHARES,
        "investor_minimum": 1,
        "investor_maximum": LARGEST,
    }


def test_money_in__withdrawn_and_paid_in_until_64_bits_are_full__refused_and_the_raise_goes_on(ground: Ground) -> None:
    """What is paid in counts each time, so that one may try to fill the word with the same money."""
    raised = opened(ground, **rich(ground), method=PRO_RATA)
    half = 2**63
    raised.subscribe(IVAN, half)
    raised.withdraw(IVAN)
    with raises("AmountTooLarge", half):
        raised.subscribe(IVAN, half)
    raised.subscribe(IVAN, half - MONEY - 1)
    with raises("AmountTooLarge", MONEY + 1):
        raised.subscribe(ERIN, MONEY + 1)
    raised.subscribe(ERIN, MONEY)
    totals = raised.totals()
    assert (totals.money_in, totals.refunded, totals.live) == (LARGEST, half, half - 1)
    raised.end()
    raised.close()
    raised.allot(wallet_of(IVAN), wallet_of(ERIN))
    assert raised.totals().phase == SETTLED


@pytest.mark.parametrize("fee_bps", [0, 250, 9_999])
def test_raise__of_nearly_all_money_there_can_be__settles_to_the_fen(ground: Ground, fee_bps: int) -> None:
    raised = closing(ground, book={IVAN: REST + MONEY}, fee_bps=fee_bps, **rich(ground))
    total = REST + MONEY
    raised.allot(wallet_of(IVAN))
    fee = total * fee_bps // 10_000
    assert (money(ground, wallet_of(PLATFORM)), raised.purse().proceeds) == (fee, total - fee)
    first, second = raised.tranches()
    assert first.value == (total - fee) * 4_000 // 10_000
    assert first.value + second.value == total - fee
    assert raised.subscription(IVAN).amount == use_of(ground, IVAN) == total
    assert raised.totals().live == total


def test_cut__of_128_bits__exact(ground: Ground) -> None:
    terms = rich(ground)
    ground.onboard(person(OTHER, category=INSTITUTION, kind=2, risk_grade=5))
    half = (REST + MONEY) // 2
    ground.token.act("transfer", ground.book(OTHER), half, by=wallet_of(IVAN))
    raised = opened(ground, **(terms | {"maximum": 2**62 + 1}), method=PRO_RATA)
    raised.subscribe(IVAN, REST + MONEY - half)
    raised.subscribe_for(ground.book(OTHER), half)
    raised.end()
    raised.close()
    asked = {IVAN: REST + MONEY - half, OTHER: half}
    total = sum(asked.values())
    parts = {party: amount * (2**62 + 1) // total for party, amount in asked.items()}
    left = 2**62 + 1 - sum(parts.values())
    largest = max(asked, key=lambda party: asked[party] * (2**62 + 1) % total)
    raised.verify_cut([IVAN, OTHER], largest if left else 0)
    raised.allot(wallet_of(IVAN), ground.book(OTHER))
    if left:
        parts[largest] += 1
    assert {party: raised.subscription(party).amount for party in asked} == parts
    assert money(ground, raised.offering.address) == 0
    assert money(ground, wallet_of(IVAN)) == asked[IVAN] - parts[IVAN]


def test_refund__of_nearly_all_money__whole(ground: Ground) -> None:
    raised = opened(ground, **rich(ground))
    raised.subscribe(IVAN, REST + MONEY)
    raised.stop()
    raised.refund(wallet_of(IVAN))
    assert money(ground, wallet_of(IVAN)) == REST + MONEY
    assert (raised.totals().live, use_of(ground, IVAN)) == (0, 0)


def test_schedule__fixed_tranches_of_64_bits__leave_the_rest(ground: Ground) -> None:
    unbounded = rich(ground)
    terms = offering_terms(ground, **(unbounded | {"minimum": REST, "fee_bps": 0}))
    lines = [tranche(terms, is_share=False, value=REST - 1), tranche(terms, value=1), tranche(terms, value=9_999)]
    raised: Raise = closing(ground, terms, None, lines, book={IVAN: REST})
    raised.allot(wallet_of(IVAN))
    assert [t.value for t in raised.tranches()] == [REST - 1, 0, 1]


def test_use__beyond_64_bits__refused(ground: Ground, drafted: Raise) -> None:
    """More than all money there is; only over years of the same money could it come to that."""
    ground.registry.act("addUse", IVAN, 2035, LARGEST, by=drafted.offering.address)
    with raises("Panic", 0x11):
        ground.registry.act("addUse", IVAN, 2035, 1, by=drafted.offering.address)


def test_put__whose_interest_is_more_than_64_bits_hold__refused_not_cut_off(ground: Ground) -> None:
    """At 100 % over four years: more money than there can be."""
    terms = offering_terms(ground, fee_bps=0, **rich(ground))
    first, second = schedule(terms)
    stated = escrow_terms(ground, put_rate_bps=10_000, claims=3_650 * DAY)
    done = settled(ground, terms, stated, [first, replace(second, on_miss=PUT)], book={IVAN: REST + MONEY})
    reach(done)
    fail(done, 1)
    clock_to(ground, clock(ground) + 4 * 365 * DAY)
    with raises("AmountTooLarge"):
        exercise(done, IVAN)


def test_lapse__of_nearly_all_money__to_the_fen(ground: Ground) -> None:
    """Products of money and shares pass 64 bits; a share that is left keeps its fen."""
    terms = offering_terms(ground, fee_bps=0, **rich(ground))
    done = settled(ground, terms, book={IVAN: REST + MONEY})
    share_class = Contract("ShareClass", "0x" + terms.share_class.hex())
    fail(done)
    ground.give(share_class, wallet_of(IVAN), wallet_of(ERIN), REST + MONEY - 1)
    pass_claims(done)
    lapse(done, wallet_of(IVAN))
    redeem(done, wallet_of(IVAN))
    assert money(ground, wallet_of(ISSUER)) == REST + MONEY - 1
    assert (money(ground, wallet_of(IVAN)), money(ground, done.escrow.address)) == (1, 0)
