"""Tax schedules, reliefs and preferences: TX-1 to TX-4, PF-1 to PF-5."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.domain import commands as do
from registry.domain.entitlements import part_of, tax_on
from registry.domain.events_payout import EntitlementsHandled, PreferenceDeclared
from registry.domain.ids import Address, Day, PartyId
from registry.domain.payout_args import DistributionTerms, TaxRule
from registry.domain.payouts import MOST_RATE, Preference
from tests.domain import world as w
from tests.domain.escrow_world import DAY
from tests.domain.payout_world import CAST, RULES, SHARES, Payer, declared, fixed, founded, person
from tests.domain.raise_cast import PLATFORMS

TAX = CAST.book(PLATFORMS)


def schedule(*rules: TaxRule, account: Address = TAX) -> do.CreateSchedule:
    return do.CreateSchedule(w.header(), account, rules)


# --- schedules ---


@pytest.mark.parametrize(
    ("refusal", "rules"),
    [
        (("ScheduleMalformed", 0), ()),
        (("TaxAboveWhole", 10_001), (TaxRule(3, 0, 10_001),)),
        (("ScheduleMalformed", 2), (TaxRule(3, 0, 1), TaxRule(3, 156, 1), TaxRule(3, 0, 2), TaxRule(0, 0, 1))),
        (("ScheduleMalformed", 1), (TaxRule(0, 0, 1), TaxRule(0, 156, 1))),
        (("ScheduleMalformed", 2), (TaxRule(3, 0, 1), TaxRule(3, 156, 1))),
        (("TaxAboveWhole", 10_001), (TaxRule(3, 0, 10_001), TaxRule(3, 0, 1))),
        (("ScheduleMalformed", 1), (TaxRule(3, 0, 1), TaxRule(3, 0, 1), TaxRule(4, 0, 10_001))),
        (("TooManyEntries", 65, 64), tuple(TaxRule(3, n, 1) for n in range(65))),
    ],
)
def test_schedule__that_is_malformed__is_refused(refusal: tuple[object, ...], rules: tuple[TaxRule, ...]) -> None:
    """TX-1"""
    assert founded().refusal(schedule(*rules), w.PLATFORM) == refusal


def test_schedule__by_a_stranger_or_for_an_unknown_account__is_refused() -> None:
    """TX-1"""
    world = founded()
    assert world.refusal(schedule(*RULES)) == ("NotAuthorised", w.STRANGER, 4)
    assert world.refusal(schedule(*RULES, account=w.STRANGER), w.PLATFORM) == ("AccountUnknown", w.STRANGER)


def test_schedule__rate__is_the_residence_s_or_that_of_every_other_or_everybody_else_s() -> None:
    """TX-3"""
    known = founded().state.payouts.schedules[1]
    assert [known.rate_of(*key) for key in ((3, 156), (3, 840), (1, 156), (5, 156))] == [2_000, 1_000, 1_111, 777]


@given(gross=st.integers(0, 2**64 - 1), bps=st.integers(0, 10_000))
def test_tax__of_any_amount__is_rounded_half_up_and_never_above_it(gross: int, bps: int) -> None:
    """TX-2"""
    tax = tax_on(gross, bps)
    assert 0 <= tax <= gross
    assert -10_000 < 2 * (tax * 10_000 - gross * bps) <= 10_000


def taxed(world: Payer, party: int) -> int:
    row = next(i for i, r in enumerate(world.rows()) if r.party == party)
    events = world.run(do.ClaimEntitlement(1, row // 8, world.rows()[row // 8 * 8 :][:8], row % 8), w.STRANGER)
    return next(e.payments[0].tax for e in events if isinstance(e, EntitlementsHandled))


def test_relief__in_force_on_the_day__goes_before_the_schedule() -> None:
    """TX-3, TX-4: the stated day is included."""
    for late, tax in ((0, 95), (1, 382)):
        world = fixed()
        world.due()
        stated = do.StateTaxRelief(w.header(), PartyId(1), 500, Day(world.today - late))
        world.run(stated, w.PLATFORM)
        assert world.state.parties[PartyId(1)].has_relief
        assert taxed(world, 1) == tax
        world.stands()


def test_relief__stated_anew__counts_as_it_is() -> None:
    """TX-4"""
    world = fixed()
    world.due()
    for bps in (500, 0):
        world.run(do.StateTaxRelief(w.header(), PartyId(1), bps, Day(world.today)), w.PLATFORM)
    assert taxed(world, 1) == 0
    world.run(do.SetStanding(w.header(), (person(CAST.day, 1),)), w.KYC)
    assert world.state.parties[PartyId(1)].has_relief
    world.stands()


def test_relief__above_the_whole_unknown_or_by_a_stranger__is_refused() -> None:
    """TX-4"""
    world = founded()
    stated = do.StateTaxRelief(w.header(), PartyId(1), 10_001, Day(30_000))
    assert world.refusal(stated, w.PLATFORM) == ("TaxAboveWhole", 10_001)
    assert world.refusal(replace(stated, party=PartyId(99)), w.PLATFORM) == ("PartyUnknown", 99)
    assert world.refusal(stated) == ("NotAuthorised", w.STRANGER, 4)


def test_rate__of_a_category_that_has_no_rule__is_everybody_else_s() -> None:
    """TX-3: party 5 is of category 2."""
    world = fixed(schedule=2)
    world.due()
    gross = part_of(world.state.payouts.distributions[1], SHARES[5])
    assert taxed(world, 5) == tax_on(gross, 4_444)
    world.run(do.PayEntitlements(1, 0, world.rows()), w.STRANGER)
    world.stands()


def test_standing__of_the_day_it_is_paid__decides() -> None:
    """TX-3"""
    world = fixed()
    world.due()
    moved = replace(person(CAST.day, 1), tax_residence=840)
    world.run(do.SetStanding(w.header(), (moved,)), w.KYC)
    assert taxed(world, 1) == 191
    world.stands()


# --- preferences ---

YEARLY = 36_500_000_000
"""[10^-10 CNY a share and year] 0.01 CNY a day."""


def prefer(world: Payer, share_class: Address = w.PREFERRED, rank: int = 1, days: int = 10) -> None:
    command = do.SetPreference(w.header(), share_class, rank, YEARLY, Day(world.today - days))
    world.run(command, CAST.admin)


@pytest.mark.parametrize(
    ("field", "rank", "rate", "day"), [(1, 0, 1, 1), (2, 1, 0, 1), (3, 1, 1, 0), (3, 1, 1, 20_001)]
)
def test_preference__that_is_malformed__names_its_field(field: int, rank: int, rate: int, day: int) -> None:
    """PF-1"""
    command = do.SetPreference(w.header(), w.PREFERRED, rank, rate, Day(day))
    assert founded().refusal(command, CAST.admin) == ("PreferenceMalformed", field)


def test_preference__twice_of_a_stranger_or_of_no_class__is_refused() -> None:
    """PF-1"""
    world = founded()
    prefer(world)
    command = do.SetPreference(w.header(), w.PREFERRED, 1, 1, Day(1))
    assert world.refusal(command, CAST.admin) == ("PreferenceStands", w.PREFERRED)
    assert world.refusal(command) == ("NotAuthorised", w.STRANGER, 1)
    assert world.refusal(replace(command, share_class=w.STRANGER)) == ("ClassUnknown", w.STRANGER)


def test_arrears__by_days__are_simple_and_rounded_down() -> None:
    """PF-2"""
    p = Preference(1, 1_000, Day(100), 5)
    assert [p.arrears(day) for day in (99, 100, 101, 102, 465, 830)] == [0, 0, 0, 0, 995, 1_995]
    assert Preference(1, MOST_RATE, Day(1)).arrears(800) == MOST_RATE


def declaring(world: Payer, share_class: Address, rate: int, total: int = 10_000) -> do.Declare:
    payable = world.time + 5 * DAY
    epoch = len(world.state.classes[share_class].record_times)
    terms = DistributionTerms(share_class, epoch, 1, CAST.admin, total, rate, total, payable, payable + DAY)
    return do.Declare(w.header(), terms)


def preferred(rank: int = 1) -> Payer:
    """Ten days and one of arrears on the record day."""
    world = founded()
    prefer(world, rank=rank)
    world.announce()
    world.announce(share_class=w.PREFERRED)
    return world


def test_declare__while_a_class_before_has_arrears__is_refused() -> None:
    """PF-3: eleven days of 0.01 CNY."""
    world = preferred()
    common = declaring(world, w.ORDINARY, 0)
    assert world.refusal(common, CAST.admin) == ("ArrearsFirst", w.PREFERRED, 1_100_000_000)
    world.run(declaring(world, w.PREFERRED, 1_099_999_999), CAST.admin)
    assert world.refusal(common, CAST.admin) == ("ArrearsFirst", w.PREFERRED, 1)
    world.run(declaring(world, w.PREFERRED, 1), CAST.admin)
    world.run(common, CAST.admin)
    world.stands()


def test_declare__classes_of_one_rank__do_not_wait_for_each_other() -> None:
    """PF-3"""
    world = preferred(rank=2)
    prefer(world, w.ORDINARY, rank=2)
    world.run(declaring(world, w.ORDINARY, 5), CAST.admin)
    later = preferred(rank=1)
    prefer(later, w.ORDINARY, rank=2)
    assert later.refusal(declaring(later, w.ORDINARY, 5), CAST.admin)[0] == "ArrearsFirst"
    world.stands()


def test_declare__more_than_the_arrears__counts_no_more_than_they_are() -> None:
    """PF-4"""
    world = preferred()
    events = world.run(declaring(world, w.PREFERRED, 9 * 10**9), CAST.admin)
    assert [e.declared for e in events if isinstance(e, PreferenceDeclared)] == [1_100_000_000]
    world.run(do.CancelDistribution(w.header(), 1), CAST.admin)
    assert world.state.payouts.preferences[w.PREFERRED].declared == 0
    world.stands()


def test_cancel__while_a_later_class_s_dividend_rests_on_it__is_refused() -> None:
    """PF-5: dividend 2 of the ordinary class could not have been without dividend 1."""
    world = preferred()
    world.run(declaring(world, w.PREFERRED, 1_100_000_000), CAST.admin)
    world.run(declaring(world, w.ORDINARY, 5), CAST.admin)
    world.run(declaring(world, w.PREFERRED, 5), CAST.admin)
    cancel = do.CancelDistribution(w.header(), 1)
    assert world.refusal(cancel, CAST.admin) == ("DividendRests", 2)
    # Nothing of this one counted, so that nothing rests on it.
    world.run(do.CancelDistribution(w.header(), 3), CAST.admin)
    world.run(do.CancelDistribution(w.header(), 2), CAST.admin)
    world.run(cancel, CAST.admin)
    assert world.state.payouts.preferences[w.PREFERRED].arrears(world.today + 1) == 1_100_000_000
    world.stands()


def test_cancel__of_the_class_that_comes_first__does_not_ask_what_was_declared_before_or_of_its_own_rank() -> None:
    """PF-5"""
    world = preferred(rank=2)
    prefer(world, w.ORDINARY, rank=2)
    world.run(declaring(world, w.ORDINARY, 5), CAST.admin)
    world.run(declaring(world, w.PREFERRED, 5), CAST.admin)
    world.run(declaring(world, w.ORDINARY, 5), CAST.admin)
    world.run(do.CancelDistribution(w.header(), 2), CAST.admin)
    world.stands()


def test_fix__rate_of_a_preferred_class_that_is_not_covered__counts_what_is() -> None:
    """PF-4, DV-6: 63 shares at 0.11 CNY need 693 fen; as many are issued before the record date."""
    world = preferred()
    scarce = declaring(world, w.PREFERRED, 1_100_000_000, total=692)
    assert world.refusal(scarce, CAST.admin) == ("DistributionMalformed", 5)
    world.run(declaring(world, w.PREFERRED, 1_100_000_000, total=693), CAST.admin)
    w.issue(world, CAST.book(2), 63, w.PREFERRED)
    world.fix()
    assert world.dividend().is_short
    assert world.state.payouts.preferences[w.PREFERRED].declared == 550_000_000
    world.run(do.CancelDistribution(w.header(), 1), CAST.admin)
    assert world.state.payouts.preferences[w.PREFERRED].declared == 0
    world.stands()


def test_declare__preferred_class_without_a_rate__is_refused() -> None:
    """DV-1: term 6."""
    world = preferred()
    assert world.refusal(declaring(world, w.PREFERRED, 0), CAST.admin) == ("DistributionMalformed", 6)


def test_contracts__of_a_deployment_without_dividends__are_never_asked() -> None:
    world = w.opened()
    with pytest.raises(LookupError, match="dividends"):
        world.run(do.SetPreference(w.header(), w.PREFERRED, 1, 1, Day(1)), w.ADMIN)
    assert declared().state.paying is not None
