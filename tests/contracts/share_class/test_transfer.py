"""A holder's own transfer: refusals first, then what it does, what it tells, and what it leaves alone."""

from __future__ import annotations

import pytest

from registry.domain.rules import Rule
from registry.domain.words import Holding
from tests.contracts.support import node
from tests.contracts.support.contracts import STRANGER
from tests.contracts.support.expect import asked, raises, refused
from tests.contracts.support.ground import ALICE, BOB, CAROL, DAVE, FAR, TREASURY, ZERO, Ground, header, line, person

# --- who may receive (ID, FR, WA, EL) ---


def test_transfer__receiver_not_registered__refused_ID2(ground: Ground, alice: str) -> None:
    assert asked(ground.common, alice, STRANGER, 1) == Rule.RECEIVER_UNKNOWN
    with refused(Rule.RECEIVER_UNKNOWN):
        ground.give(ground.common, alice, STRANGER, 1)


def test_transfer__to_the_zero_address__refused_like_any_unknown_account_ID2(ground: Ground, alice: str) -> None:
    assert asked(ground.common, alice, ZERO, 1) == Rule.RECEIVER_UNKNOWN
    with refused(Rule.RECEIVER_UNKNOWN):
        ground.give(ground.common, alice, ZERO, 1)


def test_transfer__to_book_account_of_nobody__refused_ID2(ground: Ground, alice: str) -> None:
    with refused(Rule.RECEIVER_UNKNOWN):
        ground.give(ground.common, alice, ground.book(999_999), 1)


def test_transfer__sender_not_registered__refused_ID1(ground: Ground, bob: str) -> None:
    assert asked(ground.common, STRANGER, bob, 1) == Rule.SENDER_UNKNOWN | Rule.BALANCE
    with refused(Rule.SENDER_UNKNOWN, Rule.BALANCE):
        ground.give(ground.common, STRANGER, bob, 1)


def test_transfer__registered_sender_who_never_held__refused_for_the_balance_BA1(ground: Ground, carol: str) -> None:
    assert asked(ground.common, carol, ground.book(BOB), 1) == Rule.BALANCE
    with refused(Rule.BALANCE):
        ground.give(ground.common, carol, ground.book(BOB), 1)


def test_transfer__sender_frozen__refused_FR1(ground: Ground, alice: str, bob: str) -> None:
    ground.freeze(ALICE)
    assert asked(ground.common, alice, bob, 1) == Rule.SENDER_FROZEN
    with refused(Rule.SENDER_FROZEN):
        ground.give(ground.common, alice, bob, 1)
    ground.freeze(ALICE, False)
    ground.give(ground.common, alice, bob, 1)


def test_transfer__receiver_frozen__refused_FR2(ground: Ground, alice: str, bob: str) -> None:
    ground.freeze(BOB)
    assert asked(ground.common, alice, bob, 1) == Rule.RECEIVER_FROZEN
    with refused(Rule.RECEIVER_FROZEN):
        ground.give(ground.common, alice, bob, 1)


def test_transfer__sending_wallet_closed__refused_WA1(ground: Ground, alice: str, bob: str) -> None:
    ground.close_wallet(alice)
    assert asked(ground.common, alice, bob, 1) == Rule.SENDER_WALLET_CLOSED
    with refused(Rule.SENDER_WALLET_CLOSED):
        ground.give(ground.common, alice, bob, 1)
    ground.close_wallet(alice, False)
    ground.give(ground.common, alice, bob, 1)


def test_transfer__receiving_wallet_closed__refused_WA2_while_the_book_account_stays_open(
    ground: Ground, alice: str, bob: str
) -> None:
    ground.close_wallet(bob)
    assert asked(ground.common, alice, bob, 1) == Rule.RECEIVER_WALLET_CLOSED
    with refused(Rule.RECEIVER_WALLET_CLOSED):
        ground.give(ground.common, alice, bob, 1)
    ground.give(ground.common, alice, ground.book(BOB), 1)
    assert ground.balance(ground.common, ground.book(BOB)) == 501


