"""When claims begin and end: puts until the last second, lapse from the second after (ES-17, ES-18)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from registry.domain.raise_words import Purse
from tests.contracts.support import node
from tests.contracts.support.attesting import VERIFIERS, attest_all, pass_window
from tests.contracts.support.contracts import Event
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import Ground, wallet_of
from tests.contracts.support.milestones import (
    MISSED,
    PROCEEDS,
    RELEASED,
    allow,
    claims_end,
    consent,
    exercise,
    fail,
    lapse,
    miss,
    names,
    pass_claims,
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
    EXTEND,
    FRANK,
    GRACE,
    HEIDI,
    ISSUER,
    PRICE,
    PUT,
    Raise,
    clock,
    clock_to,
    escrow_terms,
    halt,
    money,
    next_at,
)

ONLY_PUT = {"on_miss": PUT}
CLAIMS = 30 * DAY
ERINS = 1_950_000
"""[fen] Of 3 412 500, for 2 000 of 3 500 shares."""


@pytest.fixture
def missed(done: Raise) -> Raise:
    """Nothing was reached; Erin has sold her 2 000 shares."""
    fail(done)
    sell(done, ERIN)
    return done


@pytest.fixture
def put(ground: Ground) -> Raise:
    """40 % were released, the rest was missed and gives a put."""
    done = scheduled(ground, {"value": 4_000}, ONLY_PUT | {"value": 6_000})
    reach(done)
    fail(done, 1)
    return done


def sell(done: Raise, party: int, shares: int | None = None, to: int = GRACE) -> None:
    """All of the party's shares, or so many."""
    ground, account = done.ground, done.home(party)
    count = ground.balance(ground.preferred, account) if shares is None else shares
    ground.give(ground.preferred, account, wallet_of(to), count)


def began(events: list[Event]) -> list[int]:
    return [event.values["ends"] for event in events if event.name == "ClaimsBegan"]


# --- when they begin ---


def test_claims__when_the_last_tranche_is_missed__begin_last_of_all(done: Raise) -> None:
    """ES-17: one tranche was released; the end is on the region's clock."""
    assert began(reach(done)) == []
    assert claims_end(done) == 0
    events = fail(done, 1)
    assert names(events) == ["CaseChanged", "MilestoneMissed", "TrancheChanged", "ClaimsBegan"]
    assert events[-1].emitter == done.escrow.address
    assert began(events) == [claims_end(done)] == [clock(done.ground) + CLAIMS]


def test_claims__when_a_vote_ends_without_consent__begin(ground: Ground) -> None:
    """ES-6, ES-17: with the vote, not with the miss before it."""
    done = scheduled(ground, {"on_miss": EXTEND, "extension": DAY}, {})
    assert began(fail(done)) == []
    clock_to(ground, done.tranches()[0].vote_ends)
    events = done.escrow.act("closeVote", 0, by=ground.stranger)
    assert names(events) == ["MilestoneMissed", "TrancheChanged", "CaseChanged", "TrancheChanged", "ClaimsBegan"]
    assert claims_end(done) == clock(ground) + CLAIMS


def test_claims__when_the_last_tranche_is_released_after_a_miss__begin_before_the_money(ground: Ground) -> None:
    """ES-5, ES-17: the one with a quorum was decided later."""
    done = scheduled(ground, {}, {})
    pass_deadline(done)
    attest_all(ground, done.escrow, 1)
    assert began(miss(done)) == []
    with raises("ClaimsNotBegun"):
        lapse(done, wallet_of(ERIN))
    pass_window(ground, done.escrow, 1)
    events = release(done, 1)
    assert names(events) == ["CaseChanged", "TrancheChanged", "ClaimsBegan", "TrancheReleased", "Transfer"]
    assert claims_end(done) == clock(ground) + CLAIMS


def test_claims__after_an_extension__begin_with_the_last_miss_only(ground: Ground) -> None:
    """ES-6, ES-17"""
    done = scheduled(ground, {"on_miss": EXTEND, "extension": 30 * DAY})
    fail(done)
    assert began(consent(done, ERIN)) == []
    node.jump_to(node.now() + 30 * DAY)
    assert began(miss(done)) == [clock(ground) + CLAIMS]


