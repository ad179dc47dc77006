"""Shares of a raise keep their meaning while somebody may get money for them (SP-2), the same as on the chain."""

from __future__ import annotations

from registry.domain import commands as do
from registry.domain.args import ZERO_HASH, Consideration
from registry.domain.ids import Shares
from tests.domain import world as w
from tests.domain.escrow_world import PAID, Raised, opened, raised


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
