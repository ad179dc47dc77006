"""Puts: the rest of the shares to the named payer, with simple interest; what is not paid is a debt (ES-9, ES-10)."""

from __future__ import annotations

from typing import Any

import pytest

from registry.domain.rules import ActKind, Basis, Rule
from tests.contracts.support import node
from tests.contracts.support.attesting import attest_all, pass_window
from tests.contracts.support.expect import raises, refused
from tests.contracts.support.ground import ALICE, Ground, header, wallet_of
from tests.contracts.support.milestones import (
    PROCEEDS,
    allow,
    exercise,
    fail,
    founded,
    miss,
    names,
    pass_deadline,
    pay_put,
    platform_act,
    put_of,
    reach,
    redeem,
    release,
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
    PUT,
    Raise,
    clock,
    escrow_terms,
    halt,
    mint,
    money,
    raw,
)

PLATFORM = 4
ONLY_PUT = {"on_miss": PUT}
PART = 2_047_500
"""[fen] Redeemable: 60 % of the proceeds, after the first 40 % were released."""
BACK, ENDED, LEFT = 1_170_000, 1_170, 830
"""Of Erin's 2 000 shares: what the escrow pays, what ends for it, what she has left."""
REST = 830_000
"""[fen] Paid in for what she has left, and not paid back."""


def put_raise(ground: Ground, **escrow: Any) -> Raise:
    """The first milestone was reached, the second missed: its terms give a put, with time enough for it."""
    terms = escrow_terms(ground, **{"claims": 400 * DAY} | escrow)
    done = scheduled(ground, {"value": 4_000}, ONLY_PUT | {"value": 6_000}, escrow=terms)
    reach(done)
    fail(done, 1)
    return done


@pytest.fixture
def due(ground: Ground) -> Raise:
    """The issuer pays puts at 8 %; shares end."""
    return put_raise(ground)


@pytest.fixture
def to_founder(ground: Ground) -> Raise:
    """Grace, a founder, pays and gets the shares."""
    founder = founded(ground)
    return put_raise(ground, put_payer=raw(founder), is_payer_issuer=False)


def interest(done: Raise, party: int = ERIN, principal: int = REST, rate: int = 800) -> int:
    """[fen] Up to now: whole days since the payment, on the region's clock."""
    days = (clock(done.ground) - done.subscription(party).paid_at) // DAY
    return principal * rate * days // 3_650_000


def shares(done: Raise, account: str) -> int:
    return done.ground.balance(done.ground.preferred, account)


# --- refusals ---


def test_put__before_every_tranche_is_decided__refused(ground: Ground) -> None:
    """ES-9: also while one with a quorum waits for its window."""
    done = scheduled(ground, ONLY_PUT, {})
    with raises("PutNotOpen"):
        exercise(done, ERIN)
    pass_deadline(done)
    attest_all(ground, done.escrow, 1)
    miss(done)
    with raises("PutNotOpen"):
        exercise(done, ERIN)
    pass_window(ground, done.escrow, 1)
    release(done, 1)
    exercise(done, ERIN)


def test_put__where_no_milestone_with_one_was_missed__refused(ground: Ground) -> None:
    """ES-9: a reached milestone gives none, nor does one missed that says redemption."""
    done = scheduled(ground, ONLY_PUT, {})
    reach(done)
    fail(done, 1)
    with raises("PutNotOpen"):
        exercise(done, ERIN)
    with raises("PutUnknown", ERIN):
        pay_put(done, wallet_of(ERIN), by=wallet_of(ISSUER))


def test_put__of_another_or_with_a_closed_wallet__refused(due: Raise) -> None:
    """ES-16"""
    ground = due.ground
    for actor in (wallet_of(FRANK), ground.platform, ground.issuer, ground.stranger):
        with raises("NotAuthorised", actor, 0):
            due.escrow.act("exercisePut", wallet_of(ERIN), by=actor)
    ground.close_wallet(wallet_of(ERIN))
    with raises("NotAuthorised", wallet_of(ERIN), 0):
        exercise(due, ERIN)
    second = ground.bind(ERIN, 1)
    due.escrow.act("exercisePut", wallet_of(ERIN), by=second)


def test_put_for__by_others_or_for_a_wallet__refused(due: Raise) -> None:
    """ES-16"""
    ground = due.ground
    for actor in (ground.issuer, ground.regulator, wallet_of(HEIDI)):
        with raises("NotAuthorised", actor, PLATFORM):
            platform_act(due, "exercisePutFor", ground.book(HEIDI), by=actor)
    with raises("NotABookAccount", wallet_of(ERIN)):
        platform_act(due, "exercisePutFor", wallet_of(ERIN))


