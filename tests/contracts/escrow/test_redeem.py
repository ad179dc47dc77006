"""Redemption: each lot gets its part of what was missed, against its shares; never more (ES-7, ES-8, ES-15)."""

from __future__ import annotations

import pytest

from registry.domain.raise_words import Purse
from registry.domain.rules import ActKind, Basis, Rule
from tests.contracts.support import node
from tests.contracts.support.attesting import attest_all
from tests.contracts.support.expect import raises, refused
from tests.contracts.support.ground import ALICE, Ground, header, wallet_of
from tests.contracts.support.milestones import (
    PROCEEDS,
    fail,
    miss,
    names,
    pass_deadline,
    reach,
    redeem,
    scheduled,
)
from tests.contracts.support.raising import (
    ERIN,
    FRANK,
    GRACE,
    HEIDI,
    MONEY,
    PARKED,
    PRICE,
    SETTLED,
    Raise,
    closing,
    draft,
    money,
)

ERINS, FRANKS, HEIDIS = 1_950_000, 975_000, 487_500
"""[fen] All that each gets back when nothing was released: 97.5 % of what it paid."""


@pytest.fixture
def failed(done: Raise) -> Raise:
    """Nothing was reached; all the proceeds are redeemable."""
    fail(done)
    return done


def accounts(done: Raise) -> list[str]:
    return [done.home(party) for party in (ERIN, FRANK, HEIDI)]


def shares(done: Raise, account: str) -> int:
    return done.ground.balance(done.ground.preferred, account)


def got_back(done: Raise, account: str, paid: int = 0) -> int:
    """[fen] More than what was left after paying for the lot."""
    return money(done.ground, account) - (MONEY - paid)


# --- refusals ---


def test_redeem__of_somebody_who_did_not_subscribe__refused(failed: Raise) -> None:
    """ES-7: whoever is named with it; nothing of the page is paid."""
    ground = failed.ground
    before = failed.purse()
    for stranger in (wallet_of(ALICE), wallet_of(GRACE), ground.book(GRACE), ground.stranger):
        with raises("SubscriptionUnknown", stranger):
            redeem(failed, wallet_of(ERIN), stranger)
    assert failed.purse() == before


def test_redeem__from_another_wallet_of_the_party__pays_for_what_stands_there(failed: Raise) -> None:
    """ES-7: and not more than its part, from however many accounts; a company's stop does not delay it (ES-15)."""
    ground, wallet = failed.ground, wallet_of(ERIN)
    second = ground.bind(ERIN, 1)
    ground.give(ground.preferred, wallet, second, 1_000)
    ground.company.act("stopCompany", header(), True, by=ground.stopper)
    assert redeem(failed, second) != []
    assert redeem(failed, second) == []
    redeem(failed, wallet)
    assert failed.subscription(ERIN).redeemed == ERINS


def test_redeem__while_money_is_stopped__refused(failed: Raise) -> None:
    """ES-7: nothing has changed, and it is done later."""
    ground = failed.ground
    ground.token.act("setStopped", header(), True, by=ground.regulator)
    before = failed.purse(), failed.subscription(ERIN), shares(failed, wallet_of(ERIN))
    with raises("MoneyIsStopped"):
        redeem(failed, wallet_of(ERIN))
    assert before == (failed.purse(), failed.subscription(ERIN), shares(failed, wallet_of(ERIN)))
    ground.token.act("setStopped", header(), False, by=ground.regulator)
    redeem(failed, wallet_of(ERIN))


def test_redeem__while_the_regulator_has_stopped_the_company__refused(failed: Raise) -> None:
    """ES-15"""
    ground = failed.ground
    ground.company.act("stopByRegulator", header(), True, by=ground.regulator)
    with refused(Rule.REGULATOR_STOP):
        redeem(failed, wallet_of(ERIN))
    ground.company.act("stopByRegulator", header(), False, by=ground.regulator)
    redeem(failed, wallet_of(ERIN))


def test_redeem__an_account_twice_that_holds_less_than_its_part__refused(failed: Raise) -> None:
    """ES-7: the same shares do not end twice; the page is refused, not paid twice."""
    ground, wallet = failed.ground, wallet_of(ERIN)
    ground.give(ground.preferred, wallet, wallet_of(GRACE), 1_600)
    with refused(Rule.BALANCE):
        redeem(failed, wallet, wallet)
    assert failed.purse().redeemed == 0
    redeem(failed, wallet)
    assert got_back(failed, wallet, 2_000_000) == ERINS * 400 // 1_950


