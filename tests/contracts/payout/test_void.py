"""A preferred dividend opens the way to the common: by money that somebody gets, and never so that money is stuck."""

from __future__ import annotations

import pytest

from tests.contracts.support import node
from tests.contracts.support.contracts import Contract
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import ALICE, BOB, COMMON, found, header, line, wallet_of
from tests.contracts.support.node import TODAY
from tests.contracts.support.payout import CANCELLED, UNIT, Dividend, Payouts, refused_at
from tests.contracts.support.raising import clock, money

PER_YEAR = 365 * UNIT * 3
OWED = 30 * UNIT
"""Ten days."""


@pytest.fixture
def preferred(payouts: Payouts) -> Contract:
    """Ten days of arrears today, on 100 shares of Bob's."""
    ground = payouts.ground
    ground.issue(ground.preferred, line(ground.book(BOB), 100))
    payouts.prefer(ground.preferred, 1, PER_YEAR, TODAY - 10)
    return ground.preferred


def pay_common(payouts: Payouts) -> None:
    common = payouts.ripe()
    common.pay()
    common.close()


def ends(payouts: Payouts, dividend: Dividend) -> None:
    """The common was paid, so that ADMIN cannot cancel it; nothing is due of it, so that anybody ends it."""
    before = money(payouts.ground, payouts.admin)
    with raises("DividendRests"):
        dividend.cancel()
    dividend.past_record()
    named = payouts.holders(dividend.terms, dividend.excluded)
    dividend.contract.act("fix", dividend.id, named, by=payouts.ground.stranger)
    assert dividend.now().state == CANCELLED
    assert money(payouts.ground, payouts.admin) == before + dividend.terms.total
    payouts.covered()


def test_preferred__all_converted_before_the_record_date__its_money_goes_back(
    payouts: Payouts, preferred: Contract
) -> None:
    """DV-17"""
    first = payouts.declare(preferred, rate=OWED, total=3_000)
    common = payouts.declare()
    payouts.ground.convert(preferred, payouts.ground.common, payouts.ground.book(BOB), 100, 100)
    common.fix()
    common.payable()
    common.pay()
    common.close()
    ends(payouts, first)


def test_preferred__that_nobody_holds__its_money_goes_back(payouts: Payouts) -> None:
    """DV-17"""
    payouts.prefer(payouts.ground.preferred, 1, PER_YEAR, TODAY - 10)
    with raises("ArrearsFirst"):
        payouts.declare()
    first = payouts.declare(payouts.ground.preferred, rate=OWED, total=1)
    pay_common(payouts)
    ends(payouts, first)


def test_preferred__rest_of_less_than_a_fen__its_money_goes_back(payouts: Payouts, preferred: Contract) -> None:
    """DV-17"""
    payouts.declare(preferred, rate=OWED - 1, total=3_000)
    first = payouts.declare(preferred, rate=1, total=500)
    pay_common(payouts)
    ends(payouts, first)


def test_preferred__offered_in_shares_and_void__binds_the_class_no_longer(payouts: Payouts) -> None:
    """DV-17, DV-16"""
    ground = payouts.ground
    ground.company.act("admitPayouts", header(), payouts.contract.address, by=payouts.admin)
    payouts.prefer(ground.preferred, 1, PER_YEAR, TODAY - 10)
    first = payouts.declare(ground.preferred, rate=OWED, total=3_000, scrip_price=10)
    assert payouts.contract.read("scripOffers", ground.preferred.address) == 1
    pay_common(payouts)
    ends(payouts, first)
    assert payouts.contract.read("scripOffers", ground.preferred.address) == 0


def test_arrears__holders_left_out_of_what_counts__refused(payouts: Payouts, preferred: Contract) -> None:
    """PF-4: else the rate counted, the money came back, and the common was free."""
    bob = payouts.ground.book(BOB)
    payouts.ground.issue(preferred, line(wallet_of(ALICE), 1))
    with refused_at(12):
        payouts.declare(preferred, rate=OWED, total=3_030, excluded=[bob])
    with refused_at(12):
        payouts.declare(preferred, rate=1, total=3_030, excluded=[payouts.ground.stranger])
    payouts.declare(preferred, rate=OWED, total=3_030)
    # Beyond the arrears nothing counts.
    payouts.declare(preferred, rate=OWED, total=3_030, excluded=[bob])


def test_prepayment__that_no_common_needs__is_taken_back(payouts: Payouts, preferred: Contract) -> None:
    """PF-5: the common of today needs what had accrued until today, and no more."""
    payouts.declare(preferred, rate=OWED, total=3_000)
    later = payouts.announce(preferred, node.last_second_of(TODAY + 10))
    ahead = clock(payouts.ground) + 20 * node.DAY
    wrong = payouts.declare(preferred, epoch=later, rate=OWED, total=3_000, payable_from=ahead)
    pay_common(payouts)
    wrong.cancel()
    assert payouts.ground.preferences.read("arrearsOf", preferred.address, TODAY + 10) == OWED


def test_declare__company_that_has_a_successor_or_was_abandoned__refused(payouts: Payouts) -> None:
    """DV-1"""
    ground = payouts.ground
    company, (share_class,) = found(ground.factory, "搬迁中", [COMMON])
    share_class.act("issue", header(), (0, 0, 0), [line(ground.book(BOB), 10)], by=ground.migrator)
    company.act("abandon", header(), by=ground.issuer)
    company.act("offerAdmin", header(), payouts.admin, by=ground.issuer)
    company.act("acceptAdmin", by=payouts.admin)
    with raises("PhaseForbids", 3):
        payouts.declare(share_class)
    heir, _ = found(ground.factory, "继承公司", [COMMON], predecessor=ground.company.address)
    ground.company.act("nameSuccessor", header(), heir.address, by=payouts.admin)
    with raises("PhaseForbids", 4):
        payouts.declare()
