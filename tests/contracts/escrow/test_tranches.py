"""Tranches: released on a final verdict, else missed; nothing else moves money (ES-3 to ES-5, ES-14)."""

from __future__ import annotations

import pytest

from registry.domain.raise_words import Purse
from tests.contracts.support import node
from tests.contracts.support.attesting import (
    CLOSED,
    COLLECTING,
    KIND,
    QUORATE,
    VERIFIERS,
    attest,
    attest_all,
    case_of,
    challenge,
    pass_window,
)
from tests.contracts.support.contracts import functions_of
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import Ground, wallet_of
from tests.contracts.support.milestones import (
    MISSED,
    PROCEEDS,
    RELEASED,
    WAITING,
    fail,
    miss,
    names,
    pass_deadline,
    reach,
    release,
    scheduled,
)
from tests.contracts.support.node import DAY
from tests.contracts.support.raising import ERIN, ISSUER, Raise, clock, halt, money, next_at


def states(done: Raise) -> list[int]:
    return [line.state for line in done.tranches()]


# --- release ---


def test_release__before_the_verdict_is_final__refused(done: Raise) -> None:
    """ES-3: without a quorum, through the window's last second, and while challenged."""
    ground, before = done.ground, money(done.ground, done.escrow.address)
    with raises("NotReached", 0):
        release(done)
    attest(ground, done.escrow, VERIFIERS[0])
    with raises("NotReached", 0):
        release(done)
    attest(ground, done.escrow, VERIFIERS[1])
    with raises("NotReached", 0):
        release(done)
    taken = node.snapshot()
    next_at(ground, case_of(ground, done.escrow).window_ends)
    with raises("NotReached", 0):
        release(done)
    node.revert_to(taken)
    challenge(ground, done.escrow, ERIN)
    pass_window(ground, done.escrow)
    with raises("NotReached", 0):
        release(done)
    assert money(ground, done.escrow.address) == before == PROCEEDS
    assert states(done) == [WAITING, WAITING]


@pytest.mark.parametrize("milestone", [2, 255])
def test_tranche__that_does_not_exist__refused(done: Raise, milestone: int) -> None:
    """ES-3"""
    for function in ("release", "miss", "closeVote"):
        with raises("TooManyTranches", milestone, 2):
            done.escrow.act(function, milestone, by=done.ground.stranger)


def test_release__before_the_raise_is_settled__refused(raised: Raise) -> None:
    """ES-3"""
    for function in ("release", "miss", "closeVote"):
        with raises("TrancheStateForbids", 0, 0):
            raised.escrow.act(function, 0, by=raised.ground.stranger)


def test_release__twice_or_when_missed__refused(done: Raise) -> None:
    """ES-3: a tranche is released or missed, once."""
    reach(done)
    for function in ("release", "miss", "closeVote"):
        with raises("TrancheStateForbids", 0, RELEASED):
            done.escrow.act(function, 0, by=done.ground.stranger)
    fail(done, 1)
    for function in ("release", "miss", "closeVote"):
        with raises("TrancheStateForbids", 1, MISSED):
            done.escrow.act(function, 1, by=done.ground.stranger)


def test_release__while_money_is_stopped__refused_and_done_later(done: Raise) -> None:
    """ES-3: nothing is lost by waiting, not even the deadline."""
    ground = done.ground
    attest_all(ground, done.escrow)
    pass_deadline(done)
    ground.token.act("setStopped", (b"\1" * 32, node.today(), b"\1" * 32), True, by=ground.custodian)
    with raises("MoneyIsStopped"):
        release(done)
    with raises("CasePhaseForbids", QUORATE):
        miss(done)
    ground.token.act("setStopped", (b"\2" * 32, node.today(), b"\1" * 32), False, by=ground.custodian)
    release(done)