def test_put__of_who_did_not_subscribe_or_holds_nothing__refused(due: Raise) -> None:
    """ES-9: nothing is redeemed by the attempt either."""
    ground = due.ground
    with raises("SubscriptionUnknown", wallet_of(ALICE)):
        exercise(due, ALICE)
    ground.give(ground.preferred, wallet_of(ERIN), wallet_of(GRACE), 2_000)
    with raises("PutUnknown", ERIN):
        exercise(due, ERIN)
    assert due.purse().redeemed == 0


def test_put__of_a_frozen_party__refused(due: Raise) -> None:
    """ES-9: the escrow pays nothing to it now, and the payer must not pay the escrow's part."""
    due.ground.freeze(ERIN)
    with raises("PutUnknown", ERIN):
        exercise(due, ERIN)
    due.ground.freeze(ERIN, False)
    exercise(due, ERIN)
    assert put_of(due, ERIN)[0] == LEFT


def test_put__a_second_time__refused(due: Raise) -> None:
    """ES-9: a party exercises once, paid or not, by whichever account."""
    ground = due.ground
    exercise(due, ERIN)
    with raises("PutExercisedAlready", ERIN):
        exercise(due, ERIN)
    ground.give(ground.preferred, wallet_of(ERIN), ground.book(ERIN), 10)
    with raises("PutExercisedAlready", ERIN):
        exercise(due, ERIN, ground.book(ERIN))


# --- exercise ---


def test_put__the_escrow_pays_its_part_first__the_rest_is_a_debt(due: Raise) -> None:
    """ES-9, ES-10: principal of the shares that are left, simple interest on it in whole days, rounded down."""
    ground = due.ground
    node.jump_to(node.now() + 100 * DAY)
    events = exercise(due, ERIN)
    assert names(events) == [
        *("LotRedeemed", "ActRecorded", "Transfer", "EntryRecorded", "Redeemed", "Transfer", "PutExercised")
    ]
    owed = interest(due)
    assert owed > 0
    assert tuple(events[-1].values.values()) == (ERIN, wallet_of(ERIN), LEFT, REST, owed)
    assert put_of(due, ERIN) == (LEFT, REST + owed, False)
    assert money(ground, wallet_of(ERIN)) == MONEY - 2_000_000 + BACK
    assert shares(due, wallet_of(ERIN)) == LEFT
    assert due.purse().redeemed == BACK
    assert money(ground, due.escrow.address) == PART - BACK


def test_put__what_was_redeemed_before__is_not_counted_again(due: Raise) -> None:
    """ES-9: nor does it bear interest; to wait with the exercise earns it for what is still out only."""
    redeem(due, wallet_of(ERIN))
    node.jump_to(node.now() + 365 * DAY)
    events = exercise(due, ERIN)
    assert names(events) == ["PutExercised"]
    assert put_of(due, ERIN) == (LEFT, REST + interest(due), False)


def test_put__of_a_part_that_was_not_sold__for_that_part(due: Raise) -> None:
    """ES-9: she sold 500; of what is left 1 170 end for the escrow's part."""
    ground = due.ground
    ground.give(ground.preferred, wallet_of(ERIN), wallet_of(GRACE), 500)
    exercise(due, ERIN)
    assert put_of(due, ERIN) == (330, 330_000 + interest(due, principal=330_000), False)


def test_put__of_a_book_account__by_the_owners_wallet_or_the_platform(due: Raise) -> None:
    """ES-16: an act on the owner's signed instruction."""
    ground = due.ground
    act, *_ = platform_act(due, "exercisePutFor", ground.book(HEIDI))
    assert act.values["kind"] == ActKind.EXERCISE_PUT
    assert put_of(due, HEIDI)[0] == 500 - 292
    ground.give(ground.preferred, wallet_of(FRANK), ground.book(FRANK), 1_000)
    exercise(due, FRANK, ground.book(FRANK))
    assert put_of(due, FRANK)[0] == 415


def test_interest__in_a_region_that_is_halted__stands_still(due: Raise) -> None:
    """ES-9, ES-14: 200 days of a halt bear none."""
    ground = due.ground
    before = interest(due)
    halt(ground)
    node.jump_to(node.now() + 200 * DAY)
    exercise(due, ERIN)
    assert put_of(due, ERIN)[1] == REST + before
    halt(ground, False)
    assert put_of(due, ERIN)[1] == REST + before


@pytest.mark.parametrize("rate", [0, 1, 10_000])
def test_interest__at_the_rate_of_the_terms__simple(ground: Ground, rate: int) -> None:
    """ES-9"""
    done = put_raise(ground, put_rate_bps=rate)
    exercise(done, ERIN)
    assert put_of(done, ERIN)[1] == REST + interest(done, rate=rate)