def test_transfer__category_not_admitted__refused_EL1(ground: Ground, alice: str, dave: str) -> None:
    ground.issue(ground.preferred, line(alice, 10))
    assert asked(ground.preferred, alice, dave, 1) == Rule.CATEGORY
    with refused(Rule.CATEGORY):
        ground.give(ground.preferred, alice, dave, 1)


@pytest.mark.parametrize("category", [0, 6, 15, 16, 255])
def test_transfer__unclassified_or_unheard_of_category__refused_EL1(
    ground: Ground, alice: str, bob: str, category: int
) -> None:
    ground.restate(person(BOB, category=category))
    with refused(Rule.CATEGORY):
        ground.give(ground.common, alice, bob, 1)


def test_transfer__several_rules_broken__all_named_and_the_lowest_code_first(
    ground: Ground, alice: str, bob: str
) -> None:
    ground.freeze(ALICE)
    ground.restate(person(BOB, kyc_day=node.TODAY - 1, category=0))
    broken = Rule.SENDER_FROZEN | Rule.CATEGORY | Rule.KYC | Rule.BALANCE
    assert asked(ground.common, alice, bob, 5_000) == broken
    with refused(Rule.SENDER_FROZEN, Rule.CATEGORY, Rule.KYC, Rule.BALANCE):
        ground.give(ground.common, alice, bob, 5_000)


# --- days: valid through their last second at UTC+8 ---


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        (Rule.KYC, {"kyc_day": node.TODAY + 5}),
        (Rule.QUALIFICATION, {"qualification_day": node.TODAY + 5}),
    ],
)
def test_transfer__standing_of_receiver_at_the_day_boundary__refused_from_the_next_midnight(
    ground: Ground, alice: str, bob: str, rule: Rule, facts: dict[str, int]
) -> None:
    ground.restate(person(BOB, **facts))
    for time in (node.last_second_of(node.TODAY + 4), node.last_second_of(node.TODAY + 5)):
        node.next_block_at(time)
        ground.give(ground.common, alice, bob, 1)
    node.next_block_at(node.first_second_of(node.TODAY + 6))
    with refused(rule):
        ground.give(ground.common, alice, bob, 1)
    assert asked(ground.common, alice, bob, 1) == rule


def test_transfer__qualification_lapsed_of_one_who_needs_none__goes_through_EL3(ground: Ground, alice: str) -> None:
    ground.restate(person(BOB, category=TREASURY, qualification_day=0))
    ground.give(ground.common, alice, ground.book(BOB), 1)


def test_transfer__sender_lapsed__may_still_send_EL2(ground: Ground, alice: str, bob: str) -> None:
    ground.restate(person(ALICE, kyc_day=node.TODAY - 1, qualification_day=0, category=0))
    ground.give(ground.common, alice, bob, 1_000)
    assert ground.balance(ground.common, alice) == 0


def test_transfer__receiver_revoked_in_the_same_day__refused_at_once_EL2(ground: Ground, alice: str, bob: str) -> None:
    ground.registry.act("revoke", header(), BOB, by=ground.kyc_agent)
    with refused(Rule.KYC, Rule.QUALIFICATION):
        ground.give(ground.common, alice, bob, 1)


def test_transfer__locked_through_a_day__free_from_the_next_midnight_LK1(ground: Ground, alice: str, bob: str) -> None:
    ground.common.act("setLock", header(), alice, node.TODAY + 2, by=ground.registrar)
    for time in (node.last_second_of(node.TODAY + 1), node.last_second_of(node.TODAY + 2)):
        node.next_block_at(time)
        with refused(Rule.LOCKED):
            ground.give(ground.common, alice, bob, 1)
    assert asked(ground.common, alice, bob, 1) == Rule.LOCKED
    node.next_block_at(node.first_second_of(node.TODAY + 3))
    ground.give(ground.common, alice, bob, 1)


# --- stops ---


