"""Shares of a raise keep their meaning while somebody may get money for them (SP-2), the same as on the chain."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from registry.domain import commands as do
from registry.domain.args import ZERO_HASH, Consideration
from registry.domain.ids import Shares
from tests.domain import world as w
from tests.domain.escrow_world import ESCROW, PAID, PUTTABLE, Raised, opened, raised


def refusals(world: Raised) -> list[tuple[object, ...]]:
    """Of a split and of a conversion out of the raise's class."""
    one = Shares(1)
    classes = (w.ORDINARY, w.PREFERRED)
    split = do.Split(w.ORDINARY, w.header(), 2, 1, (w.entry(world.account(1), 1),))
    out = do.Convert(w.COMPANY, w.header(), Consideration(), *classes, world.book(1), one, one, ZERO_HASH)
    return [world.refusal(command, w.AGENT) for command in (split, out)]


def test_split_and_conversion__while_a_raise_is_open__are_refused() -> None:
    assert refusals(opened()) == [("ClassBound", w.ORDINARY)] * 2


def test_split_and_conversion__while_the_escrow_owes_money__are_refused() -> None:
    world = raised()
    assert refusals(world) == [("ClassBound", w.ORDINARY)] * 2
    world.miss()
    assert refusals(world) == [("ClassBound", w.ORDINARY)] * 2


def test_split__once_all_lots_were_redeemed__is_by_law_again() -> None:
    world = raised()
    world.miss()
    world.redeem(*PAID)
    account = world.account(next(iter(PAID)))
    held = world.balance(w.ORDINARY, account)
    world.run(do.Split(w.ORDINARY, w.header(), 2, 1, (w.entry(account, held),)), w.AGENT)
    assert world.balance(w.ORDINARY, account) == 2 * held


def successor(world: Raised) -> do.Command:
    """The register would go on in another company."""
    heir = w.address("heir")
    terms = w.CompanyTerms("Heir", 1, 44, 200, w.COMPANY)
    world.run(do.CreateCompany(w.header(), terms, (), (), heir, ()), w.PLATFORM)
    return do.NameSuccessor(w.COMPANY, w.header(), heir)


@pytest.mark.parametrize("at", [opened, raised])
def test_successor__while_a_raise_binds__is_refused(at: Callable[[], Raised]) -> None:
    world = at()
    command = successor(world)
    assert world.refusal(command, w.ADMIN) == ("ClassBound", w.ORDINARY)
    world.stands()


def test_successor__nothing_owed_any_more__is_named() -> None:
    world = raised()
    world.miss()
    world.redeem(*PAID)
    world.run(successor(world), w.ADMIN)
    world.stands()


def test_binding__put_that_nobody_exercises__ends_with_the_claims() -> None:
    """ES-17: nobody is bound for ever by who does nothing."""
    world = raised(PUTTABLE)
    world.reach()
    world.release()
    world.miss(1)
    world.redeem(*PAID)
    world.at(world.escrow.claims_end)
    assert refusals(world) == [("ClassBound", w.ORDINARY)] * 2
    world.wait(1)
    double(world)


def test_binding__lot_that_was_sold__ends_when_its_money_lapses() -> None:
    """ES-18."""
    world = raised()
    world.miss()
    world.redeem(2, 3)
    world.run(do.Transfer(w.ORDINARY, w.wallet(5, 0), Shares(600)), world.account(1))
    world.at(world.escrow.claims_end + 1)
    assert refusals(world) == [("ClassBound", w.ORDINARY)] * 2
    world.run(do.Lapse(ESCROW, (world.account(1),)), w.STRANGER)
    double(world)


def double(world: Raised) -> None:
    lines = tuple(
        w.entry(world.state.address_of(at), h.balance)
        for at, h in world.state.classes[w.ORDINARY].holdings.items()
        if h.balance
    )
    world.run(do.Split(w.ORDINARY, w.header(), 2, 1, lines), w.AGENT)
    world.stands()
