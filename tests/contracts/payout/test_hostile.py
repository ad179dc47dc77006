"""Against those who would take more than their part, or keep others from theirs (DV)."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from tests.contracts.support import node
from tests.contracts.support.calls import raw
from tests.contracts.support.contracts import Refusal
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import (
    ALICE,
    BOB,
    CAROL,
    COMMON,
    DAVE,
    Ground,
    found,
    header,
    line,
    person,
    wallet_of,
)
from tests.contracts.support.milestones import fail, redeem
from tests.contracts.support.payout import (
    CHEST,
    FIXED,
    PAID,
    UNIT,
    Dividend,
    Payouts,
    tax_on,
)
from tests.contracts.support.raising import ERIN, FRANK, HEIDI, ISSUER, IVAN, Raise, mint, money


@pytest.fixture
def other(payouts: Payouts) -> Payouts:
    """Another company, whose officer is Dave: he would like the money of the first."""
    ground = payouts.ground
    company, classes = found(ground.factory, "别家公司", [COMMON, COMMON])
    company.act("open", header(), by=ground.issuer)
    company.act("offerAdmin", header(), wallet_of(DAVE), by=ground.issuer)
    company.act("acceptAdmin", by=wallet_of(DAVE))
    theirs = replace(ground, company=company, common=classes[0], preferred=classes[1])
    theirs.issue(theirs.common, line(wallet_of(DAVE), 1), line(ground.book(BOB), 1))
    mint(ground, (wallet_of(DAVE), 1_000))
    ground.token.act("approve", ground.distributions.address, 2**256 - 1, by=wallet_of(DAVE))
    return Payouts(theirs, wallet_of(DAVE), list(payouts.parties))


# --- other people's money ---


def test_two_companies__each_pays_from_its_own_money_to_the_last_fen(payouts: Payouts, other: Payouts) -> None:
    ours, theirs = payouts.declare(total=999_999), other.declare(total=7)
    for dividend in (ours, theirs):
        dividend.fix()
        payouts.covered()
    theirs.payable()
    ours.payable()
    theirs.pay()
    theirs.close()
    payouts.covered()
    assert money(payouts.ground, payouts.contract.address) == 999_999
    ours.pay()
    ours.close()
    assert money(payouts.ground, payouts.contract.address) == 0


def test_declare__with_the_money_of_another_company__refused(payouts: Payouts, other: Payouts) -> None:
    ground = payouts.ground
    for account in (payouts.admin, ground.book(ISSUER), payouts.contract.address, ground.book(ALICE)):
        with raises("DistributionMalformed", 4):
            other.declare(funded_by=raw(account), total=1_000)
    assert money(ground, payouts.admin) == money(ground, ground.book(ISSUER)) == CHEST


def test_declare__for_the_class_of_another_company__refused(payouts: Payouts, other: Payouts) -> None:
    with raises("NotAuthorised", other.admin, 1):
        payouts.declare(by=other.admin, funded_by=raw(other.admin), total=1_000)


def test_cancel__the_dividend_of_another_company__refused(payouts: Payouts, other: Payouts) -> None:
    dividend = payouts.declare()
    with raises("NotAuthorised", other.admin, 1):
        dividend.cancel(by=other.admin)


def test_cancel__money_never_comes_back_twice(payouts: Payouts, other: Payouts) -> None:
    """Beside it lies the money of others."""
    payouts.declare(total=50_000)
    dividend = other.declare(rate=100 * UNIT, total=900)
    dividend.fix()
    assert money(payouts.ground, other.admin) == 1_000 - 200
    dividend.cancel()
    assert money(payouts.ground, other.admin) == 1_000
    for act in (dividend.cancel, dividend.close):
        with raises("DistributionStateForbids"):
            act()
    payouts.covered()


def test_collect_and_transfer_many__by_hand__refused(payouts: Payouts) -> None:
    ground = payouts.ground
    payouts.declare(funded_by=raw(ground.book(ISSUER)))
    with raises("NotAuthorised", payouts.admin, 16):
        ground.token.act("collect", ground.book(ALICE), 1, by=payouts.admin)
    payout = int(wallet_of(DAVE), 16) | 1 << 160
    with raises("ERC20InsufficientBalance", ground.stranger, 0, 1):
        ground.token.act("transferMany", [payout], by=ground.stranger)


# --- rows and leaves ---


def test_pay__rows_of_one_leaf_at_another_place__refused(payouts: Payouts) -> None:
    """Eight rows that are right, at a position whose states are not theirs: they would be paid twice."""
    ground = payouts.ground
    crowd = list(range(2_001, 2_021))
    ground.onboard(*[person(party) for party in crowd])
    ground.issue(ground.common, *[line(ground.book(party), 10) for party in crowd])
    payouts.parties += crowd
    dividend = payouts.ripe()
    dividend.pay()
    for leaf in range(4):
        for place in [n for n in range(12) if n != leaf] + [16, 2**31, 2**250]:
            rows = dividend.page(leaf, 1)
            with raises("HolderMisplaced"):
                dividend.contract.act("pay", dividend.id, place, rows, by=ground.stranger)
            with raises("HolderMisplaced"):
                dividend.contract.act("claim", dividend.id, place, rows, 0, by=ground.stranger)
    # 2^253 × 8 is 0 again, but for the check of the multiplication.
    with raises("Panic", 17):
        dividend.contract.act("pay", dividend.id, 2**253, dividend.page(0, 1), by=ground.stranger)
    payouts.covered()


def test_pay__row_with_more_bits_in_the_party__refused(payouts: Payouts) -> None:
    dividend = payouts.ripe()
    rows = dividend.page(0)
    for bit in range(0, 256, 5):
        forged = [rows[0] ^ 1 << bit, *rows[1:]]
        with raises("HolderMisplaced", 0):
            dividend.contract.act("pay", dividend.id, 0, forged, by=payouts.ground.stranger)


def test_fix__another_list_of_the_same_sum__there_is_none(payouts: Payouts) -> None:
    """Whoever fixes cannot put one account for another, nor pay a party to another of its accounts."""
    ground = payouts.ground
    second = ground.bind(ALICE, 1)
    dividend = payouts.declare()
    dividend.past_record()
    named = payouts.holders(dividend.terms)
    ground.give(ground.common, wallet_of(ALICE), second, 1_000)
    with raises("HolderMisplaced", 0):
        dividend.fix(second, *named[1:])
    with raises("HolderMisplaced", 1):
        dividend.fix(named[0], second, *named[1:])
    dividend.fix(*named)
    assert "0x" + dividend.rows[0].account.hex() == wallet_of(ALICE)


# --- keeping others from theirs ---


def test_pay__holders_who_do_what_they_can__block_nobody(payouts: Payouts) -> None:
    """Closed wallets, frozen money accounts, lapsed papers, a party without an open wallet."""
    ground = payouts.ground
    dividend = payouts.ripe()
    ground.close_wallet(wallet_of(ALICE))
    ground.token.act("setFrozen", header(), wallet_of(CAROL), True, by=ground.regulator)
    ground.freeze(BOB)
    ground.registry.act("revoke", header(), DAVE, by=ground.kyc_agent)
    dividend.pay()
    states = dict(zip((row.party for row in dividend.rows), dividend.settlements(), strict=True))
    assert states == {ALICE: PAID, BOB: 2, CAROL: PAID, DAVE: 2, IVAN: PAID}
    dividend.balanced()
    dividend.close()
    payouts.covered()


def test_fix__a_holder_scatters_its_shares_among_nine_accounts__still_one_transaction(payouts: Payouts) -> None:
    ground = payouts.ground
    for number in range(1, 8):
        ground.bind(ALICE, number)
        ground.give(ground.common, wallet_of(ALICE), wallet_of(ALICE, number), 1)
    ground.give(ground.common, wallet_of(ALICE), ground.book(ALICE), 1)
    dividend = payouts.ripe()
    dividend.pay()
    assert dividend.rows[0].shares == 1_000
    dividend.balanced()


def test_fix__dates_beyond_number_after_it__the_register_is_still_found(payouts: Payouts) -> None:
    """A registrar who sets one record date after the other makes it dearer, not impossible."""
    ground = payouts.ground
    dividend = payouts.declare()
    dividend.past_record()
    for _ in range(120):
        payouts.announce(time=node.now() + 1)
        node.jump_to(node.now() + 3)
    ground.give(ground.common, wallet_of(ALICE), wallet_of(DAVE), 7)
    ground.issue(ground.common, line(wallet_of(ALICE), 5))
    dividend.fix()
    assert dividend.rows[0].shares == 1_000


def test_claim__within_the_gas_of_another__pays_the_holder_not_the_sender(payouts: Payouts) -> None:
    dividend = payouts.ripe()
    thief = payouts.ground.stranger
    dividend.claim(ALICE, by=thief)
    assert money(payouts.ground, thief) == 0
    gross = dividend.gross(ALICE)
    assert money(payouts.ground, wallet_of(ALICE)) == gross - tax_on(gross, 2_000)


def test_choose_for__a_party_that_has_wallets__by_the_platform_alone(payouts: Payouts) -> None:
    ground = payouts.ground
    ground.company.act("admitPayouts", header(), payouts.contract.address, by=payouts.admin)
    dividend = payouts.declare(scrip_price=10)
    for hand in (ground.stranger, payouts.admin, wallet_of(ALICE), ground.kyc_agent):
        with raises("NotAuthorised", hand, 4):
            dividend.contract.act("chooseScripFor", header(), dividend.id, ALICE, True, by=hand)


# --- beside a raise ---


def test_fix__redeemed_after_the_date__the_subscriber_is_paid_for_what_it_held(done: Raise, payouts: Payouts) -> None:
    """Shares of a raise that ended in redemption; its class pays a dividend meanwhile."""
    ground = payouts.ground
    payouts.parties += [ERIN, FRANK, HEIDI]
    dividend = payouts.declare(ground.preferred)
    dividend.past_record()
    fail(done)
    redeem(done, wallet_of(ERIN), ground.book(HEIDI))
    assert ground.preferred.read("totalSupply") < ground.preferred.read("issuedAt", dividend.terms.epoch) == 3_500
    dividend.fix()
    assert [(row.party, row.shares) for row in dividend.rows] == [(ERIN, 2_000), (FRANK, 1_000), (HEIDI, 500)]
    dividend.pay()
    dividend.balanced()
    payouts.covered()


# --- at random ---


@pytest.mark.parametrize("seed", range(4))
def test_histories__of_two_companies__the_contract_has_exactly_what_it_owes(
    payouts: Payouts, other: Payouts, seed: int
) -> None:
    chance = random.Random(seed)
    ground = payouts.ground
    lives: list[Dividend] = []
    for _ in range(60):
        step = chance.random()
        if step < 0.15 and len(lives) < 6:
            of = chance.choice((payouts, other))
            changes = {"rate": chance.randint(1, 9 * UNIT)} if chance.random() < 0.4 else {}
            top = 60 if of is other else 3_000_000
            lives.append(of.declare(total=chance.randint(2, top), **changes))
        elif not lives:
            continue
        else:
            _step(chance, ground, chance.choice(lives))
        payouts.covered()
    for dividend in lives:
        if dividend.now().state == FIXED:
            dividend.balanced()


def _step(chance: random.Random, ground: Ground, dividend: Dividend) -> None:
    """One act that is allowed, or nothing."""
    d = dividend.now()
    if d.state == 1:
        return _try(dividend.fix)
    party = chance.choice(list(dividend.rows)).party
    acts: list[Any] = [
        dividend.pay,
        dividend.remit,
        dividend.close,
        lambda: dividend.claim(party),
        lambda: ground.freeze(party, chance.random() < 0.5),
        lambda: node.jump_to(node.now() + chance.choice((1, 10)) * node.DAY),
        dividend.lapse,
        dividend.cancel,
    ]
    weights = [2, 2, 3, 6, 3, 3, 2, 1]
    return _try(chance.choices(acts, weights)[0])


def _try(act: Any) -> None:
    try:
        act()
    except Refusal as refusal:
        if refusal.name not in EXPECTED:
            raise


EXPECTED = {"NotDue", "SharesUnhandled", "PaymentsBegun", "DistributionStateForbids"}
