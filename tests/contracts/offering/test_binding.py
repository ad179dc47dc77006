"""Shares of a raise keep their meaning while somebody may get money for them: no split, no conversion out (SP-2)."""

from __future__ import annotations

from tests.contracts.support.expect import raises
from tests.contracts.support.ground import NOTHING_GIVEN, REF, Ground, header
from tests.contracts.support.milestones import fail, redeem
from tests.contracts.support.raising import ERIN, FRANK, HEIDI, Raise, draft, opened


def split(ground: Ground, account: str, shares: int) -> None:
    """Two for one of what an account holds."""
    lines = [(account, shares, 0, REF)]
    ground.preferred.act("split", header(), 2, 1, lines, by=ground.registrar)


def convert(ground: Ground, account: str, shares: int) -> None:
    classes = (ground.preferred.address, ground.common.address)
    arguments = (header(), NOTHING_GIVEN, *classes, account, shares, shares, REF)
    ground.company.act("convert", *arguments, by=ground.registrar)


def held(done: Raise, party: int) -> int:
    return done.ground.balance(done.ground.preferred, done.home(party))


def test_split_and_conversion__while_a_raise_is_open__refused(ground: Ground) -> None:
    raised = opened(ground)
    before = ground.preferred.read("classWord")
    with raises("ClassBound", ground.preferred.address):
        split(ground, raised.home(ERIN), 1)
    with raises("ClassBound", ground.preferred.address):
        convert(ground, ground.book(HEIDI), 1)
    assert ground.preferred.read("classWord") == before


def test_split_and_conversion__while_the_escrow_owes_money__refused(done: Raise) -> None:
    for _ in ("waiting", "missed"):
        with raises("ClassBound", done.ground.preferred.address):
            split(done.ground, done.home(ERIN), held(done, ERIN))
        with raises("ClassBound", done.ground.preferred.address):
            convert(done.ground, done.home(HEIDI), held(done, HEIDI))
        if done.purse().redeemable == 0:
            fail(done)


def test_split__of_a_draft_or_another_class__passes(ground: Ground) -> None:
    draft(ground)
    account = ground.book(102)  # Bob's 500 common shares
    ground.common.act("split", header(), 2, 1, [(account, 500, 0, REF)], by=ground.registrar)
    assert ground.balance(ground.common, account) == 1_000


def test_split__once_all_lots_were_redeemed__passes(done: Raise) -> None:
    fail(done)
    redeem(done, *(done.home(party) for party in (ERIN, FRANK, HEIDI)))
    left = held(done, ERIN)
    split(done.ground, done.home(ERIN), left)
    assert held(done, ERIN) == 2 * left
