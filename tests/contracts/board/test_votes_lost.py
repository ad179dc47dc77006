"""Votes taken back or void: the quorum lost in the middle, rounds that make way for the next (AT-10 to AT-12)."""

from __future__ import annotations

from dataclasses import astuple, replace

import pytest
from eth_abi import encode
from eth_utils import keccak

from tests.contracts.support import node
from tests.contracts.support.attesting import (
    CHALLENGED,
    CLOSED,
    COLLECTING,
    NOT_REACHED,
    QUORATE,
    UPHELD,
    VERIFIERS,
    appoint_ahead,
    attest,
    attest_all,
    attestation,
    case_of,
    challenge,
    dismiss,
    pass_window,
    rotate,
    signed,
)
from tests.contracts.support.contracts import Event
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import INSTITUTION, Ground, header, person, wallet_key, wallet_of
from tests.contracts.support.node import DAY
from tests.contracts.support.raising import (
    ARBITER,
    ERIN,
    Raise,
    clock,
    next_at,
    offering_terms,
    settled,
    tranche,
)

FIRST, SECOND, THIRD = VERIFIERS
NEWCOMER = 921
CASES_SLOT = 6
"""Of the board's storage: cases by escrow and milestone."""


def retract(done: Raise, party: int = FIRST, milestone: int = 0, number: int = 0) -> list[Event]:
    return done.ground.board.act("retract", done.escrow.address, milestone, by=wallet_of(party, number))


def recheck(done: Raise, milestone: int = 0) -> list[Event]:
    return done.ground.board.act("recheck", done.escrow.address, milestone, by=done.ground.stranger)


def release(done: Raise, milestone: int = 0) -> list[Event]:
    return done.escrow.act("release", milestone, by=done.ground.stranger)


def miss(done: Raise, milestone: int = 0) -> list[Event]:
    return done.escrow.act("miss", milestone, by=done.ground.stranger)


def with_quorum(ground: Ground, quorum: int) -> Raise:
    """A settled raise with one tranche that needs so many verifiers."""
    terms = offering_terms(ground)
    return settled(ground, terms, None, [tranche(terms, quorum=quorum)])


# --- who and when ---


def test_retract__by_nobody_or_without_a_vote__refused(done: Raise) -> None:
    """AT-10: only by the key it has now."""
    ground = done.ground
    with raises("CaseUnknown", done.escrow.address, 7):
        retract(done, milestone=7)
    with raises("VerifierUnknown", ground.platform):
        ground.board.act("retract", done.escrow.address, 0, by=ground.platform)
    with raises("NothingAttested", FIRST):
        retract(done)
    attest(ground, done.escrow, FIRST)
    rotate(ground, FIRST)
    with raises("VerifierUnknown", wallet_of(FIRST)):
        retract(done)
    retract(done, number=1)


def test_retract__when_the_verdict_is_final__refused(done: Raise) -> None:
    """AT-10: after the window's last second, upheld, or released."""
    ground = done.ground
    attest_all(ground, done.escrow)
    ends = case_of(ground, done.escrow).window_ends
    taken = node.snapshot()
    next_at(ground, ends + 1)
    with raises("Overdue", ends + 1, ends):
        retract(done)
    release(done)
    with raises("CasePhaseForbids", CLOSED):
        retract(done)
    node.revert_to(taken)
    challenge(ground, done.escrow, ERIN)
    ground.board.act("decide", header(), done.escrow.address, 0, True, by=ARBITER)
    with raises("CasePhaseForbids", UPHELD):
        retract(done)


def test_retract__a_second_time__refused_and_no_new_vote_in_the_round(done: Raise) -> None:
    """AT-6, AT-10"""
    ground = done.ground
    attest(ground, done.escrow, FIRST)
    _, changed = retract(done)
    case = case_of(ground, done.escrow)
    assert (case.yes, case.out, case.round) == (0, 0b001, 1)
    assert changed.values["word"] == case.pack()
    with raises("NothingAttested", FIRST):
        retract(done)
    with raises("AlreadyAttested", FIRST, 1):
        attest(ground, done.escrow, FIRST)


def test_retract__by_who_is_struck__refused_and_a_new_place_of_its_party_keeps_its_vote(done: Raise) -> None:
    """AT-10: its vote is void already, and the event's party is one member."""
    ground = done.ground
    attest(ground, done.escrow, FIRST)
    dismiss(ground, FIRST)
    appoint_ahead(ground, FIRST, key=wallet_of(FIRST, 1))
    attest(ground, done.escrow, FIRST, number=1)
    with raises("VerifierStruck", FIRST):
        retract(done)
    assert case_of(ground, done.escrow).yes == 0b1001


def test_retract__of_a_vote_against__is_taken_back_too(done: Raise) -> None:
    """AT-10"""
    attest(done.ground, done.escrow, FIRST, outcome=NOT_REACHED)
    told, _ = retract(done)
    assert told.name == "AttestationRetracted"
    assert tuple(told.values.values()) == (done.escrow.address, 0, 1, FIRST)
    case = case_of(done.ground, done.escrow)
    assert (case.no, case.out) == (0, 0b001)


