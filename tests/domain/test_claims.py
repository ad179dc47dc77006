"""The end of claims: when it comes, what can be done until then, and what lapses afterwards (ES-17, ES-18)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from registry.domain.args import ZERO_ADDRESS
from registry.domain.commands import SetFrozen, SetWalletClosed, StopMoney, Transfer
from registry.domain.commands.factory import CreateOffering
from registry.domain.commands.money import AllowMoney
from registry.domain.commands.rights import ExercisePut, Lapse, PayPut
from registry.domain.escrow import TrancheState
from registry.domain.events import RegistryEvent
from registry.domain.events_escrow import (
    ClaimsBegan,
    ClaimsLapsed,
    PutExercised,
    PutPaid,
    TrancheChanged,
    TrancheReleased,
)
from registry.domain.events_raise import LotLapsed
from registry.domain.findings import Check
from registry.domain.ids import Hash32, PartyId, Shares, Timestamp
from registry.domain.raise_args import EscrowTerms, RatchetTerms
from registry.domain.raise_terms import MAX_SPAN
from registry.domain.raise_views import money_of
from registry.domain.register import RegisterState
from registry.domain.state import apply_all
from tests.domain import escrow_world as x
from tests.domain import world as w
from tests.domain.escrow_world import (
    CLAIMS,
    ESCROW,
    FOUNDER_WALLET,
    HALVES,
    ISSUER_WALLET,
    OFFERING,
    PUTTABLE,
    Raised,
    founded,
    offering_terms,
    raised,
)


def missed() -> Raised:
    """Nothing is reached: 9 500 of the 10 000 fen are redeemable, 570, 285 and 95 shares end for them."""
    world = raised()
    world.miss()
    return world


def sell(world: Raised, party: int, shares: int) -> None:
    world.run(Transfer(w.ORDINARY, FOUNDER_WALLET, Shares(shares)), world.account(party))


def after_claims(world: Raised) -> Raised:
    world.at(world.escrow.claims_end + 1)
    return world


def lapse(world: Raised, *parties: int) -> tuple[RegistryEvent, ...]:
    return world.run(Lapse(ESCROW, tuple(world.account(p) for p in parties)), w.STRANGER)


# --- terms ---


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"claims": 0}, 12),
        ({"claims": MAX_SPAN + 1}, 12),
        ({"lapse_account": ZERO_ADDRESS}, 13),
        ({"lapse_account": w.STRANGER}, 13),
    ],
)
def test_create__claims_without_end_or_for_nobody__names_the_field(changes: dict[str, Any], field: int) -> None:
    """ES-1."""
    world = founded()

    def creating(terms: EscrowTerms) -> CreateOffering:
        return CreateOffering(w.header(), offering_terms(world), terms, HALVES, RatchetTerms(), OFFERING, ESCROW)

    assert world.refusal(creating(replace(x.TERMS, **changes)), w.PLATFORM) == ("EscrowMalformed", field)
    world.run(creating(replace(x.TERMS, claims=MAX_SPAN)), w.PLATFORM)


# --- when it comes ---


def test_claims__all_missed_at_once__run_from_the_miss() -> None:
    world = raised()
    events = world.miss()
    assert world.escrow.claims_end == world.clock + CLAIMS
    assert isinstance(events[-1], ClaimsBegan)
    world.stands()


def test_claims__last_tranche_released__run_from_the_release() -> None:
    world = raised()
    world.at(x.DEADLINE)
    world.attest(x.VERIFIERS[0], 1)
    world.attest(x.VERIFIERS[1], 1)
    world.miss()
    assert world.escrow.claims_end == 0
    assert world.refusal(Lapse(ESCROW, ())) == ("ClaimsNotBegun",)
    world.wait(x.WINDOW + 1)
    told = [type(e) for e in world.release(1) if e.at.emitter == ESCROW]
    assert told == [TrancheChanged, ClaimsBegan, TrancheReleased]
    assert world.escrow.claims_end == world.clock + CLAIMS
    world.stands()


def test_claims__nothing_missed__never_run() -> None:
    world = raised()
    for milestone in (0, 1):
        world.reach(milestone)
        world.release(milestone)
    assert world.tranche_states == [TrancheState.RELEASED] * 2
    assert world.escrow.claims_end == 0
    assert world.refusal(Lapse(ESCROW, (w.wallet(1, 0),))) == ("ClaimsNotBegun",)
    world.stands()


# --- what lapses ---


def test_lapse__last_second_for_claims__not_yet() -> None:
    world = missed()
    sell(world, 1, 600)
    world.at(world.escrow.claims_end)
    command, ends = Lapse(ESCROW, (w.wallet(1, 0),)), world.escrow.claims_end
    assert world.refusal(command) == ("NotDue", ends, ends + 1)
    world.wait(1)
    world.run(command, w.STRANGER)


def test_lapse__lot_that_was_sold__goes_where_the_terms_say() -> None:
    world = missed()
    sell(world, 1, 600)
    before = world.cash(ISSUER_WALLET)
    events = lapse(after_claims(world), 1, 2, 3)
    told = [(e.party, e.amount, e.shares) for e in events if isinstance(e, LotLapsed)]
    assert told == [(1, 5_700, 570)]
    assert [(e.account, e.amount) for e in events if isinstance(e, ClaimsLapsed)] == [(ISSUER_WALLET, 5_700)]
    assert (world.cash(ISSUER_WALLET) - before, world.cash(w.wallet(1, 0))) == (5_700, 0)
    assert (world.lot(1).redeemed, world.lot(1).cancelled) == (5_700, 570)
    assert money_of(world.state, OFFERING).is_whole
    assert world.balance(w.ORDINARY, FOUNDER_WALLET) == 1_600, "the shares go on in other hands"
    assert not any(isinstance(e, ClaimsLapsed) for e in lapse(world, 1)), "once"
    world.stands()


def test_lapse__lot_that_was_sold_in_part__what_is_held_stays_redeemable_without_end() -> None:
    world = missed()
    sell(world, 1, 400)
    events = lapse(after_claims(world), 1)
    assert [(e.amount, e.shares) for e in events if isinstance(e, LotLapsed)] == [(3_700, 370)]
    world.wait(10 * CLAIMS)
    world.redeem(1)
    assert world.cash(w.wallet(1, 0)) == 2_000
    assert world.balance(w.ORDINARY, w.wallet(1, 0)) == 0
    assert world.lot(1).redeemed == 5_700
    world.stands()


def test_lapse__shares_that_are_left_after_a_redemption_may_be_sold() -> None:
    """Half was missed, so that half of the lot ends: the other half is nobody's business."""
    world = raised()
    world.reach()
    world.release()
    world.miss(1)
    sell(world, 1, 300)
    assert not [e for e in lapse(after_claims(world), 1) if isinstance(e, LotLapsed)]
    sell(world, 1, 100)
    told = [(e.amount, e.shares) for e in lapse(world, 1) if isinstance(e, LotLapsed)]
    assert told == [(850, 85)], "2 850 for 285 shares, of which 200 are held"


