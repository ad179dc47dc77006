"""Which missed money lapses when claims are over, and where it goes (ES-7, ES-8, ES-18)."""

from __future__ import annotations

import pytest

from registry.domain.raise_words import Purse
from tests.contracts.support import node
from tests.contracts.support.contracts import Event
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import ALICE, Ground, header, wallet_of
from tests.contracts.support.milestones import (
    PROCEEDS,
    fail,
    lapse,
    names,
    pass_claims,
    reach,
    redeem,
    scheduled,
)
from tests.contracts.support.raising import (
    ERIN,
    FRANK,
    GRACE,
    HEIDI,
    ISSUER,
    IVAN,
    MONEY,
    PARKED,
    PRICE,
    Raise,
    closing,
    escrow_terms,
    money,
    raw,
)
from tests.contracts.support.storage import encumber

ERINS, FRANKS, HEIDIS = 1_950_000, 975_000, 487_500
"""[fen] All that was missed, lot by lot; as many yuan worth of shares, at 1 000 fen each, are due for it."""


@pytest.fixture
def missed(done: Raise) -> Raise:
    """Nothing was reached: Erin's 2 000 shares, Frank's 1 000, Heidi's 500 are owed all the proceeds."""
    fail(done)
    return done


def accounts(done: Raise) -> list[str]:
    return [done.home(party) for party in (ERIN, FRANK, HEIDI)]


def give(done: Raise, giver: str, taker: str, shares: int) -> None:
    done.ground.give(done.ground.preferred, giver, taker, shares)


def held(done: Raise, account: str) -> int:
    return done.ground.balance(done.ground.preferred, account)


def lost(done: Raise) -> int:
    """[fen] What the issuer has: nothing was released in these raises."""
    return money(done.ground, wallet_of(ISSUER))


def after_claims(done: Raise, *asked: str) -> list[Event]:
    pass_claims(done)
    return lapse(done, *asked)


# --- refusals ---


def test_lapse__of_who_never_subscribed__refused(missed: Raise) -> None:
    """ES-18: whoever is named with it; nothing of the page lapses."""
    ground = missed.ground
    give(missed, wallet_of(ERIN), wallet_of(GRACE), 2_000)
    pass_claims(missed)
    before = missed.purse()
    for stranger in (wallet_of(ALICE), wallet_of(GRACE), ground.book(GRACE), ground.stranger):
        with raises("SubscriptionUnknown", stranger):
            lapse(missed, wallet_of(ERIN), stranger)
    assert (missed.purse(), lost(missed)) == (before, 0)


def test_lapse__of_a_wallets_lot_by_another_account_of_its_party__refused(missed: Raise) -> None:
    """ES-18: an empty book account says nothing about a lot whose shares are in the wallet, nor does another wallet."""
    ground = missed.ground
    second = ground.bind(ERIN, 1)
    pass_claims(missed)
    for other in (ground.book(ERIN), second):
        with raises("SubscriptionUnknown", other):
            lapse(missed, other)
    assert missed.purse().redeemed == 0


def test_lapse__while_money_is_stopped__refused_and_done_later(missed: Raise) -> None:
    """ES-18"""
    ground, wallet = missed.ground, wallet_of(ERIN)
    give(missed, wallet, wallet_of(GRACE), 2_000)
    pass_claims(missed)
    before = missed.purse(), missed.subscription(ERIN)
    ground.token.act("setStopped", header(), True, by=ground.custodian)
    with raises("MoneyIsStopped"):
        lapse(missed, wallet)
    assert before == (missed.purse(), missed.subscription(ERIN))
    ground.token.act("setStopped", header(), False, by=ground.custodian)
    lapse(missed, wallet)
    assert lost(missed) == ERINS


# --- nothing lapses ---


def test_lapse__of_lots_that_are_held__moves_nothing(missed: Raise) -> None:
    """ES-18: no event, whoever asks and how often; it stays redeemable."""
    pass_claims(missed)
    before = missed.purse(), [missed.subscription(party) for party in (ERIN, FRANK, HEIDI)]
    for _ in range(3):
        assert lapse(missed, *accounts(missed), *accounts(missed)) == []
    assert lapse(missed) == []
    assert before == (missed.purse(), [missed.subscription(party) for party in (ERIN, FRANK, HEIDI)])
    redeem(missed, *accounts(missed))
    assert missed.purse() == Purse(PROCEEDS, redeemable=PROCEEDS, redeemed=PROCEEDS)


def test_lapse__of_what_was_redeemed__moves_nothing(missed: Raise) -> None:
    """ES-18: nobody's money goes twice, sold or not what was left of the shares."""
    redeem(missed, *accounts(missed))
    give(missed, wallet_of(ERIN), wallet_of(GRACE), 50)
    assert after_claims(missed, *accounts(missed)) == []
    assert lost(missed) == 0