# --- the quorum in the middle ---


def test_retract__in_the_last_second_of_the_window__collects_again(done: Raise) -> None:
    """AT-10, AT-11: the others' votes stand, a new vote opens a whole new window."""
    ground = done.ground
    attest_all(ground, done.escrow)
    next_at(ground, case_of(ground, done.escrow).window_ends)
    retract(done)
    case = case_of(ground, done.escrow)
    assert (case.phase, case.yes, case.window_ends, case.round) == (COLLECTING, 0b010, 0, 1)
    assert ground.board.read("reachedAt", done.escrow.address, 0) == 0
    with raises("NotReached", 0):
        release(done)
    attest(ground, done.escrow, THIRD)
    assert case_of(ground, done.escrow).window_ends == clock(ground) + 7 * DAY
    pass_window(ground, done.escrow)
    release(done)


def test_retract__of_one_vote_too_many__the_window_goes_on(done: Raise) -> None:
    """AT-11: a quorum that stands is not touched."""
    ground = done.ground
    attest_all(ground, done.escrow, parties=VERIFIERS)
    ends = case_of(ground, done.escrow).window_ends
    retract(done)
    assert case_of(ground, done.escrow).window_ends == ends
    node.jump_to(ends + 1)
    release(done)


def test_retract__after_the_deadline__missed(done: Raise) -> None:
    """AT-8, AT-11, ES-4: a quorum has to stand; nobody restores it when its time is over."""
    ground = done.ground
    deadline = done.tranches()[0].deadline
    node.jump_to(deadline - 100)
    attest_all(ground, done.escrow)
    node.jump_to(deadline + 10)
    with raises("CasePhaseForbids", QUORATE):
        miss(done)
    retract(done)
    with raises("Overdue", ..., deadline):
        attest(ground, done.escrow, THIRD)
    miss(done)


def test_dismiss__of_one_in_a_quorum__a_new_vote_opens_a_new_window(done: Raise) -> None:
    """AT-11: also where nobody had the case looked at in between; the holders get the whole window."""
    ground = done.ground
    attest_all(ground, done.escrow)
    ends = case_of(ground, done.escrow).window_ends
    dismiss(ground, FIRST)
    next_at(ground, ends)
    attest(ground, done.escrow, THIRD, observed_at=1, expires_at=2**40 - 1)
    case = case_of(ground, done.escrow)
    assert (case.phase, case.window_ends) == (QUORATE, ends + 7 * DAY)


def test_dismiss__after_the_window__nothing_is_released_until_the_quorum_stands_again(done: Raise) -> None:
    """AT-11: what is not yet released needs votes that stand; the way back is a new vote with a new window."""
    ground = done.ground
    attest_all(ground, done.escrow)
    pass_window(ground, done.escrow)
    dismiss(ground, FIRST)
    with raises("NotReached", 0):
        release(done)
    attest(ground, done.escrow, THIRD)
    assert case_of(ground, done.escrow).phase == QUORATE
    with raises("NotReached", 0):
        release(done)
    pass_window(ground, done.escrow)
    release(done)


def test_challenge__of_a_quorum_that_is_void__refused(done: Raise) -> None:
    """AT-11, AT-13: nobody can hold up the verifiers with a dispute about nothing."""
    ground = done.ground
    attest_all(ground, done.escrow)
    dismiss(ground, FIRST)
    with raises("CasePhaseForbids", COLLECTING):
        challenge(ground, done.escrow, ERIN)
    with raises("CasePhaseForbids", COLLECTING):
        ground.board.act("challengeByRegulator", header(), done.escrow.address, 0, by=ground.regulator)
    attest(ground, done.escrow, THIRD)


def test_retract__of_a_challenged_vote__the_challenge_is_decided_all_the_same(done: Raise) -> None:
    """AT-10, AT-14: upheld without a quorum that stands is a new round."""
    ground = done.ground
    attest_all(ground, done.escrow)
    challenge(ground, done.escrow, ERIN)
    retract(done)
    assert case_of(ground, done.escrow).phase == CHALLENGED
    with raises("CasePhaseForbids", CHALLENGED):
        attest(ground, done.escrow, THIRD)
    _, ruled, _ = ground.board.act("decide", header(), done.escrow.address, 0, True, by=ARBITER)
    assert ruled.values["upheld"]
    case = case_of(ground, done.escrow)
    assert (case.phase, case.round, case.yes) == (COLLECTING, 2, 0)


def test_dismiss__of_one_upheld__collects_again(done: Raise) -> None:
    """AT-11: an upheld quorum has to stand as well."""
    ground = done.ground
    attest_all(ground, done.escrow)
    challenge(ground, done.escrow, ERIN)
    ground.board.act("decide", header(), done.escrow.address, 0, True, by=ARBITER)
    dismiss(ground, SECOND)
    with raises("NotReached", 0):
        release(done)
    recheck(done)
    case = case_of(ground, done.escrow)
    assert (case.phase, case.window_ends, case.round) == (COLLECTING, 0, 1)


