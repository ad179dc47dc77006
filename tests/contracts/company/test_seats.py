"""Holders of record: counted by person over all classes and accounts, by weight, and capped (HC)."""

from __future__ import annotations

import pytest

from registry.domain.rules import Rule
from tests.contracts.support import node
from tests.contracts.support.contracts import Contract
from tests.contracts.support.expect import asked, raises, refused
from tests.contracts.support.ground import (
    ALICE,
    BOB,
    CAROL,
    DAVE,
    FOUNDER,
    MIGRATOR,
    NOTHING_GIVEN,
    Ground,
    fill,
    header,
    line,
    person,
)

# --- the cap ---


def test_cap__201st_holder__refused_HC1_on_every_way_in(ground: Ground, alice: str, carol: str) -> None:
    fill(ground, 198)
    assert ground.seats() == 200
    assert asked(ground.common, alice, carol, 1) == Rule.HOLDERS_CAP
    with refused(Rule.HOLDERS_CAP):
        ground.give(ground.common, alice, carol, 1)
    with refused(Rule.HOLDERS_CAP):
        ground.move(ground.common, ground.book(BOB), carol, 1)
    assert ground.preferred.read("brokenIssueRules", carol, 1) == Rule.HOLDERS_CAP
    with raises("Refused", 18, Rule.HOLDERS_CAP, ..., carol, 0):
        ground.issue(ground.preferred, line(carol, 1))
    with raises("Refused", 18, Rule.HOLDERS_CAP, ..., "0x" + "00" * 20, 0):
        ground.issue(ground.preferred, line(alice, 1), line(carol, 1))
    assert ground.balance(ground.preferred, alice) == 0


def test_cap__whole_holding_handed_to_a_newcomer_at_the_full_cap__passes(
    ground: Ground, alice: str, carol: str
) -> None:
    ground.set_cap(2)
    with refused(Rule.HOLDERS_CAP):
        ground.give(ground.common, alice, carol, 999)
    assert asked(ground.common, alice, carol, 1_000) == Rule(0)
    ground.give(ground.common, alice, carol, 1_000)
    assert (ground.seat(ALICE)[0], ground.seat(CAROL)[0], ground.seats()) == (0, 1, 2)


def test_cap__giver_who_keeps_shares_elsewhere__no_swap_HC1(ground: Ground, alice: str, carol: str) -> None:
    ground.issue(ground.preferred, line(ground.book(ALICE), 1))
    ground.set_cap(2)
    assert asked(ground.common, alice, carol, 1_000) == Rule.HOLDERS_CAP
    with refused(Rule.HOLDERS_CAP):
        ground.give(ground.common, alice, carol, 1_000)


def test_cap__holders_at_the_full_cap__go_on_among_themselves(ground: Ground, alice: str, bob: str) -> None:
    ground.set_cap(2)
    ground.give(ground.common, alice, bob, 1)
    ground.issue(ground.preferred, line(alice, 1), line(bob, 1), line(ground.book(ALICE), 1))
    assert ground.seats() == 2


def test_cap__seat_freed_by_cancelling__taken_by_the_next(ground: Ground, alice: str, carol: str) -> None:
    ground.set_cap(2)
    ground.cancel(ground.common, ground.book(BOB), 500)
    ground.give(ground.common, alice, carol, 1)
    assert ground.seats() == 2


def test_cap__lowered_below_the_holders__alarm_and_only_newcomers_are_refused(
    ground: Ground, alice: str, bob: str, carol: str
) -> None:
    events = ground.set_cap(1)
    assert [(e.name, e.values) for e in events[1:]] == [
        ("CapChanged", {"cap": 1}),
        ("CapExceeded", {"seats": 2, "cap": 1}),
    ]
    ground.give(ground.common, alice, bob, 1)
    with refused(Rule.HOLDERS_CAP):
        ground.give(ground.common, alice, carol, 1)
    # Above the cap one may still go for another: both the view and the move say so.
    assert asked(ground.common, alice, carol, 999) == Rule(0)
    ground.give(ground.common, alice, carol, 999)


def test_cap__batch_with_one_newcomer_too_many__refused_as_a_whole(ground: Ground) -> None:
    ground.set_cap(3)
    with raises("Refused", 18):
        ground.issue(ground.common, line(ground.book(CAROL), 1), line(ground.book(DAVE), 1))
    assert ground.seats() == 2
    ground.issue(ground.common, line(ground.book(CAROL), 1))


# --- one person, many accounts ---


