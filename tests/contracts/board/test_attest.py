"""Attestations: what they are bound to, who signs them, when they count (AT-3 to AT-8)."""

from __future__ import annotations

from dataclasses import astuple, replace
from typing import Any

import pytest

from registry.domain.ids import Hash32
from tests.contracts.support import node
from tests.contracts.support.attesting import (
    CLOSED,
    COLLECTING,
    KIND,
    NOT_REACHED,
    NOTICE,
    QUORATE,
    VERIFIERS,
    appoint,
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
from tests.contracts.support.contracts import Contract, deploy
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import INSTITUTION, Ground, header, line, person, wallet_key, wallet_of
from tests.contracts.support.node import DAY
from tests.contracts.support.raising import ERIN, PRICE, Raise, clock, halt, next_at, raw, settled

FIRST, SECOND, THIRD = VERIFIERS
NEWCOMER = 921


@pytest.fixture
def ground(done: Raise) -> Ground:
    """The ground of a settled raise."""
    return done.ground


def sent(ground: Ground, stated: tuple[Any, ...], key: str, signature: bytes, by: str | None = None) -> Any:
    return ground.board.act("attest", stated, key, signature, by=by or ground.stranger)


# --- what it speaks of ---


def test_attest__milestone_that_is_not_before_the_board__refused(ground: Ground, done: Raise, alice: str) -> None:
    """AT-4: none of this number, no escrow, and no case before the raise is settled."""
    with raises("CaseUnknown", done.escrow.address, 2):
        attest(ground, done.escrow, FIRST, 2)
    stated = replace(attestation(ground, done.escrow), escrow=raw(alice))
    with raises("CaseUnknown", alice, 0):
        sent(ground, astuple(stated), wallet_of(FIRST), signed(ground, stated, wallet_key(FIRST, 0)))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"company": raw(wallet_of(ERIN))}, 1),
        ({"round": 2}, 4),
        ({"round": 65_535}, 4),
    ],
    ids=["another company", "next round", "last round"],
)
def test_attest__of_something_else_than_the_case__refused(
    ground: Ground, done: Raise, changes: dict[str, Any], field: int
) -> None:
    """AT-4"""
    with raises("AttestationMalformed", field):
        attest(ground, done.escrow, FIRST, **changes)
    assert case_of(ground, done.escrow).yes == 0


@pytest.mark.parametrize(("place", "value", "field"), [(4, 0, 5), (4, 3, 5), (5, bytes(32), 6)])
def test_attest__without_outcome_or_evidence__refused(
    ground: Ground, done: Raise, place: int, value: Any, field: int
) -> None:
    """AT-4: not even with a signature."""
    stated = list(astuple(attestation(ground, done.escrow)))
    stated[place] = value
    with raises("AttestationMalformed", field):
        sent(ground, tuple(stated), wallet_of(FIRST), b"\1" * 65)


def test_attest__observed_in_the_future_or_expired__refused(ground: Ground, done: Raise) -> None:
    """AT-4: in force from the second of the observation through its last second."""
    time = node.now() + 100
    node.next_block_at(time)
    with raises("AttestationNotInForce", time + 1, time + 9):
        attest(ground, done.escrow, FIRST, observed_at=time + 1, expires_at=time + 9)
    node.next_block_at(time + 10)
    with raises("AttestationNotInForce", time, time + 9):
        attest(ground, done.escrow, FIRST, observed_at=time, expires_at=time + 9)
    stated = attestation(ground, done.escrow, observed_at=time, expires_at=time + 20)
    node.next_block_at(time + 20)
    sent(ground, astuple(stated), wallet_of(FIRST), signed(ground, stated, wallet_key(FIRST, 0)))
    stated = attestation(ground, done.escrow, observed_at=time + 30, expires_at=time + 31)
    node.next_block_at(time + 30)
    sent(ground, astuple(stated), wallet_of(SECOND), signed(ground, stated, wallet_key(SECOND, 0)))


# --- who signed it ---


def test_attest__under_a_key_that_is_nobodys__refused(ground: Ground, done: Raise) -> None:
    """AT-5: the relayer has no say, and verifiers of another type of milestones have none."""
    with raises("VerifierUnknown", wallet_of(ERIN)):
        attest(ground, done.escrow, ERIN)
    ground.onboard(person(NEWCOMER, category=INSTITUTION, kind=2))
    appoint(ground, NEWCOMER, kind=KIND + 1)
    with raises("VerifierUnknown", wallet_of(NEWCOMER)):
        attest(ground, done.escrow, NEWCOMER)


