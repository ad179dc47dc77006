"""One extension by the subscribers' consent: by shares of their lots, at a record date (ES-6, ES-16)."""

from __future__ import annotations

import pytest

from registry.domain.raise_words import Purse
from registry.domain.rules import ActKind
from tests.contracts.support import node
from tests.contracts.support.attesting import CLOSED, COLLECTING, attest_all, case_of
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import ALICE, FAR, Ground, header, line, wallet_of
from tests.contracts.support.milestones import (
    MISSED,
    PROCEEDS,
    VOTING,
    WAITING,
    consent,
    fail,
    miss,
    names,
    pass_deadline,
    platform_act,
    reach,
    scheduled,
)
from tests.contracts.support.node import DAY
from tests.contracts.support.raising import (
    ERIN,
    EXTEND,
    FRANK,
    GRACE,
    HEIDI,
    IVAN,
    PRICE,
    Raise,
    clock,
    escrow_terms,
    halt,
    next_at,
)

PLATFORM = 4
EXTENDING = {"on_miss": EXTEND, "extension": 30 * DAY}
BOOK = {ERIN: 1_000 * PRICE, FRANK: 1_000 * PRICE, HEIDI: 500 * PRICE, IVAN: 1_000 * PRICE}
"""3 500 shares; half of them, 1 750, must consent."""
VOTE = 3 * DAY


@pytest.fixture
def asked(ground: Ground) -> Raise:
    """The first of two milestones was missed and the subscribers are asked."""
    done = scheduled(ground, EXTENDING, {}, book=BOOK)
    fail(done)
    return done


def close_vote(done: Raise, milestone: int = 0) -> list[object]:
    return list(done.escrow.act("closeVote", milestone, by=done.ground.stranger))


def states(done: Raise) -> list[int]:
    return [each.state for each in done.tranches()]


# --- refusals ---


def test_consent__when_nobody_is_asked__refused(done: Raise) -> None:
    """ES-6"""
    with raises("TrancheStateForbids", 0, WAITING):
        consent(done, ERIN)
    with raises("TooManyTranches", 7, 2):
        consent(done, ERIN, 7)


def test_consent__for_another_or_with_a_closed_wallet__refused(asked: Raise) -> None:
    """ES-16"""
    ground = asked.ground
    for actor in (wallet_of(FRANK), ground.issuer, ground.platform, ground.stranger):
        with raises("NotAuthorised", actor, 0):
            asked.escrow.act("consent", 0, wallet_of(ERIN), by=actor)
    ground.close_wallet(wallet_of(ERIN))
    with raises("NotAuthorised", wallet_of(ERIN), 0):
        consent(asked, ERIN)


def test_consent__of_holders_who_did_not_subscribe__refused(ground: Ground) -> None:
    """ES-6: those whose money it is decide; the founders' shares weigh nothing."""
    ground.issue(ground.preferred, line(wallet_of(ALICE), 100_000))
    done = scheduled(ground, EXTENDING, book=BOOK)
    fail(done)
    with raises("SubscriptionUnknown", wallet_of(ALICE)):
        consent(done, ALICE)


def test_consent__from_an_account_that_held_nothing_then__refused(asked: Raise) -> None:
    """ES-6: what came after the record date does not count; the other account may still speak."""
    ground, epoch = asked.ground, asked.tranches()[0].epoch
    ground.give(ground.preferred, wallet_of(ERIN), ground.book(ERIN), 1_000)
    with raises("NotAHolder", ground.book(ERIN), epoch):
        consent(asked, ERIN, account=ground.book(ERIN))
    consent(asked, ERIN)


def test_consent__twice_from_whichever_account__refused(asked: Raise) -> None:
    """ES-6: a party consents once."""
    ground = asked.ground
    consent(asked, ERIN)
    for account in (wallet_of(ERIN), ground.book(ERIN)):
        with raises("AlreadyVoted", account):
            consent(asked, ERIN, account=account)
    assert tuple(asked.escrow.read("votesOf", 0)) == (1_000, 3_500)


def test_consent__after_the_vote__refused(asked: Raise) -> None:
    """ES-6: the last second is inside."""
    ends = asked.tranches()[0].vote_ends
    next_at(asked.ground, ends)
    consent(asked, ERIN)
    with raises("Overdue", ends + 1, ends):
        consent(asked, FRANK)