def test_seats__accounts_and_classes_of_one_person__one_seat_until_the_last_share(
    ground: Ground, alice: str, bob: str
) -> None:
    second = ground.bind(ALICE, 1)
    book = ground.book(ALICE)
    ground.give(ground.common, alice, second, 300)
    ground.give(ground.common, alice, book, 300)
    ground.issue(ground.preferred, line(alice, 10))
    assert (ground.seat(ALICE), ground.seats()) == ((4, False, 1), 2)
    ground.give(ground.common, second, bob, 300)
    ground.give(ground.common, alice, bob, 400)
    ground.common.act("transferFrom", book, bob, 300, by=alice)
    assert (ground.seat(ALICE), ground.seats()) == ((1, False, 1), 2)
    ground.give(ground.preferred, alice, bob, 10)
    assert (ground.seat(ALICE)[0], ground.seats()) == (0, 1)


@pytest.mark.parametrize("shares", [0, 1, 1_000])
def test_seats__whole_part_or_nothing_between_own_accounts__count_accounts_exactly(
    ground: Ground, alice: str, shares: int
) -> None:
    ground.give(ground.common, alice, ground.book(ALICE), shares)
    held = [ground.balance(ground.common, account) for account in (alice, ground.book(ALICE))]
    assert ground.seat(ALICE)[0] == sum(balance > 0 for balance in held)
    assert ground.seats() == 2


def test_seats__standing_lost_or_category_changed_while_holding__leaves_and_frees_the_seat(
    ground: Ground, alice: str, bob: str
) -> None:
    ground.restate(person(ALICE, category=FOUNDER, kyc_day=0))
    ground.give(ground.common, alice, bob, 1_000)
    ground.restate(person(ALICE))
    assert ground.seats() == 1
    ground.give(ground.common, bob, alice, 1)
    assert ground.seats() == 2


# --- weights: nominees and vehicles looked through ---


def test_weight__vehicle_of_fifty__takes_fifty_seats_and_gives_them_back(ground: Ground, alice: str) -> None:
    ground.restate(person(BOB), person(CAROL, weight=50))
    ground.give(ground.common, alice, ground.book(CAROL), 5)
    assert (ground.seat(CAROL), ground.seats()) == ((1, False, 50), 52)
    ground.restate(person(CAROL, weight=3))
    ground.cancel(ground.common, ground.book(CAROL), 5)
    assert ground.seats() == 2


def test_weight__heavier_than_the_seats_left__refused_HC1(ground: Ground, alice: str, carol: str) -> None:
    ground.restate(person(CAROL, weight=199))
    assert asked(ground.common, alice, carol, 1) == Rule.HOLDERS_CAP
    with refused(Rule.HOLDERS_CAP):
        ground.give(ground.common, alice, carol, 1)
    ground.give(ground.common, alice, carol, 1_000)
    assert ground.seats() == 200


def test_weight__of_zero__takes_no_seat_even_at_the_full_cap(ground: Ground, alice: str, carol: str) -> None:
    ground.set_cap(2)
    ground.restate(person(CAROL, weight=0))
    ground.give(ground.common, alice, carol, 1)
    assert (ground.seat(CAROL), ground.seats()) == ((1, False, 0), 2)


def test_recount__by_anybody_after_a_change__applied_with_an_alarm_and_never_refused(
    ground: Ground, alice: str
) -> None:
    ground.set_cap(2)
    ground.restate(person(ALICE, weight=4))
    assert ground.company.act("recount", CAROL, by=ground.stranger) == []
    events = ground.company.act("recount", ALICE, by=ground.stranger)
    assert [(e.name, e.values) for e in events] == [
        ("SeatRecounted", {"party": ALICE, "weight": 4}),
        ("CapExceeded", {"seats": 5, "cap": 2}),
    ]
    assert ground.seats() == 5
    assert ground.company.act("recount", ALICE, by=ground.stranger) == []
    ground.cancel(ground.common, ground.book(BOB), 500)
    assert ground.seats() == 4


def test_recount__at_the_next_receipt__applied_by_itself(ground: Ground, alice: str, bob: str) -> None:
    ground.give(ground.common, alice, bob, 1)
    ground.restate(person(BOB, weight=7))
    events = ground.give(ground.common, alice, bob, 1)
    assert [e.name for e in events] == ["SeatRecounted", "Transfer", "HoldingsMoved"]
    assert (ground.seat(BOB), ground.seats()) == ((2, False, 7), 8)
    ground.restate(person(BOB, weight=2))
    ground.issue(ground.common, line(bob, 1))
    assert ground.seats() == 3


