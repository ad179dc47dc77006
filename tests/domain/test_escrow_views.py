"""What people ask of an escrow: timeline, money, what a miss would mean."""

from __future__ import annotations

import pytest

from registry.domain.commands.board import ChallengeByRegulator, Decide
from registry.domain.commands.escrow import CloseVote
from registry.domain.commands.panels import Dismiss
from registry.domain.commands.rights import ExercisePut
from registry.domain.escrow_views import Step, Waiting, escrow_money, if_missed, timeline
from registry.domain.ids import PartyId
from registry.domain.lots import Due
from tests.domain import escrow_world as x
from tests.domain import world as w
from tests.domain.escrow_world import (
    ARBITER,
    DEADLINE,
    ESCROW,
    EXTENDABLE,
    VERIFIERS,
    WINDOW,
    Raised,
    raised,
    tranche,
)


@pytest.fixture
def world() -> Raised:
    return raised()


# --- what people ask ---


def test_timeline__what_each_tranche_waits_for_and_its_exit() -> None:
    world = raised(EXTENDABLE)

    def first() -> tuple[Waiting, int | None, Step]:
        found = timeline(world.state, world.escrow, world.time)[0]
        return found.waiting, found.until, found.follows

    assert first() == (Waiting.VERDICT, DEADLINE, Step.MISS)
    world.attest(VERIFIERS[0])
    world.attest(VERIFIERS[1])
    assert first() == (Waiting.WINDOW, world.clock + WINDOW, Step.RELEASE)
    world.run(ChallengeByRegulator(w.header(), ESCROW, 0), w.REGULATOR)
    ends = world.clock + WINDOW + x.ARBITRATION
    assert first() == (Waiting.RULING, ends, Step.SILENCE)
    world.at(ends + 1)
    assert first() == (Waiting.STEP, None, Step.SILENCE)
    world.at(ends)
    world.run(Decide(w.header(), ESCROW, 0, True), ARBITER)
    assert first() == (Waiting.STEP, None, Step.RELEASE)
    world.run(Dismiss(w.header(), w.COMPANY, x.KIND, x.key_of(VERIFIERS[0])), w.PLATFORM)
    assert first() == (Waiting.VERDICT, DEADLINE, Step.MISS)
    world.miss()
    assert first() == (Waiting.CONSENT, world.escrow.tranches[0].vote_ends, Step.CLOSE_VOTE)
    world.at(world.escrow.tranches[0].vote_ends + 1)
    assert first() == (Waiting.STEP, None, Step.CLOSE_VOTE)
    world.run(CloseVote(ESCROW, 0), w.STRANGER)
    assert first() == (Waiting.NOTHING, None, Step.NONE)
    assert all(what.text_en and what.text_zh for what in Waiting)


def test_if_missed__says_to_the_fen_what_a_redemption_pays(world: Raised) -> None:
    world.reach()
    world.release()
    expected = if_missed(world.state, world.escrow, 1, w.wallet(1, 0), world.time)
    assert (expected.due, expected.milestones, expected.opens_put) == (Due(2_850, 285), (1,), False)
    world.miss(1)
    world.redeem(1)
    assert (world.lot(1).redeemed, world.lot(1).cancelled) == (2_850, 285)
    nobody = if_missed(world.state, world.escrow, 1, w.wallet(4, 0), world.time)
    assert nobody.due == Due()


def test_escrow_money__adds_up_through_its_life() -> None:
    world = raised((tranche(5_000), tranche(5_000, on_miss=3)))
    world.reach()
    world.release()
    world.miss(1)
    world.run(ExercisePut(ESCROW, w.wallet(1, 0)), w.wallet(1, 0))
    money = escrow_money(world.escrow)
    assert money.proceeds == money.held + money.released + money.redeemed == x.PROCEEDS
    assert money.held == money.waiting + money.claimable == world.cash(ESCROW) == 1_900
    assert money.put_debts == world.escrow.puts[PartyId(1)].debt
