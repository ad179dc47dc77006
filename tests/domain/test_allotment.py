"""A raise from its closing on: failure, refunds, the cut, allotment in pages, settlement (OF-5 to OF-11)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.domain import commands as do
from registry.domain.cut import proposed
from registry.domain.events import ActRecorded, ConsiderationStated, EntryRecorded, Transfer
from registry.domain.events_escrow import EscrowFunded
from registry.domain.events_raise import (
    AllotmentParked,
    OfferingPhaseChanged,
    RaiseSettled,
    SharesReserved,
    SubscriptionAllotted,
    SubscriptionRefunded,
)
from registry.domain.ids import Day, PartyId
from registry.domain.keccak import encoded, keccak256
from registry.domain.raise_views import Money, money_of
from registry.domain.raising import OfferingPhase
from registry.domain.register import Seat
from registry.domain.rules import ActKind, Basis, Rule
from tests.domain import world as w
from tests.domain.escrow_world import DAY, DOCUMENT, ESCROW, OFFERING, PAID, Raised, opened, raised, subscribe
from tests.domain.offering_world import opening

CLOSES = w.START + 6 * DAY


def closing(world: Raised) -> Raised:
    world.at(CLOSES + 1)
    world.run(do.CloseOffering(OFFERING), w.STRANGER)
    return world


def page(world: Raised, *parties: int) -> do.Command:
    return do.Allot(OFFERING, tuple(world.account(p) for p in parties))


def oversubscribed() -> Raised:
    """Pro rata: 6 000, 3 000 and 1 000 fen asked for, 700 shares to give: 420, 210, 70; then 701."""
    world = opening(method=2, maximum=7_010, minimum=5_000)
    for party, amount in PAID.items():
        subscribe(world, party, amount)
    return closing(world)


def freeze(world: Raised, party: int, frozen: bool = True) -> None:
    world.run(do.SetFrozen(w.header(), PartyId(party), frozen), w.REGULATOR)


# --- closing ---


def test_close__before_window_and_cooling_off_are_over__is_refused() -> None:
    """OF-5: in the last second too."""
    world = opened()
    world.at(CLOSES)
    assert world.refusal(do.CloseOffering(OFFERING)) == ("NotDue", CLOSES, CLOSES + 1)
    closing(world)
    assert world.offering.phase == OfferingPhase.CLOSING
    assert world.offering.totals.raised == 10_000
    assert world.refusal(do.CloseOffering(OFFERING)) == ("OfferingPhaseForbids", 3)
    world.stands()


def test_close__below_the_minimum__has_failed_and_refunds_in_pages() -> None:
    """OF-5, OF-7: pushed by anybody, once each."""
    world = opening()
    subscribe(world, 1, 4_000)
    subscribe(world, 3, 990)
    closing(world)
    assert world.offering.phase == OfferingPhase.FAILED
    assert world.state.classes[w.ORDINARY].reserved == 0
    events = world.run(do.Refund(OFFERING, (world.account(3),)), w.STRANGER)
    assert [type(e) for e in events] == [SubscriptionRefunded, Transfer]
    refused = world.refusal(do.Refund(OFFERING, (world.account(1), world.account(3))))
    assert refused == ("SubscriptionUnknown", world.account(3))
    world.run(do.Refund(OFFERING, (world.account(1),)), w.STRANGER)
    assert money_of(world.state, OFFERING) == Money(4_990, 0, 0, 0, 4_990, 0)
    assert world.state.companies[w.COMPANY].pending == 0
    world.stands()


@pytest.mark.parametrize("actor", [w.ADMIN, w.PLATFORM])
def test_cancel__until_somebody_is_allotted__refunds_everybody(actor: w.Address) -> None:
    """OF-7."""
    world = closing(opened())
    cancel = do.CancelOffering(OFFERING, w.header())
    assert world.refusal(cancel, w.AGENT) == ("NotAuthorised", w.AGENT, 4)
    world.run(cancel, actor)
    world.run(do.Refund(OFFERING, tuple(world.account(p) for p in PAID)), w.STRANGER)
    assert {p: world.cash(world.account(p)) for p in PAID} == PAID
    assert world.refusal(do.CancelOffering(OFFERING, w.header()), actor) == ("OfferingPhaseForbids", 5)
    world.stands()


def test_stop__by_the_regulator__until_somebody_is_allotted() -> None:
    """OF-7."""
    world = closing(opened())
    stop = do.StopOffering(OFFERING, w.header())
    assert world.refusal(stop, w.ADMIN) == ("NotAuthorised", w.ADMIN, 2)
    world.run(page(world, 1), w.STRANGER)
    assert world.refusal(stop, w.REGULATOR) == ("OfferingPhaseForbids", 3)
    assert world.refusal(do.CancelOffering(OFFERING, w.header()), w.ADMIN) == ("OfferingPhaseForbids", 3)
    late = opened()
    late.run(do.StopOffering(OFFERING, w.header()), w.REGULATOR)
    late.stands()


def test_fail__when_the_time_for_settling_has_passed__by_anybody() -> None:
    """OF-7."""
    world = closing(opened())
    due = CLOSES + DAY
    world.at(due)
    assert world.refusal(do.FailOffering(OFFERING)) == ("NotDue", due, due + 1)
    world.at(due + 1)
    world.run(do.FailOffering(OFFERING), w.STRANGER)
    assert world.offering.phase == OfferingPhase.FAILED
    assert world.refusal(do.FailOffering(OFFERING)) == ("OfferingPhaseForbids", 5)
    world.stands()


def test_draft__that_is_cancelled__frees_nothing_and_refunds_nobody() -> None:
    """OF-7: it never was admitted, so that it releases no seat either."""
    world = opening()
    world.run(do.CancelOffering(OFFERING, w.header()), w.ADMIN)
    world.run(do.Refund(OFFERING, ()), w.STRANGER)
    world.stands()


# --- the cut ---


def test_cut__is_needed__before_anything_is_allotted() -> None:
    """OF-6."""
    world = oversubscribed()
    assert world.refusal(page(world, 1)) == ("CutMissing",)
    parties, last = proposed(world.offering)
    world.run(do.VerifyCut(OFFERING, parties, last), w.STRANGER)
    assert world.refusal(do.VerifyCut(OFFERING, parties, last)) == ("CutNotNeeded",)
    world.run(page(world, 1, 2, 3), w.STRANGER)
    shares = {p: world.balance(w.ORDINARY, world.account(p)) for p in PAID}
    # 701 × 6 ÷ 10 = 420.6, the largest remainder.
    assert shares == {1: 421, 2: 210, 3: 70}
    assert {p: world.cash(world.account(p)) for p in PAID} == {1: 1_790, 2: 900, 3: 300}
    assert world.state.annual_use == {(PartyId(p), 2024): shares[p] * 10 for p in PAID}
    world.stands()


def test_cut__that_is_unfair_or_incomplete__is_refused() -> None:
    """OF-6."""
    world = oversubscribed()
    one, two, three = PartyId(1), PartyId(2), PartyId(3)
    everybody = (one, two, three)
    assert world.refusal(do.VerifyCut(OFFERING, everybody, two)) == ("CutUnfair", 702, 701)
    assert world.refusal(do.VerifyCut(OFFERING, everybody, PartyId(0))) == ("CutUnfair", 700, 701)
    assert world.refusal(do.VerifyCut(OFFERING, (one, two), one)) == ("CutMalformed", 2)
    assert world.refusal(do.VerifyCut(OFFERING, (one, three, two), one)) == ("CutMalformed", 2)
    assert world.refusal(do.VerifyCut(OFFERING, (one, two, PartyId(4)), one)) == ("CutMalformed", 2)
    assert world.refusal(do.VerifyCut(OFFERING, (one, one, two), one)) == ("CutMalformed", 1)


def test_cut__of_a_raise_that_is_not_closing__is_refused() -> None:
    """OF-6."""
    assert opened().refusal(do.VerifyCut(OFFERING, (), PartyId(0))) == ("OfferingPhaseForbids", 2)
    world = closing(opened())
    assert world.refusal(do.VerifyCut(OFFERING, (), PartyId(0))) == ("CutNotNeeded",)


def test_cut__to_nothing__gives_all_back_and_the_seat() -> None:
    """OF-8."""
    world = opening(method=2, minimum=1_000, maximum=2_000)
    subscribe(world, 1, 5_990)
    subscribe(world, 2, 10)
    closing(world)
    world.run(do.VerifyCut(OFFERING, *proposed(world.offering)), w.STRANGER)
    world.run(page(world, 2), w.STRANGER)
    assert world.cash(world.account(2)) == 3_000
    assert world.lot(2).status == 4
    assert world.state.companies[w.COMPANY].seats[PartyId(2)] == Seat(0, False, 1, 0)
    world.run(page(world, 1), w.STRANGER)
    assert world.offering.phase == OfferingPhase.SETTLED
    world.stands()


# --- allotment ---


def test_allot__a_page__tells_first_and_moves_then() -> None:
    """OF-8, EV-6: the act is the raise's, on the basis subscription; its id is of contract, count, block and pusher."""
    world = closing(opened())
    events = world.run(page(world, 1, 3), w.STRANGER)
    lines = [Transfer, EntryRecorded]
    heads = [ActRecorded, ConsiderationStated, SharesReserved]
    assert [type(e) for e in events] == [SubscriptionAllotted, SubscriptionAllotted, *heads, *lines, *lines]
    act, given = events[2], events[3]
    assert isinstance(act, ActRecorded)
    assert (act.actor, act.kind, act.basis) == (OFFERING, ActKind.ALLOTMENT, Basis.SUBSCRIPTION)
    assert act.operation == keccak256(encoded(OFFERING, 1, world.block, w.STRANGER))
    assert (act.document, act.effective_on) == (DOCUMENT, world.today)
    assert isinstance(given, ConsiderationStated)
    assert (given.kind, given.currency, given.price) == (1, 156, 10 * 10**8)
    assert world.balance(w.ORDINARY, world.book(3)) == 100
    assert world.state.classes[w.ORDINARY].reserved == 300
    assert world.refusal(page(world, 1)) == ("SubscriptionUnknown", world.account(1))
    assert world.refusal(page(world, 4)) == ("SubscriptionUnknown", world.account(4))
    world.stands()