def test_consent_for__by_others_or_for_a_wallet__refused(asked: Raise) -> None:
    """ES-16"""
    ground = asked.ground
    for actor in (ground.issuer, ground.regulator, wallet_of(ERIN)):
        with raises("NotAuthorised", actor, PLATFORM):
            platform_act(asked, "consentFor", 0, ground.book(HEIDI), by=actor)
    with raises("NotABookAccount", wallet_of(ERIN)):
        platform_act(asked, "consentFor", 0, wallet_of(ERIN))


def test_close_vote__while_it_runs_or_when_there_is_none__refused(asked: Raise) -> None:
    """ES-6"""
    ends = asked.tranches()[0].vote_ends
    next_at(asked.ground, ends)
    with raises("NotDue", ends, ends + 1):
        close_vote(asked)
    with raises("TrancheStateForbids", 1, WAITING):
        close_vote(asked, 1)
    for function in ("release", "miss"):
        with raises("TrancheStateForbids", 0, VOTING):
            asked.escrow.act(function, 0, by=asked.ground.stranger)


# --- the vote ---


def test_miss__of_what_can_be_extended__asks_the_subscribers(ground: Ground) -> None:
    """ES-6: a record date now, three days for the vote; nothing becomes redeemable yet, the others wait on."""
    done = scheduled(ground, EXTENDING, {}, book=BOOK)
    events = fail(done)
    assert names(events) == ["CaseChanged", "ActRecorded", "RecordDateSet", "ClassChanged", "TrancheChanged"]
    assert events[1].values["kind"] == ActKind.RECORD_DATE
    assert (events[1].values["actor"], events[1].emitter) == (done.escrow.address, ground.preferred.address)
    assert events[2].values["time"] == node.now()
    first = done.tranches()[0]
    assert (first.state, first.is_extended, first.vote_ends) == (VOTING, True, clock(ground) + VOTE)
    assert first.epoch == events[2].values["epoch"]
    assert states(done) == [VOTING, WAITING]
    assert [case_of(ground, done.escrow, i).phase for i in (0, 1)] == [CLOSED, COLLECTING]
    assert done.purse() == Purse(PROCEEDS)


def test_consent__below_the_part_asked_for__only_counted(asked: Raise) -> None:
    """ES-6: by what was held at the record date, whoever holds it now."""
    ground = asked.ground
    ground.give(ground.preferred, wallet_of(ERIN), wallet_of(GRACE), 1_000)
    (given,) = consent(asked, ERIN)
    assert tuple(given.values.values()) == (0, wallet_of(ERIN), 1_000)
    with raises("SubscriptionUnknown", wallet_of(GRACE)):
        consent(asked, GRACE)
    platform_act(asked, "consentFor", 0, ground.book(HEIDI))
    assert tuple(asked.escrow.read("votesOf", 0)) == (1_500, 3_500)
    assert states(asked) == [VOTING, WAITING]


def test_consent__of_more_shares_than_the_lot__counts_the_lot(ground: Ground) -> None:
    """ES-6: bought or founder's shares in the same account weigh nothing."""
    ground.issue(ground.preferred, line(wallet_of(ERIN), 50_000))
    done = scheduled(ground, EXTENDING, book=BOOK)
    fail(done)
    (given,) = consent(done, ERIN)
    assert given.values["shares"] == 1_000
    assert states(done) == [VOTING]


def test_consent__of_half__extends_once_from_that_moment(asked: Raise) -> None:
    """ES-6: a new round, 30 days; votes that come too late find nothing to vote on."""
    ground = asked.ground
    consent(asked, ERIN)
    ground.bind(HEIDI)
    asked.escrow.act("consent", 0, ground.book(HEIDI), by=wallet_of(HEIDI))
    events = consent(asked, FRANK)
    assert names(events) == ["ConsentGiven", "TrancheChanged", "CaseChanged"]
    case = case_of(ground, asked.escrow)
    assert (case.phase, case.round, case.deadline) == (COLLECTING, 2, clock(ground) + 30 * DAY)
    assert states(asked) == [WAITING, WAITING]
    with raises("TrancheStateForbids", 0, WAITING):
        consent(asked, IVAN)
    reach(asked)
    assert asked.purse().released == asked.tranches()[0].value


def test_miss__after_the_extension__is_final(asked: Raise) -> None:
    """ES-6: there is no second one."""
    ground = asked.ground
    consent(asked, ERIN)
    consent(asked, IVAN)
    deadline = case_of(ground, asked.escrow).deadline
    next_at(ground, deadline)
    with raises("NotDue", deadline, deadline + 1):
        miss(asked)
    miss(asked)
    assert states(asked) == [MISSED, MISSED]
    assert asked.purse() == Purse(PROCEEDS, redeemable=PROCEEDS)