@pytest.mark.parametrize("moved", [1, 1_000, 2_000])
def test_lapse__of_shares_in_wallet_and_book_account__moves_nothing(missed: Raise, moved: int) -> None:
    """ES-18: both count together."""
    wallet, book = wallet_of(ERIN), missed.ground.book(ERIN)
    give(missed, wallet, book, moved)
    assert after_claims(missed, wallet) == []
    redeem(missed, wallet, book)
    assert missed.purse().redeemed == ERINS


def test_lapse__of_shares_that_are_pledged__waits_for_their_release(missed: Raise) -> None:
    """ES-18: they are held; what is free is redeemed, the rest when the pledge ends."""
    ground, wallet = missed.ground, wallet_of(ERIN)
    encumber(ground.preferred, wallet, 1_500)
    assert after_claims(missed, wallet) == []
    redeem(missed, wallet)
    first = ERINS * 500 // 1_950
    assert missed.purse().redeemed == first
    assert lapse(missed, wallet) == []
    encumber(ground.preferred, wallet, -1_500)
    redeem(missed, wallet)
    assert (missed.purse().redeemed, lost(missed)) == (ERINS, 0)


def test_lapse__of_a_frozen_party__nothing_and_redeemable_once_it_is_released(missed: Raise) -> None:
    """ES-18: an order of the regulator costs nobody its lot."""
    ground, wallet = missed.ground, wallet_of(ERIN)
    ground.freeze(ERIN)
    assert after_claims(missed, wallet) == []
    assert redeem(missed, wallet) == []
    ground.freeze(ERIN, False)
    redeem(missed, wallet)
    assert (missed.purse().redeemed, lost(missed)) == (ERINS, 0)


def test_lapse__of_a_frozen_party_that_had_sold_a_part__only_once_it_is_free(missed: Raise) -> None:
    """ES-18: no time runs against who is frozen. 1 000 of the 1 950 that are due are held."""
    ground, wallet = missed.ground, wallet_of(ERIN)
    give(missed, wallet, wallet_of(GRACE), 1_000)
    ground.freeze(ERIN)
    assert after_claims(missed, wallet) == []
    ground.freeze(ERIN, False)
    lapse(missed, wallet)
    assert lost(missed) == ERINS - 1_000_000
    redeem(missed, wallet)
    assert missed.purse().redeemed == ERINS


def test_lapse__of_a_parked_lot__waits_for_the_allotment(ground: Ground) -> None:
    """ES-13, ES-18: who was frozen at the closing holds nothing yet, and loses nothing."""
    raised = closing(ground)
    ground.freeze(FRANK)
    raised.allot(*accounts(raised))
    fail(raised)
    assert after_claims(raised, *accounts(raised)) == []
    assert raised.subscription(FRANK).status == PARKED
    ground.freeze(FRANK, False)
    assert lapse(raised, wallet_of(FRANK)) == []
    raised.allot(wallet_of(FRANK))
    redeem(raised, wallet_of(FRANK))
    assert money(ground, wallet_of(FRANK)) == MONEY - 1_000_000 + FRANKS


def test_lapse__of_who_no_longer_qualifies_or_whose_wallet_is_closed__moves_nothing(missed: Raise) -> None:
    """ES-8, ES-18: shares are held where they are; the money reaches the book account."""
    ground, wallet = missed.ground, wallet_of(ERIN)
    ground.registry.act("revoke", header(), ERIN, by=ground.kyc_agent)
    ground.close_wallet(wallet)
    assert after_claims(missed, wallet) == []
    redeem(missed, wallet)
    assert money(ground, ground.book(ERIN)) == ERINS


def test_lapse__of_shares_bought_back_in_time__moves_nothing(missed: Raise) -> None:
    """ES-18: at the moment somebody asks, not at the end of claims."""
    wallet, buyer = wallet_of(ERIN), wallet_of(GRACE)
    give(missed, wallet, buyer, 2_000)
    pass_claims(missed)
    node.jump_to(node.now() + 1)
    give(missed, buyer, wallet, 1_950)
    assert lapse(missed, wallet) == []
    redeem(missed, wallet)
    assert (missed.purse().redeemed, held(missed, wallet)) == (ERINS, 0)


# --- what lapses ---


