"""Whoever gains by a lapse, or loses by it, tries to bring it about or to stop it (ES-7, ES-15, ES-18)."""

from __future__ import annotations

import pytest

from registry.domain.rules import Rule
from tests.contracts.support import node
from tests.contracts.support.expect import raises, refused
from tests.contracts.support.ground import Ground, header, line, wallet_of
from tests.contracts.support.milestones import (
    PROCEEDS,
    allow,
    exercise,
    fail,
    lapse,
    names,
    pass_claims,
    pay_put,
    put_of,
    ratchet,
    ratchet_of,
    reach,
    redeem,
    scheduled,
)
from tests.contracts.support.node import DAY
from tests.contracts.support.raising import (
    ERIN,
    FRANK,
    GRACE,
    HEIDI,
    ISSUER,
    MONEY,
    PRICE,
    PUT,
    Raise,
    clock_to,
    escrow_terms,
    money,
    offering_terms,
    settled,
)

ERINS, FRANKS, HEIDIS = 1_950_000, 975_000, 487_500
WALLET, BUYER = wallet_of(ERIN), wallet_of(GRACE)


@pytest.fixture
def missed(done: Raise) -> Raise:
    """Nothing was reached, and the time for claims is in its last second."""
    fail(done)
    pass_claims(done)
    return done


@pytest.fixture
def put(ground: Ground) -> Raise:
    """40 % were released, the rest was missed and gives a put; the issuer pays it, if it pays."""
    done = scheduled(ground, {"value": 4_000}, {"value": 6_000, "on_miss": PUT})
    reach(done)
    fail(done, 1)
    return done


def give(done: Raise, giver: str, taker: str, shares: int) -> None:
    done.ground.give(done.ground.preferred, giver, taker, shares)


def held(done: Raise, account: str) -> int:
    return done.ground.balance(done.ground.preferred, account)


def lost(done: Raise) -> int:
    return money(done.ground, wallet_of(ISSUER))


# --- to make money of a held lot lapse ---


def test_lapse__pushed_between_the_holders_own_moves__takes_nothing(missed: Raise) -> None:
    """ES-18: the shares are in wallet or book account before and after each move, whoever asks in between."""
    book = missed.ground.book(ERIN)
    for giver, taker, shares in ((WALLET, book, 1_999), (book, WALLET, 1_000), (WALLET, book, 1_001)):
        give(missed, giver, taker, shares)
        assert lapse(missed, WALLET, WALLET) == []
    redeem(missed, book)
    assert (missed.purse().redeemed, lost(missed)) == (ERINS, 0)


def test_lapse__of_a_holder_whose_shares_others_would_move__they_cannot(missed: Raise) -> None:
    """ES-18: no agent moves shares of a wallet, nobody spends what was not allowed, no raise ends what is not due."""
    ground = missed.ground
    with raises("NotABookAccount", WALLET):
        ground.move(ground.preferred, WALLET, BUYER, 1)
    with raises("NotABookAccount", WALLET):
        ground.cancel(ground.preferred, WALLET, 1)
    with raises("ERC20InsufficientAllowance"):
        ground.preferred.act("transferFrom", WALLET, BUYER, 1, by=wallet_of(ISSUER))
    for actor in (ground.registrar, ground.issuer, ground.platform):
        with raises("NotAuthorised", actor):
            ground.preferred.act("redeem", header(), [line(WALLET, 2_000)], by=actor)
        with raises("NotAuthorised", actor, 0):
            missed.offering.act("lapseLots", [WALLET], PROCEEDS, by=actor)
    assert lapse(missed, WALLET) == []


def test_lapse__beside_others_trades__is_of_each_lot_alone(missed: Raise) -> None:
    """ES-18: Frank sells and buys back around it; Erin's lot is not touched, and his own only by what he lacks then."""
    frank = wallet_of(FRANK)
    give(missed, frank, BUYER, 1_000)
    events = lapse(missed, WALLET, frank)
    give(missed, BUYER, frank, 1_000)
    assert [event.values["party"] for event in events if event.name == "LotLapsed"] == [FRANK]
    assert (missed.subscription(ERIN).redeemed, missed.subscription(FRANK).redeemed) == (0, FRANKS)


def test_lapse__of_shares_lent_for_a_moment__the_lender_gets_its_shares_back_only_by_giving_up_the_money(
    missed: Raise,
) -> None:
    """ES-18: borrowed shares stop a lapse as bought ones do; they end with the redemption."""
    give(missed, WALLET, BUYER, 2_000)
    give(missed, BUYER, WALLET, 1_950)
    assert lapse(missed, WALLET) == []
    redeem(missed, WALLET)
    assert held(missed, WALLET) == 0
    assert lapse(missed, WALLET) == redeem(missed, WALLET) == []


