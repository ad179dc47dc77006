"""How a dividend ends: closed with its remainder, its tax remitted, or cancelled before anything was paid (DV)."""

from __future__ import annotations

import pytest

from tests.contracts.support.expect import raises
from tests.contracts.support.ground import ALICE, BOB, DAVE, header, wallet_of
from tests.contracts.support.payout import (
    CANCELLED,
    CHEST,
    CLOSED,
    DECLARED,
    FIXED,
    OFFICE,
    UNIT,
    Dividend,
    Payouts,
    event,
)
from tests.contracts.support.raising import money


@pytest.fixture
def dividend(payouts: Payouts) -> Dividend:
    return payouts.ripe(total=1_000_001)


# --- close ---


def test_close__everybody_paid__remainder_to_the_company_and_tax_to_the_office(dividend: Dividend) -> None:
    dividend.pay()
    d, before = dividend.now(), money(dividend.ground, dividend.payouts.admin)
    events = dividend.close()
    remainder = 1_000_001 - d.paid - d.withheld
    assert event(events, "DistributionClosed") == {"id": dividend.id, "remainder": remainder}
    assert event(events, "TaxRemitted") == {"id": dividend.id, "amount": d.withheld}
    assert money(dividend.ground, dividend.payouts.admin) == before + remainder
    assert money(dividend.ground, wallet_of(OFFICE)) == d.withheld
    assert money(dividend.ground, dividend.contract.address) == 0


def test_close__anybody_unhandled__refused(dividend: Dividend) -> None:
    dividend.claim(ALICE)
    with raises("SharesUnhandled", 1_000, 2_077):
        dividend.close()
    dividend.overdue()
    with raises("SharesUnhandled", 1_000, 2_077):
        dividend.close()


def test_close__twice_or_before_it_is_fixed__refused(payouts: Payouts, dividend: Dividend) -> None:
    dividend.pay()
    dividend.close()
    with raises("DistributionStateForbids", dividend.id, CLOSED):
        dividend.close()
    second = payouts.declare()
    with raises("DistributionStateForbids", second.id, DECLARED):
        second.close()
    with raises("DistributionUnknown", 9):
        Dividend(payouts, second.terms, 9).close()
    payouts.covered()


# --- tax ---


def test_remit__between_pages__goes_at_once_and_only_once(dividend: Dividend) -> None:
    office = wallet_of(OFFICE)
    assert dividend.remit() == []
    for party in (ALICE, BOB):
        dividend.claim(party)
        dividend.remit()
        assert money(dividend.ground, office) == dividend.now().withheld == dividend.now().remitted
        assert dividend.remit() == []
        dividend.payouts.covered()


def test_remit__wallet_of_the_office_closed__to_its_book_account(dividend: Dividend) -> None:
    dividend.pay()
    dividend.ground.close_wallet(wallet_of(OFFICE))
    dividend.close()
    assert money(dividend.ground, dividend.ground.book(OFFICE)) == dividend.now().withheld


def test_remit__unknown__refused(payouts: Payouts) -> None:
    with raises("DistributionUnknown", 1):
        payouts.contract.act("remit", 1, by=payouts.ground.stranger)


# --- cancel ---


def test_cancel__before_the_record_date__all_money_back(payouts: Payouts) -> None:
    dividend = payouts.declare(total=5_000)
    events = dividend.cancel()
    assert event(events, "DistributionCancelled") == {"id": dividend.id, "returned": 5_000}
    assert money(payouts.ground, payouts.admin) == CHEST
    assert (dividend.now().state, dividend.now().declared) == (CANCELLED, 0)
    payouts.covered()
    for act in (dividend.cancel, dividend.close):
        with raises("DistributionStateForbids", dividend.id, CANCELLED):
            act()
    with raises("DistributionStateForbids", dividend.id, CANCELLED):
        dividend.fix()
    assert dividend.remit() == []


def test_cancel__fixed_with_a_rate__the_rest_went_back_before(payouts: Payouts) -> None:
    dividend = payouts.ripe(rate=UNIT, total=5_000)
    assert event(dividend.cancel(), "DistributionCancelled")["returned"] == 2_077
    assert money(payouts.ground, payouts.admin) == CHEST
    for act in (dividend.pay, dividend.lapse):
        with raises("DistributionStateForbids", dividend.id, CANCELLED):
            act()


def test_cancel__wallet_closed_meanwhile__money_goes_to_the_book_account(payouts: Payouts) -> None:
    dividend = payouts.declare(total=5_000)
    payouts.ground.close_wallet(payouts.admin)
    dividend.cancel()
    assert money(payouts.ground, payouts.ground.book(801)) == CHEST + 5_000


def test_cancel__somebody_paid__refused(dividend: Dividend) -> None:
    dividend.claim(DAVE)
    with raises("PaymentsBegun", dividend.id):
        dividend.cancel()


def test_cancel__somebody_parked__refused(dividend: Dividend) -> None:
    dividend.ground.freeze(DAVE)
    dividend.claim(DAVE)
    with raises("PaymentsBegun", dividend.id):
        dividend.cancel()


def test_cancel__closed__refused(dividend: Dividend) -> None:
    dividend.pay()
    dividend.close()
    with raises("DistributionStateForbids", dividend.id, CLOSED):
        dividend.cancel()


def test_cancel__by_others_than_the_admin__refused(dividend: Dividend) -> None:
    ground = dividend.ground
    for other in (ground.stranger, ground.platform, ground.registrar, ground.regulator, wallet_of(ALICE)):
        with raises("NotAuthorised", other, 1):
            dividend.cancel(by=other)
    with raises("DistributionUnknown", 9):
        dividend.contract.act("cancel", header(), 9, by=dividend.payouts.admin)
    assert dividend.now().state == FIXED
