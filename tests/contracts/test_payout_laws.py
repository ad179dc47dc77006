"""The laws of dividends on chain: LAW-1, LAW-3, LAW-6, LAW-15 to LAW-20, the domain as the shadow.

The steps are those of the pure machine (tests/domain/payout_steps.py), each a real transaction; contract and domain
must agree on refusal, events and, after each step, every stored word.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant

from registry.domain.events import RegistryEvent
from registry.domain.payout_args import DistributionPhase
from registry.domain.raise_words import Cash
from tests.contracts.support import node
from tests.contracts.support.contracts import read_all
from tests.contracts.support.ground import Ground
from tests.contracts.support.history import history
from tests.contracts.support.machines import run
from tests.contracts.support.payout_ground import cast_of, founded
from tests.contracts.support.raise_ground import ChainWorld
from tests.domain.payout_laws import PayLaws

NIGHT = bool(os.environ.get("NIGHT"))
EXAMPLES, STEPS, ENOUGH = (700, 50, 10_000) if NIGHT else (70, 50, 1_000)


class OnChain(PayLaws):
    """Rules carry Hypothesis's own decorators, which Brownie leaves as they are."""

    ground: Ground
    past: list[RegistryEvent]

    @classmethod
    def stand_on(cls, ground: Ground) -> None:
        cls.ground, cls.past, cls.cast = ground, history(ground), cast_of(ground)

    def founded(self, decimals: int) -> ChainWorld:
        assert decimals == 0
        return ChainWorld(self.ground, self.past, self.cast, 200)

    # --- of what the chain keeps, and of nothing else ---

    @invariant()
    def law_20_on_chain(self) -> None:
        """LAW-15, LAW-20: the contract has what it owes of all dividends, by its own words and the token's."""
        contract, known = self.ground.distributions, self.state.payouts.distributions
        asked = [(contract, "distribution", number) for number in known]
        cash, *stored = read_all((self.ground.token, "cash", contract.address), *asked)
        owed = 0
        for words in stored:
            state, declared = words[3], words[5]
            paid, withheld, _, _, parked, lapsed, remitted = words[12:19]
            carried = declared - paid - withheld - parked - lapsed
            assert carried >= 0
            owed += declared - paid - remitted - lapsed - (carried if state == DistributionPhase.CLOSED else 0)
        assert Cash.unpack(cash).balance == owed + self.gifts


class Dividends(OnChain):
    """Brownie makes the machine of it and sets the chain back between histories."""

    def __init__(cls, ground: Ground) -> None:  # noqa: N805 (Brownie calls it with the class)
        cls.stand_on(ground)

    @initialize(stage=st.integers(0, 4), c=st.sampled_from([0, 0, 1]), pick=st.integers(0, 49))
    def found(self, stage: int, c: int, pick: int) -> None:
        self.begin(0)
        if stage:
            self.bring(stage, c, pick)


@pytest.fixture(scope="module")
def laid() -> Iterator[Ground]:
    began = node.snapshot()
    yield founded()
    node.revert_to(began)


@pytest.fixture
def ground(laid: Ground) -> Iterator[Ground]:
    """What is there already needs no look of the collector, which Brownie calls before each history."""
    began = node.snapshot()
    gc.freeze()
    yield laid
    gc.unfreeze()
    node.revert_to(began)


@pytest.mark.parametrize("c", [0, 1])
@pytest.mark.parametrize("pick", [0, 1, 3, 27])
def test_life__of_a_dividend_lived_on_chain__agrees_with_the_domain(ground: Ground, c: int, pick: int) -> None:
    OnChain.stand_on(ground)
    life = OnChain()
    life.begin(0)
    life.bring(4, c, pick)
    number = len(life.state.payouts.distributions)
    life.pay(0, 0, both=True, due=True)
    life.lapse(0, 0, late=True)
    life.lapse(0, 1, late=True)
    life.close_or_remit(0, closes=True)
    assert life.state.payouts.distributions[number].phase == DistributionPhase.CLOSED
    life.all_hold()
    life.law_20_on_chain()


def test_laws__drawn_histories_of_dividends_on_chain__contracts_and_domain_agree(
    state_machine: Any, ground: Ground, capsys: Any
) -> None:
    assert run(state_machine, Dividends, ground, capsys, EXAMPLES, STEPS) >= ENOUGH
