"""Fixing the register at the record date: complete, each party once, whatever happened to the shares since (DV)."""

from __future__ import annotations

import pytest
from eth_abi import encode
from eth_utils import keccak

from registry.domain.payout_args import LEAF, HolderRow
from tests.contracts.support import node
from tests.contracts.support.contracts import Contract
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import (
    ALICE,
    BOB,
    CANCEL,
    CAROL,
    DAVE,
    REPURCHASE,
    ZERO,
    fill,
    header,
    line,
    wallet_of,
)
from tests.contracts.support.node import DAY
from tests.contracts.support.payout import CANCELLED, CHEST, FIXED, UNIT, Dividend, Payouts, event
from tests.contracts.support.raising import ISSUER, IVAN, clock, clock_to, halt, money

ENTITLED = 2_077


@pytest.fixture
def dividend(payouts: Payouts) -> Dividend:
    """Declared; its record date has passed."""
    dividend = payouts.declare()
    dividend.past_record()
    return dividend


@pytest.fixture
def accounts(dividend: Dividend) -> list[str]:
    return dividend.payouts.holders(dividend.terms)


def test_fix__complete__is_told_with_the_shares_of_each_party(dividend: Dividend, accounts: list[str]) -> None:
    told = event(dividend.fix(*accounts), "DistributionFixed")
    assert (told["entitled"], told["declared"], told["returned"]) == (ENTITLED, 1_000_000, 0)
    assert told["expiresAt"] == dividend.terms.expires_at
    book = dividend.ground.book
    expected = [
        (ALICE, 1_000, wallet_of(ALICE)),
        (BOB, 500, book(BOB)),
        (CAROL, 340, wallet_of(CAROL)),
        (DAVE, 160, wallet_of(DAVE)),
        (IVAN, 77, wallet_of(IVAN)),
    ]
    assert [(row.party, row.shares, "0x" + row.account.hex()) for row in dividend.rows] == expected
    d = dividend.now()
    assert (d.state, d.entitled, d.declared, d.handled) == (FIXED, ENTITLED, 1_000_000, 0)
    leaf = keccak(encode(["uint256"] * 5, [row.pack() for row in dividend.rows]))
    assert dividend.contract.read("leafOf", dividend.id, 0) == leaf
    assert dividend.contract.read("leafOf", dividend.id, 1) == b"\0" * 32


def test_fix__before_the_record_date_is_over__refused(payouts: Payouts) -> None:
    dividend = payouts.declare()
    time = payouts.ground.common.read("recordTimes")[-1]
    node.next_block_at(time)
    with raises("RecordDateAhead", 1, time):
        payouts.contract.act("fix", dividend.id, [wallet_of(ALICE)], by=payouts.ground.stranger)
    dividend.fix()


def test_fix__twice_or_unknown__refused(dividend: Dividend, accounts: list[str]) -> None:
    dividend.fix()
    with raises("DistributionStateForbids", dividend.id, FIXED):
        dividend.fix(*accounts)
    with raises("DistributionUnknown", 7):
        Dividend(dividend.payouts, dividend.terms, 7).fix(*accounts)


def test_fix__any_account_missing__refused(dividend: Dividend, accounts: list[str]) -> None:
    for missing in accounts:
        held = dividend.ground.common.read("balanceAt", missing, 1)
        with raises("HoldersMissing", ENTITLED - held, ENTITLED):
            dividend.fix(*(account for account in accounts if account != missing))


def test_fix__nobody_named__refused(dividend: Dividend) -> None:
    with raises("HoldersMissing", 0, ENTITLED):
        dividend.contract.act("fix", dividend.id, [], by=dividend.ground.stranger)


def test_fix__any_account_doubled_or_out_of_order__refused_at_its_place(
    dividend: Dividend, accounts: list[str]
) -> None:
    for i, account in enumerate(accounts):
        with raises("HolderMisplaced", i + 1):
            dividend.fix(*accounts[: i + 1], account, *accounts[i + 1 :])
    for i in range(len(accounts) - 1):
        with raises("HolderMisplaced", i + 1):
            dividend.fix(*accounts[:i], accounts[i + 1], accounts[i], *accounts[i + 2 :])


def test_fix__accounts_that_held_nothing__refused(dividend: Dividend, accounts: list[str]) -> None:
    empty = dividend.ground.bind(IVAN, 1)
    for other in (empty, dividend.ground.book(IVAN), dividend.ground.stranger, ZERO):
        with raises("HolderMisplaced", len(accounts)):
            dividend.fix(*accounts, other)


def test_fix__who_entered_after_the_date__refused_and_who_left_is_needed(payouts: Payouts) -> None:
    ground, newcomer = payouts.ground, wallet_of(401)
    dividend = payouts.declare()
    dividend.past_record()
    ground.give(ground.common, wallet_of(IVAN), newcomer, 77)
    named = payouts.holders(dividend.terms)
    with raises("HolderMisplaced", len(named)):
        dividend.fix(*named[:-1], wallet_of(IVAN), newcomer)
    dividend.fix(*named)
    assert dividend.rows[-1].party == IVAN


