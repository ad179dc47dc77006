"""Against whoever would change, stop or strand a dividend between declaration and last fen (DV, RD, LAW-15 to 20)."""

from __future__ import annotations

import random

import pytest

from tests.contracts.support import node
from tests.contracts.support.calls import raw
from tests.contracts.support.contracts import deploy
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
    wallet_key,
    wallet_of,
)
from tests.contracts.support.payout import (
    CHEST,
    LAPSED,
    OFFICE,
    PAID,
    PARKED,
    UNIT,
    Dividend,
    Payouts,
    payments,
    tax_on,
)
from tests.contracts.support.raising import ISSUER, IVAN, clock, halt, money

MARY = 910
"""Her wallet is a contract that refuses every call which it does not know."""


def hold(ground: Ground, account: str, frozen: bool = True) -> None:
    """Money of one account, by order."""
    ground.token.act("setFrozen", header(), account, frozen, by=ground.regulator)


def succeed(payouts: Payouts) -> None:
    """The register goes to a successor."""
    ground = payouts.ground
    heir, _ = found(ground.factory, "继承公司", [COMMON], predecessor=ground.company.address)
    ground.company.act("nameSuccessor", header(), heir.address, by=payouts.admin)


# --- accounts that are held ---


def test_life__every_account_that_gets_money_is_held__nothing_is_stuck(payouts: Payouts) -> None:
    """Holders, company, tax office and remainder account frozen at the bank, office and company as parties too."""
    ground = payouts.ground
    remainder = ground.book(CAROL)
    dividend = payouts.declare(total=1_000_001, rate=400 * UNIT, remainder_account=raw(remainder))
    for account in (payouts.admin, wallet_of(OFFICE), remainder, wallet_of(ALICE), ground.book(BOB)):
        hold(ground, account)
    for party in (ISSUER, OFFICE):
        ground.freeze(party)
    dividend.fix()
    assert money(ground, payouts.admin) == CHEST - 2_077 * 400
    dividend.payable()
    dividend.claim(ALICE)
    dividend.remit()
    dividend.overdue()
    dividend.lapse()
    dividend.close()
    gross = 1_000 * 400
    assert money(ground, wallet_of(OFFICE)) == tax_on(gross, 2_000)
    assert money(ground, remainder) == 1_077 * 400
    assert money(ground, payouts.contract.address) == 0


def test_cancel__the_account_that_paid_is_held__gets_it_back_all_the_same(payouts: Payouts) -> None:
    ground = payouts.ground
    dividend = payouts.declare(funded_by=raw(ground.book(ISSUER)))
    hold(ground, ground.book(ISSUER))
    ground.freeze(ISSUER)
    dividend.cancel()
    assert money(ground, ground.book(ISSUER)) == CHEST


def test_pay__money_of_the_contract_itself_is_held__waits_and_then_is_paid_to_the_fen(payouts: Payouts) -> None:
    ground = payouts.ground
    dividend = payouts.ripe()
    hold(ground, payouts.contract.address)
    for act in (dividend.pay, lambda: dividend.claim(ALICE), dividend.cancel):
        with raises("MoneyFrozen", payouts.contract.address):
            act()
    hold(ground, payouts.contract.address, False)
    dividend.pay()
    dividend.balanced()
    dividend.close()
    payouts.covered()


@pytest.mark.parametrize("is_rated", [True, False])
def test_fix__money_stopped__only_what_goes_back_waits(payouts: Payouts, is_rated: bool) -> None:
    ground = payouts.ground
    dividend = payouts.declare(rate=UNIT if is_rated else 0)
    ground.token.act("setStopped", header(), True, by=ground.custodian)
    if is_rated:
        with raises("MoneyIsStopped"):
            dividend.fix()
        ground.token.act("setStopped", header(), False, by=ground.custodian)
    dividend.fix()
    assert dividend.now().entitled == 2_077


# --- wallets that are contracts ---


def test_pay__a_wallet_that_refuses_every_call__is_paid_like_any_other(payouts: Payouts) -> None:
    """Paying calls nobody: not the holder, nor the account for the remainder."""
    ground = payouts.ground
    owner = wallet_of(MARY)
    vault = deploy("MockWallet", owner).address
    ground.onboard(person(MARY))
    deadline = node.now() + 1_000
    signature = ground.signature(MARY, vault, deadline, wallet_key(MARY, 0))
    ground.registry.act("bindWallet", header(), MARY, vault, deadline, signature, by=ground.kyc_agent)
    ground.issue(ground.common, line(vault, 23))
    dividend = payouts.declare(remainder_account=raw(vault))
    dividend.past_record()
    dividend.fix(*payouts.holders(dividend.terms), vault)
    dividend.payable()
    dividend.pay()
    dividend.close()
    gross = 23 * 1_000_000 // 2_100
    assert money(ground, vault) == gross - tax_on(gross, 2_000) + carried(dividend)
    payouts.covered()


def carried(dividend: Dividend) -> int:
    """[fen] What roundings left."""
    d = dividend.now()
    return int(d.declared - d.paid - d.withheld - d.parked - d.lapsed)


