"""How many shares make a challenge: of what the raise allotted, or of what is issued if that is less (AT-13)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contracts.support.attesting import CHALLENGED, attest_all, case_of, challenge
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import REPURCHASE, Ground, line, wallet_of
from tests.contracts.support.milestones import founded, miss, pass_deadline, redeem, scheduled
from tests.contracts.support.raising import ERIN, FRANK, GRACE, HEIDI, IVAN, PRICE, Raise, escrow_terms

ALLOTTED = 3_500
"""Shares of the usual raise, of which Erin has 2 000; ten per cent of them challenge."""


def threshold(done: Raise) -> int:
    needed: int = done.escrow.read("challengeThreshold")
    return needed


def keeping(done: Raise, shares: int) -> None:
    """Erin gives all but so many away."""
    ground = done.ground
    ground.give(ground.preferred, wallet_of(ERIN), wallet_of(IVAN), 2_000 - shares)


@pytest.fixture
def quorate(done: Raise) -> Raise:
    """Only what the raise allotted is issued; the first milestone is attested, its window runs."""
    attest_all(done.ground, done.escrow)
    return done


def test_threshold__when_the_company_issues_more__stays(quorate: Raise) -> None:
    """AT-13: new shares in friendly hands, as many as are authorised, make no challenge harder."""
    ground = quorate.ground
    assert threshold(quorate) == 350
    ground.issue(ground.preferred, line(wallet_of(GRACE), 490_000))
    assert threshold(quorate) == 350
    keeping(quorate, 350)
    challenge(ground, quorate.escrow, ERIN)
    assert case_of(ground, quorate.escrow).phase == CHALLENGED


def test_threshold__of_a_class_with_founders_shares__of_the_allotted_alone(ground: Ground) -> None:
    """AT-13: founders who hold the same class count as holders and raise nothing."""
    founded(ground, 100_000)
    done = scheduled(ground, {})
    attest_all(ground, done.escrow)
    assert threshold(done) == 350
    keeping(done, 349)
    with raises("ChallengeTooSmall", 349, 350):
        challenge(ground, done.escrow, ERIN)
    challenge(ground, done.escrow, GRACE)


def test_threshold__after_a_redemption__of_the_shares_that_are_left(done: Raise) -> None:
    """AT-13: 40 % was missed and paid back, the second milestone has a quorum; nobody is locked out by it."""
    ground = done.ground
    pass_deadline(done)
    attest_all(ground, done.escrow, 1)
    miss(done)
    redeem(done, *(done.home(party) for party in (ERIN, FRANK, HEIDI)))
    issued = ground.class_word(ground.preferred).issued
    assert issued == ALLOTTED - (780 + 390 + 195)
    assert threshold(done) == -(-issued // 10) == 214
    held = ground.balance(ground.preferred, wallet_of(ERIN))
    ground.give(ground.preferred, wallet_of(ERIN), wallet_of(IVAN), held - 213)
    with raises("ChallengeTooSmall", 213, 214):
        challenge(ground, done.escrow, ERIN, milestone=1)
    ground.give(ground.preferred, wallet_of(IVAN), wallet_of(ERIN), 1)
    challenge(ground, done.escrow, ERIN, milestone=1)


def test_threshold__after_shares_were_bought_back__of_what_is_issued(quorate: Raise) -> None:
    """AT-13"""
    ground = quorate.ground
    ground.cancel(ground.preferred, ground.book(HEIDI), 500, REPURCHASE)
    assert threshold(quorate) == 300


@pytest.mark.parametrize(
    ("bps", "shares", "needed"),
    [(1, 1_000, 1), (1_000, 1_001, 101), (3_333, 1_000, 334), (10_000, 1_234, 1_234)],
    ids=["a share", "a part of a share", "a third", "all"],
)
def test_threshold__that_is_no_whole_number__rounded_up(ground: Ground, bps: int, shares: int, needed: int) -> None:
    """AT-13: never nothing."""
    book: dict[int, Any] = {ERIN: shares * PRICE}
    done = scheduled(ground, {}, escrow=escrow_terms(ground, challenge_bps=bps), book=book)
    assert threshold(done) == needed