def test_claims__where_all_was_released__never_begin(done: Raise) -> None:
    """ES-17: there is nothing to claim and nothing to lapse."""
    assert began(reach(done)) == began(reach(done, 1)) == []
    assert claims_end(done) == 0
    node.jump_to(node.now() + 4_000 * DAY)
    with raises("ClaimsNotBegun"):
        lapse(done, wallet_of(ERIN))
    with raises("PutNotOpen"):
        exercise(done, ERIN)


@pytest.mark.parametrize("when", ["draft", "open", "waiting"])
def test_lapse__before_anything_is_decided__refused(drafted: Raise, when: str) -> None:
    """ES-18"""
    if when != "draft":
        drafted.admit()
        drafted.open()
        drafted.begin()
        drafted.subscribe(ERIN, 2_000 * PRICE)
    if when == "waiting":
        drafted.end()
        drafted.close()
        drafted.allot(wallet_of(ERIN))
    with raises("ClaimsNotBegun"):
        lapse(drafted, wallet_of(ERIN))


# --- tranches that are worth nothing: all of the least proceeds is promised to the first one ---


def worthless(ground: Ground, **second: Any) -> Raise:
    """The raise reached its minimum exactly, so that the second tranche, all of the rest, is worth 0 fen."""
    first = {"is_share": False, "value": 975_000}
    done = scheduled(ground, first, {"value": 10_000} | second, book={ERIN: 600 * PRICE, FRANK: 400 * PRICE})
    assert [line.value for line in done.tranches()] == [975_000, 0]
    return done


def test_claims__while_a_tranche_worth_nothing_waits__not_begun(ground: Ground) -> None:
    """ES-17: it may still give a put, and whoever could put would have lost time."""
    done = worthless(ground, **ONLY_PUT)
    pass_deadline(done)
    attest_all(ground, done.escrow, 1)
    assert began(miss(done)) == []
    assert done.purse() == Purse(975_000, redeemable=975_000)
    with raises("PutNotOpen"):
        exercise(done, ERIN)
    pass_window(ground, done.escrow, 1)
    assert len(began(release(done, 1))) == 1


def test_claims__when_the_miss_is_worth_nothing__begin_for_the_put_that_it_gives(ground: Ground) -> None:
    """ES-9, ES-17: no money is missed, yet the milestone was; the class is not bound for ever by it."""
    done = worthless(ground, **ONLY_PUT)
    assert began(reach(done)) == []
    assert len(began(fail(done, 1))) == 1
    assert done.purse() == Purse(975_000, released=975_000)
    assert [line.state for line in done.tranches()] == [RELEASED, MISSED]
    exercise(done, ERIN)
    assert put_of(done, ERIN)[0] == 600
    assert done.offering.read("isBinding")
    pass_claims(done)
    assert lapse(done, wallet_of(ERIN), wallet_of(FRANK)) == []
    assert not done.offering.read("isBinding")


# --- the last second, and the one after it ---


def by_wallet(done: Raise) -> list[Event]:
    return exercise(done, ERIN)


def by_platform(done: Raise) -> list[Event]:
    return platform_act(done, "exercisePutFor", done.ground.book(HEIDI))


def payment(done: Raise) -> list[Event]:
    return pay_put(done, wallet_of(FRANK), by=wallet_of(GRACE))


@pytest.mark.parametrize("act", [by_wallet, by_platform, payment])
def test_puts__in_the_last_second_of_claims__pass_and_a_second_later_not(
    put: Raise, act: Callable[[Raise], list[Event]]
) -> None:
    """ES-9, ES-10, ES-17"""
    ground, ends = put.ground, claims_end(put)
    exercise(put, FRANK)
    allow(put, wallet_of(GRACE))
    taken = node.snapshot()
    next_at(ground, ends)
    act(put)
    node.revert_to(taken)
    next_at(ground, ends + 1)
    with raises("Overdue", ends + 1, ends):
        act(put)
    node.jump_to(node.now() + 1_000 * DAY)
    with raises("Overdue", ..., ends):
        act(put)


def test_lapse__in_the_last_second_of_claims__refused_and_due_a_second_later(missed: Raise) -> None:
    """ES-18"""
    ground, ends = missed.ground, claims_end(missed)
    with raises("NotDue", ..., ends + 1):
        lapse(missed, wallet_of(ERIN))
    next_at(ground, ends)
    with raises("NotDue", ends, ends + 1):
        lapse(missed, wallet_of(ERIN))
    lapse(missed, wallet_of(ERIN))
    assert clock(ground) == ends + 1
    assert missed.purse().redeemed == ERINS


