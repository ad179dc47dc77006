"""Money that waits: lapsed KYC and freezes park it, no expiry runs, cured it is paid once (DV)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.contracts.support import node
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import ALICE, BOB, CAROL, DAVE, Ground, header, person, wallet_of
from tests.contracts.support.node import DAY
from tests.contracts.support.payout import (
    LAPSED,
    NONE,
    PAID,
    PARKED,
    Dividend,
    Payouts,
    event,
    payments,
    tax_on,
)
from tests.contracts.support.raising import IVAN, money

Hand = Callable[[Ground, bool], None]


def _lapse_kyc(ground: Ground, ill: bool) -> None:
    ground.restate(person(DAVE, category=2, kyc_day=node.today() + (-1 if ill else 5_000)))


def _freeze(ground: Ground, ill: bool) -> None:
    ground.freeze(DAVE, ill)


@pytest.fixture(params=[_lapse_kyc, _freeze])
def stand(request: pytest.FixtureRequest) -> Hand:
    hand: Hand = request.param
    return hand


@pytest.fixture
def dividend(payouts: Payouts) -> Dividend:
    return payouts.ripe()


@pytest.fixture
def parked(dividend: Dividend, stand: Hand) -> Dividend:
    """Dave's part waits, everybody else is paid."""
    stand(dividend.ground, True)
    dividend.pay()
    return dividend


def test_pay__to_one_who_may_not__parked_with_the_gross_and_no_tax(parked: Dividend) -> None:
    d, gross = parked.now(), parked.gross(DAVE)
    assert parked.settlements() == [PAID, PAID, PAID, PARKED, PAID]
    assert (d.parked, d.handled) == (gross, d.entitled)
    assert d.withheld == sum(tax_on(parked.gross(party), 2_000) for party in (ALICE, BOB, CAROL))
    assert money(parked.ground, wallet_of(DAVE)) == 0
    parked.balanced()
    parked.payouts.covered()


def test_pay__still_not_cured__nothing_is_told_again(parked: Dividend) -> None:
    before = parked.now()
    assert parked.pay() == parked.claim(DAVE, by=wallet_of(DAVE)) == []
    assert parked.now() == before


@pytest.mark.parametrize("is_claimed", [True, False])
def test_pay__cured__paid_once_and_taxed_then(parked: Dividend, stand: Hand, is_claimed: bool) -> None:
    ground, gross = parked.ground, parked.gross(DAVE)
    stand(ground, False)
    parked.payouts.relieve(DAVE, 1_234, node.TODAY + 9_000)
    (told,) = payments(parked.claim(DAVE) if is_claimed else parked.pay())
    tax = tax_on(gross, 1_234)
    assert (told.party, told.gross, told.tax, told.settlement) == (DAVE, gross, tax, PAID)
    assert parked.pay() == parked.claim(DAVE) == []
    assert (money(ground, wallet_of(DAVE)), parked.now().parked) == (gross - tax, 0)
    parked.balanced()
    parked.close()
    parked.payouts.covered()


def test_pay__kyc_on_its_last_day__is_paid_and_a_second_later_parked(payouts: Payouts) -> None:
    dividend = payouts.fixed()
    last = node.today() + 3
    payouts.ground.restate(person(ALICE, kyc_day=last), person(BOB, kyc_day=last))
    node.next_block_at(node.last_second_of(last))
    dividend.claim(ALICE)
    dividend.claim(BOB)
    assert [dividend.settlement(party) for party in (ALICE, BOB)] == [PAID, PARKED]


# --- no expiry runs ---


def test_pay__cured_after_the_expiry__is_paid(parked: Dividend, stand: Hand) -> None:
    parked.overdue()
    assert parked.lapse() == []
    stand(parked.ground, False)
    parked.pay()
    assert parked.settlement(DAVE) == PAID
    parked.balanced()
    parked.payouts.covered()


