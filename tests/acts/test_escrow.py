"""Milestones: released, missed, extended, redeemed, put, ratcheted, disputed; each step once, however often asked."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from registry.acts import board, escrow, identity
from registry.acts.desk import Desk
from registry.acts.operations import carry_out, request_id
from registry.acts.overview import overview
from registry.chain import contracts_raise
from registry.domain.attestation import NOT_REACHED, REACHED, Attestation, Signed
from registry.domain.board import CasePhase
from registry.domain.escrow import Fell, TrancheState
from registry.domain.ids import Day, Hash32, PartyId
from registry.domain.raise_args import Appointment
from registry.errors import InputError, RejectedError
from tests.support.raise_bench import DAY, DOCUMENT, RaiseBench

RATCHET = """
[ratchet]
milestone = 0
source = "{source}"
founder = {founder}
early_by = {early}
early_percent = "2"
late_after = {late}
late_percent = "10"
"""


@pytest.fixture
def bench(desk: Desk, tmp_path: Path) -> RaiseBench:
    return RaiseBench(desk, tmp_path).furnish()


def refusal(code: str):  # type: ignore[no-untyped-def]
    return pytest.raises(RejectedError, match=f"^{code}")


def test_release__before_quorum_and_window__is_refused_then_done_once(bench: RaiseBench) -> None:
    target, desk = bench.settled(), bench.desk
    with refusal("NotReached"):
        escrow.release(desk, target, 0)
    with pytest.raises(InputError, match="has the milestones 0 to 1"):
        escrow.release(desk, target, 2)
    bench.attest(20, 0)
    with refusal("NotReached"):
        escrow.release(desk, target, 0)
    bench.attest(21, 0)
    bench.attest(21, 0)  # again: recognised
    assert board.case_of(desk, target, 0).phase == CasePhase.QUORATE
    with refusal("NotReached"):
        escrow.release(desk, target, 0)
    bench.later(2 * DAY + 60)
    done = escrow.release(desk, target, 0)
    assert escrow.release(desk, target, 0) == done
    assert bench.money()["released"] == 9_120_00
    assert bench.balance(1) == 9_120_00
    assert overview(desk, target).state_of(0) is TrancheState.RELEASED
    assert overview(desk, target, done.block - 1 if done else 0).state_of(0) is TrancheState.WAITING


def test_miss__after_the_deadline__is_redeemed_to_the_fen_in_pages(bench: RaiseBench) -> None:
    target, desk = bench.settled(), bench.desk
    with refusal("NotDue"):
        escrow.miss(desk, target, 0)
    identity.freeze(desk, bench.request("freeze"), PartyId(11), True)
    bench.later(101 * DAY)
    done = escrow.miss(desk, target, 0)
    assert escrow.miss(desk, target, 0) == done
    assert [each.state for each in desk.raises.tranches(target.escrow)] == [TrancheState.MISSED] * 2
    redeemed = escrow.redeem(desk, target)
    assert (redeemed.pages, redeemed.waiting) == (1, 1)
    assert bench.balance("alice") == 500_000_00 - 12_000_00 + 11_400_00
    assert (bench.shares("alice"), bench.shares("bo"), bench.shares(13)) == (50, 500, 25)
    identity.freeze(desk, bench.request("free"), PartyId(11), False)
    assert escrow.redeem(desk, target).waiting == 0
    assert escrow.redeem(desk, target).pages == 0
    assert bench.money() == {
        "in": 24_000_00,
        "held": 0,
        "released": 0,
        "fee": 1_200_00,
        "refunded": 0,
        "redeemed": 22_800_00,
    }


def test_extension__with_the_holders_consent__opens_a_new_round(desk: Desk, tmp_path: Path) -> None:
    bench = RaiseBench(desk, tmp_path, on_miss="extend").furnish()
    target = bench.settled()
    for party in (20, 21):
        bench.attest(party, 0)
    bench.later(3 * DAY)
    escrow.release(desk, target, 0)
    bench.later(200 * DAY)
    escrow.miss(desk, target, 1)
    assert overview(desk, target).state_of(1) is TrancheState.VOTING
    with refusal("SubscriptionUnknown"):
        escrow.consent(desk, target, 1, "chen")
    # The record date is over as soon as time goes on, on a chain without traffic as well.
    time.sleep(1.1)
    book = desk.book(PartyId(13))
    done = escrow.consent_for(desk, bench.request("13 agrees"), target, 1, book)
    assert escrow.consent_for(desk, bench.request("13 agrees"), target, 1, book) == done
    first = escrow.consent(desk, target, 1, "alice")
    assert escrow.consent(desk, target, 1, "alice") == first
    assert overview(desk, target).state_of(1) is TrancheState.WAITING
    assert board.case_of(desk, target, 1).round == 2
    assert desk.raises.votes_of(target.escrow, 1).yes == 1_500
    # The extension is over as well: no second one.
    bench.later(51 * DAY)
    escrow.miss(desk, target, 1)
    assert overview(desk, target).state_of(1) is TrancheState.MISSED


def test_extension__without_consent__closes_when_the_vote_is_over(desk: Desk, tmp_path: Path) -> None:
    bench = RaiseBench(desk, tmp_path, on_miss="extend").furnish()
    target = bench.settled()
    for party in (20, 21):
        bench.attest(party, 0)
    bench.later(203 * DAY)
    escrow.release(desk, target, 0)
    escrow.miss(desk, target, 1)
    with refusal("NotDue"):
        escrow.miss(desk, target, 1)
    bench.later(4 * DAY)
    assert escrow.miss(desk, target, 1) is not None
    assert overview(desk, target).state_of(1) is TrancheState.MISSED
    assert escrow.redeem(desk, target).purse.redeemed == 13_680_00


def test_put__payer_without_money__owes_until_it_pays(desk: Desk, tmp_path: Path) -> None:
    bench = RaiseBench(desk, tmp_path, on_miss="put").furnish()
    target = bench.settled()
    for party in (20, 21):
        bench.attest(party, 0)
    bench.later(3 * DAY)
    escrow.release(desk, target, 0)
    with refusal("PutNotOpen"):
        escrow.exercise_put(desk, target, "alice")
    bench.later(200 * DAY)
    escrow.miss(desk, target, 1)
    done = escrow.exercise_put(desk, target, "alice")
    assert escrow.exercise_put(desk, target, "alice") == done
    (put,) = desk.raises.puts_of(target.escrow, [PartyId(10)])
    # 12 000 less 6 840 redeemed, and interest on what was paid for the shares that are left: 430 of 1 000.
    assert (put.shares, put.is_paid) == (430, False)
    interest = put.debt - (12_000_00 - 6_840_00)
    assert interest == 5_160_00 * 500 * 216 // (365 * 10_000)
    paid = escrow.pay_put(desk, target, "payer", desk.account("alice"))
    assert escrow.pay_put(desk, target, "payer", desk.account("alice")) == paid
    assert bench.balance("alice") == 500_000_00 + interest
    assert bench.shares("alice") == 0
    # Who allowed the escrow beforehand pays at once.
    escrow.allow_money(desk, target, "payer", 100_000_00)
    assert escrow.allow_money(desk, target, "payer", 90_000_00) is None
    book = desk.book(PartyId(13))
    escrow.exercise_put_for(desk, bench.request("put 13"), target, book)
    assert desk.raises.puts_of(target.escrow, [PartyId(13)])[0].is_paid
    bench.money()


@pytest.mark.parametrize("source", ["new_shares", "founder"])
def test_ratchet__late_success__gives_every_lot_its_part_once(desk: Desk, tmp_path: Path, source: str) -> None:
    bench = RaiseBench(desk, tmp_path).furnish()
    bench.ratchet = RATCHET.format(
        source=source, founder='"chen"', early=bench.moment(20 * DAY), late=bench.moment(30 * DAY)
    )
    target = bench.settled()
    bench.later(30 * DAY)
    for party in (20, 21):
        bench.attest(party, 0)
    assert escrow.deliver_ratchet(desk, target).fell is Fell.IN_BETWEEN
    bench.later(3 * DAY)
    escrow.release(desk, target, 0)
    delivered = escrow.deliver_ratchet(desk, target)
    assert delivered.fell is Fell.LATE
    if source == "founder":
        # The founder has nothing and allowed nothing: owed, and still due.
        assert delivered.waiting == 3
        assert (bench.shares("alice"), bench.shares(13)) == (1_000, 500)
        return
    assert delivered.waiting == 0
    assert (bench.shares("alice"), bench.shares("bo"), bench.shares(13)) == (1_100, 550, 550)
    head = desk.node.head()
    assert escrow.deliver_ratchet(desk, target).waiting == 0
    assert desk.node.head() == head
    assert desk.raises.reserved_shares(target.terms.share_class) == 0


def test_ratchet__early_success__gives_the_founder_new_shares_once(desk: Desk, tmp_path: Path) -> None:
    bench = RaiseBench(desk, tmp_path).furnish()
    bench.ratchet = RATCHET.format(
        source="new_shares", founder=14, early=bench.moment(90 * DAY), late=bench.moment(99 * DAY)
    )
    target = bench.settled()
    for party in (20, 21):
        bench.attest(party, 0)
    bench.later(3 * DAY)
    escrow.release(desk, target, 0)
    assert escrow.deliver_ratchet(desk, target).fell is Fell.EARLY
    assert escrow.deliver_ratchet(desk, target).fell is Fell.EARLY
    assert bench.shares(14) == 40


def test_challenge__by_holders_then_the_arbiter__upholds_or_begins_anew(bench: RaiseBench) -> None:
    target, desk = bench.settled(), bench.desk
    with pytest.raises(InputError, match="not before the board"):
        board.case_of(desk, target, 5)
    with refusal("CasePhaseForbids"):
        board.challenge(desk, target, 0, DOCUMENT, ["alice"])
    for party in (20, 21):
        bench.attest(party, 0)
    with refusal("ChallengeTooSmall"):
        board.challenge(desk, target, 0, DOCUMENT, ["chen"])
    done = board.challenge(desk, target, 0, DOCUMENT, ["bo", "alice"])
    assert done is not None
    assert board.case_of(desk, target, 0).phase == CasePhase.CHALLENGED
    with refusal("NotDue"):
        board.decide_by_silence(desk, target, 0)
    board.decide(desk, bench.request("ruling"), target, 0, "arbiter", True)
    assert board.case_of(desk, target, 0).phase == CasePhase.UPHELD
    escrow.release(desk, target, 0)
    for party in (20, 21):
        bench.attest(party, 1)
    board.challenge_by_regulator(desk, bench.request("regulator"), target, 1)
    bench.later(8 * DAY)
    assert board.decide_by_silence(desk, target, 1) is not None
    assert board.decide_by_silence(desk, target, 1) is None
    assert board.case_of(desk, target, 1).round == 2
    bench.attest(22, 1)


def test_verifier__retracts_rotates_and_is_dismissed(bench: RaiseBench) -> None:
    target, desk = bench.settled(), bench.desk
    bench.attest(20, 0)
    done = board.retract(desk, "verifier_20", bench.company, target, 0)
    assert board.retract(desk, "verifier_20", bench.company, target, 0) == done
    new = desk.keys.wallet("verifier_20b").address
    with refusal("VerifierUnknown"):
        board.rotate_key(desk, bench.request("no member"), bench.company, 1, "platform", new)
    board.rotate_key(desk, bench.request("rotate"), bench.company, 1, "verifier_20", new)
    verifiers, struck = desk.raises.panel(bench.company, 1)
    assert (verifiers[0].key, struck) == (new, 0)
    board.dismiss(desk, bench.request("dismiss"), bench.company, 1, desk.account("verifier_22"))
    assert desk.raises.panel(bench.company, 1)[1] == 0b100
    # One took its vote back, one is dismissed: the round could not reach a quorum any more.
    assert board.case_of(desk, target, 0).round == 2
    assert desk.raises.cases_of(target.escrow, [0])[0].round == 1
    assert board.recheck(desk, target, 0) is not None
    assert desk.raises.cases_of(target.escrow, [0])[0].round == 2
    assert board.recheck(desk, target, 0) is None
    with refusal("VerifierStruck"):
        bench.attest(22, 0)


def test_verifier__two_outcomes_under_one_key__is_suspended(bench: RaiseBench) -> None:
    target, desk = bench.settled(), bench.desk
    signer, now = desk.keys.wallet("verifier_20"), desk.node.head().time
    both = []
    for outcome in (REACHED, NOT_REACHED):
        said = Attestation(bench.company, target.escrow, 0, 1, outcome, Hash32(b"\x20" * 32), "", now, now + DAY)
        both.append(Signed(said, signer.address, signer.sign_statement(said, bench.board)))
    done = board.accuse(desk, *both)
    assert done is not None
    assert board.accuse(desk, *both) == done
    assert desk.raises.panel(bench.company, 1)[1] == 0b1


def test_appoint__a_holder_of_the_company__is_refused(bench: RaiseBench) -> None:
    bench.settled()
    with refusal("VerifierHolds"):
        bench.appoint(10)


def test_appoint__once_a_case_is_before_the_panel__keeps_its_notice(bench: RaiseBench) -> None:
    desk, key = bench.desk, bench.desk.keys.wallet("verifier_19").address
    assert board.first_day(desk, bench.company, 1) == desk.today()
    bench.settled()
    earliest = board.first_day(desk, bench.company, 1)
    assert earliest == desk.today() + 14
    assert board.first_day(desk, bench.company, 2) == desk.today()
    soon = Appointment(bench.company, 1, PartyId(19), key, Day(earliest - 1), Day(earliest + 9))
    with pytest.raises(InputError) as refused:
        board.appoint(desk, bench.request("too soon"), soon)
    assert (refused.value.code, refused.value.field) == ("notice", "from_day")
    done = board.appoint(desk, bench.request("19"), replace(soon, from_day=earliest))
    assert board.appoint(desk, bench.request("19"), replace(soon, from_day=earliest)) == done
    with refusal("VerifierNotInForce"):
        bench.attest(19, 0)


def test_attest__that_another_brought_first__is_recognised(bench: RaiseBench) -> None:
    target, desk = bench.settled(), bench.desk
    signer, now = desk.keys.wallet("verifier_20"), desk.node.head().time
    said = Attestation(bench.company, target.escrow, 0, 1, REACHED, Hash32(b"\x20" * 32), "file:x", now, now + DAY)
    signature = signer.sign_statement(said, bench.board)
    calldata = contracts_raise.board.attest(said, signer.address, signature)
    carry_out(desk, "custodian", desk.deployment.board, calldata, request_id("elsewhere", "x"), "by another")
    head = desk.node.head()
    assert board.attest(desk, said, signer.address, signature) is None
    assert desk.node.head() == head
