"""A replay believes no word of a raise either: what a forged or broken log tells is found and named (EV-6, LAW-3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from registry.domain import commands as do
from registry.domain.cut import proposed
from registry.domain.events import ActRecorded, ClassChanged, EntryRecorded, PhaseChanged, RegistryEvent, Transfer
from registry.domain.events_raise import (
    AccountFrozen,
    AllotmentParked,
    AnnualLimitSet,
    AuthorizationUsed,
    Burned,
    CutVerified,
    Enrolled,
    LotRedeemed,
    Minted,
    MoneyStopped,
    OfferingCreated,
    OfferingPhaseChanged,
    OutsideUseStated,
    RaiseSettled,
    RegionHalted,
    SchemeSet,
    SharesReserved,
    Subscribed,
    SubscriptionAllotted,
    SubscriptionRefunded,
    SubscriptionWithdrawn,
)
from registry.domain.findings import Check
from registry.domain.ids import Hash32, PartyId, Shares
from registry.domain.raise_args import BankLine
from registry.domain.register import RegisterState
from registry.domain.rules import ActKind
from registry.domain.state import apply_all
from registry.domain.words import ClassWord
from tests.domain import world as w
from tests.domain.escrow_world import BANK, DAY, ESCROW, OFFERING, PAID, RAISING, REGION, Raised, subscribe
from tests.domain.offering_world import create, opening

Log = list[RegistryEvent]
OTHERS = w.address("offering 2"), w.address("escrow 2")


def history() -> Raised:
    """A raise that is cut, with a parked one, settled, half of it missed and redeemed; a second one that fails."""
    world = opening(method=2, maximum=7_010)
    money(world)
    for party, amount in PAID.items():
        subscribe(world, party, amount)
    world.run(do.Withdraw(OFFERING, world.account(2)), world.account(2))
    world.run(do.Subscribe(OFFERING, world.account(2), 3_000, w.header().operation, reference(5), 2**40), w.STRANGER)
    world.wait(6 * DAY + 1)
    world.run(do.CloseOffering(OFFERING), w.STRANGER)
    world.run(do.VerifyCut(OFFERING, *proposed(world.offering)), w.STRANGER)
    world.run(do.SetFrozen(w.header(), PartyId(3), True), w.REGULATOR)
    world.run(do.Allot(OFFERING, tuple(world.account(p) for p in (1, 2, 3))), w.STRANGER)
    world.run(do.SetFrozen(w.header(), PartyId(3), False), w.REGULATOR)
    world.run(do.Allot(OFFERING, (world.account(3),)), w.STRANGER)
    fail_another(world)
    world.miss()
    world.run(do.Redeem(ESCROW, (world.account(1), world.account(2))), w.STRANGER)
    world.stands()
    return world


def money(world: Raised) -> None:
    """The bank, orders, a halt, a statement of outside use."""
    world.run(do.Mint(w.header(), (BankLine(world.book(4), 50, reference(7)),)), BANK)
    world.run(do.Burn(w.header(), (BankLine(world.book(4), 20, reference(8)),)), BANK)
    world.run(do.SetAnnualLimit(w.header(), 100_000), w.REGULATOR)
    world.run(do.StateOutsideUse(w.header(), PartyId(1), 2024, 5, world.today), w.KYC)
    for on in (True, False):
        world.run(do.SetHalted(w.header(), REGION, on), w.REGULATOR)
        world.run(do.FreezeMoney(w.header(), world.account(2), on), w.REGULATOR)
        world.run(do.StopMoney(w.header(), on), w.REGULATOR)


def fail_another(world: Raised) -> None:
    """A raise with one subscriber, which is stopped and refunded."""
    offering = OTHERS[0]
    later = {"opens_at": world.time, "closes_at": world.time + 5 * DAY}
    tranches = tuple(replace(t, deadline=world.time + 30 * DAY) for t in create(world).tranches)  # type: ignore[attr-defined]
    world.run(create(world, tranches, OTHERS, **later), w.PLATFORM)
    world.run(do.AdmitOffering(w.COMPANY, w.header(), offering), w.ADMIN)
    world.run(do.OpenOffering(offering, w.header()), w.PLATFORM)
    world.run(do.SendMoney(world.account(2), 500), world.account(1))
    disclosure = reference(9)
    world.run(do.Subscribe(offering, world.account(2), 500, disclosure, disclosure, 2**40), w.STRANGER)
    world.run(do.StopOffering(offering, w.header()), w.REGULATOR)
    world.run(do.Refund(offering, (world.account(2),)), w.STRANGER)


def reference(number: int) -> Hash32:
    return Hash32(b"REF-%d".ljust(32, b"\0") % number)


@pytest.fixture(scope="module")
def log() -> Log:
    return history().log


def faults(log: Log) -> set[Check]:
    state = RegisterState(w.REGISTRY, w.FACTORY, w.TAG, 28_800, RAISING)
    return {finding.check for finding in apply_all(state, log).findings if finding.is_fault}


def where(log: Log, kind: type[RegistryEvent], chosen: Callable[[Any], bool] = lambda e: True) -> int:
    """Place of the first such event."""
    return next(index for index, event in enumerate(log) if type(event) is kind and chosen(event))


def shown(kind: type[RegistryEvent], check: Check, **changes: Any) -> Any:
    return kind, lambda e: replace(e, **changes), check, lambda e: True


def strange(kind: type[RegistryEvent]) -> Any:
    return kind, lambda e: replace(e, at=replace(e.at, emitter=w.STRANGER)), Check.EMITTER, lambda e: True


CHANGES: list[Any] = [
    shown(Minted, Check.MONEY, amount=49),
    shown(Minted, Check.PARTY, account=w.STRANGER),
    shown(Minted, Check.REFERENCE, ref=Hash32(bytes(32))),
    shown(Burned, Check.NEGATIVE, amount=51),
    shown(Burned, Check.REFERENCE, ref=reference(7)),
    strange(AuthorizationUsed),
    shown(RegionHalted, Check.REGION, halted=False),
    shown(SchemeSet, Check.RAISE, raise_ceiling=7_000),
    shown(AccountFrozen, Check.MONEY, account=w.wallet(1, 0)),
    shown(AnnualLimitSet, Check.SUBSCRIPTION, limit=5),
    shown(OutsideUseStated, Check.SUBSCRIPTION, until_day=1),
    shown(OutsideUseStated, Check.PARTY, party=PartyId(99)),
    shown(Enrolled, Check.RAISE, account=w.STRANGER),
    shown(OfferingCreated, Check.KNOWN, number=2),
    shown(OfferingCreated, Check.RAISE, fee_bps=10_000),
    shown(OfferingPhaseChanged, Check.ORDER, phase=2),
    shown(Subscribed, Check.ADDRESS, party=PartyId(2)),
    shown(Subscribed, Check.SUBSCRIPTION, amount=6_005),
    shown(Subscribed, Check.SUBSCRIPTION, paid_at=5),
    shown(Subscribed, Check.SUBSCRIPTION, disclosure=Hash32(bytes(32))),
    shown(SubscriptionWithdrawn, Check.SUBSCRIPTION, amount=2_999),
    shown(SubscriptionWithdrawn, Check.ADDRESS, account=w.STRANGER),
    shown(SubscriptionWithdrawn, Check.SUBSCRIPTION, party=PartyId(4)),
    shown(CutVerified, Check.RAISE, last=PartyId(3)),
    shown(CutVerified, Check.RAISE, raised=7_000),
    shown(AllotmentParked, Check.SUBSCRIPTION, party=PartyId(1)),
    shown(SubscriptionAllotted, Check.SUBSCRIPTION, shares=Shares(422)),
    shown(SubscriptionAllotted, Check.SUBSCRIPTION, refund=0),
    shown(SubscriptionAllotted, Check.ADDRESS, account=w.STRANGER),
    shown(SharesReserved, Check.RESERVED, reserved=Shares(1)),
    shown(RaiseSettled, Check.RAISE, fee=0),
    shown(SubscriptionRefunded, Check.SUBSCRIPTION, amount=499),
    shown(SubscriptionRefunded, Check.ADDRESS, account=w.STRANGER),
    shown(LotRedeemed, Check.SUBSCRIPTION, amount=1),
    shown(LotRedeemed, Check.SUBSCRIPTION, shares=Shares(1)),
    shown(LotRedeemed, Check.SUBSCRIPTION, party=PartyId(2)),
    *(
        strange(kind)
        for kind in (
            Minted,
            Burned,
            MoneyStopped,
            AccountFrozen,
            RegionHalted,
            SchemeSet,
            AnnualLimitSet,
            OutsideUseStated,
            Enrolled,
            OfferingCreated,
            OfferingPhaseChanged,
            Subscribed,
            SubscriptionWithdrawn,
            CutVerified,
            AllotmentParked,
            SubscriptionAllotted,
            SharesReserved,
            RaiseSettled,
            SubscriptionRefunded,
            LotRedeemed,
        )
    ),
]


def is_ours(e: Any) -> bool:
    return e.at.emitter == RAISING.token


def leaves(giver: w.Address) -> Callable[[Any], bool]:
    return lambda e: is_ours(e) and e.giver == giver


CHANGES += [
    (Transfer, lambda e: replace(e, value=e.value + 1), Check.MONEY, leaves(OFFERING)),
    (Transfer, lambda e: replace(e, taker=w.STRANGER), Check.MONEY, leaves(OFFERING)),
    (Transfer, lambda e: replace(e, taker=w.STRANGER), Check.MONEY, leaves(ESCROW)),
    (Transfer, lambda e: replace(e, value=2**40), Check.NEGATIVE, leaves(w.wallet(1, 0))),
    (Transfer, lambda e: replace(e, taker=w.STRANGER), Check.MONEY, lambda e: is_ours(e) and e.taker == OFFERING),
    (ActRecorded, lambda e: replace(e, actor=w.AGENT), Check.SUBSCRIPTION, lambda e: e.kind == ActKind.ALLOTMENT),
    (ActRecorded, lambda e: replace(e, kind=1), Check.RESERVED, lambda e: e.kind == ActKind.ALLOTMENT),
]


@pytest.mark.parametrize(("kind", "change", "check", "chosen"), CHANGES)
def test_replay__one_event_of_a_raise_forged__is_named(
    log: Log,
    kind: type[RegistryEvent],
    change: Callable[[Any], RegistryEvent],
    check: Check,
    chosen: Callable[[Any], bool],
) -> None:
    """EV-6, MO-1, MO-3, MO-4."""
    at = where(log, kind, chosen)
    assert check in faults([*log[:at], change(log[at]), *log[at + 1 :]])


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        (Minted, Check.MONEY),
        (Burned, Check.MONEY),
        (Enrolled, Check.RAISE),
        (OfferingCreated, Check.EMITTER),
        (OfferingPhaseChanged, Check.ORDER),
        (Subscribed, Check.SUBSCRIPTION),
        (SubscriptionWithdrawn, Check.MONEY),
        (CutVerified, Check.SUBSCRIPTION),
        (AllotmentParked, Check.RAISE),
        (SubscriptionAllotted, Check.SUBSCRIPTION),
        (SharesReserved, Check.RESERVED),
        (RaiseSettled, Check.MONEY),
        (SubscriptionRefunded, Check.MONEY),
        (LotRedeemed, Check.SUBSCRIPTION),
    ],
)
def test_replay__one_event_of_a_raise_left_out__is_named(log: Log, kind: type[RegistryEvent], check: Check) -> None:
    """EV-6."""
    at = where(log, kind)
    assert check in faults([*log[:at], *log[at + 1 :]])


def test_replay__lines_of_an_allotment_left_out__are_missed(log: Log) -> None:
    """EV-6: a page that was told, and a share that nobody got."""
    at = where(log, ActRecorded, lambda e: e.kind == ActKind.ALLOTMENT)
    line = at + 3
    assert [type(e) for e in log[line : line + 2]] == [Transfer, EntryRecorded]
    assert Check.SUBSCRIPTION in faults([*log[:line], *log[line + 2 :]])


def test_replay__without_the_contracts_of_raises__takes_them_for_strangers(log: Log) -> None:
    state = apply_all(RegisterState(w.REGISTRY, w.FACTORY, w.TAG, 28_800), log)
    assert {finding.check for finding in state.findings} >= {Check.EMITTER}
    assert not state.offerings
    assert not state.money.accounts


def test_replay__raise_closed_before_its_time__is_named() -> None:
    """OF-5: by nobody's act, and early; and one that failed for nothing."""
    world = opening()
    subscribe(world, 1, 6_000)
    at = replace(world.log[-1].at, emitter=OFFERING, tx=Hash32(b"forged".rjust(32)))
    for phase in (3, 4, 5):
        assert Check.RAISE in faults([*world.log, OfferingPhaseChanged(at, phase)])


def test_replay__allotment_that_begins_in_a_closed_register__is_named(log: Log) -> None:
    """OF-11."""
    at = where(log, SubscriptionAllotted)
    place = replace(log[at].at, emitter=w.COMPANY)
    ended = PhaseChanged(place, 4)
    closed = ClassChanged(replace(place, emitter=w.ORDINARY), ClassWord(stops=16))
    assert Check.RAISE in faults([*log[:at], ended, closed, *log[at:]])