def test_transfer__class_stopped__refused_ST3_and_the_other_class_goes_on(ground: Ground, alice: str, bob: str) -> None:
    ground.issue(ground.preferred, line(alice, 10))
    ground.company.act("stopClass", header(), ground.common.address, True, by=ground.stopper)
    with refused(Rule.CLASS_STOP):
        ground.give(ground.common, alice, bob, 1)
    ground.give(ground.preferred, alice, bob, 1)


def test_transfer__company_stopped_and_class_too__each_stop_ends_by_itself_ST2(
    ground: Ground, alice: str, bob: str
) -> None:
    ground.company.act("stopClass", header(), ground.common.address, True, by=ground.stopper)
    ground.company.act("stopCompany", header(), True, by=ground.stopper)
    ground.company.act("stopByRegulator", header(), True, by=ground.regulator)
    with refused(Rule.REGULATOR_STOP, Rule.COMPANY_STOP, Rule.CLASS_STOP):
        ground.give(ground.common, alice, bob, 1)
    ground.company.act("stopByRegulator", header(), False, by=ground.regulator)
    with refused(Rule.COMPANY_STOP, Rule.CLASS_STOP):
        ground.give(ground.common, alice, bob, 1)
    ground.company.act("stopClass", header(), ground.common.address, False, by=ground.stopper)
    with refused(Rule.COMPANY_STOP):
        ground.give(ground.common, alice, bob, 1)
    ground.company.act("stopCompany", header(), False, by=ground.stopper)
    ground.give(ground.common, alice, bob, 1)


# --- amounts ---


@pytest.mark.parametrize("shares", [1_001, 2**64 + 1, 2**256 - 1])
def test_transfer__more_than_held__refused_BA1_and_nothing_is_truncated(
    ground: Ground, alice: str, bob: str, shares: int
) -> None:
    assert asked(ground.common, alice, bob, shares) == Rule.BALANCE
    with refused(Rule.BALANCE):
        ground.give(ground.common, alice, bob, shares)


def test_transfer__between_holders__moves_shares_and_tells_both_holdings(ground: Ground, alice: str, bob: str) -> None:
    assert asked(ground.common, alice, bob, 100) == Rule(0)
    events = ground.give(ground.common, alice, bob, 100)
    assert [event.name for event in events] == ["Transfer", "HoldingsMoved"]
    assert list(events[0].values.values()) == [alice, bob, 100]
    assert Holding.unpack(events[1].values["from"]) == ground.holding(ground.common, alice)
    assert Holding.unpack(events[1].values["to"]) == ground.holding(ground.common, bob)
    assert ground.balance(ground.common, alice) == 900
    assert ground.balance(ground.common, bob) == 100
    assert ground.common.read("totalSupply") == 1_500
    assert ground.seats() == 2


def test_transfer__of_nothing__goes_through_and_takes_no_seat(ground: Ground, alice: str, carol: str) -> None:
    ground.give(ground.common, alice, carol, 0)
    assert ground.seat(CAROL) == (0, False, 0)
    assert ground.seats() == 2
    assert ground.holding(ground.common, carol).party == CAROL


def test_transfer__of_nothing_by_one_who_never_held__goes_through(ground: Ground, carol: str, bob: str) -> None:
    events = ground.give(ground.common, carol, bob, 0)
    assert Holding.unpack(events[-1].values["from"]).party == CAROL
    assert ground.seats() == 2


def test_transfer__to_oneself__changes_nothing(ground: Ground, alice: str) -> None:
    before = ground.holding(ground.common, alice)
    events = ground.give(ground.common, alice, alice, 1_000)
    assert events[1].values == {"from": before.pack(), "to": before.pack()}
    assert ground.holding(ground.common, alice) == before
    assert ground.seat(ALICE) == (1, False, 1)
    with refused(Rule.BALANCE):
        ground.give(ground.common, alice, alice, 1_001)


# --- between accounts of one party ---


def test_own_account__standing_lapsed__goes_through_without_the_rules_of_receiving(ground: Ground, alice: str) -> None:
    ground.restate(person(ALICE, kyc_day=0, qualification_day=0, category=0))
    ground.give(ground.common, alice, ground.book(ALICE), 400)
    assert ground.seat(ALICE)[0] == 2
    ground.give(ground.common, alice, ground.book(ALICE), 600)
    assert ground.seat(ALICE)[0] == 1
    assert ground.seats() == 2


