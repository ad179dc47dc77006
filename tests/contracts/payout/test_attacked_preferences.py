"""Against those who would be paid before their turn, or keep a wrong dividend from being taken back (PF)."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from tests.contracts.support import node
from tests.contracts.support.contracts import Contract, Refusal
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import ALICE, BOB, CAROL, COMMON, DAVE, found, header, line, wallet_of
from tests.contracts.support.node import TODAY
from tests.contracts.support.payout import CANCELLED, DECLARED, UNIT, Dividend, Payouts
from tests.contracts.support.raising import clock, mint, money

PER_YEAR = 365 * UNIT * 3
"""Three fen a day."""


@pytest.fixture
def preferred(payouts: Payouts) -> Contract:
    """Ten days of arrears today, on 100 shares of Bob's: 3 000 fen."""
    ground = payouts.ground
    ground.issue(ground.preferred, line(ground.book(BOB), 100))
    payouts.prefer(ground.preferred, 1, PER_YEAR, TODAY - 10)
    return ground.preferred


def arrears(payouts: Payouts, share_class: Contract, day: int = TODAY) -> int:
    owed: int = payouts.ground.preferences.read("arrearsOf", share_class.address, day)
    return owed


def settle(payouts: Payouts, preferred: Contract) -> Dividend:
    """The dividend that pays what the preferred class is owed today."""
    return payouts.declare(preferred, rate=30 * UNIT, total=3_000)


# --- whatever answers for a class ---


def planted(code: bytes) -> str:
    """A contract of this code."""
    setup = bytes.fromhex(f"60{len(code):02x}80600b6000396000f3")
    created: str = node.transact(wallet_of(ALICE), None, "0x" + (setup + code).hex())["contractAddress"]
    return created


def answering(word: bytes, size: int = 32, revert: bool = False) -> bytes:
    """Code that answers any question with this word, cut or filled up to `size` bytes."""
    end = "fd" if revert else "f3"
    return bytes.fromhex(f"7f{word.rjust(32, bytes(1)).hex()}60005262{size:06x}6000{end}")


def named(company: bytes) -> list[bytes]:
    return [
        answering(company),
        # Dirty bits above the address of a company that there is.
        answering(b"\xff" * 12 + company),
        answering(company, 0),
        answering(company, 31),
        answering(company, 33),
        answering(company, 64),
        answering(company, 2**20),
        answering(company, 32, revert=True),
        answering(company, 2**20, revert=True),
        # Runs for ever; no such instruction.
        bytes.fromhex("5b600056"),
        b"\xfe",
    ]


def test_class__contracts_that_answer_anything__refused_and_leave_no_trace(payouts: Payouts) -> None:
    """None is a class of the company that it names; some keep so much gas that not even the refusal comes home."""
    ground = payouts.ground
    terms, chest = payouts.terms(), money(ground, payouts.admin)
    for code in named(bytes.fromhex(ground.company.address[2:])):
        account = planted(code)
        for act in (
            lambda account=account: payouts.prefer(Contract("ShareClass", account), 1, 1, TODAY),
            lambda account=account: payouts.declare_as(replace(terms, share_class=bytes.fromhex(account[2:]))),
        ):
            with pytest.raises(Refusal) as caught:
                act()
            assert caught.value.name in ("ClassUnknown", ""), str(caught.value)
    assert (payouts.contract.read("distributionCount"), money(ground, payouts.admin)) == (0, chest)
    # And nothing comes before the common.
    payouts.declare()


def test_class__of_another_company_s_number__is_nobody_s_but_its_own(payouts: Payouts, preferred: Contract) -> None:
    """The admin of another company can neither set nor claim anything for a class that is not its own."""
    ground = payouts.ground
    theirs, (their_class,) = found(ground.factory, "别家公司", [COMMON])
    theirs.act("open", header(), by=ground.issuer)
    with raises("NotAuthorised", ground.issuer, 1):
        ground.preferences.act("setPreference", header(), preferred.address, 2, 1, TODAY, by=ground.issuer)
    with raises("NotAuthorised", payouts.admin, 1):
        payouts.prefer(their_class, 1, 1, TODAY)


# --- a wrong dividend can be taken back ---


def other_company(payouts: Payouts) -> Payouts:
    """Dave's company, with a common and a preferred class that has arrears."""
    ground = payouts.ground
    company, classes = found(ground.factory, "别家公司", [COMMON, COMMON])
    company.act("open", header(), by=ground.issuer)
    company.act("offerAdmin", header(), wallet_of(DAVE), by=ground.issuer)
    company.act("acceptAdmin", by=wallet_of(DAVE))
    theirs = replace(ground, company=company, common=classes[0], preferred=classes[1])
    for share_class in classes:
        theirs.issue(share_class, line(ground.book(BOB), 100))
    mint(ground, (wallet_of(DAVE), 1_000_000))
    ground.token.act("approve", ground.distributions.address, 2**256 - 1, by=wallet_of(DAVE))
    return Payouts(theirs, wallet_of(DAVE), list(payouts.parties))