# --- payment ---


def test_pay_put__where_there_is_none_or_it_is_paid__refused(due: Raise) -> None:
    """ES-10"""
    payer = wallet_of(GRACE)
    allow(due, payer)
    for account in (wallet_of(ERIN), wallet_of(ALICE), due.ground.stranger):
        with raises("PutUnknown"):
            pay_put(due, account, by=payer)
    exercise(due, ERIN)
    pay_put(due, wallet_of(ERIN), by=payer)
    with raises("PutUnknown", ERIN):
        pay_put(due, wallet_of(ERIN), by=payer)


def test_pay_put__without_money_or_allowance__refused(due: Raise) -> None:
    """ES-10: in full or not at all."""
    exercise(due, ERIN)
    debt = put_of(due, ERIN)[1]
    payer = wallet_of(GRACE)
    allow(due, payer, debt - 1)
    with raises("ERC20InsufficientAllowance", due.escrow.address, debt - 1, debt):
        pay_put(due, wallet_of(ERIN), by=payer)
    allow(due, due.ground.stranger)
    with raises("ERC20InsufficientBalance", due.ground.stranger, 0, debt):
        pay_put(due, wallet_of(ERIN), by=due.ground.stranger)
    assert put_of(due, ERIN) == (LEFT, debt, False)
    assert shares(due, wallet_of(ERIN)) == LEFT


def test_pay_put__when_the_shares_are_gone__refused(due: Raise) -> None:
    """ES-10: money against all the shares; they may come back."""
    ground = due.ground
    exercise(due, ERIN)
    ground.give(ground.preferred, wallet_of(ERIN), wallet_of(FRANK), 1)
    allow(due, wallet_of(GRACE))
    with raises("PutSharesMissing", ERIN, LEFT - 1, LEFT):
        pay_put(due, wallet_of(ERIN), by=wallet_of(GRACE))
    with raises("PutSharesMissing", ERIN, 0, LEFT):
        pay_put(due, ground.book(ERIN), by=wallet_of(GRACE))
    ground.give(ground.preferred, wallet_of(FRANK), wallet_of(ERIN), 1)
    pay_put(due, wallet_of(ERIN), by=wallet_of(GRACE))


def test_pay_put__to_the_issuer__ends_the_shares(due: Raise) -> None:
    """ES-10: by anybody; the debt bears no more interest; money and shares in one step."""
    ground, payer = due.ground, wallet_of(ISSUER)
    exercise(due, ERIN)
    debt = put_of(due, ERIN)[1]
    node.jump_to(node.now() + 300 * DAY)
    mint(ground, (payer, debt))
    allow(due, payer)
    before, issued = money(ground, wallet_of(ERIN)), ground.class_word(ground.preferred).issued
    events = pay_put(due, wallet_of(ERIN), by=payer)
    assert names(events) == ["PutPaid", "ActRecorded", "Transfer", "EntryRecorded", "Transfer"]
    assert tuple(events[0].values.values()) == (ERIN, wallet_of(ERIN), payer, debt)
    assert (events[1].values["kind"], events[1].values["basis"]) == (ActKind.REDEMPTION, Basis.SUBSCRIPTION)
    assert money(ground, wallet_of(ERIN)) == before + debt
    assert shares(due, wallet_of(ERIN)) == 0
    assert ground.class_word(ground.preferred).issued == issued - LEFT
    assert put_of(due, ERIN) == (LEFT, debt, True)
    assert ground.seat(ERIN)[0] == 0


def test_pay_put__to_a_founder__moves_the_shares(to_founder: Raise) -> None:
    """ES-10: whoever pays, they go to the payer of the terms, also when locked up or not qualified for more."""
    ground, founder = to_founder.ground, wallet_of(GRACE)
    exercise(to_founder, ERIN)
    held = shares(to_founder, founder)
    ground.registry.act("revoke", header(), GRACE, by=ground.kyc_agent)
    allow(to_founder, wallet_of(FRANK))
    events = pay_put(to_founder, wallet_of(ERIN), by=wallet_of(FRANK))
    assert events[1].values["kind"] == ActKind.PUT_DELIVERY
    assert shares(to_founder, founder) == held + LEFT
    assert shares(to_founder, wallet_of(ERIN)) == 0


def test_pay_put__to_a_founder_whose_wallet_is_closed__into_its_book_account(to_founder: Raise) -> None:
    """ES-8, ES-10"""
    ground = to_founder.ground
    exercise(to_founder, ERIN)
    ground.close_wallet(wallet_of(GRACE))
    allow(to_founder, wallet_of(FRANK))
    pay_put(to_founder, wallet_of(ERIN), by=wallet_of(FRANK))
    assert shares(to_founder, ground.book(GRACE)) == LEFT