def test_consent_for__on_a_signed_instruction__is_an_act(asked: Raise) -> None:
    """ES-16"""
    act, given = platform_act(asked, "consentFor", 0, asked.ground.book(HEIDI))
    assert act.values["kind"] == ActKind.VOTE
    assert given.values["shares"] == 500


# --- how it ends otherwise ---


def test_close_vote__without_consent__missed(asked: Raise) -> None:
    """ES-5, ES-6: by anybody in the first second after the vote; the other tranche goes with it."""
    consent(asked, ERIN)
    next_at(asked.ground, asked.tranches()[0].vote_ends + 1)
    close_vote(asked)
    assert states(asked) == [MISSED, MISSED]
    assert asked.purse() == Purse(PROCEEDS, redeemable=PROCEEDS)


def test_vote__when_another_milestone_is_missed__ends_too(ground: Ground) -> None:
    """ES-5"""
    done = scheduled(ground, EXTENDING, {}, escrow=escrow_terms(ground, voting=200 * DAY), book=BOOK)
    fail(done)
    fail(done, 1)
    assert states(done) == [MISSED, MISSED]
    with raises("TrancheStateForbids", 0, MISSED):
        consent(done, ERIN)


def test_vote__beside_a_quorum__leaves_it_alone(ground: Ground) -> None:
    """ES-5"""
    done = scheduled(ground, EXTENDING, {}, book=BOOK)
    pass_deadline(done)
    attest_all(ground, done.escrow, 1)
    miss(done)
    node.jump_to(done.tranches()[0].vote_ends + 1)
    close_vote(done)
    assert states(done) == [MISSED, WAITING]


def test_miss__with_a_record_date_announced_for_later__missed_at_once(ground: Ground) -> None:
    """ES-6: nobody can be asked about today; the transfer agent cannot hold up the money with a date far ahead."""
    done = scheduled(ground, EXTENDING, {}, book=BOOK)
    late = node.first_second_of(FAR)
    ground.preferred.act("setRecordDate", header(), late, by=ground.registrar)
    events = fail(done)
    assert "RecordDateSet" not in names(events)
    assert states(done) == [MISSED, MISSED]
    assert done.purse().redeemable == PROCEEDS


def test_miss__in_the_very_second_of_a_record_date__missed_at_once(ground: Ground) -> None:
    """ES-6: the date is taken, and the register of that second is not yet closed; one second later it is history."""
    done = scheduled(ground, EXTENDING, {}, book=BOOK)
    second = done.tranches()[0].deadline + 1
    ground.preferred.act("setRecordDate", header(), second, by=ground.registrar)
    taken = node.snapshot()
    next_at(ground, second)
    events = miss(done)
    assert "RecordDateSet" not in names(events)
    assert states(done) == [MISSED, MISSED]
    node.revert_to(taken)
    next_at(ground, second + 1)
    miss(done)
    assert states(done) == [VOTING, WAITING]
    assert done.tranches()[0].epoch == 2


def test_votes__of_two_milestones__are_counted_apart(ground: Ground) -> None:
    """ES-6: each has its own record date and its own voters."""
    done = scheduled(ground, EXTENDING, EXTENDING, escrow=escrow_terms(ground, voting=400 * DAY), book=BOOK)
    fail(done)
    consent(done, ERIN)
    fail(done, 1)
    assert states(done) == [VOTING, VOTING]
    consent(done, ERIN, 1)
    assert tuple(done.escrow.read("votesOf", 0)) == tuple(done.escrow.read("votesOf", 1)) == (1_000, 3_500)
    first, second = done.tranches()
    assert second.epoch == first.epoch + 1


def test_vote__in_a_region_that_is_halted__runs_on_afterwards(asked: Raise) -> None:
    """ES-14: the vote may go on, its end does not come."""
    ground, ends = asked.ground, asked.tranches()[0].vote_ends
    halt(ground)
    node.jump_to(node.now() + 50 * DAY)
    consent(asked, ERIN)
    with raises("NotDue"):
        close_vote(asked)
    halt(ground, False)
    assert clock(ground) < ends
    consent(asked, FRANK)
    assert states(asked) == [WAITING, WAITING]
