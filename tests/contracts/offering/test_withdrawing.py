"""Cooling-off: a subscriber takes the whole amount back within the period, and may subscribe anew."""

from __future__ import annotations

import pytest

from registry.domain.raise_words import Subscription
from tests.contracts.support import node
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import Ground, header, wallet_of
from tests.contracts.support.node import DAY
from tests.contracts.support.raising import (
    ALLOTTED,
    CLOSING,
    ERIN,
    FAILED,
    FRANK,
    HEIDI,
    MONEY,
    PRICE,
    SETTLED,
    Raise,
    clock,
    closing,
    halt,
    mint,
    money,
    next_at,
    opened,
    settled,
    use_of,
)

AMOUNT = 100 * PRICE


# --- refusals ---


def test_withdraw__never_subscribed_or_withdrawn_already__refused(raised: Raise) -> None:
    with raises("SubscriptionUnknown", wallet_of(ERIN)):
        raised.withdraw(ERIN)
    with raises("SubscriptionUnknown", raised.ground.book(HEIDI)):
        raised.withdraw(HEIDI)
    raised.subscribe(ERIN, AMOUNT)
    raised.withdraw(ERIN)
    with raises("SubscriptionUnknown", wallet_of(ERIN)):
        raised.withdraw(ERIN)
    assert raised.totals().refunded == AMOUNT


def test_withdraw__for_another__refused(raised: Raise) -> None:
    raised.subscribe(ERIN, AMOUNT)
    for actor in (wallet_of(FRANK), raised.ground.platform, raised.ground.stranger, raised.ground.issuer):
        with raises("NotAuthorised", actor, 0):
            raised.withdraw(ERIN, by=actor)


def test_withdraw__with_a_closed_wallet__refused_and_with_another_open_one_not(raised: Raise) -> None:
    """A wallet that was lost decides nothing; the money goes where its owner still has a say."""
    ground = raised.ground
    second = ground.bind(ERIN, 1)
    raised.subscribe(ERIN, AMOUNT)
    ground.close_wallet(wallet_of(ERIN))
    with raises("NotAuthorised", wallet_of(ERIN), 0):
        raised.withdraw(ERIN)
    events = raised.withdraw(ERIN, by=second)
    assert tuple(events[0].values.values()) == (ERIN, ground.book(ERIN), AMOUNT)
    assert money(ground, ground.book(ERIN)) == AMOUNT


def test_withdraw_for__by_anybody_but_the_platform_or_of_a_wallet__refused(raised: Raise) -> None:
    ground, book = raised.ground, raised.ground.book(HEIDI)
    raised.subscribe(HEIDI, AMOUNT)
    raised.subscribe(ERIN, AMOUNT)
    for actor in (ground.stranger, ground.issuer, ground.custodian):
        with raises("NotAuthorised", actor, 4):
            raised.offering.act("withdrawFor", header(), book, by=actor)
    with raises("NotABookAccount", wallet_of(ERIN)):
        raised.offering.act("withdrawFor", header(), wallet_of(ERIN), by=ground.platform)


def test_withdraw__a_second_after_the_period__refused_and_in_its_last_second_not(raised: Raise) -> None:
    raised.subscribe(ERIN, AMOUNT)
    until = raised.subscription(ERIN).paid_at + 5 * DAY
    taken = node.snapshot()
    next_at(raised.ground, until + 1)
    with raises("Overdue", until + 1, until):
        raised.withdraw(ERIN)
    node.revert_to(taken)
    next_at(raised.ground, until)
    raised.withdraw(ERIN)
    assert money(raised.ground, wallet_of(ERIN)) == MONEY


def test_withdraw__without_a_cooling_off__in_the_same_second_only(ground: Ground) -> None:
    raised = opened(ground, cooling_off=0)
    raised.subscribe(ERIN, AMOUNT)
    paid_at = raised.subscription(ERIN).paid_at
    with raises("Overdue", paid_at + 1, paid_at):
        raised.withdraw(ERIN)


@pytest.mark.parametrize("phase", [CLOSING, SETTLED, FAILED])
def test_withdraw__after_the_raise_closed__refused(ground: Ground, phase: int) -> None:
    raised = {CLOSING: closing, SETTLED: settled, FAILED: opened}[phase](ground)
    if phase == FAILED:
        raised.subscribe(ERIN, AMOUNT)
        raised.cancel()
    with raises("OfferingPhaseForbids", phase):
        raised.withdraw(ERIN)


def test_withdraw__while_money_is_stopped__refused_and_the_subscription_stands(raised: Raise) -> None:
    raised.subscribe(ERIN, AMOUNT)
    before = raised.subscription(ERIN)
    raised.ground.token.act("setStopped", header(), True, by=raised.ground.custodian)
    with raises("MoneyIsStopped"):
        raised.withdraw(ERIN)
    assert raised.subscription(ERIN) == before