# --- nothing to pay ---


def test_redeem__before_anything_was_missed__pays_nothing(done: Raise) -> None:
    """ES-7: no event, no act on the class."""
    assert redeem(done, *accounts(done)) == []
    reach(done)
    assert redeem(done, *accounts(done)) == []
    assert redeem(done) == []


def test_redeem__again__pays_nothing_more(failed: Raise) -> None:
    """ES-7: nobody gets back more than its part, however often and by whichever account it is named."""
    redeem(failed, *accounts(failed))
    before = failed.purse()
    assert redeem(failed, *accounts(failed)) == []
    assert redeem(failed, *(failed.ground.book(party) for party in (ERIN, FRANK))) == []
    assert failed.purse() == before


@pytest.mark.parametrize("times", [2, 5])
def test_redeem__an_account_several_times_in_a_page__pays_once(failed: Raise, times: int) -> None:
    """ES-7"""
    wallet = wallet_of(ERIN)
    redeem(failed, *[wallet] * times)
    assert got_back(failed, wallet, 2_000_000) == ERINS
    assert (shares(failed, wallet), failed.purse().redeemed) == (50, ERINS)


def test_redeem__of_a_frozen_party__passed_over_until_it_is_released(failed: Raise) -> None:
    """ES-7: the others of the page are paid."""
    ground = failed.ground
    ground.freeze(ERIN)
    redeem(failed, *accounts(failed))
    assert got_back(failed, wallet_of(ERIN), 2_000_000) == 0
    assert failed.purse().redeemed == FRANKS + HEIDIS
    ground.freeze(ERIN, False)
    redeem(failed, wallet_of(ERIN))
    assert failed.purse() == Purse(PROCEEDS, redeemable=PROCEEDS, redeemed=PROCEEDS)