def test_allot__last_page__settles_the_raise() -> None:
    """OF-9, RS-1, LAW-8: 7 000 fen of at most 10 000, the fee of 333 basis points is rounded down."""
    world = opening(fee_bps=333, lock_day=Day(20_100))
    subscribe(world, 1, 6_000)
    subscribe(world, 3, 1_000)
    closing(world)
    world.run(page(world, 1), w.STRANGER)
    events = world.run(page(world, 3), w.STRANGER)
    kinds = [type(e) for e in events]
    settled = kinds.index(OfferingPhaseChanged)
    assert kinds[settled : settled + 6] == [
        OfferingPhaseChanged,
        RaiseSettled,
        SharesReserved,
        Transfer,
        Transfer,
        EscrowFunded,
    ]
    assert (world.cash(world.book(9)), world.cash(ESCROW), world.cash(OFFERING)) == (233, 6_767, 0)
    assert money_of(world.state, OFFERING) == Money(7_000, 6_767, 0, 233, 0, 0)
    c = world.state.classes[w.ORDINARY]
    assert (c.reserved, c.word.is_reserving) == (0, False)
    assert c.holdings[world.state.account_of(world.account(1))].lock_day == 20_100
    world.stands()


def test_allot__whoever_lapsed_meanwhile__gets_its_shares() -> None:
    """OF-11, HC-6: KYC, category, cap and stops of the company were judged when it subscribed."""
    world = closing(opened())
    words = tuple(replace(w.word(p, kyc_day=0, category=6)) for p in PAID)
    world.run(do.SetStanding(w.header(), words), w.KYC)
    world.run(do.SetCap(w.COMPANY, w.header(), 1), w.REGULATOR)
    world.run(do.StopCompany(w.COMPANY, w.header(), True), w.STOPPER)
    world.run(page(world, 1, 2, 3), w.STRANGER)
    assert world.offering.phase == OfferingPhase.SETTLED
    assert world.state.companies[w.COMPANY].seats_taken == 4
    world.stands()


