"""The attestation board: who may state what, what makes a verdict, and how it is disputed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.domain.attestation import NOT_REACHED, Signed
from registry.domain.board import NOTICE, CasePhase, Panel, is_reached, judged, reached_at
from registry.domain.commands import Recount, SetFrozen, SetWalletClosed, Transfer
from registry.domain.commands.board import (
    Accuse,
    Attest,
    Challenge,
    ChallengeByRegulator,
    Decide,
    DecideBySilence,
    Recheck,
    Retract,
)
from registry.domain.commands.escrow import Release
from registry.domain.commands.panels import Appoint, Dismiss, RotateKey
from registry.domain.commands.regions import SetHalted
from registry.domain.events_escrow import (
    Attested,
    CaseChanged,
    ContradictionSigned,
    VerifierContradicted,
)
from registry.domain.findings import Check
from registry.domain.ids import Address, Day, Hash32, PartyId
from registry.domain.raise_args import Appointment
from registry.domain.raise_words import Case, Verifier
from registry.domain.state import apply_all
from tests.domain import escrow_world as x
from tests.domain import world as w
from tests.domain.escrow_world import ESCROW, KIND, VERIFIERS, WINDOW, Raised, appoint, key_of, raised

FIRST, SECOND, THIRD = VERIFIERS
DIGESTS = (Hash32(b"\1" * 32), Hash32(b"\2" * 32))


@pytest.fixture
def world() -> Raised:
    return raised()


def quorate(world: Raised) -> Raised:
    world.attest(FIRST)
    world.attest(SECOND)
    return world


def challenged(world: Raised) -> Raised:
    quorate(world).run(ChallengeByRegulator(w.header(), ESCROW, 0), w.REGULATOR)
    return world


# --- the rules of a verdict, pure ---

PANEL = Panel([Verifier(key_of(v), PartyId(v)) for v in range(3)])
CASE = Case(KIND, quorum=2, round=1, phase=CasePhase.COLLECTING, deadline=100, window=10)


def test_judged__quorum__opens_the_window_from_now() -> None:
    assert judged(replace(CASE, yes=0b01), PANEL, 50) == replace(CASE, yes=0b01)
    after = judged(replace(CASE, yes=0b11), PANEL, 50)
    assert (after.phase, after.window_ends, reached_at(after)) == (CasePhase.QUORATE, 60, 50)
    assert judged(after, PANEL, 55) == after, "the window is not opened again"


def test_judged__struck_vote_breaks_the_quorum__collects_again_in_the_same_round() -> None:
    after = judged(replace(CASE, yes=0b11), PANEL, 50)
    broken = judged(after, replace_struck(0b001), 55)
    assert (broken.phase, broken.round, broken.window_ends, broken.yes) == (CasePhase.COLLECTING, 1, 0, 0b11)


def test_judged__as_many_against_as_a_quorum__next_round() -> None:
    after = judged(replace(CASE, yes=0b001, no=0b110), PANEL, 50)
    assert (after.round, after.yes, after.no, after.out) == (2, 0, 0, 0)


def test_judged__quorum_out_of_reach__next_round() -> None:
    assert judged(replace(CASE, yes=0b001, no=0b010), PANEL, 50).round == 1
    assert judged(replace(CASE, no=0b010, out=0b100), PANEL, 50).round == 2


def test_judged__panel_smaller_than_the_quorum__waits_for_verifiers() -> None:
    """A new round would help nobody: who is missing is still to be appointed."""
    assert judged(replace(CASE, no=0b001), replace_struck(0b110), 50).round == 1


def test_judged__challenged_or_closed__stays() -> None:
    for phase in (CasePhase.CHALLENGED, CasePhase.CLOSED):
        case = replace(CASE, yes=0b11, phase=phase)
        assert judged(case, replace_struck(0b111), 50) == case


def test_judged__last_round__nobody_votes_twice_and_the_deadline_is_left() -> None:
    last = replace(CASE, round=65_535, no=0b110)
    after = judged(last, PANEL, 50)
    assert (after.round, after.out) == (65_535, 0xFFFF)
    assert judged(after, PANEL, 51) == after


def test_is_reached__last_second_of_the_window__not_yet() -> None:
    after = judged(replace(CASE, yes=0b11), PANEL, 50)
    assert not is_reached(after, PANEL, 60)
    assert is_reached(after, PANEL, 61)
    assert not is_reached(after, replace_struck(0b010), 61), "a vote that is void by now counts for nothing"
    assert not is_reached(replace(after, phase=CasePhase.CHALLENGED), PANEL, 61)
    assert is_reached(replace(after, phase=CasePhase.UPHELD), PANEL, 55)


def replace_struck(struck: int) -> Panel:
    panel = PANEL.copy()
    panel.struck = struck
    return panel


# --- attestations ---


def test_attest__wrong_company_round_or_milestone__is_refused(world: Raised) -> None:
    a, key = world.attestation(), key_of(FIRST)
    assert world.refusal(Attest(replace(a, company=w.STRANGER), key)) == ("AttestationMalformed", 1)
    assert world.refusal(Attest(replace(a, round=2), key)) == ("AttestationMalformed", 4)
    assert world.refusal(Attest(replace(a, outcome=3), key)) == ("AttestationMalformed", 5)
    assert world.refusal(Attest(replace(a, evidence=Hash32(bytes(32))), key)) == ("AttestationMalformed", 6)
    assert world.refusal(Attest(replace(a, milestone=2), key)) == ("CaseUnknown", ESCROW, 2)


def test_attest__expired_or_not_yet_observed__is_refused_outside_its_last_second(world: Raised) -> None:
    key, now = key_of(FIRST), world.time
    expired = replace(world.attestation(), observed_at=now - 10, expires_at=now - 1)
    assert world.refusal(Attest(expired, key)) == ("AttestationNotInForce", now - 10, now - 1)
    ahead = replace(expired, observed_at=now + 1, expires_at=now + 5)
    assert world.refusal(Attest(ahead, key)) == ("AttestationNotInForce", now + 1, now + 5)
    world.run(Attest(replace(expired, expires_at=now), key), w.STRANGER)


def test_attest__foreign_key_or_signature__is_refused(world: Raised) -> None:
    a = world.attestation()
    assert world.refusal(Attest(a, w.STRANGER)) == ("VerifierUnknown", w.STRANGER)
    assert world.refusal(Attest(a, key_of(FIRST), is_signed=False)) == ("SignatureInvalid", key_of(FIRST))


def test_attest__struck_or_out_of_its_days__is_refused(world: Raised) -> None:
    appoint(world, PartyId(9), until_day=world.today + NOTICE)
    world.run(Dismiss(w.header(), w.COMPANY, KIND, key_of(FIRST)), w.PLATFORM)
    assert world.refusal(Attest(world.attestation(), key_of(FIRST))) == ("VerifierStruck", FIRST)
    world.wait((NOTICE + 1) * x.DAY)
    out = world.refusal(Attest(world.attestation(), key_of(9)))
    assert out == ("VerifierNotInForce", 9, world.today - 1, world.today - 1)


def test_attest__verifier_who_bought_shares__is_refused_at_the_vote(world: Raised) -> None:
    world.run(Transfer(w.ORDINARY, world.book(FIRST), 1), w.wallet(1, 0))
    assert world.refusal(Attest(world.attestation(), key_of(FIRST))) == ("VerifierHolds", FIRST)
    world.run(Recount(w.COMPANY, FIRST), w.STRANGER)
    world.stands()


def test_attest__twice_in_a_round__is_refused(world: Raised) -> None:
    world.attest(FIRST)
    for outcome in (1, NOT_REACHED):
        a = world.attestation(outcome=outcome)
        assert world.refusal(Attest(a, key_of(FIRST))) == ("AlreadyAttested", FIRST, 1)


def test_attest__quorum__tells_and_opens_the_window(world: Raised) -> None:
    first = world.attest(FIRST)
    assert [type(e) for e in first] == [Attested, CaseChanged]
    assert world.case().phase == CasePhase.COLLECTING
    world.attest(SECOND)
    assert (world.case().phase, world.case().window_ends) == (CasePhase.QUORATE, world.clock + WINDOW)
    world.stands()


def test_attest__deadline__its_last_second_counts(world: Raised) -> None:
    world.at(x.DEADLINE)
    world.attest(FIRST)
    world.wait(1)
    late = world.refusal(Attest(world.attestation(), key_of(SECOND)))
    assert late == ("Overdue", world.clock, x.DEADLINE)


def test_attest__after_a_halt__the_deadline_has_moved_with_the_clock(world: Raised) -> None:
    world.run(SetHalted(w.header(), x.REGION, True), w.REGULATOR)
    world.at(x.DEADLINE + 7 * x.DAY)
    world.run(SetHalted(w.header(), x.REGION, False), w.REGULATOR)
    assert world.clock < x.DEADLINE
    world.attest(FIRST)
    world.attest(SECOND)
    assert world.case().window_ends == world.clock + WINDOW
    world.stands()


def test_attest__against_the_quorum_in_its_window__changes_no_verdict(world: Raised) -> None:
    quorate(world).attest(THIRD, outcome=NOT_REACHED)
    assert (world.case().phase, world.case().no) == (CasePhase.QUORATE, 0b100)
    world.wait(WINDOW + 1)
    world.release()


def test_attest__two_against__the_next_round_takes_new_votes(world: Raised) -> None:
    world.attest(FIRST, outcome=NOT_REACHED)
    world.attest(SECOND, outcome=NOT_REACHED)
    assert (world.case().round, world.case().phase) == (2, CasePhase.COLLECTING)
    world.reach()
    world.release()
    world.stands()


# --- votes that go ---


def test_retract__before_the_end_of_the_window__breaks_the_quorum(world: Raised) -> None:
    assert world.refusal(Retract(ESCROW, 0), key_of(FIRST)) == ("NothingAttested", FIRST)
    quorate(world)
    assert world.refusal(Retract(ESCROW, 0)) == ("VerifierUnknown", w.STRANGER)
    world.wait(WINDOW)
    world.run(Retract(ESCROW, 0), key_of(FIRST))
    case = world.case()
    assert (case.phase, case.yes, case.out, case.window_ends) == (CasePhase.COLLECTING, 0b010, 0b001, 0)
    assert world.refusal(Attest(world.attestation(), key_of(FIRST))) == ("AlreadyAttested", FIRST, 1)
    world.attest(THIRD)
    assert world.case().phase == CasePhase.QUORATE
    world.stands()


def test_retract__verdict_is_final__is_refused(world: Raised) -> None:
    quorate(world).wait(WINDOW + 1)
    refusal = world.refusal(Retract(ESCROW, 0), key_of(FIRST))
    assert refusal == ("Overdue", world.clock, world.case().window_ends)


def test_retract__struck__is_refused(world: Raised) -> None:
    """AT-10: its vote is void; whoever is appointed in its place, under the same party, keeps its own."""
    quorate(world)
    world.run(Dismiss(w.header(), w.COMPANY, KIND, key_of(FIRST)), w.PLATFORM)
    new = Appointment(w.COMPANY, KIND, FIRST, key_of(FIRST, 1), Day(world.today + NOTICE), Day(30_000))
    world.run(Appoint(w.header(), new), w.PLATFORM)
    world.wait(NOTICE * x.DAY)
    world.run(Attest(world.attestation(), key_of(FIRST, 1)), w.STRANGER)
    assert world.refusal(Retract(ESCROW, 0), key_of(FIRST)) == ("VerifierStruck", FIRST)
    world.run(Retract(ESCROW, 0), key_of(FIRST, 1))
    assert world.case().out == 0b1000
    world.stands()


def test_retract__while_challenged__leaves_nothing_to_uphold(world: Raised) -> None:
    challenged(world).run(Retract(ESCROW, 0), key_of(FIRST))
    assert world.case().phase == CasePhase.CHALLENGED
    world.run(Decide(w.header(), ESCROW, 0, True), x.ARBITER)
    assert (world.case().phase, world.case().round) == (CasePhase.COLLECTING, 2)
    world.stands()


def test_dismiss__votes_are_void__release_and_recheck_see_it(world: Raised) -> None:
    quorate(world).run(Dismiss(w.header(), w.COMPANY, KIND, key_of(FIRST)), w.PLATFORM)
    assert world.case().phase == CasePhase.QUORATE, "no event, no write: the next look applies it"
    world.wait(WINDOW + 1)
    assert world.refusal(Release(ESCROW, 0)) == ("NotReached", 0)
    world.run(Recheck(ESCROW, 0), w.STRANGER)
    assert world.case().phase == CasePhase.COLLECTING
    assert world.refusal(challenge(2)) == ("CasePhaseForbids", CasePhase.COLLECTING)
    world.attest(THIRD)
    assert world.case().window_ends == world.clock + WINDOW
    world.stands()


def accusation(world: Raised, key: Address, other: Address | None = None, **changed: object) -> Accuse:
    yes, no = world.attestation(), replace(world.attestation(outcome=NOT_REACHED), **changed)  # type: ignore[arg-type]
    return Accuse(Signed(yes, key, b"one"), Signed(no, other or key, b"two"), DIGESTS)


def test_accuse__two_outcomes_under_one_key__suspends_and_voids(world: Raised) -> None:
    quorate(world)
    events = world.run(accusation(world, key_of(FIRST)), w.STRANGER)
    assert [type(e) for e in events] == [VerifierContradicted, ContradictionSigned, CaseChanged]
    assert world.case().phase == CasePhase.COLLECTING
    assert world.panel.struck == 0b001
    assert world.refusal(accusation(world, key_of(FIRST))) == ("VerifierStruck", FIRST)
    world.stands()


def test_accuse__older_key__reaches_the_verifier_all_the_same(world: Raised) -> None:
    world.run(RotateKey(w.header(), w.COMPANY, KIND, key_of(FIRST), key_of(FIRST, 1)), key_of(FIRST))
    other = accusation(world, key_of(FIRST), key_of(SECOND))
    assert world.refusal(other) == ("VerifierUnknown", key_of(SECOND))
    world.run(accusation(world, key_of(FIRST), key_of(FIRST, 1)), w.STRANGER)
    assert world.panel.is_struck(0)
    world.stands()


def test_accuse__no_contradiction_or_no_signature__is_refused(world: Raised) -> None:
    for changed in ({"outcome": 1}, {"round": 2}, {"milestone": 1}, {"company": w.STRANGER}):
        assert world.refusal(accusation(world, key_of(FIRST), **changed)) == ("NoContradiction",)
    forged = replace(accusation(world, key_of(FIRST)), forged=(key_of(FIRST),))
    assert world.refusal(forged) == ("SignatureInvalid", key_of(FIRST))
    assert world.refusal(accusation(world, w.STRANGER)) == ("VerifierUnknown", w.STRANGER)


def test_accuse__after_the_arbiter_upheld__the_verdict_falls(world: Raised) -> None:
    challenged(world).run(Decide(w.header(), ESCROW, 0, True), x.ARBITER)
    world.run(accusation(world, key_of(FIRST)), w.STRANGER)
    assert world.case().phase == CasePhase.COLLECTING
    assert world.refusal(Release(ESCROW, 0)) == ("NotReached", 0)
    world.stands()


# --- disputes ---


def challenge(*parties: int, **changed: object) -> Challenge:
    wallets = tuple(w.wallet(p, 0) for p in parties)
    command = Challenge(ESCROW, 0, x.DOCUMENT, wallets, (b"",) * len(wallets))
    return replace(command, **changed)  # type: ignore[arg-type]


def test_challenge__holders_of_a_tenth__in_the_last_second_of_the_window(world: Raised) -> None:
    quorate(world).wait(WINDOW)
    world.run(challenge(2), w.STRANGER)
    assert world.case().phase == CasePhase.CHALLENGED
    world.wait(1)
    assert world.refusal(Release(ESCROW, 0)) == ("NotReached", 0)
    world.stands()


def test_challenge__one_second_late__is_refused(world: Raised) -> None:
    quorate(world).wait(WINDOW + 1)
    assert world.refusal(challenge(2)) == ("Overdue", world.clock, world.case().window_ends)


def test_challenge__fewer_shares_than_asked_for__is_refused(world: Raised) -> None:
    """The raise allotted 1 000 shares, a tenth of them are 100, however many the company issues besides."""
    quorate(world).run(Transfer(w.ORDINARY, w.wallet(1, 0), 201), w.wallet(2, 0))
    assert world.refusal(challenge(2)) == ("ChallengeTooSmall", 99, 100)
    assert world.refusal(challenge()) == ("ChallengeTooSmall", 0, 100)
    w.issue(world, w.wallet(1, 0), 5_000)
    assert world.refusal(challenge(2)) == ("ChallengeTooSmall", 99, 100)


def test_challenge__wallet_speaks_for_its_book_account(world: Raised) -> None:
    quorate(world).run(Transfer(w.ORDINARY, world.book(2), 300), w.wallet(2, 0))
    world.run(challenge(2), w.STRANGER)
    assert world.case().phase == CasePhase.CHALLENGED


def test_challenge__wallets__ascending_by_party_each_signed_and_open(world: Raised) -> None:
    quorate(world)
    assert world.refusal(challenge(2, 2)) == ("ChallengersUnordered", 2, 2)
    assert world.refusal(challenge(2, 1)) == ("ChallengersUnordered", 1, 2)
    assert world.refusal(challenge(2, forged=(w.wallet(2, 0),))) == ("SignatureInvalid", w.wallet(2, 0))
    assert world.refusal(challenge(7)) == ("AccountUnknown", w.wallet(7, 0))
    assert world.refusal(challenge(2, signatures=())) == ("LengthsDiffer", 1, 0)
    assert world.refusal(challenge(2, document=Hash32(bytes(32)))) == ("DocumentMissing", bytes(32))
    world.run(SetWalletClosed(w.header(), w.wallet(2, 0), True), w.KYC)
    assert world.refusal(challenge(2)) == ("AccountUnknown", w.wallet(2, 0))


def test_challenge__nothing_to_dispute__is_refused(world: Raised) -> None:
    assert world.refusal(challenge(1)) == ("CasePhaseForbids", CasePhase.COLLECTING)
    challenged(world)
    assert world.refusal(challenge(1)) == ("CasePhaseForbids", CasePhase.CHALLENGED)


def test_challenge_by_regulator__needs_the_role(world: Raised) -> None:
    command = ChallengeByRegulator(w.header(), ESCROW, 0)
    assert quorate(world).refusal(command) == ("NotAuthorised", w.STRANGER, 2)
    world.run(SetFrozen(w.header(), FIRST, True), w.REGULATOR)
    world.run(command, w.REGULATOR)
    world.stands()


def test_decide__only_the_arbiter_in_its_time(world: Raised) -> None:
    quorate(world)
    command = Decide(w.header(), ESCROW, 0, True)
    assert world.refusal(command, x.ARBITER) == ("CasePhaseForbids", CasePhase.QUORATE)
    world.run(ChallengeByRegulator(w.header(), ESCROW, 0), w.REGULATOR)
    assert world.refusal(command) == ("NotAuthorised", w.STRANGER, 0)
    last = world.case().window_ends + x.ARBITRATION
    world.at(last + 1)
    assert world.refusal(command, x.ARBITER) == ("Overdue", last + 1, last)
    world.at(last)
    world.run(command, x.ARBITER)
    assert world.case().phase == CasePhase.UPHELD
    world.release()
    world.stands()


def test_decide__against__a_new_round_collects(world: Raised) -> None:
    challenged(world).run(Decide(w.header(), ESCROW, 0, False), x.ARBITER)
    assert (world.case().round, world.case().yes, world.case().window_ends) == (2, 0, 0)
    world.reach()
    world.release()
    world.stands()


@pytest.mark.parametrize(("upholds", "phase"), [(True, CasePhase.UPHELD), (False, CasePhase.COLLECTING)])
def test_decide_by_silence__what_the_terms_say(upholds: bool, phase: CasePhase) -> None:
    world = challenged(raised(terms=replace(x.TERMS, silence_upholds=upholds)))
    last = world.case().window_ends + x.ARBITRATION
    world.at(last)
    assert world.refusal(DecideBySilence(ESCROW, 0)) == ("NotDue", last, last + 1)
    world.at(last + 1)
    world.run(DecideBySilence(ESCROW, 0), w.STRANGER)
    assert world.case().phase == phase
    world.stands()


# --- what a replay finds ---


def test_replay__case_told_otherwise__is_found(world: Raised) -> None:
    events = world.attest(FIRST)
    told = [replace(e, word=replace(e.word, yes=0b11)) if isinstance(e, CaseChanged) else e for e in events]
    replay = world.state.copy()
    replay.board.cases[ESCROW, 0] = replace(world.case(), yes=0)
    apply_all(replay, told)
    assert [f.check for f in replay.findings] == [Check.CASE]
    assert replay.board.cases[ESCROW, 0] == world.case(), "what was told is not believed"
