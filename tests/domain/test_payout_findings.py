"""A replay believes no word of a dividend either: what a forged or broken log tells is named (EV-7, LAW-3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from registry.domain import commands as do
from registry.domain.args import Consideration
from registry.domain.effective import Difference, differences
from registry.domain.events import ActRecorded, EntryRecorded, PhaseChanged, RegistryEvent, Transfer
from registry.domain.events_payout import (
    PAYOUT_EVENTS,
    DistributionCancelled,
    DistributionClosed,
    DistributionDeclared,
    DistributionFixed,
    EntitlementsHandled,
    PreferenceDeclared,
    PreferenceSet,
    ScheduleCreated,
    ScripChosen,
    ScripDelivered,
    TaxReliefStated,
    TaxRemitted,
)
from registry.domain.events_raise import SharesReserved
from registry.domain.findings import Check
from registry.domain.ids import Day, PartyId
from registry.domain.payout_args import HolderRow, Payment, TaxRule
from registry.domain.register import RegisterState
from registry.domain.rules import ActKind, Basis
from registry.domain.state import apply_all
from tests.domain import world as w
from tests.domain.escrow_world import DAY, RAISING
from tests.domain.payout_world import CAST, PAYING, Payer, dividend_terms, founded

Log = list[RegistryEvent]


def history() -> Payer:
    """A preferred class paid first, one that is taken back, one in shares with a parked holder, all but one closed."""
    world = founded()
    world.run(do.AdmitPayouts(w.COMPANY, w.header(), PAYING.distributions), CAST.admin)
    world.run(do.SetPreference(w.header(), w.PREFERRED, 1, 3_650_000, Day(world.today - 9)), CAST.admin)
    world.run(do.StateTaxRelief(w.header(), PartyId(2), 100, Day(world.today + 90)), w.PLATFORM)
    world.announce()
    world.announce(share_class=w.PREFERRED)
    first = replace(dividend_terms(world), share_class=w.PREFERRED, rate=1_000_000_000)
    world.declare(first)
    world.declare(replace(dividend_terms(world), scrip_price=7))
    world.declare(dividend_terms(world), (CAST.book(9),))
    world.run(do.CancelDistribution(w.header(), 3), CAST.admin)
    for party in (1, 2):
        world.run(do.ChooseScrip(2, True), CAST.wallet(party))
    for number in (1, 2):
        world.fix(number)
        world.due(number)
    world.run(do.SetFrozen(w.header(), PartyId(4), True), w.REGULATOR)
    world.run(do.PayEntitlements(2, 0, world.rows(2)[:8]), w.STRANGER)
    world.pay(1)
    world.at(max(world.dividend(n).expires_at for n in (1, 2)) + 1)
    world.run(do.LapseEntitlements(2, 1, world.rows(2)[8:]), w.STRANGER)
    for number in (1, 2):
        world.run(do.CloseDistribution(number), w.STRANGER)
    world.run(do.SetFrozen(w.header(), PartyId(4), False), w.REGULATOR)
    world.run(do.PayEntitlements(2, 0, world.rows(2)[:8]), w.STRANGER)
    world.stands()
    return world


@pytest.fixture(scope="module")
def log() -> Log:
    return history().log


def faults(log: Log) -> set[Check]:
    state = RegisterState(w.REGISTRY, w.FACTORY, w.TAG, 28_800, RAISING, PAYING)
    return {finding.check for finding in apply_all(state, log).findings if finding.is_fault}


def where(log: Log, kind: type[RegistryEvent], chosen: Callable[[Any], bool] = lambda e: True) -> int:
    """Place of the first such event."""
    return next(index for index, event in enumerate(log) if type(event) is kind and chosen(event))


def shown(kind: type[RegistryEvent], check: Check, **changes: Any) -> Any:
    return kind, lambda e: replace(e, **changes), check, lambda e: True


def strange(kind: type[RegistryEvent]) -> Any:
    return kind, lambda e: replace(e, at=replace(e.at, emitter=w.STRANGER)), Check.EMITTER, lambda e: True


def line(**changes: Any) -> Callable[[Any], RegistryEvent]:
    """The first line of a page says something else."""
    return lambda e: replace(e, payments=(replace(e.payments[0], **changes), *e.payments[1:]))


def row(**changes: Any) -> Callable[[Any], RegistryEvent]:
    return lambda e: replace(e, holders=(replace(e.holders[0], **changes), *e.holders[1:]))


def of_the_page(e: Any) -> bool:
    return e.id == 2


CHANGES: list[Any] = [
    shown(TaxReliefStated, Check.PARTY, party=PartyId(99)),
    shown(TaxReliefStated, Check.PAYOUT, bps=10_001),
    shown(TaxReliefStated, Check.ENTITLEMENT, bps=500),
    shown(ScheduleCreated, Check.KNOWN, schedule=2),
    shown(ScheduleCreated, Check.PAYOUT, rules=()),
    shown(ScheduleCreated, Check.PAYOUT, rules=(TaxRule(3, 0, 1),)),
    shown(ScheduleCreated, Check.PAYOUT, tax_account=w.STRANGER),
    shown(ScheduleCreated, Check.ENTITLEMENT, rules=(TaxRule(3, 0, 1), TaxRule(1, 0, 1), TaxRule(0, 0, 0))),
    shown(PreferenceSet, Check.PAYOUT, rank=0),
    shown(PreferenceSet, Check.PAYOUT, from_day=Day(30_000)),
    shown(PreferenceSet, Check.PAYOUT, share_class=w.STRANGER),
    shown(PreferenceDeclared, Check.PAYOUT, declared=1),
    shown(DistributionDeclared, Check.KNOWN, id=2),
    shown(DistributionDeclared, Check.PAYOUT, share_class=w.STRANGER),
    shown(DistributionDeclared, Check.PAYOUT, epoch=2),
    shown(DistributionDeclared, Check.PAYOUT, schedule=9),
    shown(DistributionDeclared, Check.PAYOUT, profit=1),
    shown(DistributionDeclared, Check.PAYOUT, expires_at=0),
    shown(DistributionDeclared, Check.PAYOUT, rate=1),
    shown(DistributionDeclared, Check.MONEY, total=9_999),
    shown(DistributionFixed, Check.PAYOUT, entitled=1),
    shown(DistributionFixed, Check.PAYOUT, declared=1),
    shown(DistributionFixed, Check.PAYOUT, returned=1),
    shown(DistributionFixed, Check.PAYOUT, expires_at=1),
    (DistributionFixed, row(shares=1), Check.ENTITLEMENT, of_the_page),
    (DistributionFixed, row(account=w.STRANGER), Check.ENTITLEMENT, of_the_page),
    (DistributionFixed, lambda e: replace(e, holders=e.holders[1:]), Check.ENTITLEMENT, of_the_page),
    (EntitlementsHandled, line(gross=1), Check.ENTITLEMENT, of_the_page),
    (EntitlementsHandled, line(tax=0), Check.ENTITLEMENT, of_the_page),
    (EntitlementsHandled, line(settlement=2), Check.ENTITLEMENT, of_the_page),
    (EntitlementsHandled, line(settlement=3), Check.ENTITLEMENT, of_the_page),
    (EntitlementsHandled, line(party=PartyId(99)), Check.ENTITLEMENT, of_the_page),
    (EntitlementsHandled, line(party=PartyId(2)), Check.ENTITLEMENT, of_the_page),
    (EntitlementsHandled, lambda e: replace(e, payments=e.payments[:-1]), Check.MONEY, of_the_page),
    (EntitlementsHandled, lambda e: replace(e, id=9), Check.PAYOUT, of_the_page),
    (EntitlementsHandled, lambda e: replace(e, id=3), Check.ENTITLEMENT, of_the_page),
    shown(ScripDelivered, Check.ENTITLEMENT, shares=1),
    shown(ScripDelivered, Check.ENTITLEMENT, cost=1),
    shown(ScripDelivered, Check.ENTITLEMENT, party=PartyId(99)),
    shown(ScripDelivered, Check.ENTITLEMENT, party=PartyId(5)),
    shown(ScripDelivered, Check.ENTITLEMENT, account=w.STRANGER),
    shown(ScripChosen, Check.ENTITLEMENT, chosen=False),
    shown(ScripChosen, Check.ENTITLEMENT, id=1),
    shown(ScripChosen, Check.PAYOUT, id=9),
    shown(TaxRemitted, Check.PAYOUT, amount=1),
    shown(DistributionCancelled, Check.PAYOUT, returned=1),
    shown(DistributionCancelled, Check.ORDER, id=2),
    shown(DistributionClosed, Check.PAYOUT, remainder=99),
    *(strange(kind) for kind in PAYOUT_EVENTS),
    (ActRecorded, lambda e: replace(e, actor=w.AGENT), Check.SUBSCRIPTION, lambda e: e.kind == ActKind.ALLOTMENT),
    (ActRecorded, lambda e: replace(e, kind=1), Check.PAYOUT, lambda e: e.kind == ActKind.ALLOTMENT),
    (SharesReserved, lambda e: replace(e, reserved=e.reserved + 1), Check.RESERVED, lambda e: True),
]


@pytest.mark.parametrize(("kind", "change", "check", "chosen"), CHANGES)
def test_replay__one_event_of_a_dividend_forged__is_named(
    log: Log,
    kind: type[RegistryEvent],
    change: Callable[[Any], RegistryEvent],
    check: Check,
    chosen: Callable[[Any], bool],
) -> None:
    """EV-7, DV-1, DV-3, DV-5, TX-3, PF-3."""
    at = where(log, kind, chosen)
    assert check in faults([*log[:at], change(log[at]), *log[at + 1 :]])


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        (TaxReliefStated, Check.ENTITLEMENT),
        (PreferenceSet, Check.PAYOUT),
        (PreferenceDeclared, Check.PAYOUT),
        (DistributionDeclared, Check.PAYOUT),
        (DistributionFixed, Check.ENTITLEMENT),
        (EntitlementsHandled, Check.MONEY),
        (ScripDelivered, Check.ENTITLEMENT),
        (ScripChosen, Check.ENTITLEMENT),
        (TaxRemitted, Check.MONEY),
        (DistributionCancelled, Check.MONEY),
        (DistributionClosed, Check.MONEY),
    ],
)
def test_replay__one_event_of_a_dividend_left_out__is_named(log: Log, kind: type[RegistryEvent], check: Check) -> None:
    """EV-7."""
    at = where(log, kind, lambda e: not isinstance(e, DistributionClosed) or e.remainder)
    assert check in faults([*log[:at], *log[at + 1 :]])


@pytest.mark.parametrize("change", [{"value": 1}, {"taker": w.STRANGER}], ids=["another amount", "to somebody else"])
@pytest.mark.parametrize("number", range(9))
def test_replay__money_of_dividends_that_goes_elsewhere__is_named(
    log: Log, change: dict[str, Any], number: int
) -> None:
    """EV-7, LAW-20: each payment that leaves the contract."""
    leaving = [i for i, e in enumerate(log) if isinstance(e, Transfer) and e.giver == PAYING.distributions]
    at = leaving[number]
    assert Check.MONEY in faults([*log[:at], replace(log[at], **change), *log[at + 1 :]])


def test_replay__shares_of_a_dividend_that_did_not_move__are_missed(log: Log) -> None:
    """EV-7."""
    at = where(log, ActRecorded, lambda e: e.kind == ActKind.ALLOTMENT and e.basis == Basis.SUBSCRIPTION)
    entry = next(i for i in range(at, len(log)) if isinstance(log[i], EntryRecorded))
    assert Check.ENTITLEMENT in faults([*log[: entry - 1], *log[entry + 1 :]])


@pytest.mark.parametrize(("phase", "name"), [(1, "migrating"), (3, "abandoned"), (4, "succeeded"), (9, "unknown")])
def test_replay__shares_of_a_company_that_is_not_open__are_named_with_the_page(log: Log, phase: int, name: str) -> None:
    """DV-15, EV-7: the company is left in the transaction before."""
    page = log[where(log, EntitlementsHandled, of_the_page)].at
    begin = next(index for index, event in enumerate(log) if event.at.tx == page.tx)
    left = PhaseChanged(replace(log[begin - 1].at, emitter=w.COMPANY), phase)
    state = RegisterState(w.REGISTRY, w.FACTORY, w.TAG, 28_800, RAISING, PAYING)
    apply_all(state, [*log[:begin], left, *log[begin:]])
    found = [each for each in state.findings if "in phase" in each.message]
    shares = {each.party: (each.shares, each.cost) for each in log if isinstance(each, ScripDelivered)}
    assert list(shares) == [1, 2]
    assert [(each.check, each.at.tx) for each in found] == [(Check.ENTITLEMENT, page.tx)] * 2
    assert [each.message for each in found] == [
        f"dividend 2: party {party} got {shares[party]}, and is due cash: company 1 is in phase {phase} ({name})"
        for party in shares
    ]


def messages(log: Log) -> list[str]:
    state = RegisterState(w.REGISTRY, w.FACTORY, w.TAG, 28_800, RAISING, PAYING)
    apply_all(state, log)
    return [finding.message for finding in state.findings]


def test_replay__dividend_of_a_company_that_is_not_open__is_named(log: Log) -> None:
    """DV-1"""
    at = log[where(log, DistributionDeclared)].at
    begin = next(index for index, event in enumerate(log) if event.at.tx == at.tx)
    left = PhaseChanged(replace(log[begin - 1].at, emitter=w.COMPANY), 4)
    assert "dividend 1 of company 1 declared in phase 4" in messages([*log[:begin], left, *log[begin:]])
    assert not [message for message in messages(log) if "in phase" in message]


def test_replay__holders_left_out_of_what_meets_their_arrears__are_named(log: Log) -> None:
    """PF-4"""
    at = where(log, DistributionDeclared)
    forged: Any = replace(log[at], excluded=(CAST.book(9),))  # type: ignore[call-arg]
    expected = "dividend 1: holders are left out of what counts towards their arrears"
    assert expected in messages([*log[:at], forged, *log[at + 1 :]])


def test_replay__cancelled_without_an_act_though_something_is_due__is_named(log: Log) -> None:
    """DV-12, DV-17"""
    at = where(log, DistributionCancelled)
    act = max(index for index in range(at) if isinstance(log[index], ActRecorded))
    expected = "dividend 3 cancelled without an act, though something is due"
    assert expected in messages([*log[:act], *log[act + 1 :]])


def test_replay__cancelled_though_another_one_rests_on_it__is_named() -> None:
    """PF-5"""
    world = founded()
    world.run(do.SetPreference(w.header(), w.PREFERRED, 1, 3_650_000, Day(world.today - 9)), CAST.admin)
    world.announce()
    world.announce(share_class=w.PREFERRED)
    world.declare(replace(dividend_terms(world), share_class=w.PREFERRED, rate=1_000_000_000))
    world.declare(dividend_terms(world))
    before = len(world.log)
    world.run(do.CancelDistribution(w.header(), 2), CAST.admin)
    between = len(world.log)
    world.run(do.CancelDistribution(w.header(), 1), CAST.admin)
    assert "dividend 1 cancelled, though dividend 2 rests on it" not in messages(world.log)
    forged = [*world.log[:before], *world.log[between:]]
    assert "dividend 1 cancelled, though dividend 2 rests on it" in messages(forged)


def test_replay__page_before_the_payment_date__is_named() -> None:
    """DV-7"""
    world = founded()
    world.announce()
    world.declare(dividend_terms(world))
    world.fix()
    at = replace(world.log[-1].at, emitter=PAYING.distributions)
    early = EntitlementsHandled(at, 1, (Payment(PartyId(1), 1_908, 382, 1),))
    assert Check.ENTITLEMENT in faults([*world.log, early])
    assert Check.ORDER in faults([*world.log, DistributionFixed(at, 1, world.dividend().entitled, 0, 0, 0, ())])


def test_replay__without_the_contracts_of_dividends__takes_them_for_strangers(log: Log) -> None:
    state = apply_all(RegisterState(w.REGISTRY, w.FACTORY, w.TAG, 28_800, RAISING), log)
    assert Check.EMITTER in {finding.check for finding in state.findings}
    assert not state.payouts.distributions


# --- corrections with an earlier legal date ---


def test_differences__transfer_recorded_late__are_shown_and_change_no_dividend() -> None:
    """DV-3, LAW-16: party 3 sold 7 shares to party 8 before the record day, which is recorded after it."""
    world = founded()
    world.replay.trail.movements = []
    lines = [e for e in world.log if isinstance(e, Transfer) and e.at.emitter == w.ORDINARY]
    assert lines
    state = RegisterState(w.REGISTRY, w.FACTORY, w.TAG, 28_800, RAISING, PAYING)
    state.trail.movements = []
    world.announce()
    world.declare(dividend_terms(world))
    day = world.today + 1
    world.fix()
    world.wait(3 * DAY)
    header = w.header(day - 1)
    late = do.TransferFor(w.ORDINARY, header, Consideration(), CAST.book(3), w.entry(CAST.book(8), 7))
    world.run(late, w.AGENT)
    world.pay()
    apply_all(state, world.log)
    assert state.trail.movements is not None
    found = differences(state.trail.movements, w.ORDINARY, day, world.dividend().holders)
    assert found == (Difference(PartyId(3), 7, 0), Difference(PartyId(8), 5, 12))
    out = {(PartyId(8), world.state.account_of(CAST.book(8))[1])}
    assert differences(state.trail.movements, w.ORDINARY, day, world.rows(), out)[1] == Difference(PartyId(8), 5, 0)
    assert world.cash(CAST.book(3)) > 0
    world.stands()


def test_row_and_line__packed_and_unpacked__are_the_same() -> None:
    """Bits as in contracts/types/Distribution.sol."""
    row = HolderRow(PartyId(1), 2, w.wallet(1, 0))  # type: ignore[arg-type]
    line = Payment(PartyId(1), 2, 3, 1)
    assert row.pack() == 1 | 2 << 32 | int.from_bytes(w.wallet(1, 0), "big") << 96
    assert line.pack() == 1 | 2 << 32 | 3 << 96 | 1 << 160
    assert (HolderRow.unpack(row.pack()), Payment.unpack(line.pack())) == (row, line)
