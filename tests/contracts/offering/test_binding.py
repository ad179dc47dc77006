"""Shares of a raise keep their meaning while somebody may get money for them: no split, no conversion out, no successor
(SP-2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from registry.domain.subscription_rules import SubscriptionRule
from tests.contracts.support.expect import declined, raises
from tests.contracts.support.ground import (
    COMMON,
    NOTHING_GIVEN,
    REF,
    SUCCEEDED,
    Ground,
    found,
    header,
    wallet_of,
)
from tests.contracts.support.milestones import (
    claims_end,
    exercise,
    fail,
    lapse,
    pass_claims,
    put_of,
    reach,
    redeem,
    scheduled,
)
from tests.contracts.support.raising import (
    CLOSING,
    ERIN,
    FAILED,
    FRANK,
    GRACE,
    HEIDI,
    OPEN,
    PRICE,
    PUT,
    SETTLED,
    Raise,
    closing,
    draft,
    next_at,
    opened,
    settled,
)
from tests.contracts.support.storage import encumber


def split(ground: Ground) -> None:
    """Two for one of what Heidi holds."""
    lines = [(ground.book(HEIDI), max(1, ground.balance(ground.preferred, ground.book(HEIDI))), 0, REF)]
    ground.preferred.act("split", header(), 2, 1, lines, by=ground.registrar)


def convert(ground: Ground) -> None:
    classes = (ground.preferred.address, ground.common.address)
    arguments = (header(), NOTHING_GIVEN, *classes, ground.book(HEIDI), 1, 1, REF)
    ground.company.act("convert", *arguments, by=ground.registrar)


def succeed(ground: Ground) -> None:
    heir, _ = found(ground.factory, "深圳新光半导体集团", [COMMON], predecessor=ground.company.address)
    ground.company.act("nameSuccessor", header(), heir.address, by=ground.issuer)


ACTS: list[Callable[[Ground], None]] = [split, convert, succeed]
every_act = pytest.mark.parametrize("act", ACTS)


def everybody(done: Raise) -> list[str]:
    return [done.home(party) for party in (ERIN, FRANK, HEIDI)]


def bound(ground: Ground) -> None:
    """Nothing of the three passes, and nothing has changed by the attempts."""
    before = ground.preferred.read("classWord"), ground.charter()
    for act in ACTS:
        with raises("ClassBound", ground.preferred.address):
            act(ground)
    assert before == (ground.preferred.read("classWord"), ground.charter())


# --- while it binds ---


@pytest.mark.parametrize("phase", [OPEN, CLOSING, SETTLED])
def test_class__of_a_raise_that_may_still_pay_or_be_paid__is_bound(ground: Ground, phase: int) -> None:
    """SP-2"""
    raised = {OPEN: opened, CLOSING: closing, SETTLED: settled}[phase](ground)
    assert raised.totals().phase == phase
    bound(ground)


def test_class__while_the_escrow_owes_money__is_bound(done: Raise) -> None:
    """SP-2: released and missed in part, redeemed in part."""
    bound(done.ground)
    reach(done)
    bound(done.ground)
    fail(done, 1)
    bound(done.ground)
    redeem(done, done.home(ERIN), done.home(FRANK))
    bound(done.ground)


@every_act
def test_class__of_a_draft__is_free(ground: Ground, act: Callable[[Ground], None]) -> None:
    """SP-2: admitted or not, it holds nothing."""
    draft(ground)
    raised = draft(ground)
    raised.admit()
    ground.issue(ground.preferred, (ground.book(HEIDI), 10, 0, REF))
    act(ground)


@every_act
def test_class__of_a_raise_that_failed__is_free(ground: Ground, act: Callable[[Ground], None]) -> None:
    """SP-2: its refunds are money for money."""
    raised = closing(ground)
    raised.stop()
    assert raised.totals().phase == FAILED
    ground.issue(ground.preferred, (ground.book(HEIDI), 10, 0, REF))
    act(ground)


def test_split__of_another_class__passes(raised: Raise) -> None:
    """SP-2"""
    ground = raised.ground
    account = ground.book(102)  # Bob's 500 common shares
    ground.common.act("split", header(), 2, 1, [(account, 500, 0, REF)], by=ground.registrar)
    assert ground.balance(ground.common, account) == 1_000


def test_name_successor__while_a_raise_of_any_class_binds__refused(raised: Raise) -> None:
    """CO-3, SP-2: the register closes as a whole, so every raise of the company counts; the class is named."""
    ground = raised.ground
    other = draft(ground, share_class=bytes.fromhex(ground.common.address[2:]))
    other.admit()
    with raises("ClassBound", ground.preferred.address):
        succeed(ground)
    raised.cancel()
    other.open()
    with raises("ClassBound", ground.common.address):
        succeed(ground)
    other.cancel()
    succeed(ground)
    assert ground.charter().phase == SUCCEEDED


def test_subscribe__in_a_register_that_a_successor_closed__refused_and_the_raise_fails(ground: Ground) -> None:
    """CO-3, OF-11: a draft does not bind, and nobody enters what is closed."""
    raised = draft(ground)
    raised.admit()
    succeed(ground)
    raised.open()
    raised.begin()
    with declined(SubscriptionRule.SHARES_STOPPED):
        raised.subscribe(ERIN, 1_000 * PRICE)
    raised.end()
    raised.close()
    assert raised.totals().phase == FAILED


# --- how it ends ---


@every_act
def test_class__once_all_lots_were_redeemed__is_free(done: Raise, act: Callable[[Ground], None]) -> None:
    """SP-2: at once, also before the end of claims."""
    fail(done)
    redeem(done, *everybody(done))
    act(done.ground)


@every_act
def test_class__once_all_was_released__is_free(done: Raise, act: Callable[[Ground], None]) -> None:
    """SP-2"""
    reach(done)
    reach(done, 1)
    act(done.ground)


@every_act
def test_class__with_a_lot_that_is_parked__is_bound_until_it_is_allotted(
    ground: Ground, act: Callable[[Ground], None]
) -> None:
    """SP-2: a frozen subscriber bought in the shares of today, even after everything was released."""
    raised = closing(ground)
    ground.freeze(FRANK)
    raised.allot(*everybody(raised))
    reach(raised)
    reach(raised, 1)
    bound(ground)
    ground.freeze(FRANK, False)
    raised.allot(wallet_of(FRANK))
    assert raised.totals().parked == 0
    act(ground)


@every_act
def test_class__of_lots_that_were_sold__is_bound_until_they_lapse(done: Raise, act: Callable[[Ground], None]) -> None:
    """SP-2, ES-18: by claims that nobody has, until anybody says so after their end."""
    ground = done.ground
    fail(done)
    ground.give(ground.preferred, wallet_of(ERIN), wallet_of(GRACE), 2_000)
    redeem(done, *everybody(done))
    pass_claims(done)
    bound(ground)
    lapse(done, wallet_of(ERIN))
    act(ground)


def test_class__of_a_lot_that_is_pledged__stays_bound_after_claims(done: Raise) -> None:
    """SP-2, ES-17, ES-18: its money has no end, so the shares keep their meaning."""
    ground = done.ground
    fail(done)
    encumber(ground.preferred, wallet_of(ERIN), 2_000)
    redeem(done, *everybody(done))
    pass_claims(done)
    assert lapse(done, *everybody(done)) == []
    bound(ground)
    encumber(ground.preferred, wallet_of(ERIN), -2_000)
    redeem(done, wallet_of(ERIN))
    succeed(ground)


@every_act
def test_class__with_a_put_that_is_open_or_unpaid__is_bound_to_the_last_second_of_claims(
    ground: Ground, act: Callable[[Ground], None]
) -> None:
    """SP-2, ES-10, ES-17: afterwards the debt stands recorded and holds up nobody."""
    done = scheduled(ground, {"value": 4_000}, {"value": 6_000, "on_miss": PUT})
    reach(done)
    fail(done, 1)
    redeem(done, *everybody(done))
    exercise(done, ERIN)
    debt = put_of(done, ERIN)
    bound(ground)
    next_at(ground, claims_end(done))
    with raises("ClassBound", ground.preferred.address):
        if act is succeed:
            ground.company.act("convert", *_conversion(ground), by=ground.registrar)
        else:
            act(ground)
    act(ground)
    assert put_of(done, ERIN) == debt
    assert not debt[2]


def _conversion(ground: Ground) -> tuple[object, ...]:
    """One transaction, where naming a successor takes two."""
    return (header(), NOTHING_GIVEN, ground.preferred.address, ground.common.address, ground.book(HEIDI), 1, 1, REF)
