"""Two outcomes signed by one verifier: recorded with both signatures, the verifier suspended, its votes void (AT-9)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from registry.domain.attestation import Attestation
from tests.contracts.support import node
from tests.contracts.support.attesting import (
    COLLECTING,
    KIND,
    NOT_REACHED,
    QUORATE,
    VERIFIERS,
    appoint,
    appoint_ahead,
    attest,
    attest_all,
    attestation,
    case_of,
    dismiss,
    pass_window,
    rotate,
    statement,
)
from tests.contracts.support.contracts import Event, deploy
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import INSTITUTION, Ground, person, wallet_of
from tests.contracts.support.raising import ERIN, Raise, raw

FIRST, SECOND, THIRD = VERIFIERS
NEWCOMER = 921


def pair(done: Raise, milestone: int = 0, **changes: Any) -> tuple[Attestation, Attestation]:
    """Reached and not reached."""
    stated = attestation(done.ground, done.escrow, milestone, **changes)
    return stated, replace(stated, outcome=NOT_REACHED)


def accuse(
    done: Raise, first: Attestation, second: Attestation, party: int = FIRST, *, numbers: tuple[int, int] = (0, 0)
) -> list[Event]:
    signed = [
        statement(done.ground, stated, party, number) for stated, number in zip((first, second), numbers, strict=True)
    ]
    return done.ground.board.act("accuse", *signed, by=done.ground.stranger)


def struck(ground: Ground) -> int:
    bits: int = ground.board.read("panel", ground.company.address, KIND)[1]
    return bits


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": 1},
        {"company": raw(wallet_of(ERIN))},
        {"escrow": raw(wallet_of(ERIN))},
        {"milestone": 1},
        {"round": 2},
    ],
    ids=["same outcome", "other company", "other escrow", "other milestone", "other round"],
)
def test_accuse__of_what_does_not_contradict__refused(done: Raise, changes: dict[str, Any]) -> None:
    """AT-9: two milestones, two rounds, or the same said twice with other evidence."""
    first, second = pair(done)
    with raises("NoContradiction"):
        accuse(done, first, replace(second, **changes))
    with raises("NoContradiction"):
        accuse(done, first, replace(first, uri="evidence/2"))
    assert struck(done.ground) == 0


def test_accuse__of_a_milestone_nobody_knows__refused(done: Raise) -> None:
    """AT-9"""
    with raises("CaseUnknown", done.escrow.address, 9):
        accuse(done, *pair(done, 9))


def test_accuse__with_a_signature_that_is_not_its_own__refused(done: Raise) -> None:
    """AT-9: neither statement may be forged."""
    ground, (first, second) = done.ground, pair(done)
    own = statement(ground, first, FIRST)
    other = statement(ground, second, SECOND)
    forged = (other[0], own[1], other[2])
    for signed in ((own, forged), (forged, own)):
        with raises("SignatureInvalid", own[1]):
            ground.board.act("accuse", *signed, by=ground.stranger)
    assert struck(ground) == 0


def test_accuse__of_two_verifiers_that_disagree__refused(done: Raise) -> None:
    """AT-9: to disagree is no offence."""
    ground, (first, second) = done.ground, pair(done)
    with raises("VerifierUnknown", wallet_of(SECOND)):
        signed = statement(ground, first, FIRST), statement(ground, second, SECOND)
        ground.board.act("accuse", *signed, by=ground.stranger)


def test_accuse__under_a_key_that_never_was_a_members__refused(done: Raise) -> None:
    """AT-9"""
    with raises("VerifierUnknown", wallet_of(ERIN)):
        accuse(done, *pair(done), ERIN)
    with raises("VerifierUnknown", wallet_of(FIRST, 4)):
        accuse(done, *pair(done), numbers=(0, 4))


def test_accuse__twice_or_after_a_dismissal__refused(done: Raise) -> None:
    """AT-9"""
    accuse(done, *pair(done))
    with raises("VerifierStruck", FIRST):
        accuse(done, *pair(done))
    dismiss(done.ground, SECOND)
    with raises("VerifierStruck", SECOND):
        accuse(done, *pair(done), SECOND)


def test_accuse__two_outcomes__suspended_and_told_with_both_signatures(done: Raise) -> None:
    """AT-9: by anybody, even where neither was ever sent, or both have expired."""
    ground, (first, second) = done.ground, pair(done, observed_at=1, expires_at=2)
    told, signatures, changed = accuse(done, first, second)
    assert told.name == "VerifierContradicted"
    digests = [
        ground.board.read("digestOf", tuple(getattr(stated, name) for name in stated.__slots__))
        for stated in (first, second)
    ]
    assert tuple(told.values.values()) == (ground.company.address, KIND, 0, FIRST, *digests)
    assert tuple(signatures.values.values()) == tuple(statement(ground, s, FIRST)[2] for s in (first, second))
    assert changed.name == "CaseChanged"
    assert struck(ground) == 0b001
    with raises("VerifierStruck", FIRST):
        attest(ground, done.escrow, FIRST)


@pytest.mark.parametrize("numbers", [(0, 1), (1, 0), (0, 0), (1, 1)])
def test_accuse__across_a_rotated_key__suspended_all_the_same(done: Raise, numbers: tuple[int, int]) -> None:
    """AT-9, AT-15: nobody slips out of what an older key signed."""
    attest(done.ground, done.escrow, FIRST)
    rotate(done.ground, FIRST)
    accuse(done, *pair(done), numbers=numbers)
    assert struck(done.ground) == 0b001


def test_accuse__of_a_contract_wallet__by_its_owners_signatures(done: Raise) -> None:
    """AT-5, AT-9"""
    ground = done.ground
    wallet = deploy("MockWallet", wallet_of(NEWCOMER))
    ground.onboard(person(NEWCOMER, category=INSTITUTION, kind=2))
    appoint_ahead(ground, NEWCOMER, key=wallet.address)
    signed = [(s[0], wallet.address, s[2]) for s in (statement(ground, stated, NEWCOMER) for stated in pair(done))]
    ground.board.act("accuse", *signed, by=ground.stranger)
    assert struck(ground) == 0b1000


def test_accuse__of_one_in_a_quorum__votes_void_in_every_case(done: Raise) -> None:
    """AT-9, AT-11: the case at hand collects again; another one as soon as anybody looks."""
    ground = done.ground
    attest_all(ground, done.escrow)
    attest_all(ground, done.escrow, 1)
    accuse(done, *pair(done))
    case = case_of(ground, done.escrow)
    assert (case.phase, case.window_ends, case.round) == (COLLECTING, 0, 1)
    assert case_of(ground, done.escrow, 1).phase == QUORATE
    pass_window(ground, done.escrow, 1)
    assert not ground.board.read("isReached", done.escrow.address, 1)
    with raises("NotReached", 1):
        done.escrow.act("release", 1, by=ground.stranger)
    ground.board.act("recheck", done.escrow.address, 1, by=ground.stranger)
    assert case_of(ground, done.escrow, 1).phase == COLLECTING


def test_accuse__of_one_vote_too_many__the_quorum_stands(done: Raise) -> None:
    """AT-9: three voted, two are needed; the window goes on."""
    ground = done.ground
    attest_all(ground, done.escrow, parties=VERIFIERS)
    ends = case_of(ground, done.escrow).window_ends
    accuse(done, *pair(done))
    case = case_of(ground, done.escrow)
    assert (case.phase, case.window_ends) == (QUORATE, ends)
    node.jump_to(ends + 1)
    done.escrow.act("release", 0, by=ground.stranger)


def test_accuse__after_the_release__suspended_and_the_case_stays_closed(done: Raise) -> None:
    """AT-9, AT-16: what is released is released; the verifier votes nowhere else."""
    ground = done.ground
    attest_all(ground, done.escrow)
    pass_window(ground, done.escrow)
    done.escrow.act("release", 0, by=ground.stranger)
    before = case_of(ground, done.escrow), done.purse()
    accuse(done, *pair(done))
    assert (case_of(ground, done.escrow), done.purse()) == before
    with raises("VerifierStruck", FIRST):
        attest(ground, done.escrow, FIRST, 1)


def test_accuse__of_one_in_another_panel__only_this_one_strikes(done: Raise) -> None:
    """AT-1, AT-9: a panel belongs to one type of milestones."""
    ground = done.ground
    appoint(ground, FIRST, kind=KIND + 1)
    accuse(done, *pair(done))
    assert ground.board.read("panel", ground.company.address, KIND + 1) == (1, 0, False)