def test_allot__while_the_regulator_stops_the_company__waits() -> None:
    """ST-1 on the basis subscription."""
    world = closing(opened())
    world.run(do.StopByRegulator(w.COMPANY, w.header(), True), w.REGULATOR)
    assert world.refusal(page(world, 1))[:3] == ("Refused", 1, 1)
    world.run(do.StopByRegulator(w.COMPANY, w.header(), False), w.REGULATOR)
    world.run(page(world, 1), w.STRANGER)


def test_allot__into_a_register_that_is_closed__is_refused() -> None:
    """OF-11: then the raise fails, and everybody has the money back."""
    world = closing(opened())
    close_register(world)
    assert world.refusal(page(world, 1))[:3] == ("Refused", 5, 16)
    world.at(CLOSES + DAY + 1)
    world.run(do.FailOffering(OFFERING), w.STRANGER)
    world.run(do.Refund(OFFERING, tuple(world.account(p) for p in PAID)), w.STRANGER)
    assert {p: world.cash(world.account(p)) for p in PAID} == PAID
    world.stands()


def test_allot__that_had_begun__is_finished_in_a_register_closed_meanwhile() -> None:
    """OF-11: for those who wait there is no other way."""
    world = closing(opened())
    world.run(page(world, 1), w.STRANGER)
    close_register(world)
    world.run(page(world, 2, 3), w.STRANGER)
    assert world.offering.phase == OfferingPhase.SETTLED
    world.stands()


