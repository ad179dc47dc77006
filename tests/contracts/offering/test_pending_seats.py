"""Subscribers keep seats: pending ones count against the cap in every raise and every way into the register (HC)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.domain.rules import Rule
from registry.domain.subscription_rules import SubscriptionRule
from tests.contracts.support.expect import asked, declined, raises, refused
from tests.contracts.support.ground import (
    ALICE,
    BOB,
    CAROL,
    QUALIFIED,
    Ground,
    fill,
    header,
    line,
    person,
    wallet_of,
)
from tests.contracts.support.raising import (
    ERIN,
    FRANK,
    GRACE,
    HEIDI,
    PRICE,
    USUAL_BOOK,
    Raise,
    closing,
    mint,
    opened,
    settled,
)

AMOUNT = 100 * PRICE


def counted(ground: Ground) -> tuple[int, int]:
    """Seats of holders, and of those who only subscribed."""
    charter = ground.charter()
    return charter.seats, charter.pending


def weigh(ground: Ground, party: int, weight: int) -> None:
    ground.restate(replace(person(party, risk_grade=4), weight=weight))


# --- the cap ---


def test_cap__201st_with_a_pending_seat__refused_SB22_HC1_on_every_way_in(ground: Ground, carol: str) -> None:
    fill(ground, 197)
    raised = opened(ground)
    raised.subscribe(ERIN, AMOUNT)
    assert counted(ground) == (199, 1)
    with declined(SubscriptionRule.HOLDERS_CAP):
        raised.subscribe(FRANK, AMOUNT)
    with declined(SubscriptionRule.HOLDERS_CAP):
        raised.subscribe(HEIDI, AMOUNT)
    with raises("Refused", 18, Rule.HOLDERS_CAP):
        ground.issue(ground.preferred, line(carol, 1))
    assert asked(ground.common, wallet_of(ALICE), carol, 1) == Rule.HOLDERS_CAP
    with refused(Rule.HOLDERS_CAP):
        ground.give(ground.common, wallet_of(ALICE), carol, 1)
    raised.withdraw(ERIN)
    assert counted(ground) == (199, 0)
    raised.subscribe(FRANK, AMOUNT)
    with declined(SubscriptionRule.HOLDERS_CAP):
        raised.subscribe(ERIN, AMOUNT)


def test_cap__full_of_holders__a_holder_may_still_subscribe(ground: Ground) -> None:
    ground.set_cap(2)
    raised = opened(ground)
    ground.restate(person(ALICE, risk_grade=4))
    mint(ground, (wallet_of(ALICE), AMOUNT))
    raised.subscribe(ALICE, AMOUNT)
    assert counted(ground) == (2, 0)


def test_cap__several_raises_of_one_company__a_subscriber_counts_once(ground: Ground) -> None:
    ground.set_cap(3)
    first, second = opened(ground), opened(ground)
    first.subscribe(ERIN, AMOUNT)
    second.subscribe(ERIN, AMOUNT)
    for raised in (first, second):
        with declined(SubscriptionRule.HOLDERS_CAP):
            raised.subscribe(FRANK, AMOUNT)
    first.withdraw(ERIN)
    with declined(SubscriptionRule.HOLDERS_CAP):
        first.subscribe(FRANK, AMOUNT)
    second.withdraw(ERIN)
    first.subscribe(FRANK, AMOUNT)
    assert counted(ground) == (2, 1)


def test_cap__lowered_below_pending_seats__alarms_and_keeps_those_who_are_in(raised: Raise) -> None:
    ground = raised.ground
    raised.subscribe(ERIN, AMOUNT)
    events = ground.set_cap(2)
    assert [e.name for e in events] == ["ActRecorded", "CapChanged", "CapExceeded"]
    assert events[2].values == {"seats": 3, "cap": 2}
    with declined(SubscriptionRule.HOLDERS_CAP):
        raised.subscribe(FRANK, AMOUNT)
    raised.withdraw(ERIN)
    with declined(SubscriptionRule.HOLDERS_CAP):
        raised.subscribe(ERIN, AMOUNT)


def test_cap__at_the_full_cap__the_allotment_turns_pending_seats_into_seats(ground: Ground) -> None:
    ground.set_cap(5)
    raised = closing(ground)
    assert counted(ground) == (2, 3)
    raised.allot(wallet_of(ERIN))
    assert counted(ground) == (3, 2)
    raised.allot(wallet_of(FRANK), ground.book(HEIDI))
    assert counted(ground) == (5, 0)
    assert [ground.seat(party)[0] for party in USUAL_BOOK] == [1, 1, 1]
    assert [ground.subscriptions(party) for party in USUAL_BOOK] == [0, 0, 0]


def test_cap__lowered_after_subscribing__the_allotment_is_owed_all_the_same(ground: Ground) -> None:
    raised = closing(ground)
    ground.set_cap(1)
    raised.allot(*(raised.home(party) for party in USUAL_BOOK))
    assert counted(ground) == (5, 0)


# --- in and out while subscribed ---


def test_subscriber__becomes_a_holder_by_transfer__enters_with_the_kept_seat(raised: Raise) -> None:
    ground = raised.ground
    ground.set_cap(3)
    raised.subscribe(ERIN, AMOUNT)
    assert asked(ground.common, wallet_of(ALICE), wallet_of(ERIN), 1) == Rule(0)
    ground.give(ground.common, wallet_of(ALICE), wallet_of(ERIN), 1)
    assert counted(ground) == (3, 0)
    raised.withdraw(ERIN)
    assert counted(ground) == (3, 0)
    assert (ground.seat(ERIN)[0], ground.subscriptions(ERIN)) == (1, 0)


def test_holder__sells_out_while_subscribed__the_seat_waits_and_nobody_else_takes_it(raised: Raise, carol: str) -> None:
    ground, alice = raised.ground, wallet_of(ALICE)
    ground.restate(person(ALICE, risk_grade=4))
    mint(ground, (alice, AMOUNT))
    raised.subscribe(ALICE, AMOUNT)
    ground.set_cap(2)
    assert asked(ground.common, alice, carol, 1_000) == Rule.HOLDERS_CAP
    with refused(Rule.HOLDERS_CAP):
        ground.give(ground.common, alice, carol, 1_000)
    ground.give(ground.common, alice, wallet_of(BOB), 1_000)
    assert counted(ground) == (1, 1)
    assert (ground.seat(ALICE)[0], ground.subscriptions(ALICE)) == (0, 1)
    with refused(Rule.HOLDERS_CAP):
        ground.give(ground.common, wallet_of(BOB), carol, 1)
    raised.withdraw(ALICE)
    assert counted(ground) == (1, 0)
    ground.give(ground.common, wallet_of(BOB), carol, 1)


def test_holder__sold_out_and_allotted__is_a_holder_again(ground: Ground) -> None:
    ground.restate(person(ALICE, risk_grade=4))
    mint(ground, (wallet_of(ALICE), 1_000 * PRICE))
    raised = closing(ground, book={ALICE: 1_000 * PRICE, ERIN: 500 * PRICE})
    ground.give(ground.common, wallet_of(ALICE), wallet_of(BOB), 1_000)
    assert counted(ground) == (1, 2)
    raised.allot(wallet_of(ALICE), wallet_of(ERIN))
    assert counted(ground) == (3, 0)


def test_subscriber__bought_in_and_sold_out_before_the_refund__leaves_nothing_behind(raised: Raise) -> None:
    ground, alice, erin = raised.ground, wallet_of(ALICE), wallet_of(ERIN)
    raised.subscribe(ERIN, AMOUNT)
    ground.give(ground.common, alice, erin, 10)
    ground.give(ground.common, erin, alice, 10)
    assert counted(ground) == (2, 1)
    raised.stop()
    raised.refund(erin)
    assert counted(ground) == (2, 0)
    assert ground.seat(ERIN)[0] == ground.subscriptions(ERIN) == 0


# --- weights ---


def test_weight__of_a_fund__its_subscription_keeps_as_many_seats(raised: Raise) -> None:
    ground = raised.ground
    ground.set_cap(7)
    weigh(ground, ERIN, 6)
    with declined(SubscriptionRule.HOLDERS_CAP):
        raised.subscribe(ERIN, AMOUNT)
    weigh(ground, ERIN, 5)
    raised.subscribe(ERIN, AMOUNT)
    assert counted(ground) == (2, 5)
    raised.withdraw(ERIN)
    assert counted(ground) == (2, 0)


def test_weight__changed_while_subscribed__recounted_by_anybody_and_given_back_as_stored(raised: Raise) -> None:
    ground = raised.ground
    raised.subscribe(ERIN, AMOUNT)
    weigh(ground, ERIN, 4)
    events = ground.company.act("recount", ERIN, by=ground.stranger)
    assert [e.name for e in events] == ["SeatRecounted"]
    assert counted(ground) == (2, 4)
    weigh(ground, ERIN, 9)
    raised.withdraw(ERIN)
    assert counted(ground) == (2, 0)


def test_weight__changed_before_the_allotment__counted_anew_with_an_alarm_and_never_refused(ground: Ground) -> None:
    raised = closing(ground)
    ground.set_cap(5)
    weigh(ground, ERIN, 3)
    events = raised.allot(*(raised.home(party) for party in USUAL_BOOK))
    assert {"SeatRecounted", "CapExceeded"} <= {e.name for e in events}
    assert counted(ground) == (7, 0)


def test_weight__fixed_by_the_company__holds_for_pending_seats(raised: Raise) -> None:
    ground = raised.ground
    raised.subscribe(ERIN, AMOUNT)
    ground.company.act("fixWeight", header(), ERIN, True, 8, by=ground.registrar)
    assert counted(ground) == (2, 8)
    assert ground.subscriptions(ERIN) == 1
    ground.company.act("fixWeight", header(), ERIN, False, 0, by=ground.registrar)
    assert counted(ground) == (2, 1)
    ground.company.act("fixWeight", header(), ERIN, True, 0, by=ground.registrar)
    raised.withdraw(ERIN)
    assert counted(ground) == (2, 0)


def test_weight__zero__takes_no_seat_even_at_the_full_cap(raised: Raise) -> None:
    ground = raised.ground
    ground.set_cap(2)
    weigh(ground, ERIN, 0)
    raised.subscribe(ERIN, AMOUNT)
    assert counted(ground) == (2, 0)
    assert ground.subscriptions(ERIN) == 1


# --- who may ask for seats ---


@pytest.mark.parametrize("function", ["reserveSeat", "releaseSeats"])
def test_seats__asked_by_anybody_but_an_admitted_raise__refused(drafted: Raise, function: str) -> None:
    ground = drafted.ground
    argument = person(CAROL).pack() if function == "reserveSeat" else [CAROL]
    others = (ground.issuer, ground.registrar, ground.platform, ground.stranger, ground.preferred.address)
    for actor in (drafted.offering.address, *others):
        with raises("NotAuthorised", actor, 32):
            ground.company.act(function, argument, by=actor)


def test_seats__the_64th_subscription_of_a_party__refused(raised: Raise) -> None:
    ground, word = raised.ground, person(ERIN, category=QUALIFIED).pack()
    for _ in range(63):
        ground.company.act("reserveSeat", word, by=raised.offering.address)
    assert (ground.subscriptions(ERIN), ground.pending()) == (63, 1)
    with raises("TooManySubscriptions", ERIN):
        ground.company.act("reserveSeat", word, by=raised.offering.address)
    with raises("TooManySubscriptions", ERIN):
        raised.subscribe(ERIN, AMOUNT)
    ground.company.act("releaseSeats", [ERIN] * 63, by=raised.offering.address)
    assert (ground.subscriptions(ERIN), ground.pending(), ground.seat(ERIN)) == (0, 0, (0, False, 1))


def test_seats__released_more_than_kept__refused(raised: Raise) -> None:
    with raises("Panic", 0x11):
        raised.ground.company.act("releaseSeats", [ERIN], by=raised.offering.address)


def test_seats__after_a_settled_raise__nobody_waits(ground: Ground) -> None:
    settled(ground)
    assert counted(ground) == (5, 0)
    assert ground.subscriptions(GRACE) == 0
