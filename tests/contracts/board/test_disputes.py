"""Challenges by holders or the regulator, the arbiter, and what its silence means (AT-13, AT-14); cases (AT-16)."""

from __future__ import annotations

from typing import Any

import pytest

from registry.domain.rules import ActKind
from tests.contracts.support import node
from tests.contracts.support.attesting import (
    CHALLENGED,
    CLOSED,
    COLLECTING,
    DISPUTE,
    QUORATE,
    UPHELD,
    VERIFIERS,
    attest,
    attest_all,
    case_of,
    challenge,
    dismiss,
    pass_window,
    signed_challenge,
)
from tests.contracts.support.contracts import Event, deploy
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import ALICE, Ground, header, wallet_key, wallet_of
from tests.contracts.support.node import DAY
from tests.contracts.support.raising import (
    ARBITER,
    ERIN,
    FRANK,
    GRACE,
    HEIDI,
    PRICE,
    Raise,
    clock,
    escrow_terms,
    halt,
    next_at,
    offering_terms,
    settled,
)

REGULATOR, OFFERINGS = 2, 16
WINDOW, ARBITRATION = 7 * DAY, 10 * DAY


@pytest.fixture
def quorate(done: Raise) -> Raise:
    """A settled raise of 3 500 shares; the first milestone is attested, its window runs."""
    attest_all(done.ground, done.escrow)
    return done


@pytest.fixture
def challenged(quorate: Raise) -> Raise:
    challenge(quorate.ground, quorate.escrow, ERIN)
    return quorate


def disputed(done: Raise, wallets: list[str], signatures: list[bytes], document: bytes = DISPUTE) -> list[Event]:
    arguments = done.escrow.address, 0, document, wallets, signatures
    return done.ground.board.act("challenge", *arguments, by=done.ground.stranger)


def signature(done: Raise, party: int, number: int = 0, **changes: Any) -> bytes:
    usual: dict[str, Any] = {"milestone": 0, "round_": 1, "document": DISPUTE}
    return signed_challenge(done.ground, done.escrow, **(usual | changes), key=wallet_key(party, number))


def by_regulator(done: Raise, milestone: int = 0, by: str | None = None) -> list[Event]:
    ground = done.ground
    return ground.board.act("challengeByRegulator", header(), done.escrow.address, milestone, by=by or ground.regulator)


def decide(done: Raise, upheld: bool, by: str = ARBITER) -> list[Event]:
    return done.ground.board.act("decide", header(), done.escrow.address, 0, upheld, by=by)


def silence(done: Raise) -> list[Event]:
    return done.ground.board.act("decideBySilence", done.escrow.address, 0, by=done.ground.stranger)


def release(done: Raise, milestone: int = 0) -> list[Event]:
    return done.escrow.act("release", milestone, by=done.ground.stranger)


# --- challenge by holders ---


def test_challenge__without_document_or_with_lists_that_differ__refused(quorate: Raise) -> None:
    """AT-13"""
    with raises("LengthsDiffer", 1, 0):
        disputed(quorate, [wallet_of(ERIN)], [])
    with raises("DocumentMissing"):
        disputed(quorate, [], [], bytes(32))


def test_challenge__with_too_few_shares__refused(quorate: Raise) -> None:
    """AT-13: ten per cent of 3 500; nobody at all is too few."""
    ground = quorate.ground
    ground.give(ground.preferred, wallet_of(ERIN), wallet_of(GRACE), 349)
    with raises("ChallengeTooSmall", 349, 350):
        challenge(ground, quorate.escrow, GRACE)
    with raises("ChallengeTooSmall", 0, 350):
        challenge(ground, quorate.escrow)
    with raises("ChallengeTooSmall", 0, 350):
        challenge(ground, quorate.escrow, ALICE)
    ground.give(ground.preferred, wallet_of(ERIN), wallet_of(GRACE), 1)
    challenge(ground, quorate.escrow, GRACE)


def test_challenge__one_party_twice_or_out_of_order__refused(quorate: Raise) -> None:
    """AT-13: each party counts once, whatever wallets it signs with."""
    ground = quorate.ground
    ground.give(ground.preferred, wallet_of(ERIN), wallet_of(GRACE), 200)
    second = ground.bind(GRACE, 1)
    with raises("ChallengersUnordered", GRACE, GRACE):
        challenge(ground, quorate.escrow, GRACE, GRACE)
    with raises("ChallengersUnordered", GRACE, GRACE):
        disputed(quorate, [wallet_of(GRACE), second], [signature(quorate, GRACE), signature(quorate, GRACE, 1)])
    with raises("ChallengersUnordered", ERIN, FRANK):
        challenge(ground, quorate.escrow, FRANK, ERIN)