def close_register(world: Raised) -> None:
    """No act of the company does that while the raise binds; it is asked all the same."""
    for state in (world.state, world.replay):
        state.classes[w.ORDINARY].stops |= Rule.CLOSED


# --- whoever is frozen ---


def test_allot__whoever_was_frozen_meanwhile__is_parked_and_pushed_again() -> None:
    """OF-8: its money takes part in the raise."""
    world = closing(opened())
    freeze(world, 1)
    events = world.run(page(world, 1, 2, 3), w.STRANGER)
    assert type(events[0]) is AllotmentParked
    assert world.offering.phase == OfferingPhase.SETTLED
    assert (world.cash(OFFERING), world.cash(ESCROW)) == (0, 9_500)
    assert world.state.classes[w.ORDINARY].reserved == 600
    assert world.state.companies[w.COMPANY].pending == 1
    # Pushed while it is frozen: nothing happens, and the others of the page are not held up.
    assert world.run(page(world, 1), w.STRANGER) == ()
    freeze(world, 1, False)
    world.run(page(world, 1), w.STRANGER)
    assert world.balance(w.ORDINARY, world.account(1)) == 600
    assert world.state.classes[w.ORDINARY].reserved == 0
    assert world.state.companies[w.COMPANY].pending == 0
    world.stands()


def test_allot__parked_one_of_a_cut__has_its_money_back_when_it_is_pushed() -> None:
    """OF-6, OF-8, LAW-8: until then the raise holds it."""
    world = oversubscribed()
    world.run(do.VerifyCut(OFFERING, *proposed(world.offering)), w.STRANGER)
    freeze(world, 1)
    world.run(page(world, 1, 2, 3), w.STRANGER)
    assert world.offering.held == world.cash(OFFERING) == 1_790
    assert money_of(world.state, OFFERING) == Money(10_000, 1_790 + 6_660, 0, 350, 1_200, 0)
    freeze(world, 1, False)
    world.run(page(world, 1), w.STRANGER)
    assert world.offering.held == world.cash(OFFERING) == 0
    assert (world.balance(w.ORDINARY, world.account(1)), world.cash(world.account(1))) == (421, 1_790)
    world.stands()


def test_refund__of_whoever_was_frozen_meanwhile__goes_through() -> None:
    """OF-7: who is frozen receives."""
    world = closing(opened())
    freeze(world, 1)
    world.run(do.FreezeMoney(w.header(), world.account(1), True), w.REGULATOR)
    world.run(do.CancelOffering(OFFERING, w.header()), w.ADMIN)
    world.run(do.Refund(OFFERING, (world.account(1),)), w.STRANGER)
    assert world.cash(world.account(1)) == 6_000


def test_allot__wallet_closed_meanwhile__reaches_the_book_account() -> None:
    """OF-10."""
    world = closing(opened())
    world.run(do.SetWalletClosed(w.header(), world.account(1), True), w.KYC)
    world.run(page(world, 1, 2, 3), w.STRANGER)
    assert world.balance(w.ORDINARY, world.book(1)) == 600
    assert world.balance(w.ORDINARY, world.account(1)) == 0
    world.stands()


def test_allot__weight_that_changed_meanwhile__is_recounted_not_refused() -> None:
    """HC-4, HC-6."""
    world = closing(opened())
    world.run(do.SetStanding(w.header(), (replace(w.word(1), weight=5),)), w.KYC)
    world.run(do.SetCap(w.COMPANY, w.header(), 4), w.REGULATOR)
    world.run(page(world, 1, 2, 3), w.STRANGER)
    company = world.state.companies[w.COMPANY]
    assert (company.seats_taken, company.pending) == (8, 0)
    world.stands()


def test_settled__raise__knows_where_all_its_money_is() -> None:
    """LAW-8, LAW-11."""
    world = raised()
    assert money_of(world.state, OFFERING) == Money(10_000, 9_500, 0, 500, 0, 0)
    assert money_of(world.state, OFFERING).is_whole
    assert world.cash(ESCROW) == 9_500
    assert world.offering.subscriptions[PartyId(1)].paid_at == w.START
