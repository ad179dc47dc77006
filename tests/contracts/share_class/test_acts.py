"""Acts of the transfer agent on book accounts: transfer, cancel, reissue, split, lock-up, terms of the class."""

from __future__ import annotations

import pytest

from registry.domain.rules import ActKind, Basis, Rule
from registry.domain.words import Holding
from tests.contracts.support import node
from tests.contracts.support.expect import raises, refused
from tests.contracts.support.ground import (
    ALICE,
    BOB,
    CANCEL,
    CAROL,
    NOTHING_GIVEN,
    REF,
    REPURCHASE,
    RETRACTION,
    Ground,
    header,
    line,
)

# --- transferFor ---


def test_transfer_for__out_of_a_wallet__refused(ground: Ground, alice: str, bob: str) -> None:
    with raises("NotABookAccount", alice):
        ground.move(ground.common, alice, bob, 1)


def test_transfer_for__book_account_that_never_held__refused(ground: Ground, bob: str) -> None:
    with raises("NotABookAccount", ground.book(CAROL)):
        ground.move(ground.common, ground.book(CAROL), bob, 1)


def test_transfer_for__rules_of_an_agreement_broken__refused(ground: Ground, dave: str) -> None:
    ground.issue(ground.preferred, line(ground.book(BOB), 9))
    with refused(Rule.CATEGORY, Rule.BALANCE):
        ground.move(ground.preferred, ground.book(BOB), dave, 10)


def test_transfer_for__to_another_party__basis_agreement_with_lock_up_and_reference(ground: Ground, carol: str) -> None:
    events = ground.move(ground.common, ground.book(BOB), carol, 500, node.TODAY + 3, b"CS-77".ljust(32, b"\0"))
    assert [event.name for event in events] == ["ActRecorded", "Transfer", "EntryRecorded"]
    assert (events[0].values["kind"], events[0].values["basis"]) == (ActKind.TRANSFER, Basis.AGREEMENT)
    assert Holding.unpack(events[2].values["to"]) == ground.holding(ground.common, carol)
    assert ground.holding(ground.common, carol).lock_day == node.TODAY + 3
    assert (ground.seat(BOB)[0], ground.seat(CAROL)[0], ground.seats()) == (0, 1, 2)


def test_transfer_for__to_the_owners_wallet__basis_own_account_and_no_seat_moves(ground: Ground, bob: str) -> None:
    events = ground.move(ground.common, ground.book(BOB), bob, 500)
    assert events[0].values["basis"] == Basis.OWN_ACCOUNT
    assert (ground.seat(BOB), ground.seats()) == ((1, False, 1), 2)


def test_transfer_for__onto_itself__changes_nothing(ground: Ground) -> None:
    before = ground.holding(ground.common, ground.book(BOB))
    ground.move(ground.common, ground.book(BOB), ground.book(BOB), 500, node.TODAY + 3)
    assert ground.holding(ground.common, ground.book(BOB)) == before


# --- cancel ---


@pytest.mark.parametrize("kind", [0, 1, 2, 6, 33])
def test_cancel__of_a_kind_that_ends_nothing__refused(ground: Ground, kind: int) -> None:
    with raises("KindMalformed", kind):
        ground.cancel(ground.common, ground.book(BOB), 1, kind)


def test_cancel__of_a_wallet__refused(ground: Ground, alice: str) -> None:
    with raises("NotABookAccount", alice):
        ground.cancel(ground.common, alice, 1)


def test_cancel__more_than_held__refused_BA1(ground: Ground) -> None:
    with refused(Rule.BALANCE):
        ground.cancel(ground.common, ground.book(BOB), 501)


def test_cancel__locked_or_frozen__refused(ground: Ground) -> None:
    ground.common.act("setLock", header(), ground.book(BOB), node.TODAY, by=ground.registrar)
    ground.freeze(BOB)
    with refused(Rule.SENDER_FROZEN, Rule.LOCKED):
        ground.cancel(ground.common, ground.book(BOB), 1)


@pytest.mark.parametrize("kind", [CANCEL, REPURCHASE, RETRACTION])
def test_cancel__part_and_then_all__lowers_supply_and_frees_the_seat_at_the_end(ground: Ground, kind: int) -> None:
    events = ground.cancel(ground.common, ground.book(BOB), 200, kind)
    assert events[0].values["kind"] == kind
    assert (events[-1].values["to"], events[-1].values["ref"]) == (0, REF)
    assert (ground.common.read("totalSupply"), ground.seats()) == (1_300, 2)
    ground.cancel(ground.common, ground.book(BOB), 300, kind)
    assert (ground.common.read("totalSupply"), ground.seats()) == (1_000, 1)
    assert ground.holding(ground.common, ground.book(BOB)).balance == 0


# --- reissue ---


def test_reissue__account_without_shares__refused(ground: Ground) -> None:
    ground.cancel(ground.common, ground.book(BOB), 500)
    with raises("SharesMissing"):
        ground.common.act("reissue", header(), ground.book(BOB), REF, by=ground.registrar)


def test_reissue__class_stopped__refused_ST3(ground: Ground) -> None:
    ground.company.act("stopClass", header(), ground.common.address, True, by=ground.stopper)
    with refused(Rule.CLASS_STOP):
        ground.common.act("reissue", header(), ground.book(BOB), REF, by=ground.registrar)


def test_reissue__certificate_replaced__no_balance_changes(ground: Ground) -> None:
    before = ground.holding(ground.common, ground.book(BOB))
    events = ground.common.act("reissue", header(), ground.book(BOB), REF, by=ground.registrar)
    assert [event.name for event in events] == ["ActRecorded", "EntryRecorded"]
    assert events[1].values == {"from": before.pack(), "to": before.pack(), "ref": REF}
    assert ground.holding(ground.common, ground.book(BOB)) == before