def test_lapse__of_a_lot_that_was_sold__all_of_it_to_the_named_account(missed: Raise) -> None:
    """ES-18: told by the raise, lot by lot, then in one sum by the escrow; nobody's shares end."""
    ground, wallet = missed.ground, wallet_of(ERIN)
    give(missed, wallet, wallet_of(GRACE), 2_000)
    issued = ground.class_word(ground.preferred).issued
    events = after_claims(missed, wallet)
    assert [(event.emitter, event.name) for event in events] == [
        (missed.offering.address, "LotLapsed"),
        (missed.escrow.address, "ClaimsLapsed"),
        (ground.token.address, "Transfer"),
    ]
    assert tuple(events[0].values.values()) == (ERIN, ERINS, 1_950)
    assert tuple(events[1].values.values()) == (wallet_of(ISSUER), ERINS)
    assert lost(missed) == ERINS
    lot = missed.subscription(ERIN)
    assert (lot.redeemed, lot.cancelled, lot.amount) == (ERINS, 1_950, 2_000_000)
    assert missed.purse() == Purse(PROCEEDS, redeemable=PROCEEDS, redeemed=ERINS)
    assert money(ground, missed.escrow.address) == PROCEEDS - ERINS
    assert ground.class_word(ground.preferred).issued == issued
    assert held(missed, wallet_of(GRACE)) == 2_000


def test_lapse__of_a_page__lot_by_lot_and_one_sum(missed: Raise) -> None:
    """ES-18: Erin sold all but 500, Frank nothing, Heidi everything."""
    ground = missed.ground
    give(missed, wallet_of(ERIN), wallet_of(GRACE), 1_500)
    ground.move(ground.preferred, ground.book(HEIDI), wallet_of(GRACE), 500)
    events = after_claims(missed, *accounts(missed))
    assert names(events) == ["LotLapsed", "LotLapsed", "ClaimsLapsed", "Transfer"]
    kept = 500_000
    assert [tuple(event.values.values()) for event in events[:2]] == [
        (ERIN, ERINS - kept, 1_450),
        (HEIDI, HEIDIS, 487),
    ]
    assert lost(missed) == ERINS - kept + HEIDIS
    redeem(missed, *accounts(missed))
    assert missed.purse().redeemed == PROCEEDS
    assert money(ground, wallet_of(ERIN)) == MONEY - 2_000_000 + kept
    assert (held(missed, wallet_of(ERIN)), money(ground, missed.escrow.address)) == (0, 0)


def test_lapse__twice_or_several_times_in_a_page__once(missed: Raise) -> None:
    """ES-18"""
    wallet = wallet_of(ERIN)
    give(missed, wallet, wallet_of(GRACE), 1_500)
    events = after_claims(missed, *[wallet] * 5)
    assert names(events) == ["LotLapsed", "ClaimsLapsed", "Transfer"]
    assert lapse(missed, wallet, wallet) == []
    assert lost(missed) == ERINS - 500_000


def test_lapse__as_more_is_sold_later__that_too_and_no_more(missed: Raise) -> None:
    """ES-18: what was sold, lapsed and is bought back does not come to life again."""
    wallet, buyer = wallet_of(ERIN), wallet_of(GRACE)
    give(missed, wallet, buyer, 1_500)
    after_claims(missed, wallet)
    give(missed, wallet, buyer, 300)
    (told, *_) = lapse(missed, wallet)
    assert tuple(told.values.values()) == (ERIN, 300_000, 300)
    give(missed, buyer, wallet, 1_800)
    assert lapse(missed, wallet) == []
    redeem(missed, wallet)
    assert redeem(missed, wallet) == []
    assert (lost(missed), missed.purse().redeemed) == (ERINS - 200_000, ERINS)
    assert held(missed, wallet) == 1_800


def test_lapse__of_shares_bought_back_too_late__stays_lapsed(missed: Raise) -> None:
    """ES-18"""
    wallet, buyer = wallet_of(ERIN), wallet_of(GRACE)
    give(missed, wallet, buyer, 2_000)
    after_claims(missed, wallet)
    give(missed, buyer, wallet, 2_000)
    assert redeem(missed, wallet) == []
    assert lapse(missed, wallet) == []
    assert (held(missed, wallet), missed.purse().redeemed) == (2_000, ERINS)


def test_lapse__after_a_part_was_redeemed__only_what_is_left_of_the_lot(missed: Raise) -> None:
    """ES-18: 500 of 1 950 were redeemed before the rest was sold."""
    wallet, buyer = wallet_of(ERIN), wallet_of(GRACE)
    give(missed, wallet, buyer, 1_500)
    redeem(missed, wallet)
    (told, *_) = after_claims(missed, wallet)
    assert tuple(told.values.values()) == (ERIN, ERINS - 500_000, 1_450)
    assert missed.purse().redeemed == ERINS
    assert money(missed.ground, wallet) == MONEY - 2_000_000 + 500_000


