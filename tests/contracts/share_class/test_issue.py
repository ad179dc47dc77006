"""Issues by the transfer agent: refusals first; batches; what the events say."""

from __future__ import annotations

import pytest

from registry.domain.rules import ActKind, Basis, Rule
from registry.domain.words import Holding
from tests.contracts.support import node
from tests.contracts.support.contracts import STRANGER
from tests.contracts.support.expect import raises, refused
from tests.contracts.support.ground import (
    ALICE,
    BOB,
    CASH,
    REF,
    TRANSFER_AGENT,
    Ground,
    header,
    line,
    person,
)


def test_issue__more_than_authorised__refused_AU1(ground: Ground, alice: str) -> None:
    assert ground.common.read("brokenIssueRules", alice, 998_501) == Rule.AUTHORISED
    with refused(Rule.AUTHORISED):
        ground.issue(ground.common, line(alice, 998_501))
    assert ground.common.read("brokenIssueRules", alice, 998_500) == 0
    ground.issue(ground.common, line(alice, 998_500))
    with refused(Rule.AUTHORISED):
        ground.issue(ground.common, line(alice, 1))


def test_issue__batch_that_passes_the_authorised_in_its_last_line__refused_as_a_whole(
    ground: Ground, alice: str, bob: str
) -> None:
    with refused(Rule.AUTHORISED):
        ground.issue(ground.common, line(alice, 998_000), line(bob, 500), line(alice, 1))
    assert ground.common.read("totalSupply") == 1_500


def test_issue__to_unknown_account__refused_ID2(ground: Ground) -> None:
    with refused(Rule.RECEIVER_UNKNOWN):
        ground.issue(ground.common, line(STRANGER, 1))


def test_issue__to_frozen_unqualified_or_closed__refused_with_the_rules_of_an_allotment(
    ground: Ground, bob: str
) -> None:
    ground.freeze(BOB)
    ground.close_wallet(bob)
    ground.restate(person(BOB, kyc_day=0, qualification_day=0))
    with refused(Rule.RECEIVER_FROZEN, Rule.RECEIVER_WALLET_CLOSED, Rule.KYC, Rule.QUALIFICATION):
        ground.issue(ground.common, line(bob, 1))


def test_issue__by_the_migrator_once_open__not_authorised(ground: Ground, alice: str) -> None:
    with raises("NotAuthorised", ground.migrator, TRANSFER_AGENT):
        ground.common.act("issue", header(), CASH, [line(alice, 1)], by=ground.migrator)


@pytest.mark.parametrize("count", [0, 201])
def test_issue__batch_of_wrong_length__refused(ground: Ground, alice: str, count: int) -> None:
    with raises("TooManyEntries", count, 200):
        ground.issue(ground.common, *[line(alice, 1)] * count)


# --- the act's header (AC) ---


def test_act__operation_done_before__refused_AC1_and_once_reverted_it_may_be_used_again(
    ground: Ground, alice: str
) -> None:
    head = header()
    with refused(Rule.RECEIVER_UNKNOWN):
        ground.common.act("issue", head, CASH, [line(STRANGER, 1)], by=ground.registrar)
    assert not ground.common.read("isDone", head[0])
    ground.common.act("issue", head, CASH, [line(alice, 1)], by=ground.registrar)
    assert ground.common.read("isDone", head[0])
    with raises("OperationDone", head[0]):
        ground.common.act("issue", head, CASH, [line(alice, 1)], by=ground.registrar)


def test_act__operation_zero__refused_AC1(ground: Ground, alice: str) -> None:
    with raises("OperationMissing"):
        ground.common.act("issue", (bytes(32), node.TODAY, REF), CASH, [line(alice, 1)], by=ground.registrar)


def test_act__without_document__refused_AC2(ground: Ground, alice: str) -> None:
    operation = header()[0]
    with raises("DocumentMissing", operation):
        ground.common.act("issue", (operation, node.TODAY, bytes(32)), CASH, [line(alice, 1)], by=ground.registrar)


