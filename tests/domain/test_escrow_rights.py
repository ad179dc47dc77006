"""What subscribers and founders may ask of an escrow beside its tranches: the put and the ratchet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.domain.commands import Approve, SetFrozen, Transfer
from registry.domain.commands.money import AllowMoney, FreezeMoney
from registry.domain.commands.offering import CancelOffering
from registry.domain.commands.rights import (
    DeliverRatchet,
    ExercisePut,
    ExercisePutFor,
    PayPut,
)
from registry.domain.escrow import Fell, TrancheState
from registry.domain.events_escrow import RatchetDelivered, RatchetUnmet
from registry.domain.events_raise import LotRatcheted
from registry.domain.ids import Address, PartyId
from registry.domain.raise_args import RatchetTerms
from tests.domain import escrow_world as x
from tests.domain import world as w
from tests.domain.escrow_world import (
    DAY,
    DEADLINE,
    ESCROW,
    FOUNDER,
    FOUNDER_WALLET,
    PUTTABLE,
    VERIFIERS,
    WINDOW,
    Raised,
    raised,
    tranche,
)

NOBODY = Address(bytes(20))
EARLY = RatchetTerms(0, 1, FOUNDER_WALLET, early_by=DEADLINE - 10 * DAY, early_bps=1_000)


# --- the put ---


def put_open(payer_is_issuer: bool = False) -> Raised:
    """First tranche released, second one missed: what is left of the lots can be put to the founder."""
    world = raised(PUTTABLE, replace(x.TERMS, is_payer_issuer=payer_is_issuer))
    world.reach()
    world.release()
    world.miss(1)
    return world


def exercise(world: Raised, party: int = 1) -> None:
    world.run(ExercisePut(ESCROW, world.account(party)), world.account(party))


def debt_of(world: Raised, party: int) -> int:
    return world.escrow.puts[PartyId(party)].debt


def test_put__not_before_every_tranche_is_decided() -> None:
    world = raised(PUTTABLE)
    world.at(DEADLINE)
    world.attest(VERIFIERS[0], 0)
    world.attest(VERIFIERS[1], 0)
    world.miss(1)
    refusal = world.refusal(ExercisePut(ESCROW, w.wallet(1, 0)), w.wallet(1, 0))
    assert refusal == ("PutNotOpen",)
    world.wait(WINDOW + 1)
    world.release()
    exercise(world)
    world.stands()


def test_put__closed_with_another_milestone__is_none() -> None:
    """Its own miss opens it; that another one was missed does not."""
    world = raised((tranche(5_000), tranche(5_000, on_miss=3, deadline=DEADLINE + DAY)))
    world.miss(0)
    assert world.tranche_states == [TrancheState.MISSED, TrancheState.MISSED]
    assert world.refusal(ExercisePut(ESCROW, w.wallet(1, 0)), w.wallet(1, 0)) == ("PutNotOpen",)
    world.stands()


def test_put__payer_cannot_pay__the_debt_stands_recorded() -> None:
    world = put_open()
    exercise(world)
    elapsed = (world.clock - world.lot(1).paid_at) // DAY
    put = world.escrow.puts[PartyId(1)]
    assert (put.shares, put.is_paid) == (315, False)
    assert put.debt == 6_000 - 2_850 + 3_150 * 500 * elapsed // 3_650_000, "interest on what these shares cost"
    assert world.cash(w.wallet(1, 0)) == 2_850, "the escrow's part is paid first"
    again = ExercisePut(ESCROW, w.wallet(1, 0))
    assert world.refusal(again, w.wallet(1, 0)) == ("PutExercisedAlready", 1)
    world.stands()


def test_put__payer_has_allowed_it__is_paid_at_once_against_the_shares() -> None:
    world = put_open()
    x.mint(world, FOUNDER_WALLET, 10_000)
    world.run(AllowMoney(ESCROW, 10_000), FOUNDER_WALLET)
    exercise(world)
    debt = debt_of(world, 1)
    assert world.cash(w.wallet(1, 0)) == 2_850 + debt
    assert world.cash(FOUNDER_WALLET) == 10_000 - debt
    assert world.balance(w.ORDINARY, w.wallet(1, 0)) == 0
    assert world.balance(w.ORDINARY, FOUNDER_WALLET) == 1_315
    world.redeem(1, 2)
    assert world.lot(1).redeemed == 2_850, "a lot that was put is passed over"
    world.stands()


def test_put__to_the_issuer__the_shares_end() -> None:
    world = put_open(payer_is_issuer=True)
    exercise(world)
    x.mint(world, w.wallet(2, 0), 10_000)
    assert world.refusal(PayPut(ESCROW, w.wallet(1, 0)), w.wallet(2, 0))[0] == "ERC20InsufficientAllowance"
    world.run(AllowMoney(ESCROW, 10_000), w.wallet(2, 0))
    issued = world.state.classes[w.ORDINARY].issued
    world.run(PayPut(ESCROW, w.wallet(1, 0)), w.wallet(2, 0))
    assert world.state.classes[w.ORDINARY].issued == issued - 315
    assert world.refusal(PayPut(ESCROW, w.wallet(1, 0)), w.wallet(2, 0)) == ("PutUnknown", 1)
    world.stands()


def test_put__shares_sold_afterwards__cannot_be_paid() -> None:
    world = put_open()
    exercise(world)
    world.run(Transfer(w.ORDINARY, w.wallet(4, 0), 1), w.wallet(1, 0))
    assert world.refusal(PayPut(ESCROW, w.wallet(1, 0))) == ("PutSharesMissing", 1, 314, 315)


def test_put__frozen__neither_exercised_nor_paid() -> None:
    world = put_open()
    world.run(SetFrozen(w.header(), PartyId(1), True), w.REGULATOR)
    assert world.refusal(ExercisePut(ESCROW, w.wallet(1, 0)), w.wallet(1, 0)) == ("PutUnknown", 1)
    world.run(SetFrozen(w.header(), PartyId(1), False), w.REGULATOR)
    exercise(world)
    world.run(SetFrozen(w.header(), PartyId(1), True), w.REGULATOR)
    assert world.refusal(PayPut(ESCROW, w.wallet(1, 0))) == ("PutSharesMissing", 1, 0, 315)
    world.stands()


def test_put__payer_frozen_with_money_enough__the_debt_stands_recorded() -> None:
    world = put_open()
    x.mint(world, FOUNDER_WALLET, 10_000)
    world.run(AllowMoney(ESCROW, 10_000), FOUNDER_WALLET)
    world.run(SetFrozen(w.header(), FOUNDER, True), w.REGULATOR)
    exercise(world)
    world.run(SetFrozen(w.header(), FOUNDER, False), w.REGULATOR)
    world.run(FreezeMoney(w.header(), FOUNDER_WALLET, True), w.REGULATOR)
    exercise(world, 2)
    assert not any(put.is_paid for put in world.escrow.puts.values())
    world.stands()


def test_put_for__book_account_on_its_owners_instruction() -> None:
    world = put_open()
    command = ExercisePutFor(ESCROW, w.header(), world.book(3))
    assert world.refusal(command) == ("NotAuthorised", w.STRANGER, 4)
    world.run(command, w.PLATFORM)
    assert world.escrow.puts[PartyId(3)].shares == 53
    assert world.refusal(ExercisePut(ESCROW, w.wallet(4, 0)), w.wallet(4, 0)) == (
        "SubscriptionUnknown",
        w.wallet(4, 0),
    )
    world.stands()


# --- the ratchet ---


def reserved(world: Raised) -> int:
    assert world.state.classes[w.ORDINARY].reserved == world.escrow.reserved
    return world.escrow.reserved


def test_ratchet__early__the_founder_gets_new_shares_once() -> None:
    world = raised(ratchet=EARLY)
    assert reserved(world) == 100
    assert world.refusal(DeliverRatchet(ESCROW, ())) == ("RatchetNotDue",)
    world.reach()
    world.release()
    assert (world.escrow.fell, reserved(world)) == (Fell.EARLY, 100)
    world.run(DeliverRatchet(ESCROW, ()), w.STRANGER)
    assert (world.balance(w.ORDINARY, FOUNDER_WALLET), reserved(world)) == (1_100, 0)
    assert world.refusal(DeliverRatchet(ESCROW, ())) == ("RatchetNotDue",)
    world.stands()


@pytest.mark.parametrize("quorum_at", [EARLY.early_by, EARLY.early_by + 1])
def test_ratchet__early_by_the_quorum_not_by_the_release(quorum_at: int) -> None:
    world = raised(ratchet=EARLY)
    world.at(quorum_at)
    world.reach()
    world.wait(5 * DAY)
    world.release()
    is_early = quorum_at == EARLY.early_by
    assert (world.escrow.fell, reserved(world)) == ((Fell.EARLY, 100) if is_early else (Fell.IN_BETWEEN, 0))
    world.stands()


def late(source: int, fallback: Address = w.wallet(4, 0)) -> Raised:
    """Reached later than agreed: each subscriber gets a tenth of its lot."""
    terms = RatchetTerms(0, source, FOUNDER_WALLET, fallback, late_after=DEADLINE - 9 * DAY, late_bps=1_000)
    world = raised(ratchet=terms)
    world.at(DEADLINE - 5 * DAY)
    world.reach()
    world.release()
    return world


def deliver(world: Raised, *parties: int) -> None:
    world.run(DeliverRatchet(ESCROW, tuple(world.account(p) for p in parties)), w.STRANGER)


def test_ratchet__late_with_new_shares__each_lot_once() -> None:
    world = late(1)
    assert reserved(world) == 100
    deliver(world, 1, 1)
    deliver(world, 1, 2, 3)
    assert [world.balance(w.ORDINARY, world.account(p)) for p in (1, 2, 3)] == [660, 330, 110]
    assert reserved(world) == 0
    world.stands()


def test_ratchet__late_by_the_founder__with_its_allowance() -> None:
    world = late(2)
    assert reserved(world) == 0
    world.run(Approve(w.ORDINARY, ESCROW, 60), FOUNDER_WALLET)
    events = world.run(DeliverRatchet(ESCROW, (w.wallet(1, 0), w.wallet(2, 0))), w.STRANGER)
    told = [e for e in events if isinstance(e, RatchetDelivered | RatchetUnmet)]
    assert [(type(e), e.shares) for e in told] == [(RatchetDelivered, 60), (RatchetUnmet, 30)]
    assert world.balance(w.ORDINARY, FOUNDER_WALLET) == 940
    world.run(Approve(w.ORDINARY, ESCROW, 60), FOUNDER_WALLET)
    deliver(world, 1, 2)
    assert [world.balance(w.ORDINARY, w.wallet(p, 0)) for p in (1, 2)] == [660, 330], "what was unmet stays due"
    world.stands()


@pytest.mark.parametrize(("fallback", "shares"), [(w.wallet(4, 0), 60), (NOBODY, 0)])
@pytest.mark.parametrize("source", [1, 2])
def test_ratchet__subscriber_sold_all__fallback_or_lapse(fallback: Address, shares: int, source: int) -> None:
    world = late(source, fallback)
    world.run(Approve(w.ORDINARY, ESCROW, 1_000), FOUNDER_WALLET)
    world.run(Transfer(w.ORDINARY, w.wallet(2, 0), 600), w.wallet(1, 0))
    events = world.run(DeliverRatchet(ESCROW, (w.wallet(2, 0), w.wallet(1, 0), world.book(3))), w.STRANGER)
    told = [(e.party, e.account, e.shares) for e in events if isinstance(e, LotRatcheted)]
    assert told == [(2, w.wallet(2, 0), 30), (1, fallback, 60), (3, world.book(3), 10)]
    assert world.balance(w.ORDINARY, w.wallet(4, 0)) == shares
    assert world.lot(1).is_ratcheted
    assert reserved(world) == 0
    world.stands()


def test_ratchet__milestone_missed_or_raise_failed__shares_are_free_again() -> None:
    world = raised(ratchet=EARLY)
    world.miss()
    assert reserved(world) == 0
    world.stands()
    failed = x.opened(ratchet=EARLY)
    assert failed.escrow.reserved == 100
    failed.run(CancelOffering(x.OFFERING, w.header()), w.ADMIN)
    assert reserved(failed) == 0
    failed.stands()