# --- what comes of it ---


def test_withdraw__within_the_period__everything_is_as_before(raised: Raise) -> None:
    ground, erin = raised.ground, wallet_of(ERIN)
    raised.subscribe(ERIN, AMOUNT)
    events = raised.withdraw(ERIN)
    assert [e.name for e in events] == ["SubscriptionWithdrawn", "Transfer"]
    assert tuple(events[0].values.values()) == (ERIN, erin, AMOUNT)
    assert raised.subscription(ERIN) == Subscription()
    totals = raised.totals()
    assert (totals.money_in, totals.refunded, totals.live, totals.subscribers) == (AMOUNT, AMOUNT, 0, 0)
    assert (money(ground, erin), money(ground, raised.offering.address)) == (MONEY, 0)
    assert (ground.pending(), ground.subscriptions(ERIN), use_of(ground, ERIN)) == (0, 0, 0)


def test_withdraw__book_account__by_the_platform_or_the_partys_wallet(raised: Raise) -> None:
    ground, book = raised.ground, raised.ground.book(HEIDI)
    raised.subscribe(HEIDI, AMOUNT)
    events = raised.withdraw(HEIDI)
    assert [e.name for e in events] == ["ActRecorded", "SubscriptionWithdrawn", "Transfer"]
    assert (events[0].values["kind"], money(ground, book)) == (48, MONEY)
    mint(ground, (ground.book(ERIN), AMOUNT))
    raised.subscribe_for(ground.book(ERIN), AMOUNT)
    with raises("NotAuthorised", wallet_of(FRANK), 0):
        raised.offering.act("withdraw", ground.book(ERIN), by=wallet_of(FRANK))
    raised.offering.act("withdraw", ground.book(ERIN), by=wallet_of(ERIN))
    assert money(ground, ground.book(ERIN)) == AMOUNT


def test_withdraw__and_subscribe_again__with_a_new_signature_and_another_amount(raised: Raise) -> None:
    raised.subscribe(ERIN, AMOUNT)
    raised.withdraw(ERIN)
    raised.subscribe(ERIN, 3 * AMOUNT)
    totals = raised.totals()
    assert (totals.money_in, totals.refunded, totals.live, totals.subscribers) == (4 * AMOUNT, AMOUNT, 3 * AMOUNT, 1)
    assert use_of(raised.ground, ERIN) == 3 * AMOUNT
    raised.withdraw(ERIN)
    raised.subscribe(ERIN, 10 * PRICE)
    assert raised.totals().live == 10 * PRICE


def test_withdraw__by_the_last_subscriber_below_the_minimum__the_raise_fails_at_its_end(raised: Raise) -> None:
    raised.subscribe(ERIN, 1_000 * PRICE)
    next_at(raised.ground, raised.subscription(ERIN).paid_at + 5 * DAY)
    raised.withdraw(ERIN)
    raised.end()
    raised.close()
    assert raised.totals().phase == FAILED


def test_withdraw__after_the_window_but_within_the_period__passes(raised: Raise) -> None:
    next_at(raised.ground, raised.terms.closes_at)
    raised.subscribe(ERIN, AMOUNT)
    next_at(raised.ground, raised.terms.closes_at + 5 * DAY)
    raised.withdraw(ERIN)
    assert money(raised.ground, wallet_of(ERIN)) == MONEY


def test_withdraw__frozen_by_order__money_comes_back_and_stays_under_the_order(raised: Raise) -> None:
    """What the order freezes is the person's money too, by an order on the account."""
    ground, erin = raised.ground, wallet_of(ERIN)
    raised.subscribe(ERIN, AMOUNT)
    ground.token.act("setFrozen", header(), erin, True, by=ground.regulator)
    raised.withdraw(ERIN)
    assert money(ground, erin) == MONEY
    with raises("MoneyFrozen", erin):
        ground.token.act("transfer", wallet_of(FRANK), 1, by=erin)


# --- halts ---


def test_withdraw__region_halted__the_period_waits(raised: Raise) -> None:
    ground = raised.ground
    raised.subscribe(ERIN, AMOUNT)
    raised.subscribe(FRANK, AMOUNT)
    halt(ground)
    standing = clock(ground)
    node.jump_to(node.now() + 100 * DAY)
    assert clock(ground) == standing
    raised.withdraw(ERIN)
    halt(ground, False)
    until = raised.subscription(FRANK).paid_at + 5 * DAY
    next_at(ground, until)
    raised.withdraw(FRANK)
    assert raised.totals().live == 0
    assert raised.subscription(ERIN).status != ALLOTTED