def test_challenge__signed_for_something_else__refused(quorate: Raise) -> None:
    """AT-13: another milestone, round or document; another's signature."""
    for changes in ({"milestone": 1}, {"round_": 2}, {"document": b"\1" * 32}):
        with raises("SignatureInvalid", wallet_of(ERIN)):
            disputed(quorate, [wallet_of(ERIN)], [signature(quorate, ERIN, **changes)])
    with raises("SignatureInvalid", wallet_of(ERIN)):
        disputed(quorate, [wallet_of(ERIN)], [signature(quorate, FRANK)])


def test_challenge__by_a_wallet_that_is_closed_or_nobodys__refused(quorate: Raise) -> None:
    """AT-13"""
    ground = quorate.ground
    with raises("AccountUnknown", wallet_of(950)):
        disputed(quorate, [wallet_of(950)], [signature(quorate, 950)])
    ground.close_wallet(wallet_of(ERIN))
    with raises("AccountUnknown", wallet_of(ERIN)):
        challenge(ground, quorate.escrow, ERIN)


@pytest.mark.parametrize("milestone", [1, 5])
def test_challenge__where_no_quorum_stands__refused(quorate: Raise, milestone: int) -> None:
    """AT-13"""
    expected = ("CasePhaseForbids", COLLECTING) if milestone == 1 else ("CaseUnknown", quorate.escrow.address, 5)
    with raises(*expected):
        challenge(quorate.ground, quorate.escrow, ERIN, milestone=milestone)
    with raises(*expected):
        by_regulator(quorate, milestone)


def test_challenge__after_the_window__refused(quorate: Raise) -> None:
    """AT-8, AT-13: the first second after it."""
    ends = case_of(quorate.ground, quorate.escrow).window_ends
    next_at(quorate.ground, ends + 1)
    with raises("Overdue", ends + 1, ends):
        challenge(quorate.ground, quorate.escrow, ERIN)
    next_at(quorate.ground, ends + 2)
    with raises("Overdue", ends + 2, ends):
        by_regulator(quorate)


def test_challenge__a_second_time_or_when_decided__refused(challenged: Raise) -> None:
    """AT-13: a challenge cannot be heaped on a challenge, nor on a ruling."""
    ground = challenged.ground
    for _ in range(2):
        with raises("CasePhaseForbids", case_of(ground, challenged.escrow).phase):
            challenge(ground, challenged.escrow, FRANK)
        if case_of(ground, challenged.escrow).phase == CHALLENGED:
            decide(challenged, True)
    assert case_of(ground, challenged.escrow).phase == UPHELD


def test_challenge__of_what_is_released__refused(quorate: Raise) -> None:
    """AT-13, AT-16: not even when a verifier is struck afterwards and the case looked at again."""
    ground = quorate.ground
    pass_window(ground, quorate.escrow)
    release(quorate)
    dismiss(ground, VERIFIERS[0])
    ground.board.act("recheck", quorate.escrow.address, 0, by=ground.stranger)
    with raises("CasePhaseForbids", CLOSED):
        challenge(ground, quorate.escrow, ERIN)
    with raises("CasePhaseForbids", CLOSED):
        by_regulator(quorate)


def test_challenge__in_the_last_second_of_the_window__stops_the_release(quorate: Raise) -> None:
    """AT-8, AT-13: wallet and book account of a party count; the challenger told is who brought it."""
    ground = quorate.ground
    ground.give(ground.preferred, wallet_of(FRANK), ground.book(FRANK), 700)
    ground.give(ground.preferred, wallet_of(ERIN), wallet_of(GRACE), 1_900)
    needed = 350
    assert ground.balance(ground.preferred, wallet_of(FRANK)) < needed
    next_at(ground, case_of(ground, quorate.escrow).window_ends)
    told, changed = challenge(ground, quorate.escrow, ERIN, FRANK)
    assert told.name == "CaseChallenged"
    assert tuple(told.values.values()) == (quorate.escrow.address, 0, 1, ground.stranger, DISPUTE)
    case = case_of(ground, quorate.escrow)
    assert (case.phase, case.yes) == (CHALLENGED, 0b011)
    assert changed.values["word"] == case.pack()
    pass_window(ground, quorate.escrow)
    with raises("NotReached", 0):
        release(quorate)


