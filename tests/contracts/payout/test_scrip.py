"""Shares instead of cash: whole ones at the stated price, fractions in cash, cash where no share can be had (DV)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from registry.domain.rules import Rule
from tests.contracts.support import node
from tests.contracts.support.contracts import Contract, Refusal
from tests.contracts.support.expect import raises, refused
from tests.contracts.support.ground import (
    ALICE,
    BOB,
    CAROL,
    COMMON,
    DAVE,
    PREFERRED,
    ZERO,
    Ground,
    found,
    header,
    line,
    wallet_of,
)
from tests.contracts.support.payout import (
    CHEST,
    PAID,
    PARKED,
    Dividend,
    Payouts,
    event,
    payments,
    tax_on,
)
from tests.contracts.support.raising import IVAN, draft, money, next_at

PRICE = 137
"""[fen] For a new share."""


@pytest.fixture
def payouts(payouts: Payouts) -> Payouts:
    """The company agrees to scrip, before any dividend was ever declared."""
    admit(payouts)
    return payouts


@pytest.fixture
def dividend(payouts: Payouts) -> Dividend:
    """Alice and Dave choose shares by their wallets, Bob by the platform; not payable yet."""
    dividend = payouts.fixed(scrip_price=PRICE)
    dividend.choose(ALICE)
    dividend.choose(DAVE)
    dividend.choose_for(BOB)
    return dividend


def admit(payouts: Payouts, contract: str | None = None, by: str | None = None) -> list[Any]:
    arguments = (header(), contract or payouts.contract.address)
    return payouts.ground.company.act("admitPayouts", *arguments, by=by or payouts.admin)


def reserved(payouts: Payouts, share_class: Contract | None = None) -> int:
    kept: int = (share_class or payouts.ground.common).read("reservedShares")
    return kept


def net(dividend: Dividend, party: int, bps: int = 2_000) -> int:
    gross = dividend.gross(party)
    return gross - tax_on(gross, bps)


# --- the company agrees ---


def test_admit__by_the_admin__is_written_down_as_the_role_of_raises(payouts: Payouts) -> None:
    assert payouts.ground.company.read("rolesOf", payouts.contract.address) == 32


def test_admit__anything_that_is_not_the_contract_of_dividends__refused(payouts: Payouts) -> None:
    """A raise that is admitted this way would not bind its class."""
    ground = payouts.ground
    raised = draft(ground)
    for other in (raised.offering.address, raised.escrow.address, ground.stranger, payouts.admin, ZERO):
        with raises("OfferingUnknown", other):
            admit(payouts, other)


def test_admit__company_that_still_migrates__refused(payouts: Payouts) -> None:
    company, _ = found(payouts.ground.factory, "搬迁中", [COMMON])
    with raises("PhaseForbids"):
        company.act("admitPayouts", header(), payouts.contract.address, by=payouts.ground.issuer)


def test_declare__company_that_did_not_agree__refused(ground: Ground, payouts: Payouts) -> None:
    company, (share_class,) = found(ground.factory, "不同意", [COMMON])
    company.act("open", header(), by=ground.issuer)
    with raises("NotAuthorised", payouts.contract.address, 32):
        payouts.declare(share_class, by=ground.issuer, funded_by=bytes.fromhex(ground.issuer[2:]), scrip_price=PRICE)


def test_declare__no_room_in_what_is_authorised__refused(payouts: Payouts) -> None:
    ground = payouts.ground
    room = 1_000_000 - 2_077
    total = (room + 1) * 100
    with refused(Rule.AUTHORISED):
        payouts.declare(total=total, profit=total, scrip_price=100)
    payouts.declare(total=total - 1, profit=total, scrip_price=100)
    assert reserved(payouts) == room
    with refused(Rule.AUTHORISED):
        ground.issue(ground.common, line(wallet_of(ALICE), 1))


# --- choosing ---


def test_choose__told_and_taken_back(payouts: Payouts) -> None:
    dividend = payouts.declare(scrip_price=PRICE)
    told = event(dividend.choose(ALICE), "ScripChosen")
    assert tuple(told.values()) == (dividend.id, ALICE, True)
    assert payouts.contract.read("hasChosenScrip", dividend.id, ALICE)
    dividend.choose(ALICE, False)
    dividend.fix()
    dividend.choose(DAVE)
    dividend.payable()
    dividend.pay()
    shares = net(dividend, DAVE) // PRICE
    common = payouts.ground.common
    assert [payouts.ground.balance(common, wallet_of(p)) for p in (ALICE, DAVE)] == [1_000, 160 + shares]


def test_choose__last_second_before_the_payment_date__and_not_on_it(payouts: Payouts) -> None:
    dividend = payouts.fixed(scrip_price=PRICE)
    time = dividend.terms.payable_from
    next_at(payouts.ground, time - 1)
    dividend.choose(ALICE)
    next_at(payouts.ground, time)
    with raises("Overdue", time, time - 1):
        dividend.choose(DAVE)
    with raises("Overdue"):
        dividend.choose_for(BOB)


def test_choose__dividend_without_scrip_cancelled_or_unknown__refused(payouts: Payouts) -> None:
    plain = payouts.declare()
    with raises("NoScrip", plain.id):
        plain.choose(ALICE)
    scrip = payouts.declare(scrip_price=PRICE)
    scrip.cancel()
    with raises("DistributionStateForbids", scrip.id, 3):
        scrip.choose(ALICE)
    with raises("DistributionUnknown", 9):
        Dividend(payouts, plain.terms, 9).choose(ALICE)


def test_choose__by_a_stranger_or_a_closed_wallet__refused(payouts: Payouts) -> None:
    dividend = payouts.declare(scrip_price=PRICE)
    payouts.ground.close_wallet(wallet_of(DAVE))
    for hand in (payouts.ground.stranger, wallet_of(DAVE)):
        with raises("NotAuthorised", hand, 0):
            dividend.contract.act("chooseScrip", dividend.id, True, by=hand)
    with raises("PartyUnknown", 9):
        dividend.choose_for(9)


# --- delivering ---


def test_pay__who_chose__whole_shares_fractions_in_cash_tax_on_the_whole(dividend: Dividend) -> None:
    ground, payouts = dividend.ground, dividend.payouts
    chest = money(ground, payouts.admin)
    dividend.payable()
    events = dividend.pay()
    spent = 0
    for party, account, had in (
        (ALICE, wallet_of(ALICE), 1_000),
        (BOB, ground.book(BOB), 500),
        (DAVE, wallet_of(DAVE), 160),
    ):
        whole, fraction = divmod(net(dividend, party), PRICE)
        assert ground.balance(ground.common, account) == had + whole
        assert money(ground, account) == fraction
        spent += whole * PRICE
        told = next(e.values for e in events if e.name == "ScripDelivered" and e.values["party"] == party)
        assert tuple(told.values())[2:] == (account, whole, whole * PRICE)
    assert money(ground, payouts.admin) == chest + spent
    assert {p.party: p.tax for p in payments(events)}[ALICE] == tax_on(dividend.gross(ALICE), 2_000)
    assert money(ground, wallet_of(CAROL)) == net(dividend, CAROL)
    given = next(e.values for e in events if e.name == "ConsiderationStated")
    assert tuple(given.values())[:3] == (1, 156, PRICE * 10**8)
    dividend.balanced()
    payouts.covered()
    dividend.close()
    assert reserved(payouts) == 0
    payouts.covered()


def test_claim__who_chose__the_same(dividend: Dividend) -> None:
    dividend.payable()
    whole, fraction = divmod(net(dividend, DAVE), PRICE)
    dividend.claim(DAVE)
    assert dividend.ground.balance(dividend.ground.common, wallet_of(DAVE)) == 160 + whole
    assert money(dividend.ground, wallet_of(DAVE)) == fraction
    assert reserved(dividend.payouts) == 1_000_000 // PRICE - whole


def test_pay__less_than_a_share__in_cash(payouts: Payouts) -> None:
    dividend = payouts.fixed(total=2_000, scrip_price=PRICE * 8)
    dividend.choose(DAVE)
    dividend.payable()
    events = dividend.pay()
    assert "ScripDelivered" not in {e.name for e in events}
    assert money(payouts.ground, wallet_of(DAVE)) == net(dividend, DAVE)


def test_pay__wallet_closed__shares_and_fraction_in_the_book_account(dividend: Dividend) -> None:
    ground = dividend.ground
    ground.close_wallet(wallet_of(DAVE))
    dividend.payable()
    dividend.pay()
    whole, fraction = divmod(net(dividend, DAVE), PRICE)
    book = ground.book(DAVE)
    assert (ground.balance(ground.common, book), money(ground, book)) == (whole, fraction)


def test_pay__who_is_no_holder_any_more__in_cash_though_there_is_a_seat(dividend: Dividend) -> None:
    ground = dividend.ground
    ground.give(ground.common, wallet_of(DAVE), wallet_of(ALICE), 160)
    dividend.payable()
    dividend.pay()
    assert ground.balance(ground.common, wallet_of(DAVE)) == 0
    assert money(ground, wallet_of(DAVE)) == net(dividend, DAVE)
    dividend.balanced()


def test_pay__who_holds_another_class_only__gets_shares_and_takes_no_seat(dividend: Dividend) -> None:
    ground = dividend.ground
    ground.give(ground.common, wallet_of(DAVE), wallet_of(ALICE), 160)
    ground.preferred.act("admitCategories", header(), COMMON[4], by=ground.registrar)
    ground.issue(ground.preferred, line(ground.book(DAVE), 1))
    seats = ground.seats()
    ground.set_cap(seats)
    dividend.payable()
    dividend.pay()
    assert ground.balance(ground.common, wallet_of(DAVE)) == net(dividend, DAVE) // PRICE
    assert ground.seats() == seats


def _stop_by_regulator(ground: Ground, admin: str) -> None:
    ground.company.act("stopByRegulator", header(), True, by=ground.regulator)


def _succeed(ground: Ground, admin: str) -> None:
    heir, _ = found(ground.factory, "继承公司", [COMMON], predecessor=ground.company.address)
    ground.company.act("nameSuccessor", header(), heir.address, by=admin)


@pytest.mark.parametrize("happens", [_stop_by_regulator, _succeed])
def test_pay__stopped_by_the_regulator_or_gone_to_a_successor__everybody_in_cash(
    dividend: Dividend, happens: Callable[[Ground, str], None]
) -> None:
    ground = dividend.ground
    happens(ground, dividend.payouts.admin)
    dividend.payable()
    dividend.pay()
    assert set(dividend.settlements()) == {PAID}
    assert ground.common.read("totalSupply") == 2_077
    assert [money(ground, wallet_of(p)) for p in (ALICE, DAVE)] == [net(dividend, p) for p in (ALICE, DAVE)]
    dividend.balanced()
    dividend.close()
    assert reserved(dividend.payouts) == 0
    dividend.payouts.covered()


def test_pay__company_stops_its_own_class__keeps_nobody_from_what_was_offered(dividend: Dividend) -> None:
    ground = dividend.ground
    ground.company.act("stopClass", header(), ground.common.address, True, by=ground.stopper)
    dividend.payable()
    dividend.claim(DAVE)
    assert ground.balance(ground.common, wallet_of(DAVE)) == 160 + net(dividend, DAVE) // PRICE


def test_claim__too_little_gas_for_a_delivery__refused_instead_of_cash(dividend: Dividend) -> None:
    """Whoever pushes does not decide that another gets cash: with any gas it is shares or nothing."""
    dividend.payable()
    arguments = (dividend.id, 0, dividend.page(0), 3)
    with raises("GasTooLow", ..., 500_000):
        dividend.contract.act("claim", *arguments, by=dividend.ground.stranger, gas=500_000)
    for gas in range(540_000, 800_000, 20_000):
        taken = node.snapshot()
        try:
            dividend.contract.act("claim", *arguments, by=dividend.ground.stranger, gas=gas)
            held = dividend.ground.balance(dividend.ground.common, wallet_of(DAVE))
            assert held == 160 + net(dividend, DAVE) // PRICE
        except Refusal as refusal:
            if refusal.name != "GasTooLow":
                raise
        node.revert_to(taken)


def test_pay__parked_and_cured_after_the_close__in_cash(dividend: Dividend) -> None:
    ground = dividend.ground
    ground.freeze(DAVE)
    dividend.payable()
    dividend.pay()
    assert dividend.settlement(DAVE) == PARKED
    dividend.close()
    ground.freeze(DAVE, False)
    dividend.claim(DAVE)
    assert ground.balance(ground.common, wallet_of(DAVE)) == 160
    assert money(ground, wallet_of(DAVE)) == net(dividend, DAVE)
    dividend.payouts.covered()


def test_pay__parked_and_cured_before_the_close__still_in_shares(dividend: Dividend) -> None:
    ground = dividend.ground
    ground.freeze(DAVE)
    dividend.payable()
    dividend.pay()
    ground.freeze(DAVE, False)
    dividend.claim(DAVE)
    assert ground.balance(ground.common, wallet_of(DAVE)) == 160 + net(dividend, DAVE) // PRICE
    dividend.payouts.covered()


# --- shares that are kept free ---


def test_cancel__with_scrip__nothing_is_kept_any_more(dividend: Dividend) -> None:
    assert reserved(dividend.payouts) == 1_000_000 // PRICE
    dividend.cancel()
    assert reserved(dividend.payouts) == 0
    assert money(dividend.ground, dividend.payouts.admin) == CHEST


def test_two_dividends_with_scrip__each_keeps_its_own(payouts: Payouts) -> None:
    first, second = payouts.fixed(scrip_price=PRICE), payouts.fixed(scrip_price=PRICE * 2)
    first.choose(ALICE)
    second.choose(ALICE)
    second.payable()
    for dividend in (first, second):
        dividend.pay()
    kept = [d.now().reserved for d in (first, second)]
    assert reserved(payouts) == sum(kept)
    first.close()
    assert reserved(payouts) == kept[1]
    second.close()
    assert reserved(payouts) == 0
    payouts.covered()


def test_split__while_shares_are_kept_for_scrip__refused_until_the_close(dividend: Dividend) -> None:
    """New shares would be counted by the old ratio, at twice their price."""
    ground = dividend.ground
    with raises("ClassBound", ground.common.address):
        ground.common.act("split", header(), 2, 1, [line(wallet_of(DAVE), 160)], by=ground.registrar)
    dividend.payable()
    dividend.pay()
    dividend.close()
    held = ground.balance(ground.common, wallet_of(DAVE))
    ground.common.act("split", header(), 2, 1, [line(wallet_of(DAVE), held)], by=ground.registrar)


def test_class_with_decimals__whole_shares_only(payouts: Payouts) -> None:
    ground = payouts.ground
    ground.company.act("createClass", header(), ("三位小数", "XGBD-3", 10**9, 3, PREFERRED[4]), by=payouts.admin)
    fine = Contract("ShareClass", ground.company.read("classes")[-1])
    ground.issue(fine, line(wallet_of(ALICE), 1_500), line(wallet_of(IVAN), 500))
    dividend = payouts.fixed(fine, total=10_000, scrip_price=PRICE)
    dividend.choose(ALICE)
    dividend.payable()
    dividend.pay()
    whole = net(dividend, ALICE) // PRICE
    assert ground.balance(fine, wallet_of(ALICE)) == 1_500 + whole * 1_000
    payouts.covered()
