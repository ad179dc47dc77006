"""The laws of raises on chain: LAW-1 to LAW-4, LAW-6, LAW-8 to LAW-13, the domain as the shadow.

The steps are those of the pure machines (tests/domain/raise_steps.py and raise_escrow.py), each a real transaction with
real signatures; contract and domain must agree on refusal, events and, after each step, every stored word. In each
history a raise is first lived to where something is decided (raise_lives.py), and the drawn steps begin there.
"""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant

from registry.domain.events import RegistryEvent
from registry.domain.ids import Address, Hash32
from registry.domain.raise_views import Money
from registry.domain.raise_words import Cash, Purse, Totals
from registry.domain.raising import WHOLE, OfferingPhase
from registry.domain.subscription_rules import SubscriptionRule
from tests.contracts.support import node
from tests.contracts.support.calls import hexed
from tests.contracts.support.contracts import Contract, read_all
from tests.contracts.support.ground import Ground
from tests.contracts.support.history import history
from tests.contracts.support.machines import run
from tests.contracts.support.raise_ground import ChainWorld, cast_of, founded
from tests.domain import raise_world as r
from tests.domain.raise_fates import LED_TO, PICKS, Fate, thrown
from tests.domain.raise_lives import Lives
from tests.domain.raise_steps import BookSteps

NIGHT = bool(os.environ.get("NIGHT"))
EXAMPLES, STEPS, ENOUGH = (500, 50, 10_000) if NIGHT else (50, 50, 1_000)


class OnChain(Lives, BookSteps):
    """Rules carry Hypothesis's own decorators, which Brownie leaves as they are."""

    ground: Ground
    past: list[RegistryEvent]

    @classmethod
    def stand_on(cls, ground: Ground) -> None:
        cls.ground, cls.past = ground, history(ground)
        cls.cast = cast_of(ground, cls.past)

    def founded(self, cap: int) -> ChainWorld:
        return ChainWorld(self.ground, self.past, self.cast, cap)

    def broken(self, offering: Address, account: Address, amount: int, disclosure: Hash32) -> SubscriptionRule:
        """LAW-4: the raise is asked beforehand as of the second in which it is executed."""
        expected = super().broken(offering, account, amount, disclosure)
        contract = Contract("Offering", hexed(offering))
        found = contract.read_at(self.world.time, "brokenRules", hexed(account), amount, disclosure)
        assert SubscriptionRule(found) == expected
        return expected

    # --- of what the chain keeps, and of nothing else ---

    @invariant()
    def law_8_on_chain(self) -> None:
        """LAW-8, LAW-11: the money of each raise, and that its two contracts have it."""
        for o in self.state.offerings.values():
            ours = hexed(o.address), hexed(o.escrow)
            totals, purse, cash = read_all(
                (Contract("Offering", ours[0]), "totals"),
                (Contract("MilestoneEscrow", ours[1]), "purse"),
                (self.ground.token, "cashOf", ours),
            )
            t, p = Totals.unpack(totals), Purse.unpack(purse)
            raised = t.raised if t.phase == OfferingPhase.SETTLED else 0
            fee, left = raised * o.terms.fee_bps // WHOLE, t.live - raised
            assert Money(t.money_in, left + p.held, p.released, fee, t.refunded, p.redeemed).is_whole
            balances = [Cash.unpack(word).balance for word in cash]
            assert balances[0] >= left >= 0
            assert balances[1] >= p.held >= p.redeemable - p.redeemed >= 0


class Raises(OnChain):
    """Brownie makes the machine of it and sets the chain back between histories."""

    def __init__(cls, ground: Ground) -> None:  # noqa: N805 (Brownie calls it with the class)
        cls.stand_on(ground)

    @initialize(
        cap=st.sampled_from([200, 200, 8, 6]),
        fate=st.sampled_from(list(Fate)),
        scheme=r.schemes(),
        paid=r.asked,
        pick=r.picks,
    )
    def found(self, cap: int, fate: Fate, scheme: r.Scheme, paid: list[int], pick: int) -> None:
        self.begin(cap)
        self.live(fate, scheme, paid, pick)


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


@pytest.mark.parametrize("fate", list(Fate), ids=lambda fate: fate.name.lower())
def test_life__lived_on_chain_with_every_pick__agrees_with_the_domain_and_leads_to_its_events(
    ground: Ground, fate: Fate
) -> None:
    told: Counter[str] = Counter()
    OnChain.stand_on(ground)
    for pick in PICKS:
        began, before = node.snapshot(), Counter(OnChain.told)
        life = OnChain()
        life.begin(200)
        life.live(fate, *thrown(fate, pick), pick)
        life.all_hold()
        life.law_8_on_chain()
        told += OnChain.told - before
        node.revert_to(began)
    assert LED_TO[fate] - set(told) == set()


def test_laws__drawn_histories_of_raises_on_chain__contracts_and_domain_agree(
    state_machine: Any, ground: Ground, capsys: Any
) -> None:
    assert run(state_machine, Raises, ground, capsys, EXAMPLES, STEPS) >= ENOUGH