@pytest.mark.parametrize("claims", [1, 3_650 * DAY])
def test_claims__of_the_shortest_and_the_longest_time__end_as_stated(ground: Ground, claims: int) -> None:
    """ES-1, ES-17"""
    done = scheduled(ground, {}, escrow=escrow_terms(ground, claims=claims))
    fail(done)
    assert claims_end(done) == clock(ground) + claims
    sell(done, ERIN)
    pass_claims(done) if claims > 1 else None
    lapse(done, wallet_of(ERIN))


def test_put__unpaid_at_the_end_of_claims__stays_recorded_and_nobody_pays_it_here(put: Raise) -> None:
    """ES-10, ES-17: the debt can be read for ever; neither shares nor money move, also by a payer that would."""
    ground = put.ground
    exercise(put, ERIN)
    debt = put_of(put, ERIN)
    allow(put, wallet_of(GRACE))
    before = money(ground, wallet_of(GRACE)), ground.balance(ground.preferred, wallet_of(ERIN))
    pass_claims(put)
    with raises("Overdue"):
        pay_put(put, wallet_of(ERIN), by=wallet_of(GRACE))
    lapse(put, wallet_of(ERIN), wallet_of(FRANK), ground.book(HEIDI))
    assert put_of(put, ERIN) == debt
    assert debt[1] > 0
    assert before == (money(ground, wallet_of(GRACE)), ground.balance(ground.preferred, wallet_of(ERIN)))


def test_redeem__after_the_end_of_claims__paid_as_before(done: Raise) -> None:
    """ES-7, ES-17: what is still held has no end."""
    fail(done)
    node.jump_to(node.now() + 4_000 * DAY)
    redeem(done, wallet_of(ERIN), wallet_of(FRANK), done.ground.book(HEIDI))
    assert done.purse() == Purse(PROCEEDS, redeemable=PROCEEDS, redeemed=PROCEEDS)


# --- clocks ---


def test_claims__in_a_region_that_is_halted__are_longer_by_the_halt(put: Raise) -> None:
    """ES-14, ES-17: puts go on, nothing lapses; afterwards what was left of the time is left."""
    ground, ends = put.ground, claims_end(put)
    sell(put, ERIN)
    clock_to(ground, ends - DAY)
    halt(ground)
    node.jump_to(node.now() + 500 * DAY)
    with raises("NotDue", ..., ends + 1):
        lapse(put, wallet_of(ERIN))
    exercise(put, FRANK)
    halt(ground, False)
    assert clock(ground) < ends
    next_at(ground, ends)
    platform_act(put, "exercisePutFor", ground.book(HEIDI))
    lapse(put, wallet_of(ERIN))
    with raises("Overdue", ..., ends):
        exercise(put, FRANK)


def test_claims__halted_after_their_end__stay_over(missed: Raise) -> None:
    """ES-14, ES-17"""
    pass_claims(missed)
    node.jump_to(node.now() + 1)
    halt(missed.ground)
    lapse(missed, wallet_of(ERIN))
    assert missed.purse().redeemed == ERINS


def test_claims__end__is_set_once(put: Raise) -> None:
    """ES-17: nothing that is done meanwhile or later moves it."""
    ground, ends = put.ground, claims_end(put)
    exercise(put, ERIN)
    redeem(put, wallet_of(FRANK))
    ground.board.act("recheck", put.escrow.address, 1, by=ground.stranger)
    for function in ("release", "miss", "closeVote"):
        with raises("TrancheStateForbids"):
            put.escrow.act(function, 1, by=ground.stranger)
    ground.board.act("dismiss", (b"\7" * 32, node.today(), b"\7" * 32), *_panel(ground), by=ground.platform)
    pass_claims(put)
    lapse(put, wallet_of(ERIN))
    assert claims_end(put) == ends


def _panel(ground: Ground) -> tuple[str, int, str]:
    return ground.company.address, 7, wallet_of(VERIFIERS[0])


def test_claims__of_another_account_than_the_issuers__are_told_in_the_terms(missed: Raise) -> None:
    """ES-1, ES-17: period and account stand in the terms before anybody subscribes."""
    terms = missed.escrow.read("terms")
    assert (terms[11], terms[12]) == (CLAIMS, wallet_of(ISSUER))
