"""Tax schedules and reliefs: what is withheld from whom (DV)."""

from __future__ import annotations

import pytest

from tests.contracts.support import node
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import (
    ALICE,
    BOB,
    DAVE,
    EMPLOYEE,
    INSTITUTION,
    QUALIFIED,
    ZERO,
    Ground,
    header,
    person,
    wallet_of,
)
from tests.contracts.support.payout import OFFICE, RULES, USA, Payouts, event, tax_on

Rule = tuple[int, int, int]


def create(ground: Ground, rules: list[Rule], account: str | None = None) -> int:
    arguments = (account or wallet_of(OFFICE), rules)
    events = ground.schedules.act("createSchedule", header(), *arguments, by=ground.platform)
    told = event(events, "ScheduleCreated")
    assert [tuple(rule) for rule in told["rules"]] == rules
    number: int = told["schedule"]
    return number


def rate(ground: Ground, schedule: int, category: int, residence: int) -> int:
    found: int = ground.schedules.read("rateOf", schedule, category, residence)
    return found


# --- schedules ---


def test_rate__of_a_residence_with_and_without_a_rule__its_own_or_that_of_every_other(payouts: Payouts) -> None:
    ground = payouts.ground
    assert [rate(ground, 1, QUALIFIED, residence) for residence in (0, 156, USA)] == [2_000, 2_000, 1_000]
    assert rate(ground, 1, INSTITUTION, USA) == 0


def test_rate__of_a_category_or_residence_without_a_rule__everybody_else_s(payouts: Payouts) -> None:
    assert rate(payouts.ground, 1, 9, 156) == 1_500
    number = create(payouts.ground, [(0, 0, 44), (QUALIFIED, USA, 5)])
    assert [rate(payouts.ground, number, QUALIFIED, residence) for residence in (USA, 156, 0)] == [5, 44, 44]
    assert rate(payouts.ground, number, 0, USA) == 44


def test_rate__of_a_schedule_that_does_not_exist__refused(payouts: Payouts) -> None:
    assert payouts.ground.schedules.read("taxAccountOf", 2) == ZERO
    with raises("ScheduleUnknown", 2):
        rate(payouts.ground, 2, QUALIFIED, 0)


def test_schedules__of_two__neither_changes_the_other(payouts: Payouts) -> None:
    ground = payouts.ground
    second = create(ground, [(QUALIFIED, 0, 10_000), (0, 0, 0)], ground.book(OFFICE))
    assert second == ground.schedules.read("scheduleCount") == 2
    assert [rate(ground, s, QUALIFIED, 156) for s in (1, 2)] == [2_000, 10_000]
    assert [ground.schedules.read("taxAccountOf", s) for s in (1, 2)] == [wallet_of(OFFICE), ground.book(OFFICE)]


@pytest.mark.parametrize("bps", [10_001, 65_535])
def test_schedule__more_than_the_whole__refused(payouts: Payouts, bps: int) -> None:
    with raises("TaxAboveWhole", bps):
        create(payouts.ground, [(QUALIFIED, 0, bps)])


def test_schedule__a_residence_twice__refused_at_its_place(payouts: Payouts) -> None:
    with raises("ScheduleMalformed", 2):
        create(payouts.ground, [(QUALIFIED, USA, 0), (QUALIFIED, 0, 5), (QUALIFIED, USA, 7)])


def test_schedule__without_rules_or_with_too_many__refused(payouts: Payouts) -> None:
    with raises("ScheduleMalformed", 0):
        create(payouts.ground, [])
    many = [(QUALIFIED, residence, 1) for residence in range(63)]
    with raises("TooManyEntries", 65, 64):
        create(payouts.ground, [(QUALIFIED, residence, 1) for residence in range(65)])
    create(payouts.ground, [*many, (0, 0, 1)])


def test_schedule__without_a_rule_for_everybody_else__refused_behind_the_last(payouts: Payouts) -> None:
    """Else a holder whose category nobody thought of kept its page from being paid."""
    with raises("ScheduleMalformed", 2):
        create(payouts.ground, [(QUALIFIED, 0, 5), (INSTITUTION, USA, 5)])