def test_own_account__shares_locked__the_later_lock_up_goes_with_them_LK1(ground: Ground, alice: str) -> None:
    ground.common.act("setLock", header(), alice, node.TODAY + 9, by=ground.registrar)
    ground.give(ground.common, alice, ground.book(ALICE), 1_000)
    assert ground.holding(ground.common, ground.book(ALICE)).lock_day == node.TODAY + 9
    assert ground.holding(ground.common, alice).lock_day == 0
    with refused(Rule.LOCKED):
        ground.move(ground.common, ground.book(ALICE), ground.book(BOB), 1)


def test_own_account__empty_move_sent_by_a_stranger__carries_no_lock_up(ground: Ground, alice: str) -> None:
    second = ground.bind(ALICE, 1)
    ground.give(ground.common, alice, second, 300)
    ground.common.act("setLock", header(), alice, FAR, by=ground.registrar)
    ground.common.act("transferFrom", alice, second, 0, by=ground.stranger)
    assert ground.holding(ground.common, second).lock_day == 0
    ground.give(ground.common, second, ground.book(BOB), 300)


def test_own_account__party_frozen__refused_on_both_sides_FR1(ground: Ground, alice: str) -> None:
    ground.freeze(ALICE)
    with refused(Rule.SENDER_FROZEN, Rule.RECEIVER_FROZEN):
        ground.give(ground.common, alice, ground.book(ALICE), 1)


# --- allowances ---


def test_transfer_from__without_allowance__refused(ground: Ground, alice: str, bob: str) -> None:
    with raises("ERC20InsufficientAllowance", bob, 0, 1):
        ground.common.act("transferFrom", alice, bob, 1, by=bob)


def test_transfer_from__allowance_used_up__refused_beyond_it(ground: Ground, alice: str, bob: str) -> None:
    ground.common.act("approve", bob, 10, by=alice)
    ground.common.act("transferFrom", alice, bob, 10, by=bob)
    with raises("ERC20InsufficientAllowance", bob, 0, 1):
        ground.common.act("transferFrom", alice, bob, 1, by=bob)


def test_transfer_from__infinite_allowance__stays_and_the_rules_apply(ground: Ground, alice: str, bob: str) -> None:
    ground.common.act("approve", bob, 2**256 - 1, by=alice)
    ground.common.act("transferFrom", alice, bob, 10, by=bob)
    assert ground.common.read("allowance", alice, bob) == 2**256 - 1
    ground.close_wallet(alice)
    with refused(Rule.SENDER_WALLET_CLOSED):
        ground.common.act("transferFrom", alice, bob, 10, by=bob)


def test_book_account__owners_open_wallet__moves_its_shares_without_allowance(
    ground: Ground, alice: str, bob: str
) -> None:
    ground.common.act("transferFrom", ground.book(BOB), alice, 200, by=bob)
    assert ground.balance(ground.common, ground.book(BOB)) == 300


def test_book_account__owners_closed_wallet_or_anothers__needs_an_allowance_nobody_can_give(
    ground: Ground, alice: str, bob: str
) -> None:
    with raises("ERC20InsufficientAllowance"):
        ground.common.act("transferFrom", ground.book(BOB), alice, 1, by=alice)
    ground.close_wallet(bob)
    with raises("ERC20InsufficientAllowance"):
        ground.common.act("transferFrom", ground.book(BOB), alice, 1, by=bob)


def test_balance__of_an_employee_in_the_common_class__is_what_was_given(ground: Ground, alice: str, dave: str) -> None:
    ground.give(ground.common, alice, dave, 7)
    assert ground.common.read("holdingsOf", [alice, dave]) == tuple(
        ground.holding(ground.common, account).pack() for account in (alice, dave)
    )
    assert ground.holding(ground.common, dave).party == DAVE
