"""Frozen after subscribing: the shares are parked, the money takes part, and the others are not held up."""

from __future__ import annotations

from tests.contracts.support.expect import raises
from tests.contracts.support.ground import Ground, wallet_of
from tests.contracts.support.raising import (
    ALLOTTED,
    CLOSING,
    ERIN,
    FRANK,
    HEIDI,
    PARKED,
    PLATFORM,
    SETTLED,
    USUAL_BOOK,
    Raise,
    closing,
    money,
    use_of,
)


def everybody(raised: Raise) -> list[str]:
    return [raised.home(party) for party in USUAL_BOOK]


def shares(ground: Ground, account: str) -> int:
    return ground.balance(ground.preferred, account)


def test_allot__frozen_since__parked_and_the_others_are_not_held_up(ground: Ground) -> None:
    raised = closing(ground)
    ground.freeze(ERIN)
    events = raised.allot(*everybody(raised))
    assert events[0].values == {"party": ERIN}
    assert raised.totals().phase == SETTLED
    assert raised.purse().proceeds == 3_412_500
    assert raised.subscription(ERIN).status == PARKED
    assert (shares(ground, wallet_of(ERIN)), use_of(ground, ERIN)) == (0, USUAL_BOOK[ERIN])
    assert ground.preferred.read("reservedShares") == 2_000
    assert (ground.pending(), ground.subscriptions(ERIN)) == (1, 1)


def test_parked__still_frozen__nothing_happens_however_often(ground: Ground) -> None:
    raised = closing(ground)
    ground.freeze(ERIN)
    raised.allot(wallet_of(ERIN), wallet_of(ERIN))
    assert raised.totals().handled == 1
    assert raised.allot(wallet_of(ERIN), wallet_of(ERIN)) == []
    raised.allot(wallet_of(FRANK), ground.book(HEIDI))
    assert raised.totals().phase == SETTLED
    assert raised.allot(wallet_of(ERIN)) == []
    assert raised.totals().handled == 3


def test_parked__freed__delivered_once_without_settling_again(ground: Ground) -> None:
    raised = closing(ground)
    ground.freeze(ERIN)
    raised.allot(*everybody(raised))
    purse, paid = raised.purse(), money(ground, wallet_of(PLATFORM))
    ground.freeze(ERIN, False)
    with raises("SubscriptionUnknown", wallet_of(ERIN)):
        raised.allot(wallet_of(ERIN), wallet_of(ERIN))
    raised.allot(wallet_of(ERIN))
    assert shares(ground, wallet_of(ERIN)) == 2_000
    assert raised.subscription(ERIN).status == ALLOTTED
    assert (ground.seats(), ground.pending(), ground.subscriptions(ERIN)) == (5, 0, 0)
    assert ground.preferred.read("reservedShares") == 0
    assert (raised.purse(), money(ground, wallet_of(PLATFORM)), raised.totals().handled) == (purse, paid, 3)
    with raises("SubscriptionUnknown", wallet_of(ERIN)):
        raised.allot(wallet_of(ERIN))


def test_parked__everybody__the_raise_settles_and_keeps_all_shares_free(ground: Ground) -> None:
    raised = closing(ground)
    for party in USUAL_BOOK:
        ground.freeze(party)
    raised.allot(*everybody(raised))
    assert (raised.totals().phase, ground.preferred.read("reservedShares")) == (SETTLED, 3_500)
    for party in USUAL_BOOK:
        ground.freeze(party, False)
    raised.allot(*everybody(raised))
    assert ground.preferred.read("reservedShares") == 0


def test_parked__freed_within_the_closing__allotted_by_a_later_page_and_counted_once(ground: Ground) -> None:
    raised = closing(ground)
    ground.freeze(ERIN)
    raised.allot(wallet_of(ERIN))
    ground.freeze(ERIN, False)
    raised.allot(wallet_of(ERIN))
    assert (raised.totals().phase, raised.totals().handled, shares(ground, wallet_of(ERIN))) == (CLOSING, 1, 2_000)
    raised.allot(wallet_of(FRANK), ground.book(HEIDI))
    assert (raised.totals().phase, raised.totals().handled) == (SETTLED, 3)