# --- the register moves on ---


def test_record_date__moves_in_its_last_second_count_and_a_second_later_not(payouts: Payouts) -> None:
    ground = payouts.ground
    dividend = payouts.declare()
    time = ground.common.read("recordTimes")[-1]
    node.next_block_at(time)
    ground.give(ground.common, wallet_of(ALICE), wallet_of(DAVE), 400)
    node.next_block_at(time + 1)
    ground.give(ground.common, wallet_of(DAVE), wallet_of(ALICE), 560)
    ground.issue(ground.common, line(wallet_of(CAROL), 9))
    dividend.fix()
    assert {row.party: row.shares for row in dividend.rows} == {ALICE: 600, BOB: 500, CAROL: 340, DAVE: 560, IVAN: 77}


def test_record_date__set_for_this_very_second__what_follows_in_it_still_counts(payouts: Payouts) -> None:
    """Declared for the second that runs: the register is that of its last block."""
    ground = payouts.ground
    time = node.now() + 50
    epoch = payouts.announce(time=time)
    terms = payouts.terms(epoch=epoch)
    node.next_block_at(time)
    dividend = payouts.declare_as(terms)
    node.ask("anvil_setBlockTimestampInterval", 0)
    try:
        ground.give(ground.common, wallet_of(ALICE), wallet_of(DAVE), 1_000)
        assert node.now() == time
        with raises("RecordDateAhead"):
            dividend.contract.act("fix", dividend.id, [], by=ground.stranger)
    finally:
        node.ask("anvil_setBlockTimestampInterval", 1)
    node.jump_to(time + 1)
    dividend.fix()
    assert [row.party for row in dividend.rows] == [BOB, CAROL, DAVE, IVAN]
    assert dividend.rows[2].shares == 1_160


