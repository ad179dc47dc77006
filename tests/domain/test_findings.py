"""A replay believes no word: what a forged or broken log tells is found and named (EV-1 to EV-5, LAW-3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from registry.domain import commands as do
from registry.domain.args import Consideration
from registry.domain.effective import backdated
from registry.domain.events import (
    ActRecorded,
    CapExceeded,
    ClassChanged,
    ClassCreated,
    CompanyCreated,
    EntryRecorded,
    HoldingsMoved,
    PartyOnboarded,
    PhaseChanged,
    RegistryEvent,
    SeatRecounted,
    Transfer,
    WalletBoundTo,
)
from registry.domain.findings import Check, Finding
from registry.domain.ids import AccountNumber, Day, Hash32, PartyId, Shares
from registry.domain.register import RegisterState
from registry.domain.state import apply_all, holdings_on
from registry.domain.words import Holding
from tests.domain import world as w

Log = list[RegistryEvent]


@pytest.fixture
def log() -> Log:
    """A small true history; party 1 is the heavier one at its end."""
    world = w.opened(cap=3, authorised=100)
    w.onboard(world, w.word(1), w.word(2))
    w.bind(world, 2, 0)
    w.issue(world, world.book(1), 60)
    w.issue(world, w.wallet(2, 0), 10)
    moved = do.TransferFor(w.ORDINARY, w.header(19_990), Consideration(), world.book(1), w.entry(world.book(2), 5))
    world.run(moved, w.AGENT)
    world.run(do.Transfer(w.ORDINARY, world.book(1), 4), w.wallet(2, 0))
    world.run(do.Reissue(w.ORDINARY, w.header(), world.book(1), Hash32(bytes(32))), w.AGENT)
    world.run(do.SetStanding(w.header(), (replace(w.word(1), weight=3),)), w.KYC)
    world.run(do.Recount(w.COMPANY, PartyId(1)), w.STRANGER)
    world.run(do.SetAuthorised(w.ORDINARY, w.header(), Shares(90)), w.AGENT)
    return world.log


def replayed(log: Log) -> RegisterState:
    state = RegisterState(w.REGISTRY, w.FACTORY, w.TAG, 28_800)
    state.trail.movements = []
    return apply_all(state, log)


def faults(log: Log) -> set[Check]:
    return {finding.check for finding in replayed(log).findings if finding.is_fault}


def last(log: Log, kind: type[RegistryEvent]) -> int:
    return max(index for index, event in enumerate(log) if type(event) is kind)


def shares(h: Holding, more: int) -> Holding:
    return replace(h, balance=Shares(h.balance + more))


CHANGES: list[tuple[type[RegistryEvent], Callable[[Any], RegistryEvent], Check]] = [
    (ActRecorded, lambda e: replace(e, operation=Hash32((1).to_bytes(32, "big")), at=e.at), Check.ONCE),
    (ActRecorded, lambda e: replace(e, document=Hash32(bytes(32))), Check.DOCUMENT),
    (ActRecorded, lambda e: replace(e, effective_on=Day(20_001)), Check.DATE),
    (ActRecorded, lambda e: replace(e, at=replace(e.at, emitter=w.STRANGER)), Check.EMITTER),
    (CompanyCreated, lambda e: replace(e, number=2), Check.KNOWN),
    (CompanyCreated, lambda e: replace(e, at=replace(e.at, emitter=w.STRANGER)), Check.EMITTER),
    (ClassCreated, lambda e: replace(e, index=0), Check.KNOWN),
    (PhaseChanged, lambda e: replace(e, phase=4), Check.ORDER),
    (PartyOnboarded, lambda e: replace(e, word=replace(e.word, id=PartyId(1))), Check.KNOWN),
    (PartyOnboarded, lambda e: replace(e, at=replace(e.at, emitter=w.STRANGER)), Check.EMITTER),
    (WalletBoundTo, lambda e: replace(e, number=AccountNumber(3)), Check.WALLET),
    (WalletBoundTo, lambda e: replace(e, wallet=w.TAG + bytes(4)), Check.WALLET),
    (Transfer, lambda e: replace(e, value=e.value + 1), Check.HOLDING),
    (Transfer, lambda e: replace(e, value=1_000), Check.NEGATIVE),
    (Transfer, lambda e: replace(e, taker=w.STRANGER), Check.ADDRESS),
    (Transfer, lambda e: replace(e, giver=w.STRANGER), Check.ADDRESS),
    (Transfer, lambda e: replace(e, at=replace(e.at, emitter=w.STRANGER)), Check.EMITTER),
    (HoldingsMoved, lambda e: replace(e, giver=shares(e.giver, 1)), Check.HOLDING),
    (HoldingsMoved, lambda e: replace(e, taker=shares(e.taker, -1)), Check.HOLDING),
    (HoldingsMoved, lambda e: replace(e, taker=replace(e.taker, weight=9)), Check.HOLDING),
    (HoldingsMoved, lambda e: replace(e, taker=replace(e.taker, party=PartyId(77))), Check.PARTY),
    (EntryRecorded, lambda e: replace(e, giver=shares(e.giver, 1)), Check.HOLDING),
    (SeatRecounted, lambda e: replace(e, weight=2), Check.SEAT),
    (SeatRecounted, lambda e: replace(e, party=PartyId(9)), Check.SEAT),
    (CapExceeded, lambda e: replace(e, cap=200), Check.CAP),
    (ClassChanged, lambda e: replace(e, word=replace(e.word, issued=Shares(1))), Check.CLASS_WORD),
    (ClassChanged, lambda e: replace(e, word=replace(e.word, authorised=Shares(5))), Check.AUTHORISED),
]


@pytest.mark.parametrize(("kind", "change", "check"), CHANGES)
def test_replay__one_event_forged__is_named(
    log: Log, kind: type[RegistryEvent], change: Callable[[Any], RegistryEvent], check: Check
) -> None:
    where = last(log, kind)
    if check is Check.ONCE:
        forged = [*log, replace(log[where], at=replace(log[where].at, tx=Hash32(b"again".ljust(32))))]
    else:
        forged = [*log[:where], change(log[where]), *log[where + 1 :]]
    assert check in faults(forged)


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        (Transfer, Check.MOVEMENT),
        (HoldingsMoved, Check.MOVEMENT),
        (ActRecorded, Check.ACT),
        (CompanyCreated, Check.EMITTER),
        (PartyOnboarded, Check.PARTY),
    ],
)
def test_replay__one_event_left_out__is_named(log: Log, kind: type[RegistryEvent], check: Check) -> None:
    """EV-2, EV-4."""
    where = last(log, kind)
    assert check in faults([*log[:where], *log[where + 1 :]])


def test_replay__true_history__finds_an_alarm_and_nothing_else(log: Log) -> None:
    state = replayed(log)
    assert {finding.check for finding in state.findings} == {Check.ALARM}
    assert state.trail.entries == 5


def test_replay__blocks_out_of_order__are_named(log: Log) -> None:
    assert Check.ORDER in faults([*log, log[-1], log[0]])


def test_replay__newcomer_above_the_cap__is_named(log: Log) -> None:
    """HC-1: what the contract would have refused is a fault where it is told."""
    where = next(i for i, event in enumerate(log) if type(event) is CompanyCreated)
    forged = [*log[:where], replace(log[where], cap=1), *log[where + 1 :]]  # type: ignore[call-arg]
    assert Check.CAP in faults(forged)


def test_reissue__of_a_holding_as_it_stands__moves_nothing(log: Log) -> None:
    """EV-5."""
    where = last(log, EntryRecorded)
    entry = log[where]
    assert isinstance(entry, EntryRecorded)
    assert entry.giver == entry.taker
    assert not isinstance(log[where - 1], Transfer)


def test_entry__of_a_class_without_its_own_act__belongs_to_the_companys() -> None:
    """EV-1, EV-3: the legal date of a conversion reaches both classes."""
    world = w.opened()
    world.replay.trail.movements = []
    w.onboard(world, w.word(1))
    w.issue(world, world.book(1), 8)
    both = (Shares(8), Shares(4), Hash32(bytes(32)))
    command = do.Convert(w.COMPANY, w.header(19_000), Consideration(), w.ORDINARY, w.PREFERRED, world.book(1), *both)
    world.run(command, w.AGENT)
    movements = world.replay.trail.movements
    assert movements is not None
    assert [(m.effective_on, m.shares) for m in movements] == [(0, 8), (19_000, 4), (19_000, 8)]


def test_holdings__on_a_legal_date__sum_the_lines_up_to_it(log: Log) -> None:
    movements = replayed(log).trail.movements or []
    book = (PartyId(1), AccountNumber(8))
    assert holdings_on(movements, 0)[w.ORDINARY][book] == 60
    assert holdings_on(movements, 19_989)[w.ORDINARY][book] == 60
    assert holdings_on(movements, 19_990)[w.ORDINARY][book] == 55
    assert holdings_on(movements, 20_000)[w.ORDINARY][book] == 59


def test_backdated__shares_given_before_they_came__is_a_notice(log: Log) -> None:
    movements = replayed(log).trail.movements or []
    assert list(backdated(movements)) == []
    early = [replace(m, effective_on=Day(-9)) if m.shares == 5 else m for m in movements]
    found: list[Finding] = list(backdated(early))
    assert [f.check for f in found] == [Check.BACKDATED]
    assert "party 1 would hold -5" in found[0].message
    assert not found[0].is_fault
