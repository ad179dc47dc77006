"""A company's life: migrating, open, abandoned or succeeded; and conversions between its classes."""

from __future__ import annotations

import pytest

from registry.domain.rules import ActKind, Basis, Rule
from tests.contracts.support import node
from tests.contracts.support.expect import asked, raises, refused
from tests.contracts.support.ground import (
    ABANDONED,
    ADMIN,
    ALICE,
    BOB,
    CAROL,
    COMMON,
    MIGRATING,
    MIGRATOR,
    NOTHING_GIVEN,
    OPEN,
    REF,
    SUCCEEDED,
    Ground,
    found,
    header,
    line,
    person,
)

# --- migration ---


def test_migration__entries_of_people_without_standing__recorded_MG1(migrating: Ground) -> None:
    migrating.onboard(person(900, category=0, kyc_day=0, qualification_day=0))
    migrating.freeze(CAROL)
    book = migrating.book(900)
    events = migrating.issue(migrating.preferred, line(book, 100, node.TODAY + 9), line(migrating.book(CAROL), 5))
    assert events[0].values["basis"] == Basis.MIGRATION
    moved = migrating.move(migrating.preferred, book, migrating.book(CAROL), 40)
    assert moved[0].values["basis"] == Basis.MIGRATION
    migrating.cancel(migrating.preferred, book, 60)
    assert migrating.balance(migrating.preferred, migrating.book(CAROL)) == 45
    assert migrating.seats() == 1


def test_migration__arithmetic_and_known_accounts__apply_all_the_same(migrating: Ground) -> None:
    migrating.issue(migrating.common, line(migrating.book(ALICE), 10))
    with refused(Rule.BALANCE):
        migrating.move(migrating.common, migrating.book(ALICE), migrating.book(BOB), 11)
    with refused(Rule.AUTHORISED):
        migrating.issue(migrating.common, line(migrating.book(ALICE), 999_991))
    with refused(Rule.RECEIVER_UNKNOWN):
        migrating.move(migrating.common, migrating.book(ALICE), migrating.book(424_242), 1)


def test_migration__stopped__refused_ST2(migrating: Ground) -> None:
    migrating.company.act("stopCompany", header(), True, by=migrating.stopper)
    with refused(Rule.COMPANY_STOP):
        migrating.issue(migrating.common, line(migrating.book(ALICE), 10))


def test_migration__transfer_agent_before_the_opening__not_authorised(migrating: Ground) -> None:
    with raises("NotAuthorised", migrating.registrar, MIGRATOR):
        migrating.common.act("issue", header(), NOTHING_GIVEN, [line(migrating.book(ALICE), 1)], by=migrating.registrar)


def test_migration__holders_own_transfer__refused_ST4(migrating: Ground, alice: str, bob: str) -> None:
    migrating.issue(migrating.common, line(alice, 10))
    assert asked(migrating.common, alice, bob, 1) == Rule.NOT_OPEN
    with refused(Rule.NOT_OPEN):
        migrating.give(migrating.common, alice, bob, 1)
    migrating.open()
    migrating.give(migrating.common, alice, bob, 1)


def test_open__holders_without_standing__keep_and_may_sell_but_not_receive(migrating: Ground, alice: str) -> None:
    migrating.onboard(person(900, category=0))
    wallet = migrating.bind(900)
    migrating.issue(migrating.common, line(wallet, 10), line(alice, 10))
    migrating.open()
    with refused(Rule.CATEGORY):
        migrating.give(migrating.common, alice, wallet, 1)
    migrating.give(migrating.common, wallet, alice, 10)


def test_open__a_second_time_or_by_another__refused(migrating: Ground) -> None:
    with raises("NotAuthorised", migrating.migrator, ADMIN):
        migrating.company.act("open", header(), by=migrating.migrator)
    events = migrating.open()
    assert [(e.emitter, e.name) for e in events] == [
        (migrating.company.address, "ActRecorded"),
        (migrating.company.address, "PhaseChanged"),
        (migrating.common.address, "ClassChanged"),
        (migrating.preferred.address, "ClassChanged"),
    ]
    assert (migrating.charter().phase, migrating.class_word(migrating.common).stops) == (OPEN, 0)
    with raises("PhaseForbids", OPEN):
        migrating.open()


# --- the ends ---


def test_abandon__migrating_company__closed_for_ever_ST5(migrating: Ground, alice: str, bob: str) -> None:
    migrating.issue(migrating.common, line(alice, 10), line(migrating.book(BOB), 5))
    migrating.company.act("abandon", header(), by=migrating.migrator)
    assert migrating.charter().phase == ABANDONED
    assert asked(migrating.common, alice, bob, 1) == Rule.CLOSED | Rule.NOT_OPEN
    with refused(Rule.NOT_OPEN, Rule.CLOSED):
        migrating.give(migrating.common, alice, bob, 1)
    lines = [line(alice, 5)]
    with refused(Rule.CLOSED):
        migrating.common.act("split", header(), 3, 2, lines, by=migrating.registrar)
    with refused(Rule.NOT_OPEN, Rule.CLOSED):
        migrating.common.act("reissue", header(), migrating.book(BOB), REF, by=migrating.registrar)
    for function, actor in (("open", migrating.issuer), ("abandon", migrating.issuer)):
        with raises("PhaseForbids", ABANDONED):
            migrating.company.act(function, header(), by=actor)
    with raises("PhaseForbids", ABANDONED):
        migrating.company.act("createClass", header(), COMMON, by=migrating.issuer)


