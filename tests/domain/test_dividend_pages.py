"""A dividend that is paid: pages and claims, parked and lapsed parts, the close."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from registry.domain import commands as do
from registry.domain.entitlements import summary
from registry.domain.events import RegistryEvent, Transfer
from registry.domain.events_payout import DistributionClosed, EntitlementsHandled, TaxRemitted
from registry.domain.ids import Address, Day, PartyId
from registry.domain.payout_args import DistributionPhase, Payment, Settlement
from registry.domain.register import RegisterState
from tests.domain import world as w
from tests.domain.escrow_world import DAY
from tests.domain.payout_world import CAST, PAYING, PURSE, Payer, declared, fixed, person
from tests.domain.raise_cast import PLATFORMS


def due(**changes: object) -> Payer:
    """Its payment date has come."""
    world = fixed(**changes)
    world.due()
    return world


def told(events: tuple[RegistryEvent, ...]) -> tuple[Payment, ...]:
    return next(e.payments for e in events if isinstance(e, EntitlementsHandled))


def settled(world: Payer) -> list[int]:
    return [int(s) for s in world.dividend().settlements]


def freeze(world: Payer, party: int, frozen: bool = True) -> None:
    world.run(do.SetFrozen(w.header(), PartyId(party), frozen), w.REGULATOR)


def pay_all(world: Payer, number: int = 1) -> tuple[RegistryEvent, ...]:
    return world.run(do.PayEntitlements(number, 0, world.rows(number)), w.STRANGER)


# --- pages ---


def test_pay__a_page__pays_everybody_net_and_keeps_the_tax() -> None:
    """DV-7, TX-2: party 1 has 334 of 1 750 shares and 20 % tax, party 4 none."""
    world = due()
    lines = {line.party: line for line in told(pay_all(world))}
    assert (lines[1].gross, lines[1].tax) == (1_908, 382)
    assert (lines[4].gross, lines[4].tax) == (571, 0)
    assert world.cash(CAST.wallet(1)) == 1_526
    assert summary(world.dividend()).is_whole
    assert world.cash(PAYING.distributions) == world.state.payouts.held
    world.stands()


def test_pay__before_the_payment_date__is_refused() -> None:
    """DV-7"""
    world = due()
    world.at(world.time - 1)
    payable = world.dividend().terms.payable_from
    for command in (
        do.PayEntitlements(1, 0, world.rows()),
        do.ClaimEntitlement(1, 0, world.rows(leaves=1), 0),
    ):
        assert world.refusal(command) == ("NotDue", payable - 1, payable)


def test_pay__rows_that_are_not_the_fixed_ones__name_the_position() -> None:
    """DV-7"""
    world = due()
    rows = world.rows()
    forged = replace(rows[9], shares=10_000)
    for position, leaf, stated in (
        (0, 0, rows[:7]),
        (0, 0, rows[1:]),
        (8, 0, (*rows[:9], forged)),
        (8, 1, rows[:8]),
        (16, 2, rows[:8]),
    ):
        assert world.refusal(do.PayEntitlements(1, leaf, stated)) == ("HolderMisplaced", position)
    assert world.refusal(do.ClaimEntitlement(1, 0, rows, 10)) == ("HolderMisplaced", 10)


def test_pay__twice__pays_nobody_again() -> None:
    """DV-7, LAW-19"""
    world = due()
    pay_all(world)
    assert pay_all(world) == ()
    assert world.run(do.PayEntitlements(1, 0, ()), w.STRANGER) == ()
    world.stands()


def test_pay__what_is_not_fixed_or_not_known__is_refused() -> None:
    """DV-7"""
    world = declared()
    assert world.refusal(do.PayEntitlements(1, 0, ())) == ("DistributionStateForbids", 1, DistributionPhase.DECLARED)
    assert world.refusal(do.PayEntitlements(2, 0, ())) == ("DistributionUnknown", 2)


ORDERS = [*permutations(range(3))]


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_pages_and_claims__in_whatever_order__lead_to_the_same(order: tuple[int, ...]) -> None:
    """DV-7, LAW-17"""

    def after(steps: tuple[int, ...]) -> RegisterState:
        world = due()
        rows = world.rows()
        commands = (
            do.PayEntitlements(1, 1, rows[8:]),
            do.ClaimEntitlement(1, 0, rows[:8], 2),
            do.PayEntitlements(1, 0, rows[:8]),
        )
        for step in steps:
            world.run(commands[step], w.STRANGER)
        world.stands()
        return world.state

    first, found = after(ORDERS[0]), after(order)
    assert found.payouts == first.payouts
    assert found.money.accounts == first.money.accounts


def test_pay__wallet_that_was_closed__goes_to_the_book_account() -> None:
    """DV-13"""
    world = due()
    world.run(do.SetWalletClosed(w.header(), CAST.wallet(2), True), w.KYC)
    pay_all(world)
    assert world.cash(CAST.book(2)) > 0 == world.cash(CAST.wallet(2))
    world.stands()


# --- parked ---


def test_pay__lapsed_kyc_or_frozen__is_parked_untaxed_and_paid_once_cured() -> None:
    """DV-8"""
    world = due()
    freeze(world, 1)
    lapsed = replace(person(CAST.day, 3), kyc_day=Day(world.today - 1))
    world.run(do.SetStanding(w.header(), (lapsed,)), w.KYC)
    lines = {line.party: line for line in told(pay_all(world))}
    assert [lines[p].settlement for p in (1, 2, 3)] == [Settlement.PARKED, Settlement.PAID, Settlement.PARKED]
    assert lines[1].tax == lines[3].tax == 0
    assert world.dividend().parked == lines[1].gross + lines[3].gross
    assert pay_all(world) == ()
    freeze(world, 1, False)
    assert [(line.party, line.settlement) for line in told(pay_all(world))] == [(1, Settlement.PAID)]
    world.stands()


def test_pay__lapsed_qualification__is_paid() -> None:
    """DV-8"""
    world = due()
    lapsed = replace(person(CAST.day, 1), qualification_day=Day(world.today - 1))
    world.run(do.SetStanding(w.header(), (lapsed,)), w.KYC)
    pay_all(world)
    assert settled(world)[0] == Settlement.PAID


def test_pay__kyc_that_ends_today__is_in_force_through_its_last_second() -> None:
    """DV-8"""
    world = due()
    ending = replace(person(CAST.day, 1), kyc_day=world.today)
    world.run(do.SetStanding(w.header(), (ending,)), w.KYC)
    world.at((world.today + 1) * DAY - 28_800 - 1)
    rows = world.rows(leaves=1)
    claim = do.ClaimEntitlement(1, 0, rows, 0)
    events = world.run(claim, w.STRANGER)
    assert told(events)[0].settlement == Settlement.PAID


def test_parked__after_expiry_and_close__is_still_paid() -> None:
    """DV-8, DV-9, DV-11"""
    world = due()
    freeze(world, 1)
    pay_all(world)
    world.run(do.CloseDistribution(1), w.STRANGER)
    world.wait(60 * DAY)
    freeze(world, 1, False)
    line = told(world.run(do.ClaimEntitlement(1, 0, world.rows(leaves=1), 0), w.STRANGER))[0]
    assert (line.settlement, line.tax) == (Settlement.PAID, 382)
    world.run(do.RemitTax(1), w.STRANGER)
    assert world.dividend().held == 0 == world.cash(PAYING.distributions)
    world.stands()


# --- lapsed ---


def test_lapse__after_the_expiry__goes_to_the_remainder_account() -> None:
    """DV-9"""
    world = due()
    freeze(world, 2)
    world.run(do.ClaimEntitlement(1, 0, world.rows(leaves=1), 0), w.STRANGER)
    expires = world.dividend().expires_at
    lapse = do.LapseEntitlements(1, 0, world.rows())
    world.at(expires)
    assert world.refusal(lapse) == ("NotDue", expires, expires + 1)
    world.at(expires + 1)
    assert pay_all(world) != ()
    assert settled(world)[:3] == [Settlement.PAID, Settlement.PARKED, Settlement.NONE]
    before = world.cash(world.dividend().remainder_account)
    world.run(lapse, w.STRANGER)
    d = world.dividend()
    assert settled(world)[:3] == [Settlement.PAID, Settlement.PARKED, Settlement.LAPSED]
    assert world.cash(d.remainder_account) - before == d.lapsed == summary(d).unclaimed
    assert world.run(lapse, w.STRANGER) == ()
    world.stands()


def test_lapse__in_the_last_second_of_the_region_s_clock__waits_for_a_halt() -> None:
    """DV-10, RG-2"""
    world = due()
    expires = world.dividend().expires_at
    world.run(do.SetHalted(w.header(), CAST.region, True), w.REGULATOR)
    world.at(expires + 10 * DAY)
    assert world.refusal(do.LapseEntitlements(1, 0, world.rows()))[0] == "NotDue"
    pay_all(world)
    assert set(settled(world)) == {Settlement.PAID}
    world.stands()


def test_lapse__parked_and_cured_meanwhile__is_paid_by_the_same_page() -> None:
    """DV-8, DV-9"""
    world = due()
    freeze(world, 2)
    world.run(do.ClaimEntitlement(1, 0, world.rows(leaves=1), 1), w.STRANGER)
    freeze(world, 2, False)
    world.at(world.dividend().expires_at + 1)
    world.run(do.LapseEntitlements(1, 0, world.rows()), w.STRANGER)
    assert settled(world)[:2] == [Settlement.LAPSED, Settlement.PAID]
    world.stands()


# --- the close ---


def test_close__before_every_share_was_handled__is_refused() -> None:
    """DV-11"""
    world = due()
    world.run(do.ClaimEntitlement(1, 0, world.rows(leaves=1), 0), w.STRANGER)
    assert world.refusal(do.CloseDistribution(1)) == ("SharesUnhandled", 334, 1_750)


def test_close__remits_tax_and_sweeps_what_roundings_left() -> None:
    """DV-11, TX-5, LAW-18, LAW-20"""
    world = due()
    pay_all(world)
    carried, d = summary(world.dividend()).carried, world.dividend()
    tax_account, before = CAST.book(PLATFORMS), world.cash(d.remainder_account)
    taxed = world.cash(tax_account)
    events = world.run(do.CloseDistribution(1), w.STRANGER)
    assert [type(e) for e in events] == [DistributionClosed, TaxRemitted, Transfer, Transfer]
    assert 0 < carried < 10
    assert world.cash(d.remainder_account) == before + carried
    assert world.cash(tax_account) == taxed + d.withheld
    assert world.cash(PAYING.distributions) == 0
    assert world.run(do.RemitTax(1), w.STRANGER) == ()
    world.stands()


def test_remit__without_waiting_for_the_close__sends_what_was_withheld_since() -> None:
    """TX-5"""
    world = due()
    tax_account = CAST.book(PLATFORMS)
    world.run(do.ClaimEntitlement(1, 0, world.rows(leaves=1), 0), w.STRANGER)
    world.run(do.RemitTax(1), w.STRANGER)
    assert world.cash(tax_account) == 382
    assert world.refusal(do.RemitTax(7)) == ("DistributionUnknown", 7)
    world.stands()


# --- money to many ---


def test_send_to_many__all_or_none__and_each_is_told() -> None:
    """MO-7"""
    world = declared()
    to = (CAST.book(1), 5), (CAST.wallet(2), 0), (w.STRANGER, 7)
    events = world.run(do.SendMoneyToMany(to), CAST.admin)
    assert [(e.taker, e.value) for e in events if isinstance(e, Transfer)] == list(to)
    left = PURSE - 10_000 - 12
    refused = {
        ("ERC20InsufficientBalance", CAST.admin, left, left + 1): ((CAST.book(1), left), (CAST.book(2), 1)),
        ("ERC20InvalidReceiver", Address(bytes(20))): ((Address(bytes(20)), 1),),
        ("AccountUnknown", CAST.book(99)): ((CAST.book(99), 1),),
    }
    for refusal, payouts in refused.items():
        assert world.refusal(do.SendMoneyToMany(payouts), CAST.admin) == refusal
    world.stands()