def test_lapse__book_account_pledge_and_order__hold() -> None:
    """What its party cannot move today is held all the same."""
    world = missed()
    world.run(Transfer(w.ORDINARY, world.book(1), Shares(600)), w.wallet(1, 0))
    world.run(SetFrozen(w.header(), PartyId(2), True), w.REGULATOR)
    assert lapse(after_claims(world), 1, 2) == ()
    assert world.refusal(Lapse(ESCROW, (world.book(1),))) == ("SubscriptionUnknown", world.book(1))
    world.run(SetFrozen(w.header(), PartyId(2), False), w.REGULATOR)
    world.redeem(2)
    assert world.cash(w.wallet(2, 0)) == 2_850
    world.stands()


def test_lapse__frozen_and_sold__lapses_once_it_is_free() -> None:
    """ES-18: no time runs against who is frozen."""
    world = missed()
    sell(world, 1, 600)
    world.run(SetFrozen(w.header(), PartyId(1), True), w.REGULATOR)
    assert lapse(after_claims(world), 1) == ()
    world.run(SetFrozen(w.header(), PartyId(1), False), w.REGULATOR)
    assert [e.amount for e in lapse(world, 1) if isinstance(e, LotLapsed)] == [5_700]
    world.stands()


def test_lapse__its_account_closed__goes_to_the_book_account() -> None:
    """ES-8."""
    world = missed()
    sell(world, 1, 600)
    world.run(SetWalletClosed(w.header(), ISSUER_WALLET, True), w.KYC)
    lapse(after_claims(world), 1)
    assert world.cash(world.book(4)) == 5_700
    world.stands()


def test_lapse__no_subscriber_or_money_stopped__is_refused() -> None:
    world = after_claims(missed())
    for account in (w.STRANGER, ISSUER_WALLET):
        assert world.refusal(Lapse(ESCROW, (account,))) == ("SubscriptionUnknown", account)
    sell(world, 1, 600)
    world.run(StopMoney(w.header(), True), w.REGULATOR)
    assert world.refusal(Lapse(ESCROW, (w.wallet(1, 0),))) == ("MoneyIsStopped",)


# --- puts ---


def put_open() -> Raised:
    world = raised(PUTTABLE)
    world.reach()
    world.release()
    world.miss(1)
    return world