@pytest.mark.parametrize("where", ["wallet", "book account"])
def test_lapse__of_a_wallet_that_was_closed_as_lost__takes_nothing(missed: Raise, where: str) -> None:
    """ES-8, ES-18: a lost key costs nobody the lot; its money is in the book account."""
    ground = missed.ground
    if where == "book account":
        give(missed, WALLET, ground.book(ERIN), 2_000)
    ground.close_wallet(WALLET)
    ground.bind(ERIN, 1)
    assert lapse(missed, WALLET) == []
    redeem(missed, WALLET if where == "wallet" else ground.book(ERIN))
    assert money(ground, ground.book(ERIN)) == ERINS
    assert lapse(missed, WALLET) == []


def test_lapse__of_shares_that_stand_in_another_wallet__they_count_once_they_are_redeemed_or_back(
    missed: Raise,
) -> None:
    """ES-7, ES-18: held counts in the account that paid and the book account; from others it is redeemed before."""
    ground = missed.ground
    second = ground.bind(ERIN, 1)
    give(missed, WALLET, second, 2_000)
    untouched, taken = node.snapshot(), node.snapshot()
    lapse(missed, WALLET)
    assert lost(missed) == ERINS
    node.revert_to(taken)
    redeem(missed, second)
    assert lapse(missed, WALLET) == []
    assert (money(ground, second), lost(missed)) == (ERINS, 0)
    node.revert_to(untouched)
    give(missed, second, ground.book(ERIN), 2_000)
    assert lapse(missed, WALLET) == []


def test_lapse__of_several_parties_with_several_wallets__counts_nobodys_shares_for_another(missed: Raise) -> None:
    """ES-18: shares that Erin gave to Frank are Frank's, who has more than his lot then and gets no more for it."""
    ground, frank = missed.ground, wallet_of(FRANK)
    ground.bind(FRANK, 1)
    give(missed, WALLET, frank, 2_000)
    lapse(missed, WALLET, frank)
    redeem(missed, frank)
    assert lost(missed) == ERINS
    assert money(ground, frank) == MONEY - 1_000_000 + FRANKS


@pytest.mark.parametrize("stop", ["class", "company", "regulator"])
def test_lapse__while_shares_are_stopped__takes_nothing_that_is_held(missed: Raise, stop: str) -> None:
    """ES-15, ES-18: a stop delays a redemption at most; the money waits."""
    ground = missed.ground
    stops = {
        "class": ("stopClass", (ground.preferred.address, True), ground.stopper),
        "company": ("stopCompany", (True,), ground.stopper),
        "regulator": ("stopByRegulator", (True,), ground.regulator),
    }
    function, arguments, actor = stops[stop]
    ground.company.act(function, header(), *arguments, by=actor)
    assert lapse(missed, WALLET, wallet_of(FRANK), ground.book(HEIDI)) == []
    if stop == "regulator":
        with refused(Rule.REGULATOR_STOP):
            redeem(missed, WALLET)
        ground.company.act(function, header(), False, by=actor)
    redeem(missed, WALLET)
    assert missed.purse().redeemed == ERINS


# --- to stop a lapse, or to have it twice ---


def test_lapse__against_a_single_share_put_in_its_way__takes_the_rest(missed: Raise) -> None:
    """ES-18: whoever would keep the class bound has to hold what is due."""
    give(missed, WALLET, BUYER, 2_000)
    give(missed, BUYER, WALLET, 1)
    (told, *_) = lapse(missed, WALLET)
    assert tuple(told.values.values()) == (ERIN, ERINS - 1_000, 1_949)
    redeem(missed, WALLET)
    assert missed.purse().redeemed == ERINS


def test_lapse__of_a_page_that_somebody_redeems_first__takes_what_is_left(missed: Raise) -> None:
    """ES-18: the order of the two changes nothing for what is held, and holds up nobody else's."""
    ground = missed.ground
    give(missed, WALLET, BUYER, 1_000)
    redeem(missed, WALLET, wallet_of(FRANK))
    events = lapse(missed, WALLET, wallet_of(FRANK), ground.book(HEIDI))
    assert names(events) == ["LotLapsed", "ClaimsLapsed", "Transfer"]
    assert lost(missed) == ERINS - 1_000_000
    redeem(missed, ground.book(HEIDI))
    assert missed.purse().redeemed == PROCEEDS


def test_lapse__asked_for_by_anybody__pays_the_named_account_alone(missed: Raise) -> None:
    """ES-18: by the buyer, the seller or the platform; nobody is paid for asking."""
    ground = missed.ground
    give(missed, WALLET, BUYER, 900)
    for step, actor in enumerate((BUYER, WALLET, ground.platform, ground.stranger), start=1):
        before = money(ground, actor)
        missed.escrow.act("lapse", [WALLET], by=actor)
        assert money(ground, actor) == before
        assert lost(missed) == 850_000 + (step - 1) * 100_000
        give(missed, WALLET, BUYER, 100)


def test_lapse__money_sent_to_the_escrow_by_anybody__is_not_taken_with_it(missed: Raise) -> None:
    """ES-3: what is owed is counted, not weighed by the balance."""
    ground = missed.ground
    ground.token.act("transfer", missed.escrow.address, 12_345, by=wallet_of(FRANK))
    give(missed, WALLET, BUYER, 2_000)
    lapse(missed, WALLET)
    assert (lost(missed), money(ground, missed.escrow.address)) == (ERINS, PROCEEDS - ERINS + 12_345)