def test_challenge__of_a_holder_without_a_wallet__through_another_holders(quorate: Raise) -> None:
    """AT-13: a book account has no key; its owner binds a wallet to speak."""
    ground = quorate.ground
    with raises("SignatureInvalid", ground.book(HEIDI)):
        disputed(quorate, [ground.book(HEIDI)], [signature(quorate, HEIDI)])
    ground.bind(HEIDI)
    challenge(ground, quorate.escrow, HEIDI)


def test_challenge__of_a_contract_wallet__by_its_owners_signature(quorate: Raise) -> None:
    """AT-5, AT-13"""
    ground = quorate.ground
    wallet = deploy("MockWallet", wallet_of(HEIDI, 5))
    deadline = node.now() + 1_000
    bound = ground.signature(HEIDI, wallet.address, deadline, wallet_key(HEIDI, 5))
    ground.registry.act("bindWallet", header(), HEIDI, wallet.address, deadline, bound, by=ground.kyc_agent)
    disputed(quorate, [wallet.address], [signature(quorate, HEIDI, 5)])


# --- challenge by the regulator ---


def test_challenge_by_regulator__by_others__refused(quorate: Raise) -> None:
    """AT-13"""
    for actor in (quorate.ground.platform, quorate.ground.issuer, ARBITER, quorate.ground.stranger):
        with raises("NotAuthorised", actor, REGULATOR):
            by_regulator(quorate, by=actor)


def test_challenge_by_regulator__in_the_window__is_an_act(quorate: Raise) -> None:
    """AT-13"""
    next_at(quorate.ground, case_of(quorate.ground, quorate.escrow).window_ends)
    act, told, _ = by_regulator(quorate)
    assert act.values["kind"] == ActKind.CHALLENGE
    assert told.values["document"] == act.values["document"]
    assert told.values["challenger"] == quorate.ground.regulator


# --- the arbiter ---


def test_decide__by_others__refused(challenged: Raise) -> None:
    """AT-14"""
    for actor in (challenged.ground.platform, challenged.ground.regulator, challenged.ground.stranger):
        with raises("NotAuthorised", actor, 0):
            decide(challenged, True, by=actor)


def test_decide__of_what_is_not_challenged__refused(quorate: Raise) -> None:
    """AT-14: whatever address is named."""
    with raises("CasePhaseForbids", QUORATE):
        decide(quorate, True)
    with raises("CasePhaseForbids", QUORATE):
        silence(quorate)
    for nothing in (wallet_of(ERIN), quorate.ground.board.address):
        with raises("CaseUnknown", nothing, 0):
            quorate.ground.board.act("decide", header(), nothing, 0, True, by=ARBITER)


def test_decide__after_the_arbiters_time__refused_then_silence_speaks(challenged: Raise) -> None:
    """AT-14: ten days after the window, the last second inside."""
    ground = challenged.ground
    last = case_of(ground, challenged.escrow).window_ends + ARBITRATION
    next_at(ground, last)
    with raises("NotDue", last, last + 1):
        silence(challenged)
    next_at(ground, last + 1)
    with raises("Overdue", last + 1, last):
        decide(challenged, False)
    told, _ = silence(challenged)
    assert told.name == "CaseRuled"
    assert tuple(told.values.values()) == (challenged.escrow.address, 0, 1, True, True)


def test_decide__upheld__is_final_at_once(challenged: Raise) -> None:
    """AT-14: nothing more to wait for, whatever is left of the window."""
    act, told, changed = decide(challenged, True)
    assert act.values["kind"] == ActKind.RULING
    assert tuple(told.values.values()) == (challenged.escrow.address, 0, 1, True, False)
    case = case_of(challenged.ground, challenged.escrow)
    assert case.phase == UPHELD
    assert changed.values["word"] == case.pack()
    assert clock(challenged.ground) < case.window_ends
    release(challenged)
    assert challenged.purse().released == challenged.tranches()[0].value


def test_decide__in_the_last_second__counts(challenged: Raise) -> None:
    """AT-14"""
    next_at(challenged.ground, case_of(challenged.ground, challenged.escrow).window_ends + ARBITRATION)
    decide(challenged, False)