def test_redeem__after_the_lot_was_sold__pays_nothing_until_shares_are_back(failed: Raise) -> None:
    """ES-7: money only against shares; a part for a part."""
    ground, wallet, buyer = failed.ground, wallet_of(ERIN), wallet_of(GRACE)
    ground.give(ground.preferred, wallet, buyer, 2_000)
    assert redeem(failed, wallet) == []
    assert failed.purse().redeemed == 0
    ground.give(ground.preferred, buyer, wallet, 975)
    redeem(failed, wallet)
    assert (got_back(failed, wallet, 2_000_000), shares(failed, wallet)) == (ERINS // 2, 0)
    ground.give(ground.preferred, buyer, wallet, 1_025)
    redeem(failed, wallet)
    assert (got_back(failed, wallet, 2_000_000), shares(failed, wallet)) == (ERINS, 50)


# --- success ---


def test_redeem__a_page__pays_each_its_part_against_its_shares(failed: Raise) -> None:
    """ES-7: rounded down to the fen and to the share; lots first, then their shares, then the money."""
    ground = failed.ground
    issued = ground.class_word(ground.preferred).issued
    events = redeem(failed, *accounts(failed))
    assert names(events) == [
        *["LotRedeemed"] * 3,
        "ActRecorded",
        *["Transfer", "EntryRecorded"] * 3,
        *["Redeemed", "Transfer"] * 3,
    ]
    assert [tuple(e.values.values()) for e in events[:3]] == [
        (ERIN, wallet_of(ERIN), ERINS, 1_950),
        (FRANK, wallet_of(FRANK), FRANKS, 975),
        (HEIDI, ground.book(HEIDI), HEIDIS, 487),
    ]
    act = events[3].values
    assert (act["kind"], act["basis"], act["actor"]) == (
        *(ActKind.REDEMPTION, Basis.SUBSCRIPTION),
        failed.offering.address,
    )
    assert act["document"] == failed.terms.memorandum
    paid = [tuple(e.values.values()) for e in events if e.name == "Redeemed"]
    assert paid == [(wallet_of(ERIN), ERINS), (wallet_of(FRANK), FRANKS), (ground.book(HEIDI), HEIDIS)]
    assert [shares(failed, account) for account in accounts(failed)] == [50, 25, 13]
    assert issued - ground.class_word(ground.preferred).issued == 1_950 + 975 + 487
    assert failed.purse() == Purse(PROCEEDS, redeemable=PROCEEDS, redeemed=ERINS + FRANKS + HEIDIS)
    assert money(ground, failed.escrow.address) == 0
    assert failed.subscription(HEIDI).redeemed == HEIDIS


def test_redeem__after_one_tranche_was_released__the_rest_only(done: Raise) -> None:
    """ES-7: 60 % of the proceeds were missed."""
    reach(done)
    fail(done, 1)
    redeem(done, *accounts(done))
    assert got_back(done, wallet_of(ERIN), 2_000_000) == 2_000_000 * 2_047_500 // 3_500_000 == 1_170_000
    assert [shares(done, account) for account in accounts(done)] == [830, 415, 208]
    assert done.purse() == Purse(PROCEEDS, released=1_365_000, redeemable=2_047_500, redeemed=2_047_500)
    assert money(done.ground, done.escrow.address) == 0


def test_redeem__as_more_is_missed__only_what_is_new(done: Raise) -> None:
    """ES-7: the second tranche had a quorum when the first was missed, and lost it."""
    ground = done.ground
    pass_deadline(done)
    attest_all(ground, done.escrow, 1)
    miss(done)
    redeem(done, *accounts(done))
    assert got_back(done, wallet_of(ERIN), 2_000_000) == 780_000
    ground.board.act("retract", done.escrow.address, 1, by=wallet_of(911))
    fail(done, 1)
    redeem(done, *accounts(done))
    assert got_back(done, wallet_of(ERIN), 2_000_000) == ERINS
    assert done.purse().redeemed == PROCEEDS
    assert [shares(done, account) for account in accounts(done)] == [50, 25, 13]


def test_redeem__odd_amounts__never_pays_more_than_there_is(ground: Ground) -> None:
    """ES-7: every part is rounded down; what rounding leaves stays in the escrow."""
    book = {ERIN: 333 * PRICE, FRANK: 777 * PRICE, HEIDI: 111 * PRICE}
    done = scheduled(ground, {"value": 3_333}, {"value": 6_667}, book=book)
    reach(done)
    fail(done, 1)
    redeem(done, *accounts(done))
    purse, missed = done.purse(), done.tranches()[1].value
    parts = [amount * missed // 1_221_000 for amount in book.values()]
    assert purse.redeemed == sum(parts) < purse.redeemable == missed
    assert money(ground, done.escrow.address) == purse.held == missed - sum(parts) < len(book)


def test_redeem__out_of_wallet_and_book_account_in_one_page__the_part_once(failed: Raise) -> None:
    """ES-7: each account gives the shares it has, the party gets one part."""
    ground, wallet, book = failed.ground, wallet_of(ERIN), failed.ground.book(ERIN)
    ground.give(ground.preferred, wallet, book, 1_500)
    redeem(failed, wallet, book)
    first = ERINS * 500 // 1_950
    assert (got_back(failed, wallet, 2_000_000), money(ground, book)) == (first, ERINS - first)
    assert (shares(failed, wallet), shares(failed, book)) == (0, 50)
    assert redeem(failed, book, wallet) == []
    assert failed.purse().redeemed == ERINS


def test_redeem__out_of_a_wallet_that_was_closed__into_the_book_account(failed: Raise) -> None:
    """ES-8: shares end where they are, the money goes where its owner can reach it."""
    ground, wallet = failed.ground, wallet_of(ERIN)
    ground.close_wallet(wallet)
    redeem(failed, wallet)
    assert (shares(failed, wallet), money(ground, ground.book(ERIN))) == (50, ERINS)
    assert got_back(failed, wallet, 2_000_000) == 0


def test_redeem__of_who_no_longer_qualifies__paid_all_the_same(failed: Raise) -> None:
    """ES-7: lapsed standing stops receiving shares, never money coming back."""
    ground = failed.ground
    ground.registry.act("revoke", header(), ERIN, by=ground.kyc_agent)
    redeem(failed, wallet_of(ERIN))
    assert got_back(failed, wallet_of(ERIN), 2_000_000) == ERINS


def test_redeem__of_shares_that_are_locked_up__paid_all_the_same(ground: Ground) -> None:
    """ES-7: a lock-up keeps shares from being sold, not from being given back."""
    done = scheduled(ground, {}, lock_day=node.TODAY + 900)
    fail(done)
    with refused(Rule.LOCKED):
        ground.give(ground.preferred, wallet_of(ERIN), wallet_of(FRANK), 1)
    redeem(done, wallet_of(ERIN))
    assert got_back(done, wallet_of(ERIN), 2_000_000) == ERINS


@pytest.mark.parametrize("stop", ["class", "company"])
def test_redeem__whatever_the_company_itself_stops__paid_all_the_same(failed: Raise, stop: str) -> None:
    """ES-15: the issuer cannot keep its subscribers from their money."""
    ground = failed.ground
    if stop == "class":
        ground.company.act("stopClass", header(), ground.preferred.address, True, by=ground.stopper)
    else:
        ground.company.act("stopCompany", header(), True, by=ground.stopper)
    redeem(failed, *accounts(failed))
    assert failed.purse().redeemed == ERINS + FRANKS + HEIDIS


# --- parked lots ---


def test_redeem__of_a_parked_lot__waits_for_the_allotment(ground: Ground) -> None:
    """ES-7: who was frozen at the closing gets its shares first, then its part; nobody gets it instead."""
    raised = closing(ground)
    ground.freeze(FRANK)
    raised.allot(*accounts(raised))
    assert (raised.totals().phase, raised.subscription(FRANK).status) == (SETTLED, PARKED)
    fail(raised)
    redeem(raised, *accounts(raised))
    ground.freeze(FRANK, False)
    assert redeem(raised, wallet_of(FRANK)) == []
    assert raised.purse().redeemed == ERINS + HEIDIS
    raised.allot(wallet_of(FRANK))
    redeem(raised, wallet_of(FRANK))
    assert (got_back(raised, wallet_of(FRANK), 1_000_000), shares(raised, wallet_of(FRANK))) == (FRANKS, 25)
    assert raised.purse().redeemed == PROCEEDS


def test_redeem__before_the_raise_is_settled__pays_nothing(raised: Raise) -> None:
    """ES-7: a subscription is no lot yet."""
    raised.subscribe(ERIN, 1_000 * PRICE)
    assert redeem(raised, wallet_of(ERIN)) == []
    with raises("SubscriptionUnknown", wallet_of(FRANK)):
        redeem(raised, wallet_of(FRANK))


# --- two raises of one class ---


def test_redeem__beside_another_raise_of_the_class__only_its_own_lots(failed: Raise) -> None:
    """ES-7: the shares are of one class, the money is each raise's own."""
    ground = failed.ground
    other = draft(ground)
    with raises("SubscriptionUnknown", wallet_of(ERIN)):
        redeem(other, wallet_of(ERIN))
    redeem(failed, wallet_of(ERIN))
    assert other.purse() == Purse()


def test_money__of_the_raise__always_adds_up(done: Raise) -> None:
    """ES-3, ES-7: in = held + released + fee + refunded + redeemed, at each step; the escrow holds what it says."""
    ground = done.ground

    def adds_up() -> bool:
        purse, totals = done.purse(), done.totals()
        fee = 3_500_000 - PROCEEDS
        held = purse.proceeds - purse.released - purse.redeemed
        return (
            totals.money_in == held + purse.released + fee + totals.refunded + purse.redeemed
            and money(ground, done.escrow.address) == held
            and purse.redeemed <= purse.redeemable
        )

    assert adds_up()
    reach(done)
    assert adds_up()
    pass_deadline(done, 1)
    assert adds_up()
    miss(done, 1)
    assert adds_up()
    for account in accounts(done):
        redeem(done, account)
        assert adds_up()


def test_escrow__money_sent_to_it_by_anybody__changes_nothing(failed: Raise) -> None:
    """ES-3: what is owed is counted, not weighed by the balance."""
    ground = failed.ground
    ground.token.act("transfer", failed.escrow.address, 12_345, by=wallet_of(GRACE))
    redeem(failed, *accounts(failed))
    assert failed.purse().redeemed == PROCEEDS
    assert money(ground, failed.escrow.address) == 12_345