def test_fix__party_with_nine_accounts__one_row_paid_to_the_first_that_held(payouts: Payouts) -> None:
    ground = payouts.ground
    for number in range(1, 8):
        ground.bind(DAVE, number)
    # The first wallet holds nothing at the date, the others and the book account do.
    for number in (7, 3, 5, 1):
        ground.give(ground.common, wallet_of(DAVE), wallet_of(DAVE, number), 30)
    ground.give(ground.common, wallet_of(DAVE), ground.book(DAVE), 40)
    dividend = payouts.fixed()
    row = dividend.rows[dividend.position(DAVE)]
    assert row == HolderRow(row.party, row.shares, bytes.fromhex(wallet_of(DAVE, 1)[2:]))  # type: ignore[arg-type]
    assert row.shares == 160


# --- the register after the date ---


def test_fix__after_issues_and_cancellations__the_register_at_the_date_counts(payouts: Payouts) -> None:
    ground = payouts.ground
    dividend = payouts.declare()
    dividend.past_record()
    ground.issue(ground.common, line(wallet_of(ALICE), 50), line(ground.book(401), 70))
    ground.cancel(ground.common, ground.book(BOB), 500, CANCEL)
    ground.cancel(ground.common, ground.book(CAROL), 7, REPURCHASE)
    ground.common.act("split", header(), 2, 1, [line(wallet_of(DAVE), 160)], by=ground.registrar)
    assert ground.common.read("issuedAt", 1) == ENTITLED != ground.common.read("totalSupply")
    dividend.fix()
    assert [row.shares for row in dividend.rows] == [1_000, 500, 340, 160, 77]


@pytest.mark.parametrize("into", [True, False])
def test_fix__after_a_conversion__each_class_as_it_was(payouts: Payouts, into: bool) -> None:
    """Both classes have a date and a dividend; then shares go from one to the other."""
    ground = payouts.ground
    ground.issue(ground.preferred, line(ground.book(BOB), 90))
    dividends = [payouts.declare(share_class) for share_class in (ground.common, ground.preferred)]
    dividends[0].past_record()
    source, target = (ground.common, ground.preferred) if into else (ground.preferred, ground.common)
    ground.convert(source, target, ground.book(BOB), 90, 45)
    for dividend in dividends:
        dividend.fix()
    assert [d.now().entitled for d in dividends] == [ENTITLED, 90]
    assert dividends[1].rows[0].party == BOB
    payouts.covered()


def test_fix__issued_between_declaration_and_date__shares_in_it(payouts: Payouts) -> None:
    ground = payouts.ground
    dividend = payouts.declare()
    ground.issue(ground.common, line(ground.book(401), 1_000))
    payouts.parties.append(401)
    dividend.fix()
    assert dividend.now().entitled == ENTITLED + 1_000


# --- who is left out ---


def test_fix__excluded_accounts__are_not_named_and_do_not_share(payouts: Payouts) -> None:
    """One account of Carol's is left out, her other one shares; doubled, empty and unknown ones change nothing."""
    ground = payouts.ground
    carol, unknown = wallet_of(CAROL), ground.stranger
    left_out = [carol, wallet_of(ALICE), carol, ground.book(DAVE), ZERO, unknown]
    dividend = payouts.declare(excluded=left_out)
    dividend.past_record()
    named = payouts.holders(dividend.terms, left_out)
    with raises("HolderMisplaced", 0):
        dividend.fix(wallet_of(ALICE), *named)
    with raises("HoldersMissing", ENTITLED - 7, ENTITLED):
        dividend.fix(*(account for account in named if account != ground.book(CAROL)))
    dividend.fix(*named)
    assert [(row.party, row.shares) for row in dividend.rows] == [(BOB, 500), (CAROL, 7), (DAVE, 160), (IVAN, 77)]
    dividend.payable()
    dividend.pay()
    dividend.balanced()


def _void(dividend: Dividend) -> None:
    """By anybody, and nothing of it is left anywhere."""
    dividend.past_record()
    accounts = dividend.payouts.holders(dividend.terms, dividend.excluded)
    events = dividend.contract.act("fix", dividend.id, accounts, by=dividend.ground.stranger)
    assert [e.name for e in events if e.emitter == dividend.contract.address] == ["DistributionCancelled"]
    d = dividend.now()
    assert (d.state, d.declared, d.entitled) == (CANCELLED, 0, 0)
    assert money(dividend.ground, dividend.payouts.admin) == CHEST
    dividend.payouts.covered()


def test_fix__everybody_excluded__is_cancelled_and_all_money_back(payouts: Payouts) -> None:
    """DV-17"""
    _void(payouts.declare(excluded=_accounts(payouts)))


def test_fix__class_without_shares__is_cancelled_and_all_money_back(payouts: Payouts) -> None:
    """DV-17"""
    _void(payouts.declare(payouts.ground.preferred))