def test_decide__not_upheld__a_new_round_under_the_same_deadline(challenged: Raise) -> None:
    """AT-12, AT-14: old votes and the challengers' signatures are void."""
    ground = challenged.ground
    decide(challenged, False)
    case = case_of(ground, challenged.escrow)
    assert (case.phase, case.round, case.yes, case.window_ends) == (COLLECTING, 2, 0, 0)
    assert case.deadline == challenged.tranches()[0].deadline
    attest_all(ground, challenged.escrow)
    with raises("SignatureInvalid", wallet_of(ERIN)):
        challenge(ground, challenged.escrow, ERIN, round_=1)
    challenge(ground, challenged.escrow, ERIN, round_=2)


@pytest.mark.parametrize("upholds", [True, False])
def test_silence__of_the_arbiter__means_what_the_terms_say(ground: Ground, upholds: bool) -> None:
    """AT-14: both ways."""
    done = settled(ground, offering_terms(ground), escrow_terms(ground, silence_upholds=upholds))
    attest_all(ground, done.escrow)
    challenge(ground, done.escrow, ERIN)
    node.jump_to(case_of(ground, done.escrow).window_ends + ARBITRATION)
    silence(done)
    case = case_of(ground, done.escrow)
    assert (case.phase, case.round) == ((UPHELD, 1) if upholds else (COLLECTING, 2))
    if upholds:
        release(done)
    else:
        with raises("NotReached", 0):
            release(done)


def test_silence__over_a_quorum_that_is_lost__a_new_round(challenged: Raise) -> None:
    """AT-11, AT-14: silence upholds nothing that does not stand."""
    dismiss(challenged.ground, VERIFIERS[1])
    node.jump_to(case_of(challenged.ground, challenged.escrow).window_ends + ARBITRATION)
    silence(challenged)
    assert case_of(challenged.ground, challenged.escrow).round == 2


def test_challenge__past_the_deadline_and_not_upheld__missed(done: Raise) -> None:
    """AT-12, AT-14, ES-4: the next round has no time left; nothing hangs."""
    ground = done.ground
    node.jump_to(done.tranches()[0].deadline - 20)
    attest_all(ground, done.escrow)
    challenge(ground, done.escrow, ERIN)
    node.jump_to(done.tranches()[0].deadline + DAY)
    with raises("CasePhaseForbids", CHALLENGED):
        done.escrow.act("miss", 0, by=ground.stranger)
    decide(done, False)
    with raises("Overdue"):
        attest(ground, done.escrow, VERIFIERS[0])
    done.escrow.act("miss", 0, by=ground.stranger)


def test_window_and_arbitration__in_a_region_that_is_halted__stand_still(quorate: Raise) -> None:
    """AT-8, AT-14, ES-14"""
    ground = quorate.ground
    halt(ground)
    node.jump_to(node.now() + 100 * DAY)
    challenge(ground, quorate.escrow, ERIN)
    node.jump_to(node.now() + 100 * DAY)
    with raises("NotDue"):
        silence(quorate)
    halt(ground, False)
    assert clock(ground) < case_of(ground, quorate.escrow).window_ends
    decide(quorate, True)


# --- cases are their escrow's ---


def test_cases__of_others__nobody_opens_or_closes(done: Raise) -> None:
    """AT-16: a case is known by the escrow that asks; a raise that opens none has none."""
    ground = done.ground
    with raises("NotAuthorised", ground.platform, OFFERINGS):
        ground.board.act("openCase", ground.company.address, 0, 1, by=ground.platform)
    for actor in (ground.platform, done.offering.address, wallet_of(ERIN)):
        for function in ("closeOverdue", "closeUndecided"):
            with raises("CaseUnknown", actor, 0):
                ground.board.act(function, 0, by=actor)
        with raises("CaseUnknown", actor, 0):
            ground.board.act("reopen", 0, 2**39, by=actor)
        assert ground.board.read("closeReached", 0, by=actor) is False
    assert case_of(ground, done.escrow).phase == COLLECTING


def test_cases__at_settlement__opened_with_the_terms(done: Raise) -> None:
    """AT-16"""
    ground, terms = done.ground, done.tranches()
    for milestone in (0, 1):
        case = case_of(ground, done.escrow, milestone)
        assert (case.kind, case.quorum, case.round, case.phase) == (7, 2, 1, COLLECTING)
        assert (case.deadline, case.window, case.arbitration) == (terms[milestone].deadline, WINDOW, ARBITRATION)
        assert case.silence_upholds
    assert ground.board.read("companyOf", done.escrow.address) == ground.company.address
    assert ground.board.read("reachedAt", done.escrow.address, 0) == 0
    assert done.totals().raised == 3_500 * PRICE
