"""Paying and claiming: to the fen, once, whoever brings it about and in whatever order (DV)."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import pytest

from tests.contracts.support import node
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import (
    ALICE,
    BOB,
    CAROL,
    DAVE,
    INSTITUTION,
    Ground,
    fill,
    header,
    line,
    person,
    wallet_of,
)
from tests.contracts.support.node import DAY
from tests.contracts.support.payout import (
    CLOSED,
    DECLARED,
    NONE,
    OFFICE,
    PAID,
    PEOPLE,
    UNIT,
    USA,
    Dividend,
    Payouts,
    event,
    payments,
    tax_on,
)
from tests.contracts.support.raising import IVAN, clock, halt, money, next_at

BPS = {ALICE: 2_000, BOB: 1_000, CAROL: 333, DAVE: 2_000, IVAN: 0}


@pytest.fixture
def dividend(payouts: Payouts) -> Dividend:
    """Payable; Bob lives abroad, Carol has a certificate."""
    payouts.ground.restate(person(BOB, tax_residence=USA))
    payouts.relieve(CAROL, 333, node.TODAY + 900)
    return payouts.ripe(total=1_000_003)


def balances(dividend: Dividend, *parties: int) -> list[int]:
    """[fen] Of the accounts that are paid."""
    accounts = ["0x" + row.account.hex() for row in dividend.rows if not parties or row.party in parties]
    return [money(dividend.ground, account) for account in accounts]


def expected(dividend: Dividend) -> list[tuple[int, int, int]]:
    """Party, gross, tax of everybody, in Python."""
    grosses = {row.party: dividend.gross(row.party) for row in dividend.rows}
    return [(party, gross, tax_on(gross, BPS[party])) for party, gross in grosses.items()]


def test_pay__everybody__net_to_each_and_tax_kept_for_the_office(dividend: Dividend) -> None:
    before = balances(dividend)
    told = payments(dividend.pay())
    due = expected(dividend)
    assert [(p.party, p.gross, p.tax, p.settlement) for p in told] == [(*line_, PAID) for line_ in due]
    paid = [after - old for after, old in zip(balances(dividend), before, strict=True)]
    assert paid == [gross - tax for _, gross, tax in due]
    d = dividend.now()
    assert (d.paid, d.withheld) == (sum(paid), sum(tax for _, _, tax in due))
    assert d.handled == d.entitled
    assert money(dividend.ground, wallet_of(OFFICE)) == 0
    dividend.balanced()
    dividend.payouts.covered()


def test_claim__one_holder__the_same_as_in_a_page(dividend: Dividend) -> None:
    for party, gross, tax in expected(dividend):
        (told,) = payments(dividend.claim(party, by=wallet_of(ALICE)))
        assert (told.party, told.gross, told.tax, told.settlement) == (party, gross, tax, PAID)
        dividend.balanced()
        dividend.payouts.covered()


@pytest.mark.parametrize("gross", [1, 2, 24, 25, 75, 10_000])
@pytest.mark.parametrize("bps", [0, 200, 2_000, 9_999, 10_000])
def test_pay__tax__half_up_and_never_more_than_the_gross(payouts: Payouts, gross: int, bps: int) -> None:
    payouts.relieve(IVAN, bps, node.TODAY + 900)
    others = [wallet_of(ALICE), payouts.ground.book(BOB), wallet_of(CAROL), payouts.ground.book(CAROL)]
    dividend = payouts.ripe(excluded=[*others, wallet_of(DAVE)], total=gross)
    before = money(payouts.ground, wallet_of(IVAN))
    dividend.pay()
    tax = (gross * bps + 5_000) // 10_000
    assert money(payouts.ground, wallet_of(IVAN)) - before == gross - tax
    assert (dividend.now().paid, dividend.now().withheld) == (gross - tax, tax)
    payouts.covered()


@pytest.mark.parametrize("total", [1, 2, 5, 6, 2_076, 2_077, 2_078, 999_999])
def test_pay__odd_amounts__a_remainder_less_than_the_holders(payouts: Payouts, total: int) -> None:
    dividend = payouts.ripe(total=total)
    dividend.pay()
    dividend.balanced()
    d = dividend.now()
    assert (d.handled, d.paid + d.withheld <= total) == (d.entitled, True)
    remainder = event(dividend.close(), "DistributionClosed")["remainder"]
    assert remainder == total - d.paid - d.withheld < 5
    payouts.covered()


# --- once ---


def test_pay__again_and_again__nothing_moves_and_nothing_is_told(dividend: Dividend) -> None:
    dividend.pay()
    before = dividend.now(), balances(dividend)
    assert dividend.pay() == []
    assert all(dividend.claim(party) == [] for party in PEOPLE)
    assert (dividend.now(), balances(dividend)) == before
    dividend.close()
    assert dividend.now().state == CLOSED
    assert dividend.pay() == dividend.claim(BOB) == []


def test_pay__after_claims__only_the_others(dividend: Dividend) -> None:
    dividend.claim(BOB)
    dividend.claim(IVAN)
    assert [p.party for p in payments(dividend.pay())] == [ALICE, CAROL, DAVE]
    dividend.balanced()


@pytest.mark.parametrize("order", list(itertools.permutations(["page", ALICE, BOB, CAROL], 4))[::3])
def test_pay__orders_of_pushes_and_claims__give_each_the_same(dividend: Dividend, order: Sequence[object]) -> None:
    due, before = expected(dividend), balances(dividend)
    for what in order:
        if what == "page":
            dividend.pay()
        else:
            dividend.claim(int(str(what)))
    paid = [after - old for after, old in zip(balances(dividend), before, strict=True)]
    assert paid == [gross - tax for _, gross, tax in due]


# --- when ---


def test_pay__a_second_before_the_payment_date__refused_and_on_it_paid(payouts: Payouts) -> None:
    dividend = payouts.fixed()
    time = dividend.terms.payable_from
    next_at(payouts.ground, time - 1)
    with raises("NotDue", time - 1, time):
        dividend.pay()
    next_at(payouts.ground, time)
    dividend.pay()
    assert set(dividend.settlements()) == {PAID}


def test_pay__before_the_register_is_fixed_or_unknown__refused(payouts: Payouts) -> None:
    dividend = payouts.declare()
    dividend.payable()
    with raises("DistributionStateForbids", dividend.id, DECLARED):
        dividend.pay()
    with raises("DistributionUnknown", 0):
        payouts.contract.act("pay", 0, 0, [], by=payouts.ground.stranger)


def test_pay__while_the_region_is_halted__waits_as_long(payouts: Payouts) -> None:
    dividend = payouts.fixed()
    halt(payouts.ground)
    node.jump_to(dividend.terms.payable_from + 9 * DAY)
    with raises("NotDue"):
        dividend.pay()
    halt(payouts.ground, False)
    dividend.payable()
    dividend.pay()
    assert dividend.now().handled == dividend.now().entitled


def test_pay__on_the_last_second_and_after_a_halt__paid_and_a_second_later_nobody(dividend: Dividend) -> None:
    dividend.claim(ALICE)
    halt(dividend.ground)
    node.jump_to(dividend.terms.expires_at + 99 * DAY)
    halt(dividend.ground, False)
    next_at(dividend.ground, dividend.terms.expires_at)
    dividend.claim(BOB)
    assert dividend.settlement(BOB) == PAID
    dividend.overdue()
    assert dividend.pay() == dividend.claim(CAROL) == []
    assert dividend.settlement(CAROL) == NONE
    dividend.balanced()


def test_pay__first_of_all_after_the_expiry__nobody(dividend: Dividend) -> None:
    dividend.overdue()
    assert clock(dividend.ground) > dividend.now().expiresAt
    assert dividend.pay() == []
    assert dividend.now().handled == 0


def test_pay__money_stopped__waits(dividend: Dividend) -> None:
    dividend.ground.token.act("setStopped", header(), True, by=dividend.ground.custodian)
    with raises("MoneyIsStopped"):
        dividend.pay()
    dividend.ground.token.act("setStopped", header(), False, by=dividend.ground.custodian)
    dividend.pay()


# --- to whom ---


def test_pay__sold_after_the_date__the_seller_is_paid(dividend: Dividend) -> None:
    ground, due = dividend.ground, dict.fromkeys(PEOPLE, 0)
    due |= {party: gross - tax for party, gross, tax in expected(dividend)}
    ground.give(ground.common, wallet_of(DAVE), wallet_of(ALICE), 160)
    before = balances(dividend)
    dividend.pay()
    assert [new - old for new, old in zip(balances(dividend), before, strict=True)] == list(due.values())


def test_pay__wallet_closed__goes_to_the_book_account(dividend: Dividend) -> None:
    ground = dividend.ground
    other = ground.bind(DAVE, 1)
    ground.close_wallet(wallet_of(DAVE))
    dividend.pay()
    gross = dividend.gross(DAVE)
    net = gross - tax_on(gross, 2_000)
    assert [money(ground, a) for a in (wallet_of(DAVE), other, ground.book(DAVE))] == [0, 0, net]


def test_pay__another_wallet_closed__goes_where_it_should(dividend: Dividend) -> None:
    ground = dividend.ground
    ground.close_wallet(ground.bind(DAVE, 1))
    dividend.pay()
    assert money(ground, ground.book(DAVE)) == 0 < money(ground, wallet_of(DAVE))


def test_pay__lapsed_qualification_or_category_that_the_class_refuses__is_paid(dividend: Dividend) -> None:
    ground = dividend.ground
    ground.restate(person(ALICE, qualification_day=node.TODAY - 1), person(DAVE, category=INSTITUTION))
    ground.common.act("admitCategories", header(), 0, by=ground.registrar)
    ground.company.act("stopCompany", header(), True, by=ground.stopper)
    dividend.pay()
    assert set(dividend.settlements()) == {PAID}


def test_pay__standing_of_the_day__decides_the_tax(dividend: Dividend) -> None:
    """Category and residence are those of the payment, as the certificate is."""
    dividend.ground.restate(person(DAVE, category=INSTITUTION))
    dividend.claim(DAVE)
    assert dividend.now().withheld == 0


# --- rows ---


def test_pay__rows_that_are_not_the_fixed_ones__refused(dividend: Dividend) -> None:
    page = dividend.page(0)
    more = page[0] + (1 << 32)
    another = page[0] & (2**96 - 1) | int(wallet_of(DAVE), 16) << 96
    forged: list[list[int]] = [
        [more, *page[1:]],
        [another, *page[1:]],
        [page[0] | 1 << 31, *page[1:]],
        [*page[:-1]],
        [*page, page[-1]],
        [page[1], page[0], *page[2:]],
        [page[0]] * 5,
        [0] * 5,
        [],
    ]
    for rows in forged[:-1]:
        with raises("HolderMisplaced", 0):
            dividend.contract.act("pay", dividend.id, 0, rows, by=dividend.ground.stranger)
        with raises("HolderMisplaced", 0):
            dividend.contract.act("claim", dividend.id, 0, rows, 0, by=dividend.ground.stranger)
    assert dividend.contract.act("pay", dividend.id, 0, [], by=dividend.ground.stranger) == []
    for leaf in (1, 2**200):
        with raises("HolderMisplaced", 8 * leaf):
            dividend.contract.act("pay", dividend.id, leaf, page, by=dividend.ground.stranger)
    assert dividend.now().handled == 0


def test_claim__row_outside_the_leaf__refused(dividend: Dividend) -> None:
    for row in (5, 8, 2**255):
        with raises("HolderMisplaced", row):
            dividend.contract.act("claim", dividend.id, 0, dividend.page(0), row, by=dividend.ground.stranger)


def test_pay__rows_of_another_dividend__refused(payouts: Payouts, dividend: Dividend) -> None:
    ground = payouts.ground
    ground.give(ground.common, wallet_of(ALICE), wallet_of(DAVE), 1)
    second = payouts.ripe(total=5)
    with raises("HolderMisplaced", 0):
        payouts.contract.act("pay", second.id, 0, dividend.page(0), by=ground.stranger)
    second.pay()
    dividend.pay()
    payouts.covered()


# --- many ---


@pytest.fixture
def crowd(payouts: Payouts) -> Dividend:
    """200 holders, payable."""
    payouts.parties += fill(payouts.ground, 200 - payouts.ground.seats())
    return payouts.ripe(rate=7 * UNIT + 3 * UNIT // 7, total=60_000)


def _of_crowd(ground: Ground, dividend: Dividend) -> list[int]:
    return [money(ground, "0x" + row.account.hex()) for row in dividend.rows]


def test_pay__two_hundred_at_once__over_the_border_of_states(crowd: Dividend) -> None:
    before = _of_crowd(crowd.ground, crowd)
    crowd.pay()
    assert crowd.settlements() == [PAID] * 200
    grosses = {row.party: crowd.gross(row.party) for row in crowd.rows}
    nets = [gross - tax_on(gross, 0 if party == IVAN else 2_000) for party, gross in grosses.items()]
    assert [new - old for new, old in zip(_of_crowd(crowd.ground, crowd), before, strict=True)] == nets
    crowd.balanced()
    crowd.close()
    crowd.payouts.covered()


@pytest.mark.parametrize(("leaf", "leaves"), [(15, 1), (16, 1), (15, 2), (14, 4), (16, 9), (24, 1), (0, 16), (0, 17)])
def test_pay__pages_about_the_border_of_states__exactly_their_rows(crowd: Dividend, leaf: int, leaves: int) -> None:
    told = payments(crowd.pay(leaf, leaves))
    rows = range(leaf * 8, min(200, (leaf + leaves) * 8))
    assert [p.party for p in told] == [crowd.rows[i].party for i in rows]
    assert [i for i, state in enumerate(crowd.settlements()) if state == PAID] == list(rows)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_pay__pages_and_claims_at_random__each_paid_once_and_all_in_the_end(crowd: Dividend, seed: int) -> None:
    chance = random.Random(seed)
    told: list[int] = []
    for _ in range(25):
        if chance.random() < 0.4:
            told += [p.party for p in payments(crowd.claim(chance.choice(crowd.rows).party))]
        else:
            leaf = chance.randrange(25)
            told += [p.party for p in payments(crowd.pay(leaf, chance.randint(1, 25 - leaf)))]
    told += [p.party for p in payments(crowd.pay())]
    assert sorted(told) == [row.party for row in crowd.rows]
    crowd.balanced()
    crowd.payouts.covered()


def test_pay__leaf_cut_short_or_shifted__refused(crowd: Dividend) -> None:
    for rows, leaf, misplaced in (
        (crowd.page(0)[:7], 0, 0),
        (crowd.page(0)[:15], 0, 8),
        (crowd.page(0)[1:9], 0, 0),
        (crowd.page(0, 1), 1, 8),
        (crowd.page(1, 1), 0, 0),
        (crowd.page(24, 1) + crowd.page(0, 1), 24, 200),
    ):
        with raises("HolderMisplaced", misplaced):
            crowd.contract.act("pay", crowd.id, leaf, rows, by=crowd.ground.stranger)


def test_pay__several_dividends_at_once__each_from_its_own_money(payouts: Payouts) -> None:
    ground = payouts.ground
    ground.issue(ground.preferred, line(ground.book(BOB), 300), line(wallet_of(ALICE), 11))
    dividends = [payouts.declare(total=total) for total in (1, 12_345, 999)]
    dividends += [payouts.declare(ground.preferred, total=total) for total in (4, 77_777)]
    for dividend in dividends:
        dividend.fix()
        payouts.covered()
    for dividend in dividends[::2]:
        dividend.payable()
        dividend.pay()
        payouts.covered()
    dividends[1].cancel()
    payouts.covered()
    dividends[3].claim(BOB)
    payouts.covered()
    for dividend in dividends[::2]:
        dividend.balanced()
        dividend.close()
        payouts.covered()