@pytest.mark.parametrize(("numerator", "denominator"), [(3, 1), (1, 2)])
def test_split__between_record_date_and_fix_or_payment__changes_no_part(
    payouts: Payouts, numerator: int, denominator: int
) -> None:
    """LAW-16: a rate and a total alike."""
    ground = payouts.ground
    lives = [payouts.declare(rate=7 * UNIT), payouts.declare(total=999_999), payouts.declare(total=77)]
    lives[2].fix()
    balances = {wallet_of(ALICE): 1_000, ground.book(BOB): 500, wallet_of(DAVE): 160}
    differences = [
        line(account, abs(shares * numerator // denominator - shares)) for account, shares in balances.items()
    ]
    ground.common.act("split", header(), numerator, denominator, differences, by=ground.registrar)
    for dividend in lives[:2]:
        dividend.fix()
    for dividend in lives:
        dividend.payable()
        dividend.pay()
        assert {row.party: row.shares for row in dividend.rows}[ALICE] == 1_000
        assert dividend.now().entitled == 2_077
        dividend.balanced()
        dividend.close()
    payouts.covered()


def test_successor__named_while_dividends_are_open__each_comes_to_its_end(payouts: Payouts) -> None:
    """What was declared is paid out or taken back, whatever became of the register."""
    ground = payouts.ground
    declared, fixed, paid = payouts.declare(rate=3 * UNIT), payouts.declare(), payouts.declare()
    fixed.fix()
    paid.fix()
    succeed(payouts)
    declared.fix()
    declared.payable()
    declared.pay()
    declared.close()
    fixed.cancel()
    ground.freeze(BOB)
    paid.pay()
    paid.close()
    ground.freeze(BOB, False)
    paid.claim(BOB)
    paid.remit()
    payouts.covered()
    assert money(ground, payouts.contract.address) == 0


def test_empty_moves__by_strangers_after_the_date__change_no_part(payouts: Payouts) -> None:
    ground = payouts.ground
    dividend = payouts.declare()
    dividend.past_record()
    for taker in (wallet_of(ALICE), ground.book(BOB), ground.book(CAROL), ground.book(ALICE)):
        ground.give(ground.common, wallet_of(DAVE), taker, 0)
    dividend.fix()
    assert [row.shares for row in dividend.rows] == [1_000, 500, 340, 160, 77]


# --- who is left out ---


def test_excluded__doubles_strangers_and_empty_accounts_among_sixteen__each_counts_once(payouts: Payouts) -> None:
    ground = payouts.ground
    excluded = [wallet_of(ALICE)] * 4 + [ground.book(CAROL)] * 3
    excluded += [ground.stranger, ground.book(ALICE), payouts.contract.address, ground.common.address, "0x" + "00" * 20]
    excluded += [ground.book(IVAN), ground.book(99_999), wallet_of(OFFICE), wallet_of(ALICE)]
    assert len(excluded) == 16
    dividend = payouts.declare(excluded=excluded)
    dividend.fix()
    assert {row.party: row.shares for row in dividend.rows} == {BOB: 500, CAROL: 333, DAVE: 160, IVAN: 77}
    with raises("TooManyEntries", 17, 16):
        payouts.declare(excluded=[*excluded, wallet_of(ALICE)])


def test_excluded__named_by_whoever_fixes__refused_in_its_place(payouts: Payouts) -> None:
    dividend = payouts.declare(excluded=[wallet_of(ALICE)])
    dividend.past_record()
    with raises("HolderMisplaced", 0):
        dividend.fix(*payouts.holders(dividend.terms))


# --- parked, cured, lapsed, closed ---


def test_parked__cured_after_the_close_with_a_closed_wallet__to_the_book_account_and_taxed_apart(
    payouts: Payouts,
) -> None:
    ground = payouts.ground
    dividend = payouts.ripe()
    ground.freeze(ALICE)
    dividend.pay()
    dividend.close()
    office = money(ground, wallet_of(OFFICE))
    ground.freeze(ALICE, False)
    ground.close_wallet(wallet_of(ALICE))
    dividend.overdue()
    dividend.pay()
    gross = dividend.gross(ALICE)
    tax = tax_on(gross, 2_000)
    assert money(ground, ground.book(ALICE)) == gross - tax
    assert (money(ground, wallet_of(OFFICE)), money(ground, payouts.contract.address)) == (office, tax)
    dividend.remit()
    dividend.remit()
    assert money(ground, wallet_of(OFFICE)) == office + tax
    assert (dividend.now().parked, money(ground, payouts.contract.address)) == (0, 0)


def test_parked__again_and_again__is_counted_once_and_paid_once(payouts: Payouts) -> None:
    ground = payouts.ground
    dividend = payouts.ripe()
    for _ in range(3):
        ground.freeze(BOB)
        dividend.pay()
        assert dividend.now().parked == dividend.gross(BOB)
        dividend.balanced()
    dividend.overdue()
    dividend.lapse()
    assert dividend.settlement(BOB) == PARKED
    ground.freeze(BOB, False)
    told = [payment.settlement for payment in payments(dividend.lapse())]
    assert told == [PAID]
    assert not [event for event in dividend.pay() if event.name == "EntitlementsHandled"]
    dividend.balanced()
    dividend.close()
    payouts.covered()


def test_expiry__late_by_fix_and_by_halt__each_stretches_it_once(payouts: Payouts) -> None:
    ground = payouts.ground
    dividend = payouts.declare()
    span = dividend.terms.expires_at - dividend.terms.payable_from
    dividend.payable()
    node.jump_to(node.now() + 5 * node.DAY)
    halt(ground)
    node.jump_to(node.now() + 9 * node.DAY)
    dividend.fix()
    standing = clock(ground)
    assert dividend.now().expiresAt == standing + span
    # In a halt it is paid, but nothing runs out.
    dividend.claim(ALICE)
    node.jump_to(node.now() + 100 * node.DAY)
    dividend.claim(BOB)
    with raises("NotDue", standing, standing + span + 1):
        dividend.lapse()
    halt(ground, False)
    dividend.overdue()
    dividend.pay()
    dividend.lapse()
    assert dividend.settlements() == [PAID, PAID, LAPSED, LAPSED, LAPSED]
    dividend.balanced()


def test_expiry__its_last_second_pays_and_the_next_lapses(payouts: Payouts) -> None:
    dividend = payouts.ripe()
    dividend.claim(ALICE)
    last = dividend.now().expiresAt
    node.next_block_at(last)
    dividend.claim(BOB)
    node.next_block_at(last + 1)
    dividend.claim(CAROL)
    node.next_block_at(last + 2)
    dividend.lapse()
    assert dividend.settlements() == [PAID, PAID, LAPSED, LAPSED, LAPSED]


# --- rounding ---


@pytest.mark.parametrize("seed", range(3))
def test_orders__of_pages_and_claims_with_parked_ones__every_order_comes_to_the_same_fen(
    payouts: Payouts, seed: int
) -> None:
    """LAW-17 and LAW-18, on amounts that leave a rest at every division."""
    chance, ground = random.Random(seed), payouts.ground
    terms = {"total": chance.randint(5, 10**6)} if seed % 2 else {"rate": chance.randint(UNIT // 3, 11 * UNIT)}
    dividend = payouts.ripe(**terms)
    taken = node.snapshot()
    ends = []
    for _ in range(3):
        ends.append(_ended(chance, ground, dividend))
        node.revert_to(taken)
        taken = node.snapshot()
    assert ends[0] == ends[1] == ends[2]


def _ended(chance: random.Random, ground: Ground, dividend: Dividend) -> list[int]:
    """What everybody has once all are paid, in some order."""
    parties = [row.party for row in dividend.rows]
    chance.shuffle(parties)
    for party in parties:
        if chance.random() < 0.5:
            ground.freeze(party)
            dividend.claim(party)
            if chance.random() < 0.3:
                dividend.pay()
            ground.freeze(party, False)
        dividend.claim(party)
    dividend.pay()
    dividend.balanced()
    dividend.close()
    everybody = (ALICE, BOB, CAROL, DAVE, IVAN, OFFICE, ISSUER)
    return [money(ground, account) for party in everybody for account in (wallet_of(party), ground.book(party))]
