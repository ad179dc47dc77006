"""Against those who would spend another's room for shares, act twice, or leave a dividend without an end (DV, AC)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eth_utils import keccak

from tests.contracts.support import node
from tests.contracts.support.contracts import Refusal
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import (
    ALICE,
    BOB,
    CAROL,
    DAVE,
    header,
    line,
    wallet_of,
)
from tests.contracts.support.payout import (
    CANCELLED,
    CHEST,
    Payouts,
    tax_on,
)
from tests.contracts.support.raising import IVAN, money

# --- dividends in shares beside everything else ---


def test_scrip__chosen_by_who_is_parked_until_after_a_second_offer_ends__own_room_only(payouts: Payouts) -> None:
    """One offer's room is never spent by another, and what a parked holder is due stays kept."""
    ground = payouts.ground
    ground.company.act("admitPayouts", header(), payouts.contract.address, by=payouts.admin)
    first, second = payouts.declare(total=41_540, scrip_price=10), payouts.declare(total=20_770, scrip_price=10)
    for dividend in (first, second):
        dividend.choose(ALICE)
        dividend.fix()
    first.payable()
    ground.freeze(ALICE)
    first.pay()
    second.pay()
    second.close()
    assert ground.common.read("reservedShares") == first.now().reserved == 4_154
    ground.freeze(ALICE, False)
    first.pay()
    assert ground.balance(ground.common, wallet_of(ALICE)) == 1_000 + 20_000 * 8 // 10 // 10
    second.claim(ALICE)
    assert money(ground, wallet_of(ALICE)) == 10_000 * 8 // 10
    first.close()
    assert ground.common.read("reservedShares") == 0
    payouts.covered()


def test_scrip__everybody_chooses_and_the_class_has_just_that_room__all_are_delivered(payouts: Payouts) -> None:
    ground = payouts.ground
    ground.company.act("admitPayouts", header(), payouts.contract.address, by=payouts.admin)
    ground.common.act("setAuthorised", header(), 2_077 + 20_770 // 3, by=ground.registrar)
    dividend = payouts.declare(total=20_770, scrip_price=3)
    with raises("Refused", 19):
        ground.issue(ground.common, line(wallet_of(ALICE), 1))
    for party in (ALICE, CAROL, DAVE, IVAN):
        dividend.choose(party)
    dividend.choose_for(BOB)
    dividend.fix()
    dividend.payable()
    dividend.pay()
    dividend.balanced()
    nets = {p: dividend.gross(p) - tax_on(dividend.gross(p), 0 if p == IVAN else 2_000) for p in payouts.parties}
    assert ground.common.read("totalSupply") == 2_077 + sum(net // 3 for net in nets.values())
    dividend.close()
    payouts.covered()


# --- who may act ---


def test_acts__of_the_contract_by_itself_or_with_used_operations__refused(payouts: Payouts) -> None:
    dividend = payouts.declare()
    used = header()
    dividend.contract.act("cancel", used, dividend.id, by=payouts.admin)
    again = payouts.declare()
    with raises("OperationDone"):
        again.contract.act("cancel", used, again.id, by=payouts.admin)
    with raises("OperationMissing"):
        again.contract.act("cancel", (bytes(32), node.TODAY, keccak(b"x")), again.id, by=payouts.admin)


def test_admin__handed_over__the_old_hand_neither_declares_nor_cancels(payouts: Payouts) -> None:
    ground = payouts.ground
    dividend = payouts.declare()
    ground.company.act("offerAdmin", header(), wallet_of(DAVE), by=payouts.admin)
    ground.company.act("acceptAdmin", by=wallet_of(DAVE))
    for act in (payouts.declare, dividend.cancel):
        with raises("NotAuthorised", payouts.admin, 1):
            act()
    # The money goes back to where it came from, not to who cancels.
    dividend.cancel(by=wallet_of(DAVE))
    assert (money(ground, payouts.admin), money(ground, wallet_of(DAVE))) == (CHEST, 0)


def test_terms__sums_that_pass_every_field__never_more_than_there_is(payouts: Payouts) -> None:
    """The largest numbers that the terms can hold."""
    most: list[dict[str, Any]] = [
        {"total": 2**64 - 1, "profit": 2**64 - 1},
        {"total": CHEST + 1, "profit": 2**64 - 1, "rate": 2**72 - 1},
    ]
    for changes in most:
        with raises("ERC20InsufficientBalance"):
            payouts.declare(**changes)
    late = 2**40 - 1 - 10_950 * node.DAY
    dividend = payouts.declare(payable_from=late, expires_at=2**40 - 1, profit=2**64 - 1)
    dividend.fix()
    with raises("NotDue", ..., late):
        dividend.pay()
    dividend.cancel()
    payouts.covered()


def _attempt(act: Callable[[], Any]) -> str:
    try:
        act()
    except Refusal as refusal:
        return refusal.name
    return ""


def test_dividend__of_which_nothing_is_due__goes_back_when_it_is_to_be_fixed(payouts: Payouts) -> None:
    """DV-17: no dividend is ever without an end."""
    ground = payouts.ground
    accounts = [
        wallet_of(ALICE),
        ground.book(BOB),
        wallet_of(CAROL),
        ground.book(CAROL),
        wallet_of(DAVE),
        wallet_of(IVAN),
    ]
    lives = [payouts.declare(excluded=accounts), payouts.declare(rate=1), payouts.declare(ground.preferred)]
    for dividend in lives:
        dividend.past_record()
        named = payouts.holders(dividend.terms, dividend.excluded)
        dividend.contract.act("fix", dividend.id, named, by=ground.stranger)
        assert dividend.now().state == CANCELLED
    assert money(ground, payouts.admin) == CHEST