def test_fix__less_than_a_fen_for_all_together__is_cancelled_and_all_money_back(payouts: Payouts) -> None:
    """DV-17"""
    _void(payouts.declare(rate=UNIT // ENTITLED - 1, total=10))


# --- a rate ---


def test_fix__rate_needs_less__the_rest_goes_back(payouts: Payouts) -> None:
    dividend = payouts.declare(rate=3 * UNIT + UNIT // 3, total=10_000)
    told = event(dividend.fix(), "DistributionFixed")
    needed = ENTITLED * (3 * UNIT + UNIT // 3) // UNIT
    assert (told["declared"], told["returned"]) == (needed, 10_000 - needed)
    assert money(payouts.ground, payouts.admin) == CHEST - needed
    assert dividend.now().declared == needed
    assert not dividend.now().isShort
    payouts.covered()


def test_fix__rate_of_a_book_account__the_rest_goes_back_there(payouts: Payouts) -> None:
    book = payouts.ground.book(ISSUER)
    payouts.fixed(rate=UNIT, total=10_000, funded_by=bytes.fromhex(book[2:]))
    assert money(payouts.ground, book) == CHEST - ENTITLED


def test_fix__rate_and_wallet_closed_meanwhile__the_rest_goes_to_the_book_account(payouts: Payouts) -> None:
    dividend = payouts.declare(rate=UNIT, total=10_000)
    payouts.ground.close_wallet(payouts.admin)
    dividend.fix()
    assert money(payouts.ground, payouts.ground.book(ISSUER)) == CHEST + 10_000 - ENTITLED


def test_fix__rate_needs_exactly_the_total__nothing_returned(payouts: Payouts) -> None:
    dividend = payouts.declare(rate=2 * UNIT, total=2 * ENTITLED)
    assert event(dividend.fix(), "DistributionFixed")["returned"] == 0
    assert not dividend.now().isShort


def test_fix__rate_needs_a_fen_more__is_shared_out(payouts: Payouts) -> None:
    ground = payouts.ground
    dividend = payouts.declare(rate=2 * UNIT, total=2 * ENTITLED)
    ground.issue(ground.common, line(ground.book(BOB), 1))
    dividend.fix()
    assert dividend.now().isShort
    dividend.payable()
    dividend.pay()
    assert dividend.gross(BOB) == 501 * 2 * ENTITLED // (ENTITLED + 1)
    dividend.balanced()
    dividend.close()
    payouts.covered()


def test_fix__rate_of_a_class_with_decimals__is_for_a_whole_share(payouts: Payouts) -> None:
    ground = payouts.ground
    terms = ("四位小数", "XGBD-4", 10**12, 4, 0b111110)
    ground.company.act("createClass", header(), terms, by=payouts.admin)
    fine = Contract("ShareClass", ground.company.read("classes")[-1])
    ground.issue(fine, line(ground.book(BOB), 15_000), line(wallet_of(ALICE), 33_333))
    dividend = payouts.ripe(fine, rate=10 * UNIT + 7, total=100)
    dividend.pay()
    assert [dividend.gross(party) for party in (ALICE, BOB)] == [33, 15]
    assert dividend.now().declared == 48
    dividend.balanced()


# --- late ---


def test_fix__after_the_payment_date__the_expiry_moves_by_as_much(payouts: Payouts) -> None:
    dividend = payouts.declare()
    clock_to(payouts.ground, dividend.terms.payable_from + 40 * DAY)
    told = event(dividend.fix(), "DistributionFixed")
    late = clock(payouts.ground) - dividend.terms.payable_from
    assert late > 40 * DAY
    assert told["expiresAt"] == dividend.now().expiresAt == dividend.terms.expires_at + late
    dividend.pay()
    assert dividend.now().handled == ENTITLED


def test_fix__late_by_a_halt__does_not_move_the_expiry(payouts: Payouts) -> None:
    dividend = payouts.declare()
    halt(payouts.ground)
    node.jump_to(node.now() + 40 * DAY)
    dividend.fix()
    assert dividend.now().expiresAt == dividend.terms.expires_at


# --- two hundred holders ---


def test_fix__two_hundred_holders__leaves_of_eight_and_one_transaction(payouts: Payouts) -> None:
    taken = payouts.ground.seats()
    payouts.parties += fill(payouts.ground, 200 - taken)
    dividend = payouts.fixed()
    assert len(dividend.rows) == 200
    packed = [row.pack() for row in dividend.rows]
    for leaf in range(25):
        rows = packed[leaf * LEAF : (leaf + 1) * LEAF]
        assert dividend.contract.read("leafOf", 1, leaf) == keccak(encode(["uint256"] * len(rows), rows))
    assert dividend.contract.read("leafOf", 1, 25) == b"\0" * 32


def _accounts(payouts: Payouts) -> list[str]:
    book = payouts.ground.book
    return [*(wallet_of(party) for party in (ALICE, CAROL, DAVE, IVAN)), book(BOB), book(CAROL)]