def test_lapse__after_a_tranche_was_released__of_what_was_missed_alone(done: Raise) -> None:
    """ES-18: 60 % were missed; 1 170 of Erin's shares are due, she holds 585."""
    reach(done)
    fail(done, 1)
    paid = lost(done)
    give(done, wallet_of(ERIN), wallet_of(GRACE), 1_415)
    (told, *_) = after_claims(done, wallet_of(ERIN))
    assert tuple(told.values.values()) == (ERIN, 585_000, 585)
    assert lost(done) == paid + 585_000


# --- where it goes ---


def test_lapse__to_a_wallet_that_was_closed__its_partys_book_account(missed: Raise) -> None:
    """ES-8, ES-18"""
    ground = missed.ground
    give(missed, wallet_of(ERIN), wallet_of(GRACE), 2_000)
    ground.close_wallet(wallet_of(ISSUER))
    _, told, _ = after_claims(missed, wallet_of(ERIN))
    assert tuple(told.values.values()) == (ground.book(ISSUER), ERINS)
    assert (lost(missed), money(ground, ground.book(ISSUER))) == (0, ERINS)


def test_lapse__to_an_account_whose_party_and_money_are_frozen__arrives(missed: Raise) -> None:
    """ES-18: so that nobody is bound any longer; it can be spent when the order ends."""
    ground = missed.ground
    give(missed, wallet_of(ERIN), wallet_of(GRACE), 2_000)
    ground.freeze(ISSUER)
    ground.token.act("setFrozen", header(), wallet_of(ISSUER), True, by=ground.regulator)
    after_claims(missed, wallet_of(ERIN))
    assert lost(missed) == ERINS


def test_lapse__to_another_account_that_the_terms_name__goes_there(ground: Ground) -> None:
    """ES-18"""
    done = scheduled(ground, {}, escrow=escrow_terms(ground, lapse_account=raw(ground.book(IVAN))))
    fail(done)
    give(done, wallet_of(ERIN), wallet_of(GRACE), 2_000)
    after_claims(done, wallet_of(ERIN))
    assert (money(ground, ground.book(IVAN)), lost(done)) == (ERINS, 0)


# --- rounding ---


def test_lapse__of_a_lot_whose_part_is_less_than_a_share__its_fen_all_the_same(ground: Ground) -> None:
    """ES-18: of one share at 1 000 fen 975 fen were missed, and no whole share is due for them."""
    book = {ERIN: 1_000 * PRICE, FRANK: PRICE, HEIDI: PRICE}
    done = scheduled(ground, {}, book=book, investor_minimum=PRICE)
    fail(done)
    ground.give(ground.preferred, wallet_of(FRANK), wallet_of(GRACE), 1)
    (told, *_) = after_claims(done, *accounts(done))
    assert tuple(told.values.values()) == (FRANK, 975, 0)
    redeem(done, *accounts(done))
    assert (money(ground, ground.book(HEIDI)), held(done, ground.book(HEIDI))) == (MONEY - PRICE + 975, 1)
    assert done.purse().redeemed == done.purse().redeemable == 976_950


@pytest.mark.parametrize("sold", [(1, 1, 1), (100, 259, 37), (332, 776, 110), (333, 777, 111), (0, 700, 3)])
def test_lapse__odd_parts__nothing_is_lost_and_nothing_is_paid_twice(ground: Ground, sold: tuple[int, ...]) -> None:
    """ES-18: lapsed and redeemed are what was missed, but for less than a fen a lot; in whichever order."""
    book = {ERIN: 333 * PRICE, FRANK: 777 * PRICE, HEIDI: 111 * PRICE}
    done = scheduled(ground, {"value": 3_333}, {"value": 6_667}, book=book)
    reach(done)
    fail(done, 1)
    for account, shares in zip(accounts(done), sold, strict=True):
        if account == ground.book(HEIDI):
            ground.move(ground.preferred, account, wallet_of(GRACE), shares)
        elif shares:
            give(done, account, wallet_of(GRACE), shares)
    before = lost(done), sum(money(ground, account) for account in accounts(done))
    missed = done.purse().redeemable
    parts = [amount * missed // 1_221_000 for amount in book.values()]
    redeem(done, done.home(FRANK))
    after_claims(done, *accounts(done), *accounts(done))
    redeem(done, *accounts(done))
    assert lapse(done, *accounts(done)) == redeem(done, *accounts(done)) == []
    lapsed = lost(done) - before[0]
    paid = sum(money(ground, account) for account in accounts(done)) - before[1]
    assert lapsed + paid == done.purse().redeemed == sum(parts)
    assert missed - len(parts) < sum(parts) <= missed
    assert money(ground, done.escrow.address) == done.purse().held == missed - sum(parts)
    assert not done.offering.read("isBinding")