# --- beside puts, ratchets and other raises ---


def test_lapse__of_a_lot_partly_put__takes_nothing(put: Raise) -> None:
    """ES-9, ES-18: the escrow's part was paid with the exercise; what the payer owes is not the escrow's."""
    ground, paid = put.ground, lost(put)
    give(put, WALLET, BUYER, 500)
    exercise(put, ERIN)
    pass_claims(put)
    give(put, WALLET, BUYER, 330)
    assert lapse(put, WALLET) == []
    assert (put.subscription(ERIN).redeemed, put_of(put, ERIN)[0]) == (1_170_000, 330)
    assert lost(put) == paid
    assert money(ground, WALLET) == MONEY - 2_000_000 + 1_170_000


def test_lapse__of_a_lot_whose_put_was_paid__takes_nothing(put: Raise) -> None:
    """ES-10, ES-18: more shares ended than were due; whatever is bought or sold afterwards."""
    paid = lost(put)
    exercise(put, ERIN)
    allow(put, BUYER)
    pay_put(put, WALLET, by=BUYER)
    pass_claims(put)
    assert lapse(put, WALLET) == []
    put.ground.issue(put.ground.preferred, line(WALLET, 10))
    assert lapse(put, WALLET) == redeem(put, WALLET) == []
    assert lost(put) == paid


def test_lapse__of_a_lot_partly_redeemed_that_could_not_be_put__the_rest(put: Raise) -> None:
    """ES-9, ES-18: 500 of the 1 170 due shares are redeemed, the others sold: no put, and their money lapses."""
    paid = lost(put)
    give(put, WALLET, BUYER, 1_500)
    redeem(put, WALLET)
    with raises("PutUnknown", ERIN):
        exercise(put, ERIN)
    pass_claims(put)
    lapse(put, WALLET)
    assert lost(put) == paid + 670_000
    assert put.subscription(ERIN).redeemed == 1_170_000


@pytest.mark.parametrize(("when", "lapses"), [("before", 70_000), ("after", 170_000)])
def test_lapse__beside_shares_of_a_ratchet__held_ones_count_wherever_they_come_from(
    ground: Ground, when: str, lapses: int
) -> None:
    """ES-11, ES-18: shares of a class are alike; 1 170 are due, 1 000 held, 100 come by the ratchet."""
    done = scheduled(ground, {"value": 4_000}, {"value": 6_000}, ratchet=ratchet_of(ground, offering_terms(ground)))
    over = done.terms.closes_at + done.terms.cooling_off + done.terms.settle_within
    clock_to(ground, over + 61 * DAY)
    reach(done)
    fail(done, 1)
    paid = lost(done)
    give(done, WALLET, BUYER, 1_000)
    pass_claims(done)
    if when == "before":
        ratchet(done, WALLET)
    lapse(done, WALLET)
    if when == "after":
        ratchet(done, WALLET)
    assert lapse(done, WALLET) == []
    assert lost(done) == paid + lapses
    redeem(done, WALLET)
    assert done.subscription(ERIN).redeemed == 1_170_000
    assert held(done, WALLET) == 100 - (100 if when == "before" else 0)


def test_lapse__of_two_raises_of_a_class__the_same_shares_are_paid_once(ground: Ground) -> None:
    """ES-18: 1 000 of each, 1 000 sold: neither lapses while they are held; what ends for one the other lacks."""
    book = {ERIN: 1_000 * PRICE}
    first, second = settled(ground, book=book), settled(ground, book=book)
    for done in (first, second):
        fail(done)
    give(second, WALLET, BUYER, 1_000)
    pass_claims(second)
    for done in (first, second):
        assert lapse(done, WALLET) == []
    redeem(first, WALLET)
    assert first.purse().redeemed == 975_000
    (told, *_) = lapse(second, WALLET)
    assert tuple(told.values.values()) == (ERIN, 950_000, 950)
    redeem(second, WALLET)
    assert (second.purse().redeemed, held(second, WALLET), lost(second)) == (975_000, 0, 950_000)


def test_lapse__of_200_lots_in_a_page__within_a_blocks_gas(missed: Raise) -> None:
    """ES-18: as long a page as any; one lot named again and again costs as much as others."""
    give(missed, WALLET, BUYER, 2_000)
    lapse(missed, *[WALLET, wallet_of(FRANK)] * 100)
    assert lost(missed) == ERINS


def test_claims__of_the_shortest_time__leave_a_holder_its_money(ground: Ground) -> None:
    """ES-18: an issuer that states one second gains nothing from those who hold."""
    done = scheduled(ground, {}, escrow=escrow_terms(ground, claims=1))
    fail(done)
    node.jump_to(node.now() + 2)
    assert lapse(done, WALLET, wallet_of(FRANK), ground.book(HEIDI)) == []
    redeem(done, WALLET, wallet_of(FRANK), ground.book(HEIDI))
    assert done.purse().redeemed == PROCEEDS