# --- split ---


@pytest.mark.parametrize(("numerator", "denominator"), [(0, 1), (1, 0), (3, 3)])
def test_split__by_a_ratio_that_is_none__refused(ground: Ground, numerator: int, denominator: int) -> None:
    with raises("RatioMalformed", numerator, denominator):
        lines = [line(ground.book(BOB), 1)]
        ground.common.act("split", header(), numerator, denominator, lines, by=ground.registrar)


@pytest.mark.parametrize("ratio", [(2, 1), (1, 2)])
def test_split__reaching_one_who_holds_nothing__refused(ground: Ground, carol: str, ratio: tuple[int, int]) -> None:
    with raises("SharesMissing"):
        ground.common.act("split", header(), *ratio, [line(carol, 1)], by=ground.registrar)


@pytest.mark.parametrize("ratio", [(2, 1), (1, 2)])
def test_split__page_of_no_lines__refused(ground: Ground, ratio: tuple[int, int]) -> None:
    with raises("TooManyEntries", 0, 200):
        ground.common.act("split", header(), *ratio, [], by=ground.registrar)


def test_split__more_than_authorised__refused_even_by_law_AU1(ground: Ground, alice: str) -> None:
    ground.common.act("setAuthorised", header(), 2_000, by=ground.registrar)
    with refused(Rule.AUTHORISED):
        ground.common.act("split", header(), 2, 1, [line(alice, 1_000)], by=ground.registrar)


def test_split__one_into_two__reaches_wallets_and_those_who_may_not_receive(ground: Ground, alice: str) -> None:
    ground.registry.act("revoke", header(), ALICE, by=ground.kyc_agent)
    ground.freeze(BOB)
    ground.company.act("stopCompany", header(), True, by=ground.stopper)
    lines = [line(alice, 1_000), line(ground.book(BOB), 500)]
    events = ground.common.act("split", header(), 2, 1, lines, by=ground.registrar)
    assert events[0].values["basis"] == Basis.LAW
    assert events[1].values == {"numerator": 2, "denominator": 1}
    assert ground.balance(ground.common, alice) == 2_000
    assert (ground.common.read("totalSupply"), ground.seats()) == (3_000, 2)


def test_split__two_into_one__ends_shares_of_wallets_too(ground: Ground, alice: str) -> None:
    lines = [line(alice, 500), line(ground.book(BOB), 250)]
    ground.common.act("split", header(), 1, 2, lines, by=ground.registrar)
    assert (ground.balance(ground.common, alice), ground.common.read("totalSupply")) == (500, 750)


# --- lock-up and terms ---


def test_set_lock__account_that_never_held__refused(ground: Ground, carol: str) -> None:
    with raises("SharesMissing"):
        ground.common.act("setLock", header(), carol, node.TODAY, by=ground.registrar)


def test_set_lock__lifted__shares_move_again(ground: Ground, alice: str, bob: str) -> None:
    ground.common.act("setLock", header(), alice, node.TODAY + 9, by=ground.registrar)
    events = ground.common.act("setLock", header(), alice, 0, by=ground.registrar)
    assert Holding.unpack(events[1].values["holding"]) == ground.holding(ground.common, alice)
    ground.give(ground.common, alice, bob, 1)


def test_set_authorised__below_what_is_issued__refused(ground: Ground) -> None:
    with raises("AuthorisedBelowIssued", 1_499, 1_500):
        ground.common.act("setAuthorised", header(), 1_499, by=ground.registrar)
    ground.common.act("setAuthorised", header(), 1_500, by=ground.registrar)
    assert ground.class_word(ground.common).authorised == 1_500


def test_set_authorised__all_64_bits__refused_and_one_less_survives_a_record_date(ground: Ground, alice: str) -> None:
    with raises("AuthorisedTooLarge", 2**64 - 1):
        ground.common.act("setAuthorised", header(), 2**64 - 1, by=ground.registrar)
    ground.common.act("setAuthorised", header(), 2**64 - 2, by=ground.registrar)
    ground.cancel(ground.common, ground.book(BOB), 500)
    ground.issue(ground.common, line(alice, 2**64 - 2 - 1_000))
    ground.common.act("setRecordDate", header(), node.now() + 1, by=ground.registrar)
    ground.give(ground.common, alice, ground.book(BOB), 2**64 - 2)
    assert ground.common.read("balanceAt", alice, 1) == 2**64 - 2
    assert ground.common.read("balanceAt", ground.book(BOB), 1) == 0


def test_admit_categories__with_the_unclassified__refused(ground: Ground) -> None:
    with raises("ClassMalformed", 0, 0b111):
        ground.common.act("admitCategories", header(), 0b111, by=ground.registrar)


def test_admit_categories__narrowed__holders_keep_and_may_sell_but_not_receive_EL1(
    ground: Ground, alice: str, dave: str
) -> None:
    ground.give(ground.common, alice, dave, 5)
    ground.common.act("admitCategories", header(), 0b1000, by=ground.registrar)
    with refused(Rule.CATEGORY):
        ground.give(ground.common, alice, dave, 5)
    ground.give(ground.common, dave, alice, 5)


def test_agent__wallets_stay_their_owners__no_act_of_the_agent_takes_from_one(ground: Ground, alice: str) -> None:
    for act, arguments in (
        ("transferFor", (NOTHING_GIVEN, alice, line(ground.book(BOB), 1))),
        ("cancel", (CANCEL, NOTHING_GIVEN, line(alice, 1))),
        ("reissue", (alice, REF)),
    ):
        with raises("NotABookAccount", alice):
            ground.common.act(act, header(), *arguments, by=ground.registrar)
    with raises("NotABookAccount", alice):
        ground.convert(ground.common, ground.preferred, alice, 1, 1)
