"""Classes that are paid before others: what accrues, what counts, who waits for whom (DV)."""

from __future__ import annotations

import pytest

from tests.contracts.support import node
from tests.contracts.support.contracts import Contract
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import ALICE, BOB, COMMON, found, header, line, wallet_of
from tests.contracts.support.node import TODAY
from tests.contracts.support.payout import UNIT, Payouts, event
from tests.contracts.support.raising import mint, money

PER_YEAR = 365 * UNIT * 3
"""Three fen a day."""


@pytest.fixture
def preferred(payouts: Payouts) -> Contract:
    """Ten days of arrears today, on 100 shares of Bob's."""
    ground = payouts.ground
    ground.issue(ground.preferred, line(ground.book(BOB), 100))
    payouts.prefer(ground.preferred, 1, PER_YEAR, TODAY - 10)
    return ground.preferred


def arrears(payouts: Payouts, share_class: Contract, day: int = TODAY) -> int:
    owed: int = payouts.ground.preferences.read("arrearsOf", share_class.address, day)
    return owed


def counted(payouts: Payouts, share_class: Contract) -> int:
    """Declared so far, as far as it counts."""
    return int(payouts.ground.preferences.read("preferenceOf", share_class.address)[3])


# --- stated ---


def test_preference__stated__is_told_and_kept(payouts: Payouts) -> None:
    ground = payouts.ground
    told = event(payouts.prefer(ground.preferred, 2, 77, TODAY), "PreferenceSet")
    assert tuple(told.values()) == (ground.preferred.address, 2, 77, TODAY)
    assert tuple(ground.preferences.read("preferenceOf", ground.preferred.address)) == (77, TODAY, 2, 0)
    assert ground.preferences.read("companyOf", ground.preferred.address) == ground.company.address


@pytest.mark.parametrize(
    ("rank", "per_year", "from_day", "number"),
    [(0, 1, TODAY, 1), (1, 0, TODAY, 2), (1, 1, 0, 3), (1, 1, TODAY + 1, 3)],
)
def test_preference__field_out_of_rule__refused(
    payouts: Payouts, rank: int, per_year: int, from_day: int, number: int
) -> None:
    with raises("PreferenceMalformed", number):
        payouts.prefer(payouts.ground.preferred, rank, per_year, from_day)


def test_preference__a_second_time__refused(payouts: Payouts, preferred: Contract) -> None:
    with raises("PreferenceStands", preferred.address):
        payouts.prefer(preferred, 1, 1, TODAY)


def test_preference__class_of_another_company_or_none__refused(payouts: Payouts) -> None:
    ground = payouts.ground
    _, (other,) = found(ground.factory, "别家", [COMMON])
    with raises("NotAuthorised", payouts.admin, 1):
        payouts.prefer(other, 1, 1, TODAY)
    # Accounts without code, contracts that do not know the question, and the company, which has no company.
    contracts = [ground.registry.address, ground.token.address, ground.company.address]
    for account in (ground.stranger, wallet_of(ALICE), *contracts):
        with raises("ClassUnknown", account):
            payouts.prefer(Contract("ShareClass", account), 1, 1, TODAY)
        with raises("ClassUnknown", account):
            payouts.declare(Contract("ShareClass", account), epoch=1)


def test_claim_and_release__by_the_admin_itself__refused(payouts: Payouts, preferred: Contract) -> None:
    """What counts towards arrears is told by dividends alone."""
    for hand in (payouts.admin, payouts.ground.platform):
        with raises("NotAuthorised", hand, 16):
            payouts.ground.preferences.act("claim", 1, preferred.address, payouts.admin, 1, 5, by=hand)
        with raises("NotAuthorised", hand, 16):
            payouts.ground.preferences.act("cancel", 1, preferred.address, 0, True, by=hand)
        with raises("NotAuthorised", hand, 16):
            payouts.ground.preferences.act("release", preferred.address, 0, by=hand)


# --- what accrues ---