def test_cancel__dividends_of_another_company_before_and_after__rest_on_nothing(
    payouts: Payouts, preferred: Contract
) -> None:
    other = other_company(payouts)
    other.prefer(other.ground.preferred, 1, PER_YEAR, TODAY - 10)
    theirs = settle(other, other.ground.preferred)
    ours = settle(payouts, preferred)
    their_common = other.declare(total=500)
    ours.cancel()
    with raises("DividendRests", their_common.id):
        theirs.cancel()
    assert (arrears(payouts, preferred), arrears(other, other.ground.preferred)) == (30 * UNIT, 0)
    payouts.covered()


def test_cancel__a_stranger_does_what_it_can_before_the_payment_date__still_goes(
    payouts: Payouts, preferred: Contract
) -> None:
    """Whoever fixes it, and whatever is sent before its payment date, hinders nobody."""
    dividend = payouts.declare(preferred, rate=50 * UNIT, total=5_000)
    dividend.fix()
    for act in (dividend.pay, lambda: dividend.claim(BOB), dividend.lapse):
        with raises("NotDue"):
            act()
    dividend.remit()
    with raises("SharesUnhandled"):
        dividend.close()
    dividend.cancel()
    assert arrears(payouts, preferred) == 30 * UNIT
    payouts.covered()


def test_cancel__pages_of_no_rows_or_of_rows_that_wait__are_no_payment(payouts: Payouts) -> None:
    """On the payment date itself an empty page makes nothing of it, so it can still be taken back."""
    dividend = payouts.ripe()
    for leaf in (0, 1, 2**200):
        dividend.contract.act("pay", dividend.id, leaf, [], by=payouts.ground.stranger)
    assert dividend.now().handled == 0
    dividend.cancel()
    payouts.covered()


def test_cancel__behind_many_that_were_cancelled__costs_little_more_for_each(
    payouts: Payouts, preferred: Contract
) -> None:
    """The walk passes each later dividend at some 3 100 gas; the company alone can make it longer, by declaring."""
    first = settle(payouts, preferred)
    for _ in range(40):
        payouts.declare(total=2).cancel()
    first.contract.act("cancel", header(), first.id, by=payouts.admin, gas=134_500 + 40 * 3_300)
    assert arrears(payouts, preferred) == 30 * UNIT


# --- preferences that come later than dividends ---


def test_preference__set_after_the_class_declared__its_old_dividend_counts_nothing_and_binds_nobody(
    payouts: Payouts,
) -> None:
    ground = payouts.ground
    ground.issue(ground.preferred, line(ground.book(BOB), 100))
    old = payouts.declare(ground.preferred, rate=30 * UNIT, total=3_000)
    payouts.prefer(ground.preferred, 1, PER_YEAR, TODAY - 10)
    with raises("ArrearsFirst", ground.preferred.address, 30 * UNIT):
        payouts.declare()
    first = settle(payouts, ground.preferred)
    common = payouts.declare()
    old.cancel()
    assert arrears(payouts, ground.preferred) == 0
    with raises("DividendRests", common.id):
        first.cancel()
    payouts.covered()


def test_preference__set_for_the_class_that_rests__it_rests_as_what_it_was_when_declared(
    payouts: Payouts, preferred: Contract
) -> None:
    """A common class that becomes preferred, of whatever rank, frees no dividend that it was declared upon."""
    first = settle(payouts, preferred)
    common = payouts.declare()
    payouts.prefer(payouts.ground.common, 1, 1, TODAY)
    with raises("DividendRests", common.id):
        first.cancel()
    common.cancel()
    first.cancel()


# --- what the money does not cover any more ---