def test_act__dated_after_the_day_of_the_block__refused_AC3_and_from_midnight_taken(ground: Ground, alice: str) -> None:
    tomorrow = header(node.TODAY + 1)
    node.next_block_at(node.last_second_of(node.TODAY))
    with raises("EffectiveInFuture", node.TODAY + 1, node.TODAY):
        ground.common.act("issue", tomorrow, CASH, [line(alice, 1)], by=ground.registrar)
    ground.common.act("issue", tomorrow, CASH, [line(alice, 1)], by=ground.registrar)
    ground.common.act("issue", header(-20_000), CASH, [line(alice, 1)], by=ground.registrar)


# --- what it does ---


def test_issue__by_the_agent__tells_act_consideration_and_lines(ground: Ground, alice: str, bob: str) -> None:
    head = header(node.TODAY - 30)
    lines = [line(alice, 5), line(bob, 7, node.TODAY + 4, b"CS-2".ljust(32, b"\0"))]
    events = ground.common.act("issue", head, CASH, lines, by=ground.registrar)
    assert [event.name for event in events] == [
        "ActRecorded",
        "ConsiderationStated",
        "Transfer",
        "EntryRecorded",
        "Transfer",
        "EntryRecorded",
    ]
    act = events[0].values
    assert (act["operation"], act["actor"], act["effectiveOn"], act["document"]) == (
        head[0],
        ground.registrar,
        node.TODAY - 30,
        head[2],
    )
    assert (act["version"], act["kind"], act["basis"]) == (1, ActKind.ISSUE, Basis.ALLOTMENT)
    assert tuple(events[1].values.values()) == CASH
    told = events[5].values
    assert (told["from"], told["ref"]) == (0, b"CS-2".ljust(32, b"\0"))
    assert Holding.unpack(told["to"]) == ground.holding(ground.common, bob)
    assert ground.holding(ground.common, bob).lock_day == node.TODAY + 4


def test_issue__one_account_twice_in_a_batch__both_lines_count_and_one_seat(ground: Ground, carol: str) -> None:
    ground.issue(ground.common, line(carol, 3), line(carol, 4))
    assert ground.balance(ground.common, carol) == 7
    assert ground.seat(203) == (1, False, 1)
    assert ground.common.read("totalSupply") == 1_507


def test_issue__two_accounts_of_one_newcomer__one_seat_for_two_accounts(ground: Ground, carol: str) -> None:
    ground.issue(ground.common, line(carol, 3), line(ground.book(203), 4))
    assert ground.seat(203) == (2, False, 1)
    assert ground.seats() == 3


def test_issue__of_nothing__no_lock_up_and_no_seat(ground: Ground, alice: str, carol: str) -> None:
    ground.issue(ground.common, line(carol, 0, node.TODAY + 9), line(alice, 0, node.TODAY + 9))
    assert ground.holding(ground.common, carol).lock_day == 0
    assert ground.holding(ground.common, alice).lock_day == 0
    assert ground.seats() == 2


def test_issue__to_one_who_has_an_earlier_lock_up__the_later_day_stays(ground: Ground, alice: str) -> None:
    ground.issue(ground.common, line(alice, 1, node.TODAY + 9))
    ground.issue(ground.common, line(alice, 1, node.TODAY + 3))
    assert ground.holding(ground.common, alice).lock_day == node.TODAY + 9


def test_issue__full_page_of_newcomers__fits_one_block(ground: Ground) -> None:
    parties = list(range(5_001, 5_199))
    ground.onboard(*[person(party) for party in parties])
    ground.issue(ground.common, *[line(ground.book(party), 10) for party in parties])
    assert ground.seats() == 200
    assert ground.common.read("totalSupply") == 1_500 + 1_980
    assert ground.seat(ALICE)[0] == 1