def test_put__with_too_little_gas_for_the_payment__refused_rather_than_booked_as_a_debt(to_founder: Raise) -> None:
    """A call inside that starves looks like one that is refused; whoever limits the gas would make a payment a debt."""
    account = to_founder.home(ERIN)
    with raises("GasTooLow"):
        to_founder.escrow.act("exercisePut", account, by=account, gas=640_000)
    assert to_founder.escrow.read("putOf", ERIN)[0] == 0


def test_put__of_a_payer_that_allowed_it__paid_at_once(to_founder: Raise) -> None:
    """ES-10: by allowance, in the same act."""
    ground = to_founder.ground
    allow(to_founder, wallet_of(GRACE))
    before = money(ground, wallet_of(GRACE))
    events = exercise(to_founder, ERIN)
    assert names(events)[6:] == ["PutExercised", "PutPaid", "ActRecorded", "Transfer", "EntryRecorded", "Transfer"]
    debt = put_of(to_founder, ERIN)[1]
    assert put_of(to_founder, ERIN) == (LEFT, debt, True)
    assert money(ground, wallet_of(GRACE)) == before - debt
    assert shares(to_founder, wallet_of(ERIN)) == 0


@pytest.mark.parametrize("why", ["no allowance", "no money", "payer frozen", "money frozen", "no seat"])
def test_put__of_a_payer_that_cannot_pay_today__stands_as_a_debt(ground: Ground, why: str) -> None:
    """ES-10: whatever holds it up, the exercise counts and its interest ends."""
    payer = wallet_of(GRACE)
    if why != "no seat":
        founded(ground)
    done = put_raise(ground, put_payer=raw(payer), is_payer_issuer=False)
    allow(done, payer, 0 if why == "no allowance" else 2**60)
    if why == "no money":
        ground.token.act("transfer", wallet_of(FRANK), money(ground, payer), by=payer)
    if why == "payer frozen":
        ground.freeze(GRACE)
    if why == "money frozen":
        ground.token.act("setFrozen", header(), payer, True, by=ground.regulator)
    if why == "no seat":
        # Erin stays a holder, so that the payer would be one too many.
        ground.issue(ground.common, (wallet_of(ERIN), 1, 0, b"\0" * 32))
        ground.set_cap(ground.seats())
    events = exercise(done, ERIN)
    assert events[-1].name == "PutExercised"
    assert put_of(done, ERIN) == (LEFT, REST + interest(done), False)
    assert shares(done, wallet_of(ERIN)) == LEFT


def test_put__while_the_regulator_has_stopped_the_company__waits(due: Raise) -> None:
    """ES-15: the escrow's part cannot be paid now, so nothing is exercised."""
    ground = due.ground
    ground.company.act("stopByRegulator", header(), True, by=ground.regulator)
    with refused(Rule.REGULATOR_STOP):
        exercise(due, ERIN)
    ground.company.act("stopByRegulator", header(), False, by=ground.regulator)
    exercise(due, ERIN)


def test_redeem__of_a_page_with_a_lot_whose_put_is_paid__pays_the_others(due: Raise) -> None:
    """ES-7, ES-9: more shares ended under the put than for the escrow's part; that stops nobody."""
    ground = due.ground
    exercise(due, ERIN)
    allow(due, wallet_of(GRACE))
    pay_put(due, wallet_of(ERIN), by=wallet_of(GRACE))
    ground.issue(ground.preferred, (wallet_of(ERIN), 10, 0, b"\0" * 32))
    redeem(due, wallet_of(ERIN), wallet_of(FRANK), ground.book(HEIDI))
    assert due.purse().redeemed == PART
    assert shares(due, wallet_of(ERIN)) == 10
    assert due.purse().proceeds == PROCEEDS


def test_put__interest_and_debt__never_touch_the_escrow(due: Raise) -> None:
    """ES-3, ES-9: the escrow pays redemptions and nothing else, and can always pay them."""
    ground = due.ground
    allow(due, wallet_of(GRACE))
    for party, account in ((ERIN, wallet_of(ERIN)), (FRANK, wallet_of(FRANK)), (HEIDI, ground.book(HEIDI))):
        if party == HEIDI:
            platform_act(due, "exercisePutFor", account)
        else:
            exercise(due, party)
        pay_put(due, account, by=wallet_of(GRACE))
        assert money(ground, due.escrow.address) == due.purse().proceeds - due.purse().released - due.purse().redeemed
    assert due.purse().redeemed == due.purse().redeemable
    assert ground.class_word(ground.preferred).issued == 0