@pytest.mark.parametrize("per_year", [1, 364, 365, 366, PER_YEAR + 1, 2**72 - 1])
def test_arrears__by_day__simple_and_rounded_down(payouts: Payouts, per_year: int) -> None:
    common = payouts.ground.common
    payouts.prefer(common, 1, per_year, TODAY - 400)
    for days in (-1, 0, 1, 2, 364, 365, 366, 730, 40_000):
        expected = min(2**72 - 1, per_year * max(0, days) // 365)
        assert arrears(payouts, common, TODAY - 400 + days) == expected


def test_arrears__class_without_a_preference__none(payouts: Payouts) -> None:
    assert arrears(payouts, payouts.ground.common, TODAY + 40_000) == 0


# --- who waits ---


def test_declare__common_while_preferred_has_arrears__refused_to_the_last_unit(
    payouts: Payouts, preferred: Contract
) -> None:
    owed = 30 * UNIT
    assert arrears(payouts, preferred) == owed
    with raises("ArrearsFirst", preferred.address, owed):
        payouts.declare()
    first = payouts.declare(preferred, rate=owed - 1, total=3_000)
    assert (counted(payouts, preferred), first.now().counted) == (owed - 1, owed - 1)
    with raises("ArrearsFirst", preferred.address, 1):
        payouts.declare()
    payouts.declare(preferred, rate=1, total=1)
    assert arrears(payouts, preferred) == 0
    payouts.declare()


def test_declare__for_a_later_record_day__what_accrues_until_then_comes_first(
    payouts: Payouts, preferred: Contract
) -> None:
    payouts.declare(preferred, rate=30 * UNIT, total=3_000)
    later = payouts.announce(time=node.last_second_of(TODAY + 1))
    with raises("ArrearsFirst", preferred.address, 3 * UNIT):
        payouts.declare(epoch=later)


def test_declare__more_than_the_arrears__only_they_count(payouts: Payouts, preferred: Contract) -> None:
    dividend = payouts.declare(preferred, rate=50 * UNIT, total=5_000)
    assert (counted(payouts, preferred), dividend.now().counted) == (30 * UNIT, 30 * UNIT)
    assert arrears(payouts, preferred, TODAY + 1) == 3 * UNIT


def test_declare__preferred_without_a_rate__refused(payouts: Payouts, preferred: Contract) -> None:
    with raises("DistributionMalformed", 6):
        payouts.declare(preferred, total=3_000)


def test_declare__preferred_without_the_money_for_it__refused(payouts: Payouts, preferred: Contract) -> None:
    """Else a fen would open the way to the common, and the arrears stood again at the fix."""
    with raises("DistributionMalformed", 5):
        payouts.declare(preferred, rate=30 * UNIT, total=2_999)
    with raises("DistributionMalformed", 5):
        payouts.declare(preferred, rate=2**72 - 1, total=1)
    payouts.declare(preferred, rate=2**72 - 1, total=3_000)


def test_declare__in_the_order_of_ranks__each_waits_for_those_before(payouts: Payouts, preferred: Contract) -> None:
    ground = payouts.ground
    ground.company.act("createClass", header(), ("次优", "XGBD-Q", 10**6, 0, 0b111110), by=payouts.admin)
    second = Contract("ShareClass", ground.company.read("classes")[-1])
    ground.issue(second, line(wallet_of(ALICE), 10))
    payouts.prefer(second, 2, PER_YEAR, TODAY - 5)
    with raises("ArrearsFirst", preferred.address, 30 * UNIT):
        payouts.declare(second, rate=UNIT, total=10)
    # The first waits for nobody, whatever the second is owed.
    payouts.declare(preferred, rate=30 * UNIT, total=3_000)
    payouts.declare(second, rate=15 * UNIT - 1, total=150)
    with raises("ArrearsFirst", second.address, 1):
        payouts.declare()
    payouts.declare(preferred, rate=5 * UNIT, total=500)


def test_declare__two_of_one_rank__do_not_wait_for_each_other(payouts: Payouts, preferred: Contract) -> None:
    payouts.prefer(payouts.ground.common, 1, PER_YEAR, TODAY - 5)
    payouts.declare(rate=UNIT, total=10_000_000, profit=10_000_000)
    assert arrears(payouts, preferred) == 30 * UNIT


# --- what counted and was not paid ---


def test_cancel__preferred__arrears_stand_again(payouts: Payouts, preferred: Contract) -> None:
    dividend = payouts.declare(preferred, rate=30 * UNIT, total=3_000)
    told = event(dividend.cancel(), "PreferenceDeclared")
    assert tuple(told.values()) == (preferred.address, 0)
    assert arrears(payouts, preferred) == 30 * UNIT
    payouts.covered()


def test_cancel__preferred_on_which_a_common_dividend_rests__refused_until_that_is_cancelled(
    payouts: Payouts, preferred: Contract
) -> None:
    """PF-5: else the common would be paid and the arrears stood again."""
    first = payouts.declare(preferred, rate=30 * UNIT, total=3_000)
    common, again = payouts.declare(), payouts.declare()
    with raises("DividendRests", again.id):
        first.cancel()
    again.cancel()
    with raises("DividendRests", common.id):
        first.cancel()
    # Nothing of it counts towards arrears, so nothing rests on it.
    payouts.declare(preferred, rate=UNIT, total=100).cancel()
    common.cancel()
    first.cancel()
    assert (counted(payouts, preferred), arrears(payouts, preferred)) == (0, 30 * UNIT)
    payouts.covered()


def test_cancel__preferred_declared_after_the_common__that_was_before_it(payouts: Payouts) -> None:
    """PF-5: an earlier dividend rests on nothing that came later."""
    preferred = payouts.ground.preferred
    payouts.ground.issue(preferred, line(payouts.ground.book(BOB), 100))
    common = payouts.declare()
    payouts.prefer(preferred, 1, PER_YEAR, TODAY - 10)
    first = payouts.declare(preferred, rate=30 * UNIT, total=3_000)
    common.fix()
    first.cancel()
    assert arrears(payouts, preferred) == 30 * UNIT


def test_fix__preferred_issued_meanwhile__what_the_money_does_not_cover_is_owed_again(
    payouts: Payouts, preferred: Contract
) -> None:
    ground = payouts.ground
    dividend = payouts.declare(preferred, rate=30 * UNIT, total=3_000)
    ground.issue(preferred, line(ground.book(BOB), 11))
    told = event(dividend.fix(), "PreferenceDeclared")
    covered = 3_000 * UNIT // 111
    assert told["declared"] == dividend.now().counted == covered
    assert arrears(payouts, preferred) == 30 * UNIT - covered
    dividend.cancel()
    assert (counted(payouts, preferred), arrears(payouts, preferred)) == (0, 30 * UNIT)


def test_fix__short_of_the_rate_but_not_of_the_arrears__all_stays_counted(
    payouts: Payouts, preferred: Contract
) -> None:
    dividend = payouts.declare(preferred, rate=50 * UNIT, total=4_999)
    dividend.fix()
    assert dividend.now().isShort
    assert counted(payouts, preferred) == 30 * UNIT
    dividend.payable()
    dividend.pay()
    dividend.balanced()


def test_pay__preferred_then_common__each_to_the_fen(payouts: Payouts, preferred: Contract) -> None:
    mint(payouts.ground, (payouts.admin, 1))
    first = payouts.ripe(preferred, rate=30 * UNIT, total=3_001)
    first.pay()
    first.close()
    assert money(payouts.ground, payouts.ground.book(BOB)) == 3_000 - 600
    payouts.covered()