@pytest.mark.parametrize("way", ["transfer", "issue", "own account"])
def test_recount__when_a_holder_enters_a_further_account__applied_by_itself(
    ground: Ground, alice: str, bob: str, way: str
) -> None:
    ground.restate(person(BOB, weight=7))
    if way == "transfer":
        events = ground.give(ground.common, alice, bob, 1)
    elif way == "issue":
        events = ground.issue(ground.preferred, line(bob, 1))
    else:
        events = ground.move(ground.common, ground.book(BOB), bob, 500)
    assert [e.values for e in events if e.name == "SeatRecounted"] == [{"party": BOB, "weight": 7}]
    assert (ground.seat(BOB)[2], ground.seats()) == (7, 8)


def test_fix_weight__before_and_while_holding__stands_against_the_registry(ground: Ground, alice: str) -> None:
    fix = ("fixWeight", header(), CAROL, True, 12)
    ground.company.act(*fix, by=ground.registrar)
    assert (ground.seat(CAROL), ground.seats()) == ((0, True, 12), 2)
    ground.restate(person(CAROL, weight=40))
    ground.give(ground.common, alice, ground.book(CAROL), 1)
    assert (ground.seat(CAROL), ground.seats()) == ((1, True, 12), 14)
    assert ground.company.act("recount", CAROL, by=ground.stranger) == []
    ground.company.act("fixWeight", header(), CAROL, True, 0, by=ground.registrar)
    assert ground.seats() == 2
    ground.company.act("fixWeight", header(), CAROL, False, 99, by=ground.registrar)
    assert (ground.seat(CAROL), ground.seats()) == ((1, False, 40), 42)


def test_fix_weight__of_nobody__refused(ground: Ground) -> None:
    with raises("PartyUnknown", 77):
        ground.company.act("fixWeight", header(), 77, True, 1, by=ground.registrar)


# --- only classes move seats ---


@pytest.mark.parametrize(
    ("function", "arguments"), [("moveSeats", (ALICE, BOB, 1)), ("enterSeats", ([person(ALICE).pack()],))]
)
def test_seats__moved_by_anybody_but_a_class__refused(
    ground: Ground, function: str, arguments: tuple[object, ...]
) -> None:
    for actor in (ground.stranger, ground.registrar, ground.issuer):
        with raises("ClassUnknown", actor):
            ground.company.act(function, *arguments, by=actor)


def test_seats__moved_by_a_strangers_own_clone_of_a_class__refused(ground: Ground, alice: str) -> None:
    """A clone that names the company as its own is still no class of it."""
    implementation = ground.company.read("shareClassImplementation")
    arguments = ground.company.address[2:] + "0001" + "7878"
    runtime = f"363d3d373d3d3d363d73{implementation[2:]}5af43d82803e903d91602b57fd5bf3" + arguments
    length = len(runtime) // 2
    receipt = node.transact(ground.stranger, None, f"0x61{length:04x}80600a3d393df3{runtime}")
    false_class = Contract("ShareClass", receipt["contractAddress"])
    assert false_class.read("company") == ground.company.address
    with raises("NotAuthorised", ground.stranger, 0):
        false_class.act("initialise", ("x", "x", 10, 0, 2), 0, 0, by=ground.stranger)
    with refused(Rule.CATEGORY, Rule.AUTHORISED):
        false_class.act("issue", header(), NOTHING_GIVEN, [line(alice, 1)], by=ground.registrar)


def test_migration__above_the_cap__recorded_with_an_alarm(migrating: Ground) -> None:
    migrating.set_cap(2)
    lines = [line(migrating.book(party), 1) for party in (ALICE, BOB, CAROL)]
    events = migrating.issue(migrating.common, *lines)
    assert [e.values for e in events if e.name == "CapExceeded"] == [{"seats": 3, "cap": 2}]
    events = migrating.open()
    assert [e.values for e in events if e.name == "CapExceeded"] == [{"seats": 3, "cap": 2}]
    with raises("Refused", 18):
        migrating.issue(migrating.common, line(migrating.book(DAVE), 1))
    assert migrating.charter().cap == 2
    with raises("NotAuthorised", migrating.stranger, MIGRATOR - 2):
        migrating.common.act("issue", header(), NOTHING_GIVEN, [line(migrating.book(DAVE), 1)], by=migrating.stranger)
