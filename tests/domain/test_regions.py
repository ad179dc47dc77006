"""Schemes and halts of regions, and the annual limit of individuals (RG-1 to RG-3, AN-1 to AN-3)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.domain import commands as do
from registry.domain.commands import Command
from registry.domain.days import first_second, from_date, to_date, year_of
from registry.domain.ids import Day, PartyId
from registry.domain.raise_views import broken_subscription_rules
from registry.domain.subscription_rules import SubscriptionRule
from tests.domain import world as w
from tests.domain.escrow_world import DAY, DOCUMENT, OFFERING, PAID, REGION, Raised, drafted, founded, opened, subscribe

YEAR = 2024


@pytest.fixture
def world() -> Raised:
    return founded()


def halt(halted: bool, region: int = REGION) -> Command:
    return do.SetHalted(w.header(), region, halted)


# --- schemes ---


def test_scheme__of_no_region_or_version__is_refused(world: Raised) -> None:
    """RG-1."""
    assert world.refusal(do.SetScheme(w.header(), 0, 1, 1, 1), w.REGULATOR) == ("SchemeMalformed", 0, 1)
    assert world.refusal(do.SetScheme(w.header(), 1, 0, 1, 1), w.REGULATOR) == ("SchemeMalformed", 1, 0)
    assert world.refusal(do.SetScheme(w.header(), 1, 1, 1, 1), w.PLATFORM) == ("NotAuthorised", w.PLATFORM, 2)


def test_scheme__set_anew__keeps_the_regions_halts(world: Raised) -> None:
    """RG-1."""
    world.run(halt(True), w.REGULATOR)
    world.wait(60)
    world.run(halt(False), w.REGULATOR)
    world.run(do.SetScheme(w.header(), REGION, 2, 7, 5), w.REGULATOR)
    word = world.state.regions[REGION]
    assert (word.version, word.raise_ceiling, word.investor_ceiling, word.halted_for) == (2, 7, 5, 60)
    world.stands()


# --- halts ---


def test_halt__while_it_lasts__the_clock_stands_still(world: Raised) -> None:
    """RG-2."""
    start = world.clock
    world.wait(100)
    world.run(halt(True), w.REGULATOR)
    world.wait(5_000)
    assert world.clock == start + 100
    world.run(halt(False), w.REGULATOR)
    world.wait(11)
    assert world.clock == start + 111
    world.run(halt(True), w.REGULATOR)
    world.wait(1)
    assert world.clock == start + 111
    assert world.state.clock(REGION + 1, world.time) == world.time
    world.stands()


def test_halt__begun_or_ended_twice__is_refused(world: Raised) -> None:
    """RG-3."""
    assert world.refusal(halt(False), w.REGULATOR) == ("HaltUnchanged", REGION, False)
    world.run(halt(True), w.REGULATOR)
    assert world.refusal(halt(True), w.REGULATOR) == ("HaltUnchanged", REGION, True)
    assert world.refusal(halt(False), w.STRANGER) == ("NotAuthorised", w.STRANGER, 2)


def test_halt__of_a_raises_region__moves_its_window_and_refuses_meanwhile() -> None:
    """RG-2, SB-4: seven days of halt, then the window is as long as before."""
    world = drafted()
    world.run(do.OpenOffering(OFFERING, w.header()), w.PLATFORM)
    world.run(halt(True), w.REGULATOR)
    world.wait(7 * DAY)
    rules = broken_subscription_rules(world.state, OFFERING, world.account(1), 100, DOCUMENT, world.time)
    assert rules == SubscriptionRule.REGION_HALTED
    world.run(halt(False), w.REGULATOR)
    subscribe(world, 1, 100)
    assert world.lot(1).paid_at == w.START
    world.stands()


def test_halt__days_of_kyc__go_on() -> None:
    """RG-2."""
    world = drafted()
    world.run(do.OpenOffering(OFFERING, w.header()), w.PLATFORM)
    world.run(do.SetStanding(w.header(), (w.word(1, kyc_day=world.today),)), w.KYC)
    world.run(halt(True), w.REGULATOR)
    world.wait(DAY)
    world.run(halt(False), w.REGULATOR)
    rules = broken_subscription_rules(world.state, OFFERING, world.account(1), 100, DOCUMENT, world.time)
    assert rules == SubscriptionRule.KYC


# --- the annual limit ---


def limited(limit: int) -> Raised:
    world = drafted()
    world.run(do.OpenOffering(OFFERING, w.header()), w.PLATFORM)
    world.run(do.SetAnnualLimit(w.header(), limit), w.REGULATOR)
    return world


def used(world: Raised, party: int) -> int:
    return world.state.annual_use.get((PartyId(party), YEAR), 0)


def rules_of(world: Raised, party: int, amount: int) -> SubscriptionRule:
    return broken_subscription_rules(world.state, OFFERING, world.account(party), amount, DOCUMENT, world.time)


def test_limit__use__is_the_sum_of_live_subscriptions() -> None:
    """AN-1: what is withdrawn or refunded is used no more; the limit itself is still within."""
    world = limited(3_000)
    assert rules_of(world, 2, 3_010) & SubscriptionRule.ANNUAL_LIMIT
    subscribe(world, 2, 3_000)
    subscribe(world, 1, 1_000)
    assert (used(world, 2), used(world, 1)) == (3_000, 1_000)
    world.run(do.Withdraw(OFFERING, world.account(2)), world.account(2))
    assert used(world, 2) == 0
    world.run(do.StopOffering(OFFERING, w.header()), w.REGULATOR)
    world.run(do.Refund(OFFERING, (world.account(1),)), w.STRANGER)
    assert world.state.annual_use == {}
    world.stands()


def test_limit__what_is_allotted__stays_used() -> None:
    """AN-1."""
    world = opened()
    world.wait(6 * DAY + 1)
    world.run(do.CloseOffering(OFFERING), w.STRANGER)
    world.run(do.Allot(OFFERING, tuple(world.account(p) for p in PAID)), w.STRANGER)
    assert {party: used(world, party) for party in PAID} == PAID


def test_limit__of_the_next_year__begins_with_its_first_second() -> None:
    """AN-1: the civil year at UTC+8."""
    world = limited(3_000)
    subscribe(world, 2, 2_000)
    world.run(do.Withdraw(OFFERING, world.account(2)), world.account(2))
    last = first_second(from_date(to_date(Day(0)).replace(year=2025))) - 1
    assert year_of(Day(from_date(to_date(Day(0)).replace(year=2025)))) == 2025
    assert year_of(Day(from_date(to_date(Day(0)).replace(year=2025)) - 1)) == 2024
    assert (last + 1 + 8 * 3_600) % DAY == 0


@pytest.mark.parametrize(
    ("kind", "category", "is_limited"), [(1, 3, True), (3, 3, True), (2, 3, False), (1, 4, False), (3, 5, False)]
)
def test_limit__binds_individuals_only(kind: int, category: int, is_limited: bool) -> None:
    """AN-2."""
    world = limited(100)
    word = replace(w.word(1, category=category), kind=kind)
    world.run(do.SetStanding(w.header(), (word,)), w.KYC)
    expected = SubscriptionRule.ANNUAL_LIMIT if is_limited else SubscriptionRule(0)
    assert rules_of(world, 1, 110) == expected


def test_limit__of_zero__binds_nobody() -> None:
    """AN-2."""
    world = limited(0)
    subscribe(world, 1, 6_000)
    refused = world.refusal(do.SetAnnualLimit(w.header(), 1), w.PLATFORM)
    assert refused == ("NotAuthorised", w.PLATFORM, 2)


def test_outside_use__counts_until_its_day__then_refuses_everything() -> None:
    """AN-3, SB-21."""
    world = limited(1_000)
    state = do.StateOutsideUse(w.header(), PartyId(1), YEAR, 400, world.today)
    world.run(state, w.KYC)
    assert world.state.party_word(PartyId(1)).uses_outside
    assert rules_of(world, 1, 600) == 0
    assert rules_of(world, 1, 610) == SubscriptionRule.ANNUAL_LIMIT
    world.wait(DAY)
    assert rules_of(world, 1, 10) == SubscriptionRule.ANNUAL_LIMIT
    world.run(do.StateOutsideUse(w.header(), PartyId(1), YEAR, 0, world.today), w.KYC)
    assert rules_of(world, 1, 1_000) == 0
    # Of another year nothing is asked.
    world.run(do.StateOutsideUse(w.header(), PartyId(2), YEAR - 1, 999, Day(0)), w.KYC)
    assert rules_of(world, 2, 1_000) == 0
    # A restatement keeps that something was stated.
    world.run(do.SetStanding(w.header(), (w.word(1),)), w.KYC)
    assert world.state.party_word(PartyId(1)).uses_outside
    world.stands()


def test_outside_use__stated_by_a_stranger_or_of_nobody__is_refused(world: Raised) -> None:
    """AN-3."""
    stated = do.StateOutsideUse(w.header(), PartyId(1), YEAR, 1, world.today)
    assert world.refusal(stated) == ("PartyOutsideRange", w.STRANGER, 1)
    nobody = do.StateOutsideUse(w.header(), PartyId(99), YEAR, 1, world.today)
    assert world.refusal(nobody, w.KYC) == ("PartyUnknown", 99)


def test_enrol__by_anybody_but_the_factory__is_refused(world: Raised) -> None:
    assert world.refusal(do.Enrol(w.STRANGER), w.GOVERNOR) == ("NotAuthorised", w.GOVERNOR, 16)


@given(day=st.integers(0, 100_000))
def test_year__of_a_day__is_that_of_the_calendar(day: int) -> None:
    """The arithmetic of contracts/libraries/Civil.sol."""
    z = day + 719_468
    era, of_era = divmod(z, 146_097)
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    assert year_of(Day(day)) == era * 400 + year + (of_year >= 306)
