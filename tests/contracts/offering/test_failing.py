"""Raises that end without shares: closed below the minimum, cancelled, stopped or overdue, and refunded in full."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.contracts.support import node
from tests.contracts.support.contracts import STRANGER
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import COMMON, Ground, found, header, wallet_of
from tests.contracts.support.node import DAY
from tests.contracts.support.raising import (
    CLOSING,
    DRAFT,
    ERIN,
    FAILED,
    FRANK,
    GRACE,
    HEIDI,
    MONEY,
    PRICE,
    PRO_RATA,
    REFUNDED,
    SETTLED,
    USUAL_BOOK,
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


def failed(ground: Ground, book: dict[int, int] | None = None) -> Raise:
    """A raise with subscribers that the regulator stopped."""
    raised = opened(ground)
    for party, amount in (book or USUAL_BOOK).items():
        raised.subscribe(party, amount)
    raised.stop()
    return raised


# --- the end of the window ---


def test_close__window_or_cooling_off_not_over__refused_in_the_last_second(raised: Raise) -> None:
    raised.subscribe(ERIN, 1_000 * PRICE)
    due = raised.terms.closes_at + raised.terms.cooling_off
    with raises("NotDue", clock(raised.ground) + 1, due + 1):
        raised.close()
    next_at(raised.ground, due)
    with raises("NotDue", due, due + 1):
        raised.close()
    next_at(raised.ground, due + 1)
    assert [e.name for e in raised.close()] == ["OfferingPhaseChanged"]
    assert raised.totals().phase == CLOSING


def test_close__even_when_full__not_before_its_time(raised: Raise) -> None:
    raised.subscribe(ERIN, 4_000 * PRICE)
    raised.subscribe(FRANK, 1_000 * PRICE)
    with raises("NotDue"):
        raised.close()


@pytest.mark.parametrize("amount", [10 * PRICE, 999 * PRICE])
def test_close__below_the_minimum__failed_and_the_shares_are_free(raised: Raise, amount: int) -> None:
    raised.subscribe(ERIN, amount)
    raised.end()
    events = raised.close()
    assert [e.name for e in events] == ["OfferingPhaseChanged", "SharesReserved"]
    assert (events[0].values, events[1].values) == ({"phase": FAILED}, {"reserved": 0})


def test_close__without_a_subscriber__failed(raised: Raise) -> None:
    raised.end()
    raised.close()
    assert raised.totals().phase == FAILED
    raised.refund()
    assert raised.totals().refunded == 0


def test_close__at_the_minimum_exactly__closing_with_what_was_raised(raised: Raise) -> None:
    raised.subscribe(ERIN, 1_000 * PRICE)
    raised.end()
    raised.close()
    assert (raised.totals().phase, raised.totals().raised) == (CLOSING, 1_000 * PRICE)


@pytest.mark.parametrize("prepare", [closing, settled, failed])
def test_close__twice__refused(ground: Ground, prepare: Callable[[Ground], Raise]) -> None:
    raised = prepare(ground)
    phase = raised.totals().phase
    with raises("OfferingPhaseForbids", phase):
        raised.close()


def test_close__region_halted__waits_for_as_long_as_the_halt(raised: Raise) -> None:
    ground = raised.ground
    raised.subscribe(ERIN, 1_000 * PRICE)
    halt(ground)
    node.jump_to(raised.terms.closes_at + raised.terms.cooling_off + 50 * DAY)
    with raises("NotDue"):
        raised.close()
    halt(ground, False)
    with raises("NotDue"):
        raised.close()
    raised.end()
    raised.close()
    assert raised.totals().phase == CLOSING
    assert node.now() > raised.terms.closes_at + raised.terms.cooling_off + 50 * DAY


# --- cancelled and stopped ---


def test_cancel__by_anybody_but_admin_and_platform__refused(raised: Raise) -> None:
    ground = raised.ground
    for actor in (ground.stranger, ground.regulator, ground.registrar, ground.stopper, ground.custodian):
        with raises("NotAuthorised", actor, 4):
            raised.cancel(by=actor)


def test_stop__by_anybody_but_the_regulator__refused(raised: Raise) -> None:
    ground = raised.ground
    for actor in (ground.stranger, ground.platform, ground.issuer, ground.governor):
        with raises("NotAuthorised", actor, 2):
            raised.offering.act("stop", header(), by=actor)


@pytest.mark.parametrize("who", ["admin", "platform", "regulator"])
@pytest.mark.parametrize("phase", ["open", "closing", "cut"])
def test_end__before_anything_is_allotted__failed_and_the_shares_are_free(ground: Ground, who: str, phase: str) -> None:
    book = {ERIN: 4_000 * PRICE, FRANK: 4_000 * PRICE}
    raised = opened(ground, method=PRO_RATA)
    for party, amount in book.items():
        raised.subscribe(party, amount)
    if phase != "open":
        raised.end()
        raised.close()
    if phase == "cut":
        raised.verify_cut(sorted(book), 0)
    events = raised.stop() if who == "regulator" else raised.cancel(ground.issuer if who == "admin" else None)
    assert [e.name for e in events] == ["ActRecorded", "OfferingPhaseChanged", "SharesReserved"]
    assert events[0].values["kind"] == (46 if who == "regulator" else 45)
    raised.refund(*(wallet_of(party) for party in book))
    assert [money(ground, wallet_of(party)) for party in book] == [MONEY, MONEY]
    with raises("OfferingPhaseForbids", FAILED):
        raised.cancel()
    with raises("OfferingPhaseForbids", FAILED):
        raised.stop()


def test_end__once_a_page_is_allotted_or_settled__refused_for_good(ground: Ground) -> None:
    raised = closing(ground)
    raised.allot(wallet_of(ERIN))
    for act in (raised.cancel, raised.stop):
        with raises("OfferingPhaseForbids", CLOSING):
            act()
    raised.overrun()
    with raises("OfferingPhaseForbids", CLOSING):
        raised.fail()
    raised.allot(wallet_of(FRANK), ground.book(HEIDI))
    for act in (raised.cancel, raised.stop, raised.fail):
        with raises("OfferingPhaseForbids", SETTLED):
            act()


def test_end__after_only_a_frozen_one_was_parked__refused(ground: Ground) -> None:
    raised = closing(ground)
    ground.freeze(ERIN)
    raised.allot(wallet_of(ERIN))
    with raises("OfferingPhaseForbids", CLOSING):
        raised.stop()


# --- overdue ---


def test_fail__before_the_time_for_settling_is_over__refused_in_the_last_second(ground: Ground) -> None:
    raised = closing(ground)
    due = raised.terms.closes_at + raised.terms.cooling_off + raised.terms.settle_within
    next_at(ground, due)
    with raises("NotDue", due, due + 1):
        raised.fail()
    next_at(ground, due + 1)
    events = raised.fail()
    assert [e.name for e in events] == ["OfferingPhaseChanged", "SharesReserved"]
    raised.refund(*(raised.home(party) for party in USUAL_BOOK))
    assert raised.totals().live == 0


@pytest.mark.parametrize("phase", [DRAFT, 2, FAILED])
def test_fail__not_closing__refused(drafted: Raise, phase: int) -> None:
    if phase != DRAFT:
        drafted.admit()
        drafted.open()
    if phase == FAILED:
        drafted.stop()
    drafted.overrun()
    with raises("OfferingPhaseForbids", phase):
        drafted.fail()


def test_fail__cut_never_verified__everybody_gets_the_whole_back(ground: Ground) -> None:
    book = {ERIN: 4_000 * PRICE, FRANK: 4_000 * PRICE}
    raised = closing(ground, method=PRO_RATA, book=book)
    raised.overrun()
    raised.fail()
    raised.refund(*(wallet_of(party) for party in book))
    assert [money(ground, wallet_of(party)) for party in book] == [MONEY, MONEY]


# --- refunds ---


@pytest.mark.parametrize("prepare", [opened, closing, settled])
def test_refund__before_the_raise_failed__refused(ground: Ground, prepare: Callable[[Ground], Raise]) -> None:
    raised = prepare(ground)
    with raises("OfferingPhaseForbids", raised.totals().phase):
        raised.refund(wallet_of(ERIN))


def test_refund__twice_in_one_page_or_two__refused_and_paid_once(ground: Ground) -> None:
    raised = failed(ground)
    erin, before = wallet_of(ERIN), money(ground, wallet_of(ERIN))
    with raises("SubscriptionUnknown", erin):
        raised.refund(erin, erin)
    with raises("SubscriptionUnknown", erin):
        raised.refund(erin, wallet_of(FRANK), erin)
    assert money(ground, erin) == before
    raised.refund(erin)
    with raises("SubscriptionUnknown", erin):
        raised.refund(erin)
    assert money(ground, erin) == MONEY
    assert raised.totals().refunded == USUAL_BOOK[ERIN]
    assert ground.pending() == 2


def test_refund__foreign_accounts_in_the_page__refused_as_a_whole(ground: Ground) -> None:
    raised = failed(ground)
    second = ground.bind(ERIN, 1)
    for foreign in (STRANGER, wallet_of(GRACE), second, ground.book(ERIN), raised.offering.address, "0x" + "00" * 20):
        with raises("SubscriptionUnknown", foreign):
            raised.refund(wallet_of(FRANK), foreign)
    assert raised.totals().refunded == 0
    assert money(ground, second) == 0


def test_refund__in_pages_by_anybody__each_gets_the_whole_and_nothing_is_left(ground: Ground) -> None:
    raised = failed(ground)
    events = raised.refund(wallet_of(ERIN), ground.book(HEIDI))
    assert [e.name for e in events] == ["SubscriptionRefunded", "Transfer"] * 2
    assert tuple(events[0].values.values()) == (ERIN, wallet_of(ERIN), USUAL_BOOK[ERIN])
    assert (raised.totals().refunded, ground.pending()) == (2_500 * PRICE, 1)
    raised.refund(wallet_of(FRANK))
    totals = raised.totals()
    assert (totals.money_in, totals.refunded, totals.live) == (3_500 * PRICE, 3_500 * PRICE, 0)
    assert money(ground, raised.offering.address) == money(ground, raised.escrow.address) == 0
    for party in USUAL_BOOK:
        assert money(ground, raised.home(party)) == MONEY
        assert (raised.subscription(party).status, use_of(ground, party)) == (REFUNDED, 0)
        assert ground.subscriptions(party) == 0
    assert (ground.seats(), ground.pending()) == (2, 0)
    assert ground.class_word(ground.preferred).issued == 0


def test_refund__wallet_closed_meanwhile__goes_to_the_book_account(ground: Ground) -> None:
    raised = failed(ground)
    ground.close_wallet(wallet_of(ERIN))
    events = raised.refund(wallet_of(ERIN))
    assert tuple(events[0].values.values()) == (ERIN, ground.book(ERIN), USUAL_BOOK[ERIN])
    assert money(ground, ground.book(ERIN)) == USUAL_BOOK[ERIN]
    assert money(ground, wallet_of(ERIN)) == MONEY - USUAL_BOOK[ERIN]


def test_refund__party_frozen_revoked_or_its_money_frozen__paid_all_the_same(ground: Ground) -> None:
    raised = failed(ground)
    ground.freeze(ERIN)
    ground.registry.act("revoke", header(), FRANK, by=ground.kyc_agent)
    ground.token.act("setFrozen", header(), ground.book(HEIDI), True, by=ground.regulator)
    raised.refund(*(raised.home(party) for party in USUAL_BOOK))
    assert [money(ground, raised.home(party)) for party in USUAL_BOOK] == [MONEY] * 3


def test_refund__shares_stopped_company_or_region__paid_all_the_same(ground: Ground) -> None:
    raised = failed(ground)
    halt(ground)
    ground.company.act("stopCompany", header(), True, by=ground.stopper)
    ground.company.act("stopByRegulator", header(), True, by=ground.regulator)
    raised.refund(*(raised.home(party) for party in USUAL_BOOK))
    assert raised.totals().live == 0


def test_refund__register_closed_by_a_successor__paid_all_the_same(ground: Ground) -> None:
    raised = failed(ground)
    heir, _ = found(ground.factory, "深圳新光半导体集团", [COMMON], predecessor=ground.company.address)
    ground.company.act("nameSuccessor", header(), heir.address, by=ground.issuer)
    raised.refund(*(raised.home(party) for party in USUAL_BOOK))
    assert raised.totals().live == 0


def test_refund__money_stopped__waits_and_comes_later(ground: Ground) -> None:
    raised = failed(ground)
    ground.token.act("setStopped", header(), True, by=ground.custodian)
    with raises("MoneyIsStopped"):
        raised.refund(wallet_of(ERIN))
    ground.token.act("setStopped", header(), False, by=ground.custodian)
    raised.refund(wallet_of(ERIN))


def test_refund__of_one_raise__takes_nothing_from_another(ground: Ground) -> None:
    first, second = opened(ground), opened(ground)
    for raised in (first, second):
        raised.subscribe(ERIN, AMOUNT)
    mint(ground, (wallet_of(FRANK), 1))
    first.stop()
    first.refund(wallet_of(ERIN))
    with raises("OfferingPhaseForbids", 2):
        second.refund(wallet_of(ERIN))
    assert (money(ground, first.offering.address), money(ground, second.offering.address)) == (0, AMOUNT)
    assert (ground.pending(), use_of(ground, ERIN)) == (1, AMOUNT)