# --- recheck ---


def test_recheck__of_nothing__refused(done: Raise) -> None:
    """AT-11"""
    with raises("CaseUnknown", done.escrow.address, 3):
        recheck(done, 3)


@pytest.mark.parametrize("votes", [0, 1, 2, 3])
def test_recheck__where_nothing_became_void__changes_nothing(done: Raise, votes: int) -> None:
    """AT-11: by anybody, at any time; it cannot move a window or a deadline."""
    ground = done.ground
    attest_all(ground, done.escrow, parties=VERIFIERS[:votes])
    before = case_of(ground, done.escrow)
    recheck(done)
    assert case_of(ground, done.escrow) == before
    node.jump_to(done.tranches()[0].deadline + 8 * DAY)
    recheck(done)
    assert case_of(ground, done.escrow) == before


# --- rounds ---


def test_round__refused_by_a_quorum__makes_way_for_the_next(done: Raise) -> None:
    """AT-12: all may vote anew, the deadline stays, old statements are void."""
    ground = done.ground
    stale = attestation(ground, done.escrow)
    attest(ground, done.escrow, FIRST, outcome=NOT_REACHED)
    attest(ground, done.escrow, SECOND, outcome=NOT_REACHED)
    case = case_of(ground, done.escrow)
    assert (case.round, case.phase, case.yes, case.no, case.out) == (2, COLLECTING, 0, 0, 0)
    assert case.deadline == done.tranches()[0].deadline
    signature = signed(ground, stale, wallet_key(THIRD, 0))
    with raises("AttestationMalformed", 4):
        ground.board.act("attest", astuple(stale), wallet_of(THIRD), signature, by=ground.stranger)
    attest_all(ground, done.escrow)
    assert case_of(ground, done.escrow).phase == QUORATE


def test_round__in_which_no_quorum_can_come_about__makes_way_for_the_next(done: Raise) -> None:
    """AT-12: one against, one taken back, one left."""
    ground = done.ground
    attest(ground, done.escrow, FIRST)
    retract(done)
    attest(ground, done.escrow, SECOND, outcome=NOT_REACHED)
    case = case_of(ground, done.escrow)
    assert (case.round, case.yes, case.no, case.out) == (2, 0, 0, 0)


def test_round__of_a_panel_too_small__waits_for_an_appointment(done: Raise) -> None:
    """AT-12: votes stay; the newcomer completes the quorum."""
    ground = done.ground
    attest(ground, done.escrow, FIRST)
    dismiss(ground, SECOND)
    dismiss(ground, THIRD)
    recheck(done)
    assert (case_of(ground, done.escrow).round, case_of(ground, done.escrow).yes) == (1, 0b001)
    ground.onboard(person(NEWCOMER, category=INSTITUTION, kind=2))
    appoint_ahead(ground, NEWCOMER)
    attest(ground, done.escrow, NEWCOMER)
    assert case_of(ground, done.escrow).phase == QUORATE


def test_rounds__that_one_hostile_verifier_makes__cost_nobody_the_deadline(ground: Ground) -> None:
    """AT-12: it can do no more than by silence, where all are needed; where they are not, nothing."""
    for quorum, rounds in ((2, 1), (3, 4)):
        done = with_quorum(ground, quorum)
        for _ in range(rounds - 1 or 1):
            attest(ground, done.escrow, FIRST)
            retract(done)
        case = case_of(ground, done.escrow)
        assert (case.round, case.deadline) == (rounds, done.tranches()[0].deadline)
        if quorum == 2:
            attest_all(ground, done.escrow, parties=(SECOND, THIRD))
            assert case_of(ground, done.escrow).phase == QUORATE


def test_rounds__when_the_last_one_is_used_up__no_vote_counts_any_more(ground: Ground) -> None:
    """AT-12: round 65 535 has no next; the milestone is missed at its deadline, nothing overflows into the votes."""
    done = with_quorum(ground, 3)
    last = replace(case_of(ground, done.escrow), round=65_535)
    _put_case(ground, done, last.pack())
    attest(ground, done.escrow, SECOND)
    attest(ground, done.escrow, FIRST, outcome=NOT_REACHED)
    case = case_of(ground, done.escrow)
    assert case == replace(last, out=0xFFFF)
    for party in VERIFIERS:
        with raises("AlreadyAttested", party, 65_535):
            attest(ground, done.escrow, party)
    recheck(done)
    assert case_of(ground, done.escrow) == case
    node.jump_to(case.deadline)
    miss(done)
    assert done.purse().redeemable == done.purse().proceeds


def _put_case(ground: Ground, done: Raise, word: int) -> None:
    """Writes a case into the board's storage: 65 534 rounds take a night."""
    inner = keccak(encode(["address", "uint256"], [done.escrow.address, CASES_SLOT]))
    slot = keccak(encode(["uint8", "bytes32"], [0, inner]))
    node.ask("anvil_setStorageAt", ground.board.address, "0x" + slot.hex(), "0x" + word.to_bytes(32, "big").hex())
    assert case_of(ground, done.escrow).pack() == word