def test_put__after_the_claims__neither_exercised_nor_paid() -> None:
    world = put_open()
    x.mint(world, FOUNDER_WALLET, 100_000)
    first, second = (ExercisePut(ESCROW, world.account(p)) for p in (1, 2))
    world.at(world.escrow.claims_end)
    world.run(first, world.account(1))
    world.wait(1)
    world.run(AllowMoney(ESCROW, 100_000), FOUNDER_WALLET)
    overdue = ("Overdue", world.clock, world.escrow.claims_end)
    assert world.refusal(second, world.account(2)) == overdue
    assert world.refusal(PayPut(ESCROW, world.account(1)), FOUNDER_WALLET) == overdue
    assert not world.escrow.puts[PartyId(1)].is_paid, "the debt stands recorded"
    world.stands()


def test_put__last_second_of_the_claims__is_paid() -> None:
    world = put_open()
    x.mint(world, FOUNDER_WALLET, 100_000)
    world.run(AllowMoney(ESCROW, 100_000), FOUNDER_WALLET)
    world.at(world.escrow.claims_end)
    world.run(ExercisePut(ESCROW, world.account(1)), world.account(1))
    assert world.escrow.puts[PartyId(1)].is_paid
    world.stands()


# --- what a replay finds ---


@pytest.fixture(scope="module")
def log() -> list[RegistryEvent]:
    """Puts are open; a lot was sold and lapses."""
    world = put_open()
    x.mint(world, FOUNDER_WALLET, 100_000)
    world.run(AllowMoney(ESCROW, 100_000), FOUNDER_WALLET)
    world.run(ExercisePut(ESCROW, world.account(2)), world.account(2))
    sell(world, 1, 600)
    lapse(after_claims(world), 1)
    return world.log


def checks(log: list[RegistryEvent]) -> set[Check]:
    state = RegisterState(w.REGISTRY, w.FACTORY, w.TAG, 28_800, x.RAISING)
    return {f.check for f in apply_all(state, log).findings if f.is_fault}


def later(e: RegistryEvent, seconds: int) -> RegistryEvent:
    return replace(e, at=replace(e.at, time=Timestamp(e.at.time + seconds)))


@pytest.mark.parametrize(
    ("kind", "changes", "check"),
    [
        (ClaimsBegan, {"ends": 5}, Check.ESCROW),
        (LotLapsed, {"amount": 5_699}, Check.SUBSCRIPTION),
        (LotLapsed, {"shares": Shares(1)}, Check.SUBSCRIPTION),
        (LotLapsed, {"party": PartyId(3)}, Check.SUBSCRIPTION),
        (LotLapsed, {"party": PartyId(9)}, Check.SUBSCRIPTION),
        (ClaimsLapsed, {"amount": 5_699}, Check.ESCROW),
        (ClaimsLapsed, {"account": FOUNDER_WALLET}, Check.ESCROW),
    ],
)
def test_replay__claims_told_otherwise__are_named(
    log: list[RegistryEvent], kind: type[RegistryEvent], changes: dict[str, Any], check: Check
) -> None:
    """EV-6, LAW-3."""
    assert check in checks([replace(e, **changes) if isinstance(e, kind) else e for e in log])


@pytest.mark.parametrize("kind", [ClaimsBegan, LotLapsed, ClaimsLapsed])
def test_replay__claims_left_out_or_told_by_strangers__are_named(
    log: list[RegistryEvent], kind: type[RegistryEvent]
) -> None:
    assert checks(log) == set()
    assert Check.ESCROW in checks([e for e in log if not isinstance(e, kind)])
    strange = [replace(e, at=replace(e.at, emitter=w.STRANGER)) if isinstance(e, kind) else e for e in log]
    assert Check.EMITTER in checks(strange)


def test_replay__before_the_end_or_after_it__is_named(log: list[RegistryEvent]) -> None:
    """A lapse before the end, a put after it; a claim period that began for no reason."""
    ends = next(e.ends for e in log if isinstance(e, ClaimsBegan))
    lapsed = next(i for i, e in enumerate(log) if isinstance(e, LotLapsed))
    early = [*log[:lapsed], *(later(e, -5) for e in log[lapsed:])]
    assert Check.SUBSCRIPTION in checks(early)
    put = next(i for i, e in enumerate(log) if isinstance(e, PutExercised))
    assert isinstance(log[put + 1], PutPaid)
    for first in (put, put + 1):
        late = ends + 1 - log[first].at.time
        assert Check.ESCROW in checks([*log[:first], *(later(e, late) for e in log[first:])])
    again = replace(log[-1].at, emitter=ESCROW, tx=Hash32(b"again".rjust(32)))
    assert Check.ESCROW in checks([*log, ClaimsBegan(again, ends)])