def test_schedule__a_residence_of_no_category__refused_at_its_place(payouts: Payouts) -> None:
    with raises("ScheduleMalformed", 1):
        create(payouts.ground, [(0, 0, 5), (0, USA, 5)])


def test_schedule__tax_account_of_nobody__refused(payouts: Payouts) -> None:
    for account in (ZERO, payouts.ground.stranger):
        with raises("AccountUnknown", account):
            create(payouts.ground, RULES, account)


def test_schedule__operation_carried_out__refused_again(payouts: Payouts) -> None:
    ground, head = payouts.ground, header()
    ground.schedules.act("createSchedule", head, wallet_of(OFFICE), RULES, by=ground.platform)
    with raises("OperationDone", head[0]):
        ground.schedules.act("createSchedule", head, wallet_of(OFFICE), RULES, by=ground.platform)


# --- relief ---


def test_relief__stated__is_told_and_marked_in_the_word(payouts: Payouts) -> None:
    ground = payouts.ground
    told = event(payouts.relieve(ALICE, 500, node.TODAY + 9), "TaxReliefStated")
    assert tuple(told.values()) == (ALICE, 500, node.TODAY + 9)
    assert list(ground.registry.read("taxReliefOf", ALICE)) == [500, node.TODAY + 9]
    assert ground.word(ALICE).flags == 4
    assert list(ground.registry.read("partyWords", [ALICE, 9, BOB])) == [
        ground.registry.read("partyWord", party) for party in (ALICE, 9, BOB)
    ]


def test_relief__the_kyc_agent_states_the_party_anew__stays(payouts: Payouts) -> None:
    ground = payouts.ground
    payouts.relieve(ALICE, 500, node.TODAY + 9)
    ground.restate(person(ALICE, tax_residence=USA))
    ground.freeze(ALICE)
    ground.freeze(ALICE, False)
    assert ground.word(ALICE).flags == 4


def test_relief__unknown_party_or_above_the_whole__refused(payouts: Payouts) -> None:
    with raises("PartyUnknown", 9):
        payouts.relieve(9, 0, node.TODAY)
    with raises("TaxAboveWhole", 10_001):
        payouts.relieve(ALICE, 10_001, node.TODAY)


def test_relief__until_a_day__counts_on_its_last_second_and_no_longer(payouts: Payouts) -> None:
    dividend = payouts.fixed()
    last = node.TODAY + 5
    payouts.relieve(ALICE, 700, last)
    payouts.relieve(BOB, 700, last)
    node.next_block_at(node.last_second_of(last))
    dividend.claim(ALICE)
    dividend.claim(BOB)
    gross = {party: dividend.gross(party) for party in (ALICE, BOB)}
    assert dividend.now().withheld == tax_on(gross[ALICE], 700) + tax_on(gross[BOB], 2_000)


def test_relief__taken_back__the_schedule_counts_again(payouts: Payouts) -> None:
    dividend = payouts.ripe()
    payouts.relieve(ALICE, 0, node.TODAY + 900)
    payouts.relieve(ALICE, 0, 0)
    dividend.claim(ALICE)
    assert dividend.now().withheld == tax_on(dividend.gross(ALICE), 2_000)


def test_pay__a_category_that_the_schedule_does_not_name__is_everybody_else(payouts: Payouts) -> None:
    """Nobody without a rule of its own keeps the others of its page from being paid."""
    number = create(payouts.ground, [(QUALIFIED, 0, 2_000), (INSTITUTION, 0, 0), (0, 0, 3_000)])
    dividend = payouts.ripe(schedule=number)
    assert payouts.ground.word(DAVE).category == EMPLOYEE
    dividend.claim(DAVE)
    assert dividend.now().withheld == tax_on(dividend.gross(DAVE), 3_000)
    dividend.pay()
    dividend.balanced()
    dividend.close()
    payouts.covered()
