"""More demand than shares: the pro rata cut by largest remainder, proposed by anybody and verified to the share."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from tests.contracts.support import node
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import Ground, header, person, wallet_of
from tests.contracts.support.raising import (
    ALLOTTED,
    CLOSING,
    ERIN,
    FRANK,
    GRACE,
    HEIDI,
    MONEY,
    PRICE,
    PRO_RATA,
    REFUNDED,
    SETTLED,
    SIGNED,
    Raise,
    closing,
    mint,
    money,
    opened,
    use_of,
)

BOOK = {ERIN: 3_000 * PRICE, FRANK: 3_000 * PRICE, GRACE: 1_000 * PRICE}
"""7 000 shares asked for; of 5 000 each of the first two gets 2 142 and 6/7, Grace 714 and 2/7."""
CROWD = tuple(range(20_001, 20_013))


def cut(asked: Mapping[int, int], maximum: int, paid_at: Mapping[int, int]) -> tuple[dict[int, int], int]:
    """The largest remainder, written down anew: shares by party, and the last to get one more (0: nobody)."""
    total = sum(asked.values())
    shares = {party: wanted * maximum // total for party, wanted in asked.items()}
    left = maximum - sum(shares.values())
    order = sorted(asked, key=lambda party: (-(asked[party] * maximum % total), paid_at[party], party))
    for party in order[:left]:
        shares[party] += 1
    return shares, order[left - 1] if left else 0


def expected(raised: Raise, book: Mapping[int, int]) -> tuple[dict[int, int], int]:
    price = raised.terms.price
    paid_at = {party: raised.subscription(party).paid_at for party in book}
    return cut({party: amount // price for party, amount in book.items()}, raised.terms.maximum // price, paid_at)


def crowd(ground: Ground) -> None:
    """Twelve more investors with money in their book accounts."""
    ground.onboard(*(person(party, risk_grade=5) for party in CROWD))
    mint(ground, *((ground.book(party), MONEY) for party in CROWD))


@pytest.fixture
def over(ground: Ground) -> Raise:
    """Closed with more demand than shares."""
    return closing(ground, method=PRO_RATA, book=BOOK)


# --- refusals ---


def test_cut__before_the_raise_closed__refused(ground: Ground) -> None:
    raised = opened(ground, method=PRO_RATA)
    for party, amount in BOOK.items():
        raised.subscribe(party, amount)
    with raises("OfferingPhaseForbids", 2):
        raised.verify_cut(sorted(BOOK), FRANK)


def test_cut__demand_within_the_maximum__not_needed(ground: Ground) -> None:
    raised = closing(ground, method=PRO_RATA)
    with raises("CutNotNeeded"):
        raised.verify_cut(sorted((ERIN, FRANK, HEIDI)), 0)


def test_cut__demand_of_exactly_the_maximum__not_needed(ground: Ground) -> None:
    raised = closing(ground, method=PRO_RATA, book={ERIN: 4_000 * PRICE, FRANK: 1_000 * PRICE})
    assert raised.totals().raised == 5_000 * PRICE
    with raises("CutNotNeeded"):
        raised.verify_cut([ERIN, FRANK], 0)


def test_allot__before_the_cut_is_verified__refused(over: Raise) -> None:
    with raises("CutMissing"):
        over.allot(wallet_of(ERIN))
    with raises("CutMissing"):
        over.allot()


@pytest.mark.parametrize(
    ("parties", "position"),
    [
        ([], 0),
        ([ERIN, FRANK], 2),
        ([ERIN, FRANK, GRACE, HEIDI], 4),
        ([ERIN, ERIN, FRANK], 1),
        ([ERIN, FRANK, FRANK], 2),
        ([FRANK, ERIN, GRACE], 1),
        ([ERIN, GRACE, FRANK], 2),
        ([ERIN, FRANK, HEIDI], 2),
        ([0, ERIN, FRANK], 0),
    ],
)
def test_cut__not_all_subscribers_once_each_ascending__refused(over: Raise, parties: list[int], position: int) -> None:
    with raises("CutMalformed", position):
        over.verify_cut(parties, FRANK)


def test_cut__favouring_anybody__refused(over: Raise) -> None:
    """Only one subscriber can be the last to get a share more."""
    shares, last = expected(over, BOOK)
    assert (shares, last) == ({ERIN: 2_143, FRANK: 2_143, GRACE: 714}, FRANK)
    for wrong, allotted in ((0, 4_998), (ERIN, 4_999), (GRACE, 5_001)):
        with raises("CutUnfair", allotted, 5_000):
            over.verify_cut(sorted(BOOK), wrong)
    for nobody in (HEIDI, 999_999, 2**32 - 1):
        with raises("CutMalformed", 3):
            over.verify_cut(sorted(BOOK), nobody)
    assert over.totals().raised == 0
    over.verify_cut(sorted(BOOK), FRANK)


def test_cut__without_remainders__nobody_is_the_last(ground: Ground) -> None:
    book = {ERIN: 4_000 * PRICE, FRANK: 4_000 * PRICE, HEIDI: 2_000 * PRICE}
    raised = closing(ground, method=PRO_RATA, book=book)
    for wrong in (GRACE, 999_999):
        with raises("CutMalformed", 3):
            raised.verify_cut(sorted(book), wrong)
    for wrong in book:
        with raises("CutUnfair"):
            raised.verify_cut(sorted(book), wrong)
    events = raised.verify_cut(sorted(book), 0)
    assert [tuple(e.values.values()) for e in events] == [(0, 5_000 * PRICE)]


def test_cut__verified_already__refused(over: Raise) -> None:
    over.verify_cut(sorted(BOOK), FRANK)
    with raises("CutNotNeeded"):
        over.verify_cut(sorted(BOOK), FRANK)


# --- what comes of it ---


def test_cut__right__shares_and_refunds_to_the_fen_in_any_pages(over: Raise) -> None:
    ground = over.ground
    events = over.verify_cut(sorted(BOOK), FRANK)
    assert [(e.name, *e.values.values()) for e in events] == [("CutVerified", FRANK, 5_000 * PRICE)]
    assert (over.totals().raised, over.totals().phase) == (5_000 * PRICE, CLOSING)
    told = over.allot(wallet_of(GRACE))
    allotted = next(e.values for e in told if e.name == "SubscriptionAllotted")
    assert tuple(allotted.values()) == (GRACE, wallet_of(GRACE), 714 * PRICE, 714, 286 * PRICE)
    over.allot(wallet_of(FRANK), wallet_of(ERIN))
    for party, shares in {ERIN: 2_143, FRANK: 2_143, GRACE: 714}.items():
        assert ground.balance(ground.preferred, wallet_of(party)) == shares
        assert money(ground, wallet_of(party)) == MONEY - shares * PRICE
        assert (over.subscription(party).amount, use_of(ground, party)) == (shares * PRICE, shares * PRICE)
        assert over.subscription(party).status == ALLOTTED
    totals = over.totals()
    assert (totals.phase, totals.refunded, totals.raised) == (SETTLED, 2_000 * PRICE, 5_000 * PRICE)
    assert totals.live == 5_000 * PRICE
    assert over.purse().proceeds == 5_000 * PRICE - 125_000
    assert money(ground, over.offering.address) == 0
    assert ground.preferred.read("reservedShares") == 0


def test_cut__equal_remainders__go_to_the_earlier_payment(ground: Ground) -> None:
    """Three who ask alike for a number that three does not divide; the later ones go without."""
    book = {GRACE: 3_000 * PRICE, ERIN: 3_000 * PRICE, FRANK: 3_000 * PRICE}
    raised = closing(ground, method=PRO_RATA, book=book)
    shares, last = expected(raised, book)
    assert (shares, last) == ({GRACE: 1_667, ERIN: 1_667, FRANK: 1_666}, ERIN)
    for wrong in (GRACE, FRANK, 0):
        with raises("CutUnfair"):
            raised.verify_cut(sorted(book), wrong)
    raised.verify_cut(sorted(book), ERIN)
    raised.allot(*(wallet_of(party) for party in book))
    assert {party: ground.balance(ground.preferred, wallet_of(party)) for party in book} == shares


def test_cut__equal_remainders_in_the_same_second__go_to_the_smaller_party(ground: Ground) -> None:
    raised = opened(ground, method=PRO_RATA)
    book = {FRANK: 4_000 * PRICE, ERIN: 4_000 * PRICE, GRACE: 1_000 * PRICE}
    node.ask("evm_setAutomine", False)
    try:
        for party in (GRACE, FRANK, ERIN):
            call = raised.offering.calldata("subscribe", raised.authorised(party, book[party]))
            sender = {"from": wallet_of(party), "to": raised.offering.address, "data": call}
            node.ask("eth_sendTransaction", {**sender, "gas": hex(2_000_000), "gasPrice": "0x0"})
        node.ask("evm_mine")
    finally:
        node.ask("evm_setAutomine", True)
    assert len({raised.subscription(party).paid_at for party in book}) == 1
    raised.end()
    raised.close()
    shares, last = expected(raised, book)
    assert (shares, last) == ({ERIN: 2_222, FRANK: 2_222, GRACE: 556}, GRACE)
    raised.verify_cut(sorted(book), GRACE)


def test_cut__smaller_party_of_two_alike__gets_the_share(ground: Ground) -> None:
    raised = opened(ground, method=PRO_RATA, maximum=5_001 * PRICE)
    node.ask("evm_setAutomine", False)
    try:
        for party in (FRANK, ERIN):
            call = raised.offering.calldata("subscribe", raised.authorised(party, 4_000 * PRICE))
            sender = {"from": wallet_of(party), "to": raised.offering.address, "data": call}
            node.ask("eth_sendTransaction", {**sender, "gas": hex(2_000_000), "gasPrice": "0x0"})
        node.ask("evm_mine")
    finally:
        node.ask("evm_setAutomine", True)
    raised.end()
    raised.close()
    with raises("CutUnfair", 5_002, 5_001):
        raised.verify_cut([ERIN, FRANK], FRANK)
    raised.verify_cut([ERIN, FRANK], ERIN)
    raised.allot(wallet_of(FRANK), wallet_of(ERIN))
    assert [ground.balance(ground.preferred, wallet_of(party)) for party in (ERIN, FRANK)] == [2_501, 2_500]


def test_cut__to_nothing__refunded_in_full_without_a_share_or_a_seat(ground: Ground) -> None:
    crowd(ground)
    raised = opened(ground, method=PRO_RATA, minimum=PRICE, maximum=PRICE, investor_minimum=PRICE)
    parties = CROWD[:3]
    for party in parties:
        raised.subscribe_for(ground.book(party), PRICE)
    raised.end()
    raised.close()
    raised.verify_cut(parties, parties[0])
    events = raised.allot(*(ground.book(party) for party in parties))
    allotted = [tuple(e.values.values())[2:] for e in events if e.name == "SubscriptionAllotted"]
    assert allotted == [(PRICE, 1, 0), (0, 0, PRICE), (0, 0, PRICE)]
    assert [raised.subscription(party).status for party in parties] == [ALLOTTED, REFUNDED, REFUNDED]
    assert [money(ground, ground.book(party)) for party in parties] == [MONEY - PRICE, MONEY, MONEY]
    assert [use_of(ground, party) for party in parties] == [PRICE, 0, 0]
    assert (ground.seats(), ground.pending()) == (3, 0)
    assert raised.totals().phase == SETTLED


def test_cut__everybody_of_a_page_to_nothing__the_page_issues_no_share(ground: Ground) -> None:
    crowd(ground)
    raised = opened(ground, method=PRO_RATA, minimum=PRICE, maximum=PRICE, investor_minimum=PRICE)
    for party in CROWD[:3]:
        raised.subscribe_for(ground.book(party), PRICE)
    raised.end()
    raised.close()
    raised.verify_cut(CROWD[:3], CROWD[0])
    events = raised.allot(ground.book(CROWD[1]), ground.book(CROWD[2]))
    assert {e.name for e in events} == {"SubscriptionAllotted", "Transfer"}
    assert raised.totals().phase == CLOSING
    with raises("SubscriptionUnknown", ground.book(CROWD[1])):
        raised.allot(ground.book(CROWD[1]))
    raised.allot(ground.book(CROWD[0]))
    assert raised.totals().phase == SETTLED


def test_cut__frozen_one__its_part_waits_and_comes_later_with_its_refund(over: Raise) -> None:
    ground = over.ground
    over.verify_cut(sorted(BOOK), FRANK)
    ground.freeze(FRANK)
    over.allot(*(wallet_of(party) for party in BOOK))
    assert over.totals().phase == SETTLED
    # His refund is all that the raise still holds.
    assert money(ground, over.offering.address) == 857 * PRICE
    ground.freeze(FRANK, False)
    over.allot(wallet_of(FRANK))
    assert ground.balance(ground.preferred, wallet_of(FRANK)) == 2_143
    assert (money(ground, wallet_of(FRANK)), money(ground, over.offering.address)) == (MONEY - 2_143 * PRICE, 0)
    assert over.totals().live == 5_000 * PRICE


# --- drawn ---


@pytest.mark.parametrize("seed", range(24))
def test_cut__drawn_demand__equals_the_largest_remainder(ground: Ground, seed: int) -> None:
    draw = random.Random(seed)
    crowd(ground)
    maximum = draw.choice([7, 100, 1_000, 4_999])
    price = draw.choice([1, 7, PRICE])
    raised = opened(ground, method=PRO_RATA, price=price, minimum=price, maximum=maximum * price, investor_minimum=0)
    parties = sorted(draw.sample(CROWD, draw.randint(2, len(CROWD))))
    few = draw.random() < 0.3
    book = {party: (draw.randint(1, 3) if few else draw.randint(1, 4_000)) * price for party in parties}
    if sum(book.values()) <= maximum * price:
        book |= dict.fromkeys(parties[:2], 4_000 * price)
    for party in draw.sample(parties, len(parties)):
        act = (header(), ground.book(party), book[party], SIGNED)
        raised.offering.act("subscribeFor", *act, by=ground.platform)
    raised.end()
    raised.close()
    shares, last = expected(raised, book)
    for other in (0, *parties):
        if other == last:
            continue
        with raises("CutUnfair"):
            raised.verify_cut(parties, other)
    raised.verify_cut(parties, last)
    accounts = [ground.book(party) for party in draw.sample(parties, len(parties))]
    middle = draw.randint(1, len(accounts) - 1)
    raised.allot(*accounts[:middle])
    raised.allot(*accounts[middle:])
    assert {party: ground.balance(ground.preferred, ground.book(party)) for party in parties} == shares
    assert {party: MONEY - money(ground, ground.book(party)) for party in parties} == {
        party: count * price for party, count in shares.items()
    }
    assert sum(shares.values()) == maximum == ground.class_word(ground.preferred).issued
    assert raised.totals().phase == SETTLED
