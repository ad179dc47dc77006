"""Regions: the regulator's scheme, and halts that stop every clock of the region while they last."""

from __future__ import annotations

import pytest

from registry.domain.raise_words import RegionWord
from registry.domain.subscription_rules import SubscriptionRule
from tests.contracts.support import node
from tests.contracts.support.expect import declined, raises
from tests.contracts.support.ground import REGION, Ground, header
from tests.contracts.support.node import DAY
from tests.contracts.support.raising import (
    CLOSING,
    ERIN,
    FRANK,
    PRICE,
    USUAL_BOOK,
    Raise,
    clock,
    closing,
    draft,
    halt,
    next_at,
    opened,
    region_word,
)

AMOUNT = 100 * PRICE


def set_scheme(ground: Ground, *values: int, by: str | None = None) -> list[object]:
    return list(ground.regions.act("setScheme", header(), *values, by=by or ground.regulator))


# --- the scheme ---


@pytest.mark.parametrize(("function", "arguments"), [("setScheme", (REGION, 2, 1, 1)), ("setHalted", (REGION, True))])
def test_region__governed_by_anybody_but_the_regulator__refused(
    ground: Ground, function: str, arguments: tuple[int, ...]
) -> None:
    for actor in (ground.stranger, ground.governor, ground.platform, ground.custodian, ground.issuer):
        with raises("NotAuthorised", actor, 2):
            ground.regions.act(function, header(), *arguments, by=actor)


@pytest.mark.parametrize(("region", "version"), [(0, 1), (REGION, 0), (0, 0)])
def test_scheme__without_region_or_version__refused(ground: Ground, region: int, version: int) -> None:
    with raises("SchemeMalformed", region, version):
        set_scheme(ground, region, version, 1, 1)


def test_scheme__replaced__its_ceilings_change_and_halts_stay(ground: Ground) -> None:
    halt(ground)
    node.jump_to(node.now() + 99)
    halt(ground, False)
    halted_for = region_word(ground).halted_for
    assert halted_for == 100
    events = ground.regions.act("setScheme", header(), REGION, 7, 2**64 - 1, 2**64 - 2, by=ground.regulator)
    assert [e.name for e in events] == ["ActRecorded", "SchemeSet"]
    assert tuple(events[1].values.values()) == (REGION, 7, 2**64 - 1, 2**64 - 2)
    assert region_word(ground) == RegionWord(2**64 - 1, 2**64 - 2, 7, halted_for, 0)
    halt(ground)
    since = region_word(ground).halted_since
    set_scheme(ground, REGION, 8, 5, 6)
    assert region_word(ground) == RegionWord(5, 6, 8, halted_for, since)


def test_scheme__lower_ceiling__binds_raises_created_later(raised: Raise) -> None:
    ground = raised.ground
    set_scheme(ground, REGION, 2, 4_999 * PRICE, 0)
    with raises("OfferingMalformed", 6):
        draft(ground)
    raised.subscribe(ERIN, 4_000 * PRICE)
    draft(ground, maximum=4_999 * PRICE)


# --- the clock ---


def test_halt__begun_twice_or_ended_without_one__refused(ground: Ground) -> None:
    with raises("HaltUnchanged", REGION, False):
        halt(ground, False)
    halt(ground)
    with raises("HaltUnchanged", REGION, True):
        halt(ground)


def test_clock__over_several_halts__block_time_less_all_of_them(ground: Ground) -> None:
    assert clock(ground) == node.now() == ground.regions.read("clock", REGION)
    events = halt(ground)
    assert [e.name for e in events] == ["ActRecorded", "RegionHalted"]
    began = node.now()
    node.jump_to(began + 1_000)
    assert ground.regions.read("clock", REGION) == began
    halt(ground, False)
    assert ground.regions.read("clock", REGION) == began == node.now() - 1_001
    node.jump_to(node.now() + 50)
    halt(ground)
    stood = ground.regions.read("clock", REGION)
    assert stood == node.now() - 1_001
    node.jump_to(node.now() + 10 * DAY)
    assert ground.regions.read("clock", REGION) == stood
    assert ground.regions.read("clock", REGION + 1) == node.now()


def test_halt__of_another_region__stops_nothing_here(raised: Raise) -> None:
    ground = raised.ground
    ground.regions.act("setHalted", header(), REGION + 1, True, by=ground.regulator)
    raised.subscribe(ERIN, AMOUNT)
    assert clock(ground) == node.now()


# --- what it stops ---


def test_window__halted__subscriptions_are_refused_and_the_lost_time_is_added(raised: Raise) -> None:
    ground, ends = raised.ground, raised.terms.closes_at
    halt(ground)
    node.jump_to(ends + 30 * DAY)
    with declined(SubscriptionRule.REGION_HALTED):
        raised.subscribe(ERIN, AMOUNT)
    halt(ground, False)
    assert node.now() > ends
    raised.subscribe(ERIN, AMOUNT)
    assert raised.subscription(ERIN).paid_at == clock(ground) < ends
    next_at(ground, ends)
    raised.subscribe(FRANK, AMOUNT)
    next_at(ground, ends + 1)
    with declined(SubscriptionRule.TOO_LATE, SubscriptionRule.TWICE):
        raised.subscribe(FRANK, AMOUNT)


def test_window__halted_before_it_begins__begins_later(ground: Ground) -> None:
    raised = draft(ground)
    raised.admit()
    halt(ground)
    raised.open()
    node.jump_to(raised.terms.opens_at + DAY)
    with declined(SubscriptionRule.TOO_EARLY, SubscriptionRule.REGION_HALTED):
        raised.subscribe(ERIN, AMOUNT)
    halt(ground, False)
    with declined(SubscriptionRule.TOO_EARLY):
        raised.subscribe(ERIN, AMOUNT)
    raised.begin()
    raised.subscribe(ERIN, AMOUNT)


def test_settling__halted__what_is_due_is_carried_out_and_time_does_not_run(ground: Ground) -> None:
    raised = closing(ground)
    halt(ground)
    node.jump_to(node.now() + 100 * DAY)
    with raises("NotDue"):
        raised.fail()
    assert raised.totals().phase == CLOSING
    raised.allot(*(raised.home(party) for party in USUAL_BOOK))
    assert raised.totals().phase == 4


def test_stop__halted__the_regulator_ends_the_raise_and_all_are_paid(ground: Ground) -> None:
    raised = opened(ground)
    raised.subscribe(ERIN, AMOUNT)
    halt(ground)
    raised.stop()
    raised.refund(raised.home(ERIN))
    assert raised.totals().live == 0


def test_kyc__halted__its_days_go_on(raised: Raise) -> None:
    ground = raised.ground
    halt(ground)
    node.jump_to(node.first_second_of(ground.word(ERIN).kyc_day + 1))
    halt(ground, False)
    with declined(SubscriptionRule.KYC, SubscriptionRule.QUALIFICATION):
        raised.subscribe(ERIN, AMOUNT)
