"""The milestone escrow: what moves a tranche, what a miss means, redemption, the holders' vote."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.domain.board import CasePhase
from registry.domain.commands import SetFrozen, SetRecordDate, SetWalletClosed, StopClass, Transfer
from registry.domain.commands.board import ChallengeByRegulator, Decide
from registry.domain.commands.escrow import CloseVote, Consent, ConsentFor, DeclareMissed, Release
from registry.domain.commands.money import StopMoney
from registry.domain.commands.offering import OpenOffering
from registry.domain.commands.panels import Dismiss
from registry.domain.commands.regions import SetHalted
from registry.domain.commands.rights import (
    Redeem,
)
from registry.domain.escrow import TrancheState, Vote
from registry.domain.events_escrow import MilestoneMissed, Redeemed, TrancheReleased
from registry.domain.findings import Check
from registry.domain.ids import Address, PartyId, Shares
from registry.domain.state import apply_all
from tests.domain import escrow_world as x
from tests.domain import world as w
from tests.domain.escrow_world import (
    ARBITER,
    CLAIMS,
    DAY,
    DEADLINE,
    ESCROW,
    EXTENDABLE,
    FOUNDER_WALLET,
    ISSUER_WALLET,
    VERIFIERS,
    WINDOW,
    Raised,
    raised,
    tranche,
)


@pytest.fixture
def world() -> Raised:
    return raised()


# --- opening and funding ---


def test_fund__tranches_get_their_amounts_and_cases(world: Raised) -> None:
    assert [(t.value, t.state) for t in world.escrow.tranches] == [(4_750, 1), (4_750, 1)]
    assert world.cash(ESCROW) == world.escrow.purse.proceeds == x.PROCEEDS
    case = world.case(1)
    assert (case.round, case.quorum, case.deadline) == (1, 2, DEADLINE + 20 * DAY)
    assert (case.window, case.arbitration, case.region) == (WINDOW, x.ARBITRATION, x.REGION)
    world.stands()


def test_open__panel_smaller_than_the_quorum__is_refused() -> None:
    world = x.drafted((tranche(10_000, quorum=4),))
    assert world.refusal(OpenOffering(x.OFFERING, w.header()), w.PLATFORM) == ("QuorumAbovePanel", 4, 3)
    x.appoint(world, PartyId(9))
    world.run(OpenOffering(x.OFFERING, w.header()), w.PLATFORM)


# --- release ---


def test_release__without_quorum_or_before_the_window_is_over__is_refused(world: Raised) -> None:
    assert world.refusal(Release(ESCROW, 0)) == ("NotReached", 0)
    world.attest(VERIFIERS[0])
    assert world.refusal(Release(ESCROW, 0)) == ("NotReached", 0)
    world.attest(VERIFIERS[1])
    world.wait(WINDOW)
    assert world.refusal(Release(ESCROW, 0)) == ("NotReached", 0)
    assert world.refusal(Release(ESCROW, 2)) == ("TooManyTranches", 2, 2)
    world.wait(1)
    world.release()


def test_release__anybody__goes_to_the_issuer_once(world: Raised) -> None:
    world.reach()
    events = world.release()
    assert any(isinstance(e, TrancheReleased) and e.account == ISSUER_WALLET and e.amount == 4_750 for e in events)
    assert world.cash(ISSUER_WALLET) == 4_750
    assert world.cash(ESCROW) == 4_750
    assert world.refusal(Release(ESCROW, 0)) == ("TrancheStateForbids", 0, TrancheState.RELEASED)
    world.stands()


def test_release__issuers_wallet_closed__goes_to_its_book_account(world: Raised) -> None:
    world.run(SetWalletClosed(w.header(), ISSUER_WALLET, True), w.KYC)
    world.reach()
    world.release()
    assert world.cash(world.book(x.ISSUER)) == 4_750
    world.stands()


def test_release__second_tranche_first__does_not_wait_for_the_first(world: Raised) -> None:
    world.reach(1)
    world.release(1)
    assert world.tranche_states == [TrancheState.WAITING, TrancheState.RELEASED]


def test_release__money_stopped__waits(world: Raised) -> None:
    world.reach()
    world.run(StopMoney(w.header(), True), x.BANK)
    assert world.refusal(Release(ESCROW, 0)) == ("MoneyIsStopped",)
    world.run(StopMoney(w.header(), False), x.BANK)
    world.release()


def test_release__halted__the_window_does_not_run_out(world: Raised) -> None:
    world.attest(VERIFIERS[0])
    world.attest(VERIFIERS[1])
    world.run(SetHalted(w.header(), x.REGION, True), w.REGULATOR)
    world.wait(10 * WINDOW)
    assert world.refusal(Release(ESCROW, 0)) == ("NotReached", 0)
    world.run(SetHalted(w.header(), x.REGION, False), w.REGULATOR)
    world.wait(WINDOW + 1)
    world.release()
    world.stands()


# --- a miss ---


def test_miss__deadline__not_before_it_has_passed(world: Raised) -> None:
    world.at(DEADLINE)
    assert world.refusal(DeclareMissed(ESCROW, 0)) == ("NotDue", DEADLINE, DEADLINE + 1)
    events = world.miss()
    assert [e.milestone for e in events if isinstance(e, MilestoneMissed)] == [0]
    assert world.refusal(DeclareMissed(ESCROW, 0)) == ("TrancheStateForbids", 0, TrancheState.MISSED)
    world.stands()


def test_miss__ends_every_tranche_without_a_quorum(world: Raised) -> None:
    world.miss()
    assert world.tranche_states == [TrancheState.MISSED, TrancheState.MISSED]
    assert world.escrow.purse.redeemable == x.PROCEEDS
    assert [world.case(m).phase for m in (0, 1)] == [CasePhase.CLOSED, CasePhase.CLOSED]


def test_miss__quorum_that_stands_elsewhere__is_decided_first(world: Raised) -> None:
    world.at(DEADLINE)
    world.attest(VERIFIERS[0], 1)
    world.attest(VERIFIERS[1], 1)
    world.miss()
    assert world.tranche_states == [TrancheState.MISSED, TrancheState.WAITING]
    assert world.escrow.purse.redeemable == 4_750
    world.wait(WINDOW + 1)
    world.release(1)
    assert world.escrow.claims_end == world.clock + CLAIMS
    world.stands()


def test_miss__own_quorum_stands__is_refused_until_it_is_lost(world: Raised) -> None:
    world.at(DEADLINE)
    world.attest(VERIFIERS[0])
    world.attest(VERIFIERS[1])
    world.wait(5)
    assert world.refusal(DeclareMissed(ESCROW, 0)) == ("CasePhaseForbids", CasePhase.QUORATE)
    world.run(ChallengeByRegulator(w.header(), ESCROW, 0), w.REGULATOR)
    assert world.refusal(DeclareMissed(ESCROW, 0)) == ("CasePhaseForbids", CasePhase.CHALLENGED)
    world.run(Decide(w.header(), ESCROW, 0, False), ARBITER)
    world.miss()
    world.stands()


def test_miss__quorum_void_by_a_dismissal__is_missed_at_once(world: Raised) -> None:
    world.at(DEADLINE)
    world.attest(VERIFIERS[0])
    world.attest(VERIFIERS[1])
    world.wait(5)
    world.run(Dismiss(w.header(), w.COMPANY, x.KIND, x.key_of(VERIFIERS[0])), w.PLATFORM)
    world.miss()
    assert world.escrow.purse.redeemable == x.PROCEEDS
    world.stands()


# --- redemption ---


def test_redeem__everybody_gets_a_part_and_shares_end(world: Raised) -> None:
    world.reach()
    world.release()
    world.miss(1)
    world.redeem(1, 2, 3)
    assert [world.cash(world.account(p)) for p in (1, 2, 3)] == [2_850, 1_425, 475]
    assert [world.balance(w.ORDINARY, world.account(p)) for p in (1, 2, 3)] == [315, 158, 53]
    assert world.cash(ESCROW) == 0
    world.stands()


def test_redeem__again_or_named_twice__pays_once(world: Raised) -> None:
    world.miss()
    world.redeem(1, 1, 2)
    world.redeem(2, 1)
    assert [world.cash(world.account(p)) for p in (1, 2)] == [5_700, 2_850]
    assert world.escrow.purse.redeemed == 8_550
    world.stands()


def test_redeem__nothing_missed__pays_nothing(world: Raised) -> None:
    world.redeem(1, 2, 3)
    assert world.escrow.purse.redeemed == 0
    assert world.refusal(Redeem(ESCROW, (w.wallet(4, 0),))) == ("SubscriptionUnknown", w.wallet(4, 0))


def test_redeem__sold_half__limited_to_what_is_held(world: Raised) -> None:
    world.run(Transfer(w.ORDINARY, w.wallet(4, 0), 300), w.wallet(1, 0))
    world.miss()
    world.redeem(1)
    assert world.cash(w.wallet(1, 0)) == 5_700 * 300 // 570
    assert world.balance(w.ORDINARY, w.wallet(1, 0)) == 0
    world.stands()


def test_redeem__sold_half_and_named_twice__the_page_is_refused(world: Raised) -> None:
    """The second line counts on shares that the first one ends."""
    world.run(Transfer(w.ORDINARY, w.wallet(4, 0), 300), w.wallet(1, 0))
    world.miss()
    refusal = world.refusal(Redeem(ESCROW, (w.wallet(1, 0), w.wallet(1, 0))))
    assert (refusal[0], refusal[1]) == ("Refused", 16)


def test_redeem__frozen__is_passed_over_and_paid_later(world: Raised) -> None:
    world.miss()
    world.run(SetFrozen(w.header(), PartyId(1), True), w.REGULATOR)
    world.redeem(1, 2)
    assert [world.cash(world.account(p)) for p in (1, 2)] == [0, 2_850]
    world.run(SetFrozen(w.header(), PartyId(1), False), w.REGULATOR)
    world.redeem(1)
    assert world.cash(w.wallet(1, 0)) == 5_700
    world.stands()


def test_redeem__closed_wallet__money_goes_to_the_book_account(world: Raised) -> None:
    world.run(SetWalletClosed(w.header(), w.wallet(1, 0), True), w.KYC)
    world.miss()
    world.redeem(1)
    assert world.cash(world.book(1)) == 5_700
    assert world.balance(w.ORDINARY, w.wallet(1, 0)) == 30
    world.stands()


def test_redeem__instalments__never_more_than_the_part(world: Raised) -> None:
    world = raised(
        (tranche(3_333), tranche(3_333, deadline=DEADLINE + 9 * DAY), tranche(3_334, deadline=5_000 * DAY + DEADLINE))
    )
    world.at(DEADLINE - 1)
    world.attest(VERIFIERS[0], 1)
    world.attest(VERIFIERS[1], 1)
    world.miss()
    world.redeem(1, 2, 3)
    world.run(Dismiss(w.header(), w.COMPANY, x.KIND, x.key_of(VERIFIERS[0])), w.PLATFORM)
    world.miss(1)
    world.redeem(3, 2, 1)
    assert world.escrow.purse.redeemable == x.PROCEEDS
    for party, paid in x.PAID.items():
        assert world.lot(party).redeemed == paid * x.PROCEEDS // 10_000
    world.stands()


# --- consent to more time ---


def asked() -> Raised:
    """The holders are asked; in the next second they can answer."""
    world = raised(EXTENDABLE)
    world.miss()
    world.wait(1)
    return world


def test_miss__extendable__asks_the_holders_at_a_record_date() -> None:
    world = asked()
    first = world.escrow.tranches[0]
    assert (first.state, first.is_extended, first.epoch) == (TrancheState.VOTING, True, 1)
    assert first.vote_ends == DEADLINE + 1 + x.VOTING
    assert world.escrow.votes[0] == Vote(Shares(0), Shares(1_000))
    assert world.tranche_states[1] == TrancheState.WAITING
    assert world.refusal(Release(ESCROW, 0)) == ("TrancheStateForbids", 0, TrancheState.VOTING)
    world.stands()


def consent(world: Raised, party: int, account: Address | None = None) -> None:
    world.run(Consent(ESCROW, 0, account or w.wallet(party, 0)), w.wallet(party, 0))


def test_consent__half_of_what_was_allotted__more_time_and_a_new_round() -> None:
    world = asked()
    consent(world, 2)
    world.run(ConsentFor(ESCROW, w.header(), 0, world.book(3)), w.PLATFORM)
    assert world.escrow.votes[0] == Vote(Shares(400), Shares(1_000))
    assert world.refusal(Consent(ESCROW, 0, w.wallet(2, 0)), w.wallet(2, 0)) == ("AlreadyVoted", w.wallet(2, 0))
    consent(world, 1)
    assert world.case().phase == CasePhase.COLLECTING
    assert (world.case().round, world.case().deadline) == (2, world.clock + 10 * DAY)
    world.reach()
    world.release()
    world.stands()


def test_consent__lot_and_record_date__the_fewer_shares_count() -> None:
    """Sold afterwards counts all the same; bought beside the raise counts nothing."""
    world = raised(EXTENDABLE)
    world.run(Transfer(w.ORDINARY, w.wallet(2, 0), 200), w.wallet(1, 0))
    world.miss()
    world.wait(1)
    world.run(Transfer(w.ORDINARY, w.wallet(2, 0), 400), w.wallet(1, 0))
    consent(world, 2)
    assert world.escrow.votes[0].yes == 300, "its lot, though it held 500"
    consent(world, 1)
    assert world.case().phase == CasePhase.COLLECTING
    assert world.escrow.votes[0].yes == 700
    world.stands()


def test_consent__no_subscriber_or_nothing_held__is_refused() -> None:
    world = raised(EXTENDABLE)
    world.run(Transfer(w.ORDINARY, w.wallet(4, 0), 300), w.wallet(2, 0))
    world.miss()
    world.wait(1)
    founder = Consent(ESCROW, 0, FOUNDER_WALLET)
    assert world.refusal(founder, FOUNDER_WALLET) == ("SubscriptionUnknown", FOUNDER_WALLET)
    sold = Consent(ESCROW, 0, w.wallet(2, 0))
    assert world.refusal(sold, w.wallet(2, 0)) == ("NotAHolder", w.wallet(2, 0), 1)
    world.stands()


def test_consent__in_the_second_of_the_record_date__is_too_early() -> None:
    world = raised(EXTENDABLE)
    world.miss()
    refusal = world.refusal(Consent(ESCROW, 0, w.wallet(1, 0)), w.wallet(1, 0))
    assert refusal == ("RecordDateAhead", 1, world.time)


def test_consent__not_the_owner__is_refused() -> None:
    world = asked()
    assert world.refusal(Consent(ESCROW, 0, w.wallet(1, 0)), w.wallet(2, 0)) == ("NotAuthorised", w.wallet(2, 0), 0)
    for_wallet = ConsentFor(ESCROW, w.header(), 0, w.wallet(1, 0))
    assert world.refusal(for_wallet, w.PLATFORM) == ("NotABookAccount", w.wallet(1, 0))
    assert world.refusal(ConsentFor(ESCROW, w.header(), 0, world.book(3))) == ("NotAuthorised", w.STRANGER, 4)


def test_consent__open_wallet_for_its_book_account() -> None:
    world = raised(EXTENDABLE)
    world.run(Transfer(w.ORDINARY, world.book(1), 600), w.wallet(1, 0))
    world.miss()
    world.wait(1)
    empty = Consent(ESCROW, 0, w.wallet(1, 0))
    assert world.refusal(empty, w.wallet(1, 0)) == ("NotAHolder", w.wallet(1, 0), 1)
    consent(world, 1, world.book(1))
    assert world.escrow.votes[0].yes == 600
    world.stands()


def test_close_vote__after_its_last_second__is_missed() -> None:
    world = asked()
    ends = world.escrow.tranches[0].vote_ends
    world.at(ends)
    assert world.refusal(CloseVote(ESCROW, 0)) == ("NotDue", ends, ends + 1)
    world.wait(1)
    late = Consent(ESCROW, 0, w.wallet(1, 0))
    assert world.refusal(late, w.wallet(1, 0)) == ("Overdue", ends + 1, ends)
    world.run(CloseVote(ESCROW, 0), w.STRANGER)
    assert world.tranche_states == [TrancheState.MISSED, TrancheState.MISSED]
    assert not world.escrow.is_put_open
    world.stands()


def test_miss__extended_before__is_missed_for_good() -> None:
    world = asked()
    consent(world, 1)
    world.miss()
    assert world.tranche_states == [TrancheState.MISSED, TrancheState.MISSED]
    world.stands()


@pytest.mark.parametrize("announced", [DEADLINE + 1, DEADLINE + 2, 2**39])
def test_miss__record_date_announced_for_now_or_later__nobody_can_be_asked(announced: int) -> None:
    """ES-6: otherwise whoever sets record dates could keep the money where it is."""
    world = raised(EXTENDABLE)
    world.run(SetRecordDate(w.ORDINARY, w.header(), announced), w.AGENT)
    world.miss()
    assert world.tranche_states == [TrancheState.MISSED, TrancheState.MISSED]
    world.stands()


def test_miss__class_stopped__asks_the_holders_all_the_same() -> None:
    world = raised(EXTENDABLE)
    world.run(StopClass(w.COMPANY, w.header(), w.ORDINARY, True), w.STOPPER)
    world.miss()
    assert world.tranche_states[0] == TrancheState.VOTING
    world.stands()


# --- what a replay finds ---


def test_replay__redeemed_otherwise__is_found(world: Raised) -> None:
    world.miss()
    before = world.replay.copy()
    events = world.run(Redeem(ESCROW, (w.wallet(1, 0),)), w.STRANGER)
    told = [replace(e, amount=e.amount + 5_000) if isinstance(e, Redeemed) else e for e in events]
    apply_all(before, told)
    assert {f.check for f in before.findings} == {Check.ESCROW, Check.MONEY}


def test_replay__released_without_a_verdict__is_found(world: Raised) -> None:
    before = world.replay.copy()
    world.reach()
    events = world.release()
    apply_all(before, events)
    assert Check.ESCROW in {f.check for f in before.findings}