def test_pay__cured_after_the_close__is_paid_from_what_stayed(parked: Dividend, stand: Hand) -> None:
    remainder = event(parked.close(), "DistributionClosed")["remainder"]
    assert remainder < 5
    parked.payouts.covered()
    assert money(parked.ground, parked.contract.address) == parked.gross(DAVE)
    stand(parked.ground, False)
    parked.claim(DAVE)
    parked.payouts.covered()
    tax = event(parked.remit(), "TaxRemitted")["amount"]
    assert tax == tax_on(parked.gross(DAVE), 2_000)
    assert money(parked.ground, parked.contract.address) == 0


def test_lapse__one_who_may_not_and_was_never_asked__is_parked_not_lapsed(dividend: Dividend, stand: Hand) -> None:
    stand(dividend.ground, True)
    dividend.overdue()
    told = payments(dividend.lapse())
    assert [p.settlement for p in told] == [LAPSED, LAPSED, LAPSED, PARKED, LAPSED]
    dividend.balanced()
    dividend.close()
    dividend.payouts.covered()
    stand(dividend.ground, False)
    dividend.claim(DAVE)
    dividend.payouts.covered()


def test_lapse__one_who_was_parked_and_is_cured__is_paid(parked: Dividend, stand: Hand) -> None:
    parked.overdue()
    stand(parked.ground, False)
    (told,) = payments(parked.lapse())
    assert (told.party, told.settlement) == (DAVE, PAID)
    parked.payouts.covered()


# --- the expiry ---


def test_lapse__on_the_last_second__refused_and_after_it_goes_to_the_company(dividend: Dividend) -> None:
    ground, before = dividend.ground, money(dividend.ground, dividend.payouts.admin)
    dividend.claim(ALICE)
    expiry = dividend.now().expiresAt
    node.next_block_at(expiry)
    with raises("NotDue", expiry, expiry + 1):
        dividend.lapse()
    dividend.lapse()
    assert dividend.settlements() == [PAID, LAPSED, LAPSED, LAPSED, LAPSED]
    lapsed = sum(dividend.gross(party) for party in (BOB, CAROL, DAVE, IVAN))
    assert money(ground, dividend.payouts.admin) == before + lapsed
    assert dividend.now().lapsed == lapsed
    assert dividend.lapse() == dividend.pay() == dividend.claim(BOB) == []
    dividend.balanced()
    dividend.payouts.covered()
    dividend.close()
    dividend.payouts.covered()


def test_lapse__remainder_account__gets_what_lapses_and_what_roundings_leave(payouts: Payouts) -> None:
    ground = payouts.ground
    account = ground.bind(IVAN, 1)
    dividend = payouts.ripe(remainder_account=bytes.fromhex(account[2:]), total=1_000_001)
    dividend.claim(ALICE)
    dividend.overdue()
    dividend.lapse()
    ground.close_wallet(account)
    remainder = event(dividend.close(), "DistributionClosed")["remainder"]
    assert money(ground, account) == dividend.now().lapsed
    assert money(ground, ground.book(IVAN)) == remainder > 0
    payouts.covered()


def test_lapse__in_a_halt__the_clock_stands(dividend: Dividend) -> None:
    ground = dividend.ground
    ground.regions.act("setHalted", header(), 4403, True, by=ground.regulator)
    node.jump_to(dividend.terms.expires_at + 9 * DAY)
    with raises("NotDue"):
        dividend.lapse()
    dividend.pay()
    assert set(dividend.settlements()) == {PAID}


def test_lapse__rows_that_are_not_the_fixed_ones__refused(dividend: Dividend) -> None:
    dividend.overdue()
    rows = [dividend.page(0)[0] + (1 << 32), *dividend.page(0)[1:]]
    with raises("HolderMisplaced", 0):
        dividend.contract.act("lapse", dividend.id, 0, rows, by=dividend.ground.stranger)
    assert set(dividend.settlements()) == {NONE}


def test_lapse__before_it_is_fixed__refused(payouts: Payouts) -> None:
    dividend = payouts.declare()
    dividend.overdue()
    with raises("DistributionStateForbids", dividend.id, 1):
        dividend.lapse()