@pytest.mark.parametrize(
    "changes",
    [
        {"milestone": 1},
        {"outcome": NOT_REACHED},
        {"evidence": Hash32(b"\1" * 32)},
        {"uri": "evidence/2"},
        {"observed_at": 1},
        {"expires_at": 2**40 - 1},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_attest__changed_after_it_was_signed__refused(ground: Ground, done: Raise, changes: dict[str, Any]) -> None:
    """AT-4: every field is under the signature."""
    stated = attestation(ground, done.escrow)
    signature = signed(ground, stated, wallet_key(FIRST, 0))
    with raises("SignatureInvalid", wallet_of(FIRST)):
        sent(ground, astuple(replace(stated, **changes)), wallet_of(FIRST), signature)


def test_attest__signed_for_another_escrow_of_the_company__refused(ground: Ground, done: Raise) -> None:
    """AT-4: escrow and company are under the signature too."""
    other = settled(ground, book={ERIN: 1_000 * PRICE})
    stated = attestation(ground, other.escrow)
    signature = signed(ground, stated, wallet_key(FIRST, 0))
    elsewhere = replace(stated, escrow=raw(done.escrow.address))
    with raises("SignatureInvalid", wallet_of(FIRST)):
        sent(ground, astuple(elsewhere), wallet_of(FIRST), signature)


@pytest.mark.parametrize(
    "domain",
    [{"chainId": 1}, {"verifyingContract": "0x" + "11" * 20}, {"version": "2"}, {"name": "Equity Identity Registry"}],
    ids=lambda domain: next(iter(domain)),
)
def test_attest__signed_for_another_chain_or_board__refused(
    ground: Ground, done: Raise, domain: dict[str, Any]
) -> None:
    """AT-4"""
    stated = attestation(ground, done.escrow)
    signature = signed(ground, stated, wallet_key(FIRST, 0), **domain)
    with raises("SignatureInvalid", wallet_of(FIRST)):
        sent(ground, astuple(stated), wallet_of(FIRST), signature)


@pytest.mark.parametrize("signature", [b"", b"\0" * 64, b"\xff" * 65], ids=["none", "short", "nonsense"])
def test_attest__without_a_signature__refused(ground: Ground, done: Raise, signature: bytes) -> None:
    """AT-5"""
    stated = astuple(attestation(ground, done.escrow))
    with raises("SignatureInvalid", wallet_of(FIRST)):
        sent(ground, stated, wallet_of(FIRST), signature)
    with raises("SignatureInvalid", wallet_of(FIRST)):
        sent(ground, stated, wallet_of(FIRST), signature, by=wallet_of(FIRST))


def test_attest__outside_the_days_of_the_mandate__refused(ground: Ground, done: Raise) -> None:
    """AT-3: the first and the last day are inside."""
    ground.onboard(person(NEWCOMER, category=INSTITUTION, kind=2))
    first = node.today() + NOTICE
    appoint(ground, NEWCOMER, from_day=first, until_day=first + 1)
    days = NEWCOMER, first, first + 1
    node.jump_to(node.last_second_of(first - 1) - 2)
    with raises("VerifierNotInForce", *days):
        attest(ground, done.escrow, NEWCOMER)
    node.jump_to(node.last_second_of(first + 1))
    with raises("VerifierNotInForce", *days):
        attest(ground, done.escrow, NEWCOMER)


def test_attest__in_the_first_second_of_the_mandate__counts(ground: Ground, done: Raise) -> None:
    """AT-3"""
    ground.onboard(person(NEWCOMER, category=INSTITUTION, kind=2))
    day = node.today() + NOTICE
    appoint(ground, NEWCOMER, from_day=day, until_day=day)
    node.jump_to(node.first_second_of(day) - 1)
    attest(ground, done.escrow, NEWCOMER)
    assert case_of(ground, done.escrow).yes == 0b1000


def test_attest__in_the_last_second_of_the_mandate__counts(ground: Ground, done: Raise) -> None:
    """AT-3: and the vote stays when the mandate is over."""
    ground.onboard(person(NEWCOMER, category=INSTITUTION, kind=2))
    day = node.today() + NOTICE + 2
    appoint(ground, NEWCOMER, from_day=day - 2, until_day=day)
    node.jump_to(node.last_second_of(day) - 1)
    attest(ground, done.escrow, NEWCOMER)
    attest(ground, done.escrow, FIRST)
    assert case_of(ground, done.escrow).phase == QUORATE
    pass_window(ground, done.escrow)
    assert ground.board.read("isReached", done.escrow.address, 0)


def test_attest__of_a_verifier_that_got_shares_since__refused(ground: Ground, done: Raise) -> None:
    """AT-2: even a gift to its book account; whoever has given the shares away again may speak."""
    ground.issue(ground.common, line(ground.book(FIRST), 1))
    with raises("VerifierHolds", FIRST):
        attest(ground, done.escrow, FIRST)
    ground.cancel(ground.common, ground.book(FIRST), 1)
    attest(ground, done.escrow, FIRST)


def test_attest__of_a_verifier_that_was_dismissed__refused(ground: Ground, done: Raise) -> None:
    """AT-9"""
    dismiss(ground, FIRST)
    with raises("VerifierStruck", FIRST):
        attest(ground, done.escrow, FIRST)


# --- when ---


def test_attest__a_second_time_in_a_round__refused(ground: Ground, done: Raise) -> None:
    """AT-6: the same again (replayed) or the contrary, under a new key too; nothing is counted twice."""
    attest(ground, done.escrow, FIRST)
    for outcome in (1, 2):
        with raises("AlreadyAttested", FIRST, 1):
            attest(ground, done.escrow, FIRST, outcome=outcome)
    rotate(ground, FIRST)
    with raises("AlreadyAttested", FIRST, 1):
        attest(ground, done.escrow, FIRST, number=1)
    assert case_of(ground, done.escrow).yes == 0b001


def test_attest__after_the_deadline__refused(ground: Ground, done: Raise) -> None:
    """AT-8: the last second of the deadline is inside; a quorum half there does not help."""
    deadline = done.tranches()[0].deadline
    next_at(ground, deadline)
    attest(ground, done.escrow, FIRST, observed_at=1, expires_at=2**40 - 1)
    with raises("Overdue", deadline + 1, deadline):
        attest(ground, done.escrow, SECOND)


def test_attest__after_the_window__refused(ground: Ground, done: Raise) -> None:
    """AT-8: a quorum that stands takes more votes through the window's last second, also after the deadline."""
    deadline = done.tranches()[0].deadline
    attest(ground, done.escrow, FIRST)
    next_at(ground, deadline)
    attest(ground, done.escrow, SECOND, observed_at=1, expires_at=2**40 - 1)
    ends = case_of(ground, done.escrow).window_ends
    assert ends == deadline + 7 * DAY
    taken = node.snapshot()
    next_at(ground, ends)
    attest(ground, done.escrow, THIRD, observed_at=1, expires_at=2**40 - 1)
    assert case_of(ground, done.escrow).window_ends == ends
    node.revert_to(taken)
    next_at(ground, ends + 1)
    with raises("Overdue", ends + 1, ends):
        attest(ground, done.escrow, THIRD, observed_at=1, expires_at=2**40 - 1)


def test_attest__while_challenged_or_after_the_release__refused(ground: Ground, done: Raise) -> None:
    """AT-16"""
    attest_all(ground, done.escrow)
    taken = node.snapshot()
    challenge(ground, done.escrow, ERIN)
    with raises("CasePhaseForbids", 3):
        attest(ground, done.escrow, THIRD)
    node.revert_to(taken)
    pass_window(ground, done.escrow)
    done.escrow.act("release", 0, by=ground.stranger)
    with raises("CasePhaseForbids", CLOSED):
        attest(ground, done.escrow, THIRD)


def test_attest__in_a_region_that_is_halted__counts_and_time_stands_still(ground: Ground, done: Raise) -> None:
    """AT-8, ES-14: deadlines do not run, the attestation's own validity does."""
    before = clock(ground)
    halt(ground)
    node.jump_to(node.now() + 300 * DAY)
    attest(ground, done.escrow, FIRST)
    attest(ground, done.escrow, SECOND)
    assert case_of(ground, done.escrow).window_ends <= before + 7 * DAY + 5
    stated = attestation(ground, done.escrow, expires_at=node.now() + 10)
    signature = signed(ground, stated, wallet_key(THIRD, 0))
    node.jump_to(node.now() + 20)
    with raises("AttestationNotInForce"):
        sent(ground, astuple(stated), wallet_of(THIRD), signature)


# --- success ---


def test_attest__by_the_quorum__opens_the_window(ground: Ground, done: Raise) -> None:
    """AT-5, AT-7: brought by anybody or by the verifier itself; the event tells it all, in that order."""
    stated = attestation(ground, done.escrow)
    told, changed = sent(
        ground, astuple(stated), wallet_of(FIRST), signed(ground, stated, wallet_key(FIRST, 0)), by=wallet_of(FIRST)
    )
    assert told.name == "Attested"
    assert tuple(told.values.values()) == (
        *(done.escrow.address, 0, 1, FIRST, 1, stated.evidence),
        *(stated.observed_at, stated.expires_at, "evidence/1"),
    )
    case = case_of(ground, done.escrow)
    assert (case.phase, case.yes, case.window_ends) == (COLLECTING, 0b001, 0)
    assert changed.values["word"] == case.pack()
    _, changed = attest(ground, done.escrow, THIRD)
    case = case_of(ground, done.escrow)
    assert (case.phase, case.yes, case.window_ends) == (QUORATE, 0b101, clock(ground) + 7 * DAY)
    assert ground.board.read("reachedAt", done.escrow.address, 0) == clock(ground)
    assert not ground.board.read("isReached", done.escrow.address, 0)
    assert case_of(ground, done.escrow, 1).yes == 0


def test_attest__that_it_is_not_reached__counts_against_only(ground: Ground, done: Raise) -> None:
    """AT-6"""
    attest(ground, done.escrow, FIRST, outcome=NOT_REACHED)
    case = case_of(ground, done.escrow)
    assert (case.yes, case.no, case.phase, case.round) == (0, 0b001, COLLECTING, 1)
    attest_all(ground, done.escrow, parties=(SECOND, THIRD))
    assert case_of(ground, done.escrow).phase == QUORATE


def test_digest__of_an_attestation__is_what_is_signed(ground: Ground, done: Raise) -> None:
    """AT-4: names in Chinese are hashed as UTF-8."""
    stated = attestation(ground, done.escrow, uri="证据/一")
    sent(ground, astuple(stated), wallet_of(FIRST), signed(ground, stated, wallet_key(FIRST, 0)))
    digest = ground.board.read("digestOf", astuple(stated))
    assert len(digest) == 32
    assert digest != ground.board.read("digestOf", astuple(replace(stated, uri="证据/二")))


# --- contract wallets ---


def test_attest__of_a_contract_wallet__by_its_owners_signature(ground: Ground, done: Raise) -> None:
    """AT-5: ERC-1271; and it takes its vote back itself."""
    owner = wallet_of(NEWCOMER)
    wallet = deploy("MockWallet", owner)
    ground.onboard(person(NEWCOMER, category=INSTITUTION, kind=2))
    appoint_ahead(ground, NEWCOMER, key=wallet.address)
    stated = attestation(ground, done.escrow)
    with raises("SignatureInvalid", wallet.address):
        sent(ground, astuple(stated), wallet.address, signed(ground, stated, wallet_key(FIRST, 0)))
    sent(ground, astuple(stated), wallet.address, signed(ground, stated, wallet_key(NEWCOMER, 0)))
    assert case_of(ground, done.escrow).yes == 0b1000
    with raises("VerifierUnknown", owner):
        ground.board.act("retract", done.escrow.address, 0, by=owner)
    _execute(wallet, ground.board, "retract", done.escrow.address, 0, by=owner)
    assert case_of(ground, done.escrow).out == 0b1000


def test_rotate__of_a_contract_wallet__by_itself(ground: Ground, done: Raise) -> None:
    """AT-15"""
    owner = wallet_of(NEWCOMER)
    wallet = deploy("MockWallet", owner)
    ground.onboard(person(NEWCOMER, category=INSTITUTION, kind=2))
    appoint_ahead(ground, NEWCOMER, key=wallet.address)
    keys = wallet.address, owner
    _execute(wallet, ground.board, "rotateKey", header(), ground.company.address, KIND, *keys, by=owner)
    attest(ground, done.escrow, NEWCOMER)


def _execute(wallet: Contract, target: Contract, function: str, *arguments: Any, by: str) -> None:
    data = bytes.fromhex(target.calldata(function, arguments)[2:])
    wallet.act("execute", target.address, data, by=by)