def test_abandon__open_company__refused(ground: Ground) -> None:
    with raises("PhaseForbids", OPEN):
        ground.company.act("abandon", header(), by=ground.issuer)


def test_name_successor__that_does_not_name_this_company__refused(ground: Ground) -> None:
    other, _ = found(ground.factory, "另一家公司", [])
    for address in (other.address, ground.company.address, ground.stranger, "0x" + "00" * 20):
        with raises("RoleMalformed", address, 0):
            ground.company.act("nameSuccessor", header(), address, by=ground.issuer)


def test_name_successor__heir_of_this_company__register_closed_and_linked_both_ways(
    ground: Ground, alice: str, bob: str
) -> None:
    heir, _ = found(ground.factory, "深圳新光半导体集团", [COMMON], predecessor=ground.company.address)
    ground.company.act("nameSuccessor", header(), heir.address, by=ground.issuer)
    assert ground.company.read("successor") == heir.address
    assert heir.read("predecessor") == ground.company.address
    assert ground.charter().phase == SUCCEEDED
    with refused(Rule.CLOSED):
        ground.give(ground.common, alice, bob, 1)
    with raises("PhaseForbids", SUCCEEDED):
        ground.company.act("nameSuccessor", header(), heir.address, by=ground.issuer)


def test_name_successor__of_a_migrating_company__refused(migrating: Ground) -> None:
    heir, _ = found(migrating.factory, "继承公司", [], predecessor=migrating.company.address)
    with raises("PhaseForbids", MIGRATING):
        migrating.company.act("nameSuccessor", header(), heir.address, by=migrating.issuer)


# --- conversion ---


def test_convert__unknown_class_or_into_itself__refused(ground: Ground) -> None:
    book = ground.book(BOB)
    with raises("ClassUnknown", ground.common.address):
        ground.convert(ground.common, ground.common, book, 1, 1)
    for source, target in ((ground.registry, ground.common), (ground.common, ground.registry)):
        with raises("ClassUnknown", ground.registry.address):
            ground.convert(source, target, book, 1, 1)


def test_convert__more_than_held_or_authorised__refused_on_its_side(ground: Ground) -> None:
    with refused(Rule.BALANCE):
        ground.convert(ground.common, ground.preferred, ground.book(BOB), 501, 1)
    with refused(Rule.AUTHORISED):
        ground.convert(ground.common, ground.preferred, ground.book(BOB), 1, 500_001)


def test_convert__holder_not_admitted_to_the_other_class__refused_EL1(ground: Ground) -> None:
    ground.restate(person(BOB, category=2))
    with refused(Rule.CATEGORY):
        ground.convert(ground.common, ground.preferred, ground.book(BOB), 1, 1)


def test_convert__whole_holding_at_the_full_cap__the_holder_keeps_the_seat(ground: Ground) -> None:
    ground.set_cap(2)
    book = ground.book(BOB)
    events = ground.convert(ground.common, ground.preferred, book, 500, 250)
    assert [(e.emitter == ground.company.address, e.name) for e in events] == [
        (True, "ActRecorded"),
        (False, "Transfer"),
        (False, "EntryRecorded"),
        (False, "Transfer"),
        (False, "EntryRecorded"),
    ]
    assert (events[0].values["kind"], events[0].values["basis"]) == (ActKind.CONVERSION, Basis.AGREEMENT)
    assert (ground.balance(ground.common, book), ground.balance(ground.preferred, book)) == (0, 250)
    assert (ground.seat(BOB), ground.seats()) == ((1, False, 1), 2)


def test_convert__in_migration__asks_no_standing(migrating: Ground) -> None:
    migrating.onboard(person(900, category=0, kyc_day=0))
    book = migrating.book(900)
    migrating.issue(migrating.common, line(book, 10))
    events = migrating.convert(migrating.common, migrating.preferred, book, 4, 2)
    assert events[0].values["basis"] == Basis.MIGRATION
    assert (migrating.balance(migrating.common, book), migrating.balance(migrating.preferred, book)) == (6, 2)


@pytest.mark.parametrize("function", ["convertIn", "convertOut"])
def test_convert__halves_called_on_the_class__only_by_its_company(ground: Ground, function: str) -> None:
    for actor in (ground.registrar, ground.issuer, ground.stranger):
        with raises("NotAuthorised", actor, 0):
            ground.common.act(function, ground.book(BOB), 1, bytes(32), False, by=actor)
    with raises("NotAuthorised", ground.stranger, 0):
        ground.common.act("setStops", 0, by=ground.stranger)