def test_release__in_the_first_second_after_the_window__to_the_issuer(done: Raise) -> None:
    """ES-3: by anybody, in full; the case is closed with it."""
    ground = done.ground
    attest_all(ground, done.escrow)
    next_at(ground, case_of(ground, done.escrow).window_ends + 1)
    events = release(done)
    assert names(events) == ["CaseChanged", "TrancheChanged", "TrancheReleased", "Transfer"]
    assert tuple(events[2].values.values()) == (0, wallet_of(ISSUER), 1_365_000)
    assert money(ground, wallet_of(ISSUER)) == 1_365_000
    assert money(ground, done.escrow.address) == PROCEEDS - 1_365_000
    assert done.purse() == Purse(PROCEEDS, released=1_365_000)
    assert states(done) == [RELEASED, WAITING]
    assert case_of(ground, done.escrow).phase == CLOSED
    assert not ground.board.read("isReached", done.escrow.address, 0)


def test_release__to_an_issuer_whose_wallet_is_closed__its_book_account(done: Raise) -> None:
    """ES-3, ES-8"""
    done.ground.close_wallet(wallet_of(ISSUER))
    reach(done)
    assert money(done.ground, wallet_of(ISSUER)) == 0
    assert money(done.ground, done.ground.book(ISSUER)) == 1_365_000


def test_release__of_a_later_tranche_first__does_not_matter(done: Raise) -> None:
    """ES-3: each milestone stands for itself."""
    reach(done, 1)
    reach(done, 0)
    assert done.purse() == Purse(PROCEEDS, released=PROCEEDS)
    assert money(done.ground, done.escrow.address) == 0


def test_release__long_after_the_deadline__as_the_quorum_stood_in_time(done: Raise) -> None:
    """ES-4: a verdict does not lapse; a milestone with a quorum cannot be missed."""
    attest_all(done.ground, done.escrow)
    node.jump_to(done.tranches()[0].deadline + 300 * DAY)
    with raises("CasePhaseForbids", QUORATE):
        miss(done)
    release(done)


# --- miss ---


def test_miss__before_the_deadline_is_over__refused(done: Raise) -> None:
    """ES-4: through its last second."""
    deadline = done.tranches()[0].deadline
    with raises("NotDue", ..., deadline + 1):
        miss(done)
    next_at(done.ground, deadline)
    with raises("NotDue", deadline, deadline + 1):
        miss(done)
    miss(done)


def test_miss__with_a_quorum_or_a_challenge__refused(done: Raise) -> None:
    """ES-4: what stands is decided first."""
    ground = done.ground
    node.jump_to(done.tranches()[0].deadline - 50)
    attest_all(ground, done.escrow)
    node.jump_to(done.tranches()[0].deadline + 5)
    with raises("CasePhaseForbids", QUORATE):
        miss(done)
    challenge(ground, done.escrow, ERIN)
    with raises("CasePhaseForbids", 3):
        miss(done)


def test_miss__in_the_first_second_after_the_deadline__ends_all_without_a_quorum(done: Raise) -> None:
    """ES-4, ES-5: by anybody; the money of both becomes redeemable, none has moved."""
    ground = done.ground
    attest(ground, done.escrow, VERIFIERS[0])
    next_at(ground, done.tranches()[0].deadline + 1)
    events = miss(done)
    assert names(events) == [
        *("CaseChanged", "MilestoneMissed", "TrancheChanged", "CaseChanged", "TrancheChanged", "ClaimsBegan"),
    ]
    assert states(done) == [MISSED, MISSED]
    assert [case_of(ground, done.escrow, i).phase for i in (0, 1)] == [CLOSED, CLOSED]
    assert done.purse() == Purse(PROCEEDS, redeemable=PROCEEDS)
    assert money(ground, done.escrow.address) == PROCEEDS
    assert money(ground, wallet_of(ISSUER)) == 0
    with raises("CasePhaseForbids", CLOSED):
        attest(ground, done.escrow, VERIFIERS[1], 1)