def test_fix__short_after_the_common_was_declared__arrears_stand_again_and_can_be_paid(
    payouts: Payouts, preferred: Contract
) -> None:
    ground = payouts.ground
    first, common = settle(payouts, preferred), payouts.declare()
    ground.issue(preferred, line(ground.book(CAROL), 50))
    first.fix()
    missing = 30 * UNIT - 3_000 * UNIT // 150
    assert arrears(payouts, preferred) == missing
    later = payouts.announce(time=node.last_second_of(node.today() + 1))
    with raises("ArrearsFirst", preferred.address):
        payouts.declare(epoch=later)
    with raises("DividendRests", common.id):
        first.cancel()
    rest = payouts.declare(preferred, rate=missing, total=missing * 150 // UNIT)
    assert arrears(payouts, preferred) == 0
    # It was declared after the common, which needs nothing of it.
    rest.cancel()
    assert arrears(payouts, preferred) == missing
    for dividend in (common, first):
        if dividend.now().state == DECLARED:
            dividend.fix()
        dividend.payable()
        dividend.pay()
        dividend.balanced()
        dividend.close()
    assert money(ground, ground.book(CAROL)) > 0
    payouts.covered()


def test_cancel__preferred_with_scrip_under_a_common__refused_whole_then_frees_the_shares(
    payouts: Payouts, preferred: Contract
) -> None:
    ground = payouts.ground
    ground.company.act("admitPayouts", header(), payouts.contract.address, by=payouts.admin)
    first = payouts.declare(preferred, rate=30 * UNIT, total=3_000, scrip_price=7)
    common = payouts.declare()
    with raises("DividendRests", common.id):
        first.cancel()
    assert preferred.read("reservedShares") == first.now().reserved == 3_000 // 7
    with raises("ClassBound", preferred.address):
        ground.company.read("requireUnbound", preferred.address)
    common.cancel()
    first.cancel()
    assert preferred.read("reservedShares") == payouts.contract.read("scripOffers", preferred.address) == 0
    ground.company.read("requireUnbound", preferred.address)


def test_pay__preferred_in_shares__counts_as_much_as_cash_and_dilutes_no_arrears(
    payouts: Payouts, preferred: Contract
) -> None:
    """Shares that are delivered after the record date get nothing of it, and the arrears are for each share."""
    ground = payouts.ground
    ground.company.act("admitPayouts", header(), payouts.contract.address, by=payouts.admin)
    first = payouts.declare(preferred, rate=30 * UNIT, total=3_000, scrip_price=7)
    first.choose(BOB)
    first.fix()
    first.payable()
    before = arrears(payouts, preferred, node.today())
    first.pay()
    net = 3_000 - 600
    assert ground.balance(preferred, ground.book(BOB)) == 100 + net // 7
    assert money(ground, ground.book(BOB)) == net % 7
    assert arrears(payouts, preferred, node.today()) == before
    first.balanced()
    first.close()
    payouts.covered()


# --- the law behind it, at random ---


@pytest.mark.parametrize("seed", range(5))
def test_histories__no_standing_dividend_of_a_later_class_lost_what_it_rested_on(
    payouts: Payouts, preferred: Contract, seed: int
) -> None:
    """PF-3, kept by PF-5: while nothing is issued, who comes before has no arrears on the record day of any dividend of
    a later class that stands; and what counted is the sum over those that stand."""
    chance, ground = random.Random(seed), payouts.ground
    ground.company.act("createClass", header(), ("次优", "XGBD-Q", 10**6, 0, 0b111110), by=payouts.admin)
    second = Contract("ShareClass", ground.company.read("classes")[-1])
    ground.issue(second, line(wallet_of(ALICE), 10))
    payouts.prefer(second, 2, PER_YEAR // 2, TODAY - 5)
    ranks = {preferred.address: 1, second.address: 2, ground.common.address: 9}
    classes = (preferred, second, ground.common)
    epochs = {(c.address, n): payouts.announce(c, node.last_second_of(TODAY + n)) for c in classes for n in range(3)}
    lives: list[tuple[Dividend, Contract, int]] = []
    for _ in range(70):
        standing = [dividend for dividend, _, _ in lives if dividend.now().state != CANCELLED]
        if standing and chance.random() < 0.3:
            _try(chance.choice(standing).cancel)
        else:
            share_class, ahead = chance.choice(classes), chance.randint(0, 2)
            rate = chance.choice((7, 30, 45, 60)) * UNIT
            changes = {"epoch": epochs[share_class.address, ahead], "rate": rate, "total": 500_000}
            payable_from = clock(ground) + 4 * node.DAY
            if declared := _try(partial(payouts.declare, share_class, payable_from=payable_from, **changes)):
                lives.append((declared, share_class, TODAY + ahead))
        _judge(payouts, lives, ranks)
    assert {c.address for _, c, _ in lives} == set(ranks)
    for dividend in [dividend for dividend, _, _ in lives if dividend.now().state == DECLARED]:
        dividend.fix()
        _judge(payouts, lives, ranks)
    payouts.covered()


def _judge(payouts: Payouts, lives: list[tuple[Dividend, Contract, int]], ranks: dict[str, int]) -> None:
    standing = [(d, c, day) for d, c, day in lives if d.now().state != CANCELLED]
    for share_class in ranks:
        told = payouts.ground.preferences.read("preferenceOf", share_class)
        assert told[3] == sum(d.now().counted for d, c, _ in standing if c.address == share_class)
    for _, share_class, day in standing:
        for other, rank in ranks.items():
            if rank < ranks[share_class.address]:
                assert payouts.ground.preferences.read("arrearsOf", other, day) == 0


def _try(act: Callable[[], Any]) -> Any:
    """What it answers, or nothing where it is refused for its turn."""
    try:
        return act()
    except Refusal as refusal:
        if refusal.name not in EXPECTED:
            raise
    return None


EXPECTED = {"ArrearsFirst", "DividendRests"}
