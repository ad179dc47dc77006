"""Success: shares are allotted in pages, the fee is taken, the rest goes into the escrow, to the fen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.domain.ids import Day
from registry.domain.rules import Rule
from tests.contracts.support.contracts import STRANGER
from tests.contracts.support.expect import raises, refused
from tests.contracts.support.ground import (
    EMPLOYEE,
    Ground,
    header,
    person,
    wallet_of,
)
from tests.contracts.support.node import TODAY
from tests.contracts.support.raising import (
    ALLOTTED,
    CLOSING,
    ERIN,
    FRANK,
    GRACE,
    HEIDI,
    PLATFORM,
    PRICE,
    SETTLED,
    USUAL_BOOK,
    Raise,
    closing,
    draft,
    mint,
    money,
    opened,
    raw,
    settled,
    use_of,
)


def everybody(raised: Raise) -> list[str]:
    return [raised.home(party) for party in USUAL_BOOK]


def shares(ground: Ground, account: str) -> int:
    return ground.balance(ground.preferred, account)


# --- refusals ---


@pytest.mark.parametrize("phase", ["draft", "open", "failed"])
def test_allot__not_closing__refused(ground: Ground, phase: str) -> None:
    raised = draft(ground) if phase == "draft" else opened(ground)
    if phase == "failed":
        raised.stop()
    with raises("OfferingPhaseForbids", raised.totals().phase):
        raised.allot(wallet_of(ERIN))


def test_allot__same_account_twice_in_a_page_or_later__refused_and_allotted_once(ground: Ground) -> None:
    raised = closing(ground)
    erin = wallet_of(ERIN)
    with raises("SubscriptionUnknown", erin):
        raised.allot(erin, erin)
    with raises("SubscriptionUnknown", erin):
        raised.allot(erin, wallet_of(FRANK), erin)
    assert (raised.totals().handled, shares(ground, erin)) == (0, 0)
    raised.allot(erin)
    with raises("SubscriptionUnknown", erin):
        raised.allot(erin)
    with raises("SubscriptionUnknown", erin):
        raised.allot(wallet_of(FRANK), erin)
    raised.allot(wallet_of(FRANK), ground.book(HEIDI))
    for account in everybody(raised):
        with raises("SubscriptionUnknown", account):
            raised.allot(account)
    assert ground.class_word(ground.preferred).issued == 3_500


def test_allot__foreign_accounts_in_the_page__refused_as_a_whole(ground: Ground) -> None:
    raised = closing(ground)
    second = ground.bind(ERIN, 1)
    foreign = (STRANGER, wallet_of(GRACE), second, ground.book(ERIN), raised.offering.address, "0x" + "00" * 20)
    for account in foreign:
        with raises("SubscriptionUnknown", account):
            raised.allot(wallet_of(FRANK), account)
    assert raised.totals().handled == 0


def test_allot__one_who_withdrew__refused_and_the_others_are_all(ground: Ground) -> None:
    raised = opened(ground)
    raised.subscribe(GRACE, 100 * PRICE)
    raised.withdraw(GRACE)
    raised.subscribe(ERIN, 1_000 * PRICE)
    raised.end()
    raised.close()
    with raises("SubscriptionUnknown", wallet_of(GRACE)):
        raised.allot(wallet_of(ERIN), wallet_of(GRACE))
    raised.allot(wallet_of(ERIN))
    assert raised.totals().phase == SETTLED


def test_allot__empty_page__changes_nothing(ground: Ground) -> None:
    raised = closing(ground)
    before = raised.totals()
    assert raised.allot() == []
    assert raised.totals() == before
    raised.allot(*everybody(raised))
    assert raised.allot() == []


def test_allot__after_the_raise_failed__refused(ground: Ground) -> None:
    raised = closing(ground)
    raised.overrun()
    raised.fail()
    with raises("OfferingPhaseForbids", 5):
        raised.allot(wallet_of(ERIN))
    raised.refund(wallet_of(ERIN))
    with raises("OfferingPhaseForbids", 5):
        raised.allot(wallet_of(ERIN))
    assert shares(ground, wallet_of(ERIN)) == 0


def test_refund__of_what_is_allotted__refused(ground: Ground) -> None:
    raised = closing(ground)
    raised.allot(wallet_of(ERIN))
    with raises("OfferingPhaseForbids", CLOSING):
        raised.refund(wallet_of(ERIN))
    raised.allot(wallet_of(FRANK), ground.book(HEIDI))
    with raises("OfferingPhaseForbids", SETTLED):
        raised.refund(wallet_of(ERIN))


def test_allot__shares_stopped_by_the_regulator__refused_ST1_until_it_ends(ground: Ground) -> None:
    raised = closing(ground)
    ground.company.act("stopByRegulator", header(), True, by=ground.regulator)
    with refused(Rule.REGULATOR_STOP):
        raised.allot(*everybody(raised))
    ground.company.act("stopByRegulator", header(), False, by=ground.regulator)
    raised.allot(*everybody(raised))


def test_allot__shares_stopped_by_the_company__is_owed_all_the_same(ground: Ground) -> None:
    raised = closing(ground)
    ground.company.act("stopCompany", header(), True, by=ground.stopper)
    ground.company.act("stopClass", header(), ground.preferred.address, True, by=ground.stopper)
    raised.allot(*everybody(raised))
    assert raised.totals().phase == SETTLED


# --- pages ---


def test_allot__first_page__shares_events_and_seats_in_their_order(ground: Ground) -> None:
    raised = closing(ground, lock_day=Day(TODAY + 400))
    erin, book = wallet_of(ERIN), ground.book(HEIDI)
    events = raised.allot(erin, book)
    names = [event.name for event in events]
    assert names[:2] == ["SubscriptionAllotted", "SubscriptionAllotted"]
    assert names[2:] == ["ActRecorded", "ConsiderationStated", "SharesReserved"] + ["Transfer", "EntryRecorded"] * 2
    assert tuple(events[0].values.values()) == (ERIN, erin, 2_000 * PRICE, 2_000, 0)
    act = events[2].values
    assert (act["actor"], act["kind"], act["basis"]) == (raised.offering.address, 49, 6)
    assert act["document"] == raised.terms.memorandum
    # Ten yuan for a whole share, in 10^-10 yuan.
    assert tuple(events[3].values.values()) == (1, 156, 10 * 10**10)
    assert events[4].values == {"reserved": 2_500}
    held = ground.holding(ground.preferred, erin)
    assert (held.balance, held.lock_day, ground.holding(ground.preferred, book).balance) == (2_000, TODAY + 400, 500)
    assert (raised.totals().phase, raised.totals().handled) == (CLOSING, 2)
    assert money(ground, raised.offering.address) == 3_500 * PRICE
    assert raised.purse().proceeds == 0


def test_allot__last_page__settles_fee_and_proceeds_to_the_fen(ground: Ground) -> None:
    raised = closing(ground)
    raised.allot(wallet_of(ERIN), ground.book(HEIDI))
    events = raised.allot(wallet_of(FRANK))
    told = next(e.values for e in events if e.name == "RaiseSettled")
    assert told == {"raised": 3_500_000, "fee": 87_500, "proceeds": 3_412_500}
    assert money(ground, wallet_of(PLATFORM)) == 87_500
    assert money(ground, raised.escrow.address) == 3_412_500
    assert money(ground, raised.offering.address) == 0
    assert raised.purse().proceeds == 3_412_500
    assert [t.value for t in raised.tranches()] == [1_365_000, 2_047_500]
    assert [t.state for t in raised.tranches()] == [1, 1]
    names = [event.name for event in events]
    assert names.index("EntryRecorded") < names.index("OfferingPhaseChanged") < names.index("EscrowFunded")
    assert names.count("CaseOpened") == 2
    assert (ground.seats(), ground.pending()) == (5, 0)
    for party, amount in USUAL_BOOK.items():
        kept = raised.subscription(party)
        assert (kept.amount, kept.status, use_of(ground, party)) == (amount, ALLOTTED, amount)


@pytest.mark.parametrize(
    ("fee_bps", "price", "fee"),
    [(0, PRICE, 0), (1, PRICE, 350), (9_999, PRICE, 3_499_650), (333, 7, 815), (250, 7, 612)],
)
def test_settle__fee__rounded_down_and_the_rest_is_the_escrows(
    ground: Ground, fee_bps: int, price: int, fee: int
) -> None:
    book = {party: amount // PRICE * price for party, amount in USUAL_BOOK.items()}
    limits = {"minimum": price, "maximum": 5_000 * price, "investor_minimum": price}
    raised = settled(ground, book=book, price=price, fee_bps=fee_bps, **limits)
    total = sum(book.values())
    assert money(ground, wallet_of(PLATFORM)) == fee == total * fee_bps // 10_000
    assert raised.purse().proceeds == money(ground, raised.escrow.address) == total - fee


def test_settle__fee_recipients_wallet_closed__the_fee_goes_to_its_book_account(ground: Ground) -> None:
    raised = closing(ground)
    ground.close_wallet(wallet_of(PLATFORM))
    raised.allot(*everybody(raised))
    assert (money(ground, wallet_of(PLATFORM)), money(ground, ground.book(PLATFORM))) == (0, 87_500)


def test_settle__after_the_time_for_settling__still_passes_if_nobody_let_it_fail(ground: Ground) -> None:
    raised = closing(ground)
    raised.overrun()
    raised.allot(*everybody(raised))
    assert raised.totals().phase == SETTLED


def test_settle__shares_with_decimals__consideration_is_for_a_whole_share(ground: Ground) -> None:
    ground.company.act("createClass", header(), ("分股", "XGBD-D", 10_000_000, 2, 0b11000), by=ground.issuer)
    fine = ground.company.read("classes")[-1]
    raised = closing(ground, share_class=raw(fine), price=10, book={ERIN: 1_000_000})
    events = raised.allot(wallet_of(ERIN))
    stated = next(e.values for e in events if e.name == "ConsiderationStated")
    assert stated["price"] == 10 * 100 * 10**8
    assert next(e.values for e in events if e.name == "SubscriptionAllotted")["shares"] == 100_000


def test_settle__money_stopped__waits(ground: Ground) -> None:
    raised = closing(ground)
    ground.token.act("setStopped", header(), True, by=ground.custodian)
    raised.allot(wallet_of(ERIN))
    with raises("MoneyIsStopped"):
        raised.allot(wallet_of(FRANK), ground.book(HEIDI))
    ground.token.act("setStopped", header(), False, by=ground.custodian)
    raised.allot(wallet_of(FRANK), ground.book(HEIDI))


def test_settle__issuer_and_founders__have_no_hand_on_the_money(done: Raise) -> None:
    ground = done.ground
    for actor in (ground.issuer, ground.platform, ground.regulator, ground.custodian, ground.stranger):
        for holder in (done.escrow.address, done.offering.address):
            with raises("ERC20InsufficientAllowance"):
                ground.token.act("transferFrom", holder, actor, 1, by=actor)
        with raises("NotAuthorised", actor, 0):
            done.escrow.act("fund", 1, by=actor)


# --- who changed meanwhile ---


def test_allot__standing_lapsed_since__allotted_all_the_same(ground: Ground) -> None:
    """Eligibility was judged when they subscribed."""
    raised = closing(ground)
    ground.registry.act("revoke", header(), ERIN, by=ground.kyc_agent)
    ground.restate(replace(person(FRANK), category=EMPLOYEE, risk_grade=0))
    raised.allot(*everybody(raised))
    assert [shares(ground, account) for account in everybody(raised)] == [2_000, 1_000, 500]


def test_allot__wallet_closed_since__shares_go_to_the_book_account(ground: Ground) -> None:
    raised = closing(ground)
    ground.close_wallet(wallet_of(ERIN))
    events = raised.allot(wallet_of(ERIN))
    told = next(e.values for e in events if e.name == "SubscriptionAllotted")
    assert told["account"] == ground.book(ERIN)
    assert (shares(ground, wallet_of(ERIN)), shares(ground, ground.book(ERIN))) == (0, 2_000)


# --- many ---


def test_allot__a_page_above_200__refused_and_200_pass(ground: Ground) -> None:
    crowd = list(range(30_001, 30_202))
    ground.company.act("setCap", header(), 300, by=ground.regulator)
    for at in range(0, 201, 100):
        page = crowd[at : at + 100]
        ground.onboard(*(person(party, risk_grade=5) for party in page))
        mint(ground, *((ground.book(party), 10 * PRICE) for party in page))
    raised = opened(ground)
    for party in crowd:
        raised.subscribe_for(ground.book(party), 10 * PRICE)
    raised.end()
    raised.close()
    accounts = [ground.book(party) for party in crowd]
    with raises("TooManyEntries", 201, 200):
        raised.allot(*accounts)
    raised.allot(*accounts[:100])
    raised.allot(*accounts[100:])
    assert raised.totals().phase == SETTLED
    assert (ground.seats(), ground.pending()) == (203, 0)
    assert ground.class_word(ground.preferred).issued == 2_010


def test_raise__second_of_the_same_class__settles_beside_shares_that_are_there(ground: Ground) -> None:
    settled(ground)
    again = settled(ground, book={ERIN: 500 * PRICE, GRACE: 600 * PRICE})
    assert shares(ground, wallet_of(ERIN)) == 2_500
    assert again.subscription(ERIN).amount == 500 * PRICE
    assert (ground.seats(), ground.pending()) == (6, 0)
    assert again.totals().phase == SETTLED
    ground.give(ground.preferred, wallet_of(ERIN), wallet_of(GRACE), 2_500)
    assert shares(ground, wallet_of(GRACE)) == 3_100
