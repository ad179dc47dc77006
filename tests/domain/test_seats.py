"""Seats: by person, by weight, recounted, fixed (HC-2 to HC-4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.domain import commands as do
from registry.domain.args import Consideration
from registry.domain.commands import Refusal
from registry.domain.events import CapExceeded, SeatRecounted
from registry.domain.ids import PartyId
from tests.domain import world as w


@pytest.fixture
def world() -> w.World:
    world = w.opened(cap=4)
    w.onboard(world, *(replace(w.word(party), weight=party) for party in (1, 2, 3)))
    w.bind(world, 1, 0)
    w.bind(world, 1, 1)
    w.issue(world, w.wallet(1, 0), 10)
    return world


def taken(world: w.World) -> int:
    assert world.replay == world.state
    return world.state.companies[w.COMPANY].seats_taken


def restate(world: w.World, party: int, weight: int) -> None:
    world.run(do.SetStanding(w.header(), (replace(w.word(party), weight=weight),)), w.KYC)


def test_seat__second_account_and_second_class__is_the_same_person(world: w.World) -> None:
    """HC-2."""
    w.issue(world, world.book(1), 5)
    w.issue(world, world.book(1), 5, w.PREFERRED)
    assert taken(world) == 1
    assert world.state.companies[w.COMPANY].seats[PartyId(1)].accounts == 3
    for share_class in (w.ORDINARY, w.PREFERRED):
        cancel = do.Cancel(share_class, w.header(), 3, Consideration(), w.entry(world.book(1), 5))
        world.run(cancel, w.AGENT)
    assert taken(world) == 1
    world.run(do.Transfer(w.ORDINARY, world.book(2), 10), w.wallet(1, 0))
    assert taken(world) == 2


def test_seat__whole_holding_into_another_own_account__changes_nothing(world: w.World) -> None:
    """HC-2."""
    world.run(do.SetCap(w.COMPANY, w.header(), 0), w.REGULATOR)
    world.run(do.Transfer(w.ORDINARY, w.wallet(1, 1), 10), w.wallet(1, 0))
    assert taken(world) == 1


def test_seat__weight_above_what_is_left__is_refused_for_the_whole_batch(world: w.World) -> None:
    """HC-3: one of weight 1 sits, 2 and 3 do not fit into 4 together."""
    entries = (w.entry(world.book(2), 1), w.entry(world.book(3), 1))
    with pytest.raises(Refusal) as refused:
        world.run(do.Issue(w.ORDINARY, w.header(), Consideration(), entries), w.AGENT)
    assert refused.value.values == (18, 1 << 17, bytes(20), bytes(20), 0)
    w.issue(world, world.book(3), 1)
    assert taken(world) == 4


def test_seat__weight_changed_meanwhile__leaving_subtracts_what_was_counted(world: w.World) -> None:
    """HC-3."""
    w.issue(world, world.book(2), 1)
    restate(world, 2, 50)
    world.run(do.Cancel(w.ORDINARY, w.header(), 3, Consideration(), w.entry(world.book(2), 1)), w.AGENT)
    assert taken(world) == 1


def test_recount__by_anybody__applies_the_weight_and_alarms(world: w.World) -> None:
    """HC-4."""
    restate(world, 1, 9)
    events = world.run(do.Recount(w.COMPANY, PartyId(1)), w.STRANGER)
    assert [type(event) for event in events] == [SeatRecounted, CapExceeded]
    assert taken(world) == 9
    assert world.run(do.Recount(w.COMPANY, PartyId(1)), w.STRANGER) == ()
    assert world.run(do.Recount(w.COMPANY, PartyId(3)), w.STRANGER) == ()


@pytest.mark.parametrize("account", [0, 1])
def test_receipt__after_a_change_of_weight__recounts(world: w.World, account: int) -> None:
    """HC-4: at each receipt, into the account that held before or into a new one."""
    restate(world, 1, 3)
    w.issue(world, w.wallet(1, account), 1)
    assert taken(world) == 3


def test_fixed_weight__outlives_recounts_until_it_is_left_to_the_registry(world: w.World) -> None:
    """HC-3."""
    world.run(do.FixWeight(w.COMPANY, w.header(), PartyId(1), True, 0), w.AGENT)
    assert taken(world) == 0
    restate(world, 1, 3)
    w.issue(world, w.wallet(1, 0), 1)
    assert taken(world) == 0
    world.run(do.FixWeight(w.COMPANY, w.header(), PartyId(1), False, 77), w.AGENT)
    assert taken(world) == 3
    with pytest.raises(Refusal, match="PartyUnknown"):
        world.run(do.FixWeight(w.COMPANY, w.header(), PartyId(9), True, 1), w.AGENT)