def test_miss__beside_one_with_a_quorum__this_one_is_decided_on_its_own(done: Raise) -> None:
    """ES-5: released after its window though another was missed; its way out stays its own deadline."""
    ground = done.ground
    pass_deadline(done)
    attest_all(ground, done.escrow, 1)
    miss(done)
    assert states(done) == [MISSED, WAITING]
    assert case_of(ground, done.escrow, 1).phase == QUORATE
    pass_window(ground, done.escrow, 1)
    release(done, 1)
    assert done.purse() == Purse(PROCEEDS, released=2_047_500, redeemable=1_365_000)


def test_miss__beside_one_whose_quorum_is_lost_later__collects_until_its_own_deadline(done: Raise) -> None:
    """ES-4, ES-5"""
    ground = done.ground
    pass_deadline(done)
    attest_all(ground, done.escrow, 1)
    miss(done)
    ground.board.act("retract", done.escrow.address, 1, by=wallet_of(VERIFIERS[0]))
    assert case_of(ground, done.escrow, 1).phase == COLLECTING
    with raises("NotDue"):
        miss(done, 1)
    fail(done, 1)
    assert done.purse() == Purse(PROCEEDS, redeemable=PROCEEDS)


def test_miss__of_a_quorum_that_became_void__counts_as_none(done: Raise) -> None:
    """ES-4, AT-11: nobody needs to have looked at the case before."""
    ground = done.ground
    attest_all(ground, done.escrow)
    key = wallet_of(VERIFIERS[0])
    head = (b"\3" * 32, node.today(), b"\3" * 32)
    ground.board.act("dismiss", head, ground.company.address, KIND, key, by=ground.platform)
    fail(done)
    assert done.purse().redeemable == PROCEEDS


# --- clocks ---


def test_miss__in_a_region_that_is_halted__not_due_until_time_goes_on(done: Raise) -> None:
    """ES-14: a halt of 100 days moves the deadline by 100 days."""
    ground = done.ground
    deadline = done.tranches()[0].deadline
    node.jump_to(deadline - 2 * DAY)
    halt(ground)
    node.jump_to(node.now() + 100 * DAY)
    with raises("NotDue"):
        miss(done)
    attest(ground, done.escrow, VERIFIERS[0])
    halt(ground, False)
    assert clock(ground) < deadline
    next_at(ground, deadline)
    with raises("NotDue", deadline, deadline + 1):
        miss(done)
    miss(done)


# --- many tranches ---


def test_sixteen_tranches__settled_missed_and_redeemed__within_a_blocks_gas(ground: Ground) -> None:
    """ES-1, ES-5: the longest schedule there may be; loops over it fit any block."""
    done = scheduled(ground, *[{"kind": KIND} for _ in range(16)])
    assert sum(line.value for line in done.tranches()) == PROCEEDS
    fail(done)
    assert states(done) == [MISSED] * 16
    assert done.purse() == Purse(PROCEEDS, redeemable=PROCEEDS)


# --- no other way ---


def test_escrow__every_function_that_writes__is_one_of_these() -> None:
    """ES-3: money leaves by release, redemption, lapse and nothing else; a new function must find its place here."""
    reads = {
        *(
            "offering",
            "company",
            "shareClass",
            "region",
            "arbiter",
            "challengeThreshold",
            "claimsEnd",
            "terms",
            "ratchetTerms",
            "purse",
            "isOwing",
        ),
        *("tranches", "putOf", "votesOf", "hasVoted", "identityRegistry", "token", "regions", "board", "isDone"),
        *("MAX_TRANCHES", "EVENT_VERSION", "utcOffset"),
    }
    assert functions_of("MilestoneEscrow").keys() - reads == {
        *("initialise", "prepare", "abandon", "fund", "collectPut"),
        *("release", "miss", "closeVote", "redeem", "lapse", "payPut", "deliverRatchet"),
        *("consent", "consentFor", "exercisePut", "exercisePutFor"),
    }
