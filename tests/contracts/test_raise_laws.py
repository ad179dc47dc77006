"""The laws of raises on chain: LAW-1 to LAW-4, LAW-6, LAW-8 to LAW-13, the domain as the shadow.

The steps are those of the pure machines (tests/domain/raise_steps.py and raise_escrow.py), each a real transaction with
real signatures; contract and domain must agree on refusal, events and, after each step, every stored word. In each
history a raise is first lived to where something is decided, and the drawn steps begin there.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck
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
from tests.contracts.support.raise_ground import ChainWorld, cast_of, founded
from tests.domain import raise_world as r
from tests.domain.raise_lives import Fate, Lives
from tests.domain.raise_steps import BookSteps

NIGHT = bool(os.environ.get("NIGHT"))
EXAMPLES, STEPS, ENOUGH = (500, 50, 10_000) if NIGHT else (50, 50, 1_000)


class Raises(Lives, BookSteps):
    """Rules carry Hypothesis's own decorators, which Brownie leaves as they are."""

    ground: Ground
    past: list[RegistryEvent]
    fates: dict[int, Fate]
    """By the number that a history draws first; each new number gets the next one, so that all are lived."""

    def __init__(cls, ground: Ground) -> None:  # noqa: N805 (Brownie calls it with the class)
        cls.ground, cls.past, cls.fates = ground, history(ground), {}
        cls.cast = cast_of(ground, cls.past)

    def founded(self, cap: int) -> ChainWorld:
        return ChainWorld(self.ground, self.past, self.cast, cap)

    @initialize(
        number=st.integers(0, 2**64 - 1),
        cap=st.sampled_from([200, 200, 8, 6]),
        scheme=r.schemes(),
        paid=st.lists(st.integers(2, 12), min_size=5, max_size=5),
        pick=r.picks,
    )
    def found(self, number: int, cap: int, scheme: r.Scheme, paid: list[int], pick: int) -> None:
        self.begin(cap)
        fate = self.fates.setdefault(number, list(Fate)[len(self.fates) % len(Fate)])
        self.live(fate, scheme, paid, pick)

    def broken(self, offering: Address, account: Address, amount: int, disclosure: Hash32) -> SubscriptionRule:
        """LAW-4: the raise is asked beforehand as of the second in which it is executed."""
        expected = super().broken(offering, account, amount, disclosure)
        contract = Contract("Offering", hexed(offering))
        found = contract.read_at(self.world.time, "brokenRules", hexed(account), amount, disclosure)
        assert SubscriptionRule(found) == expected
        return expected

    # --- the laws of the chain alone ---

    @invariant()
    def law_8_on_chain(self) -> None:
        """LAW-8, LAW-11: of words and balances that the chain keeps, and of nothing else."""
        for o in self.state.offerings.values():
            money, live = self.money(o.address, o.escrow, o.terms.fee_bps)
            assert money.is_whole
            balances = [Cash.unpack(word).balance for word in live]
            assert sum(balances) >= money.held

    def money(self, offering: Address, escrow: Address, fee_bps: int) -> tuple[Money, list[int]]:
        """And the cash words of both."""
        raise_, purse_ = Contract("Offering", hexed(offering)), Contract("MilestoneEscrow", hexed(escrow))
        addresses = [hexed(offering), hexed(escrow)]
        totals, purse, live = read_all((raise_, "totals"), (purse_, "purse"), (self.ground.token, "cashOf", addresses))
        t, p = Totals.unpack(totals), Purse.unpack(purse)
        is_settled = t.phase == OfferingPhase.SETTLED
        fee = t.raised * fee_bps // WHOLE if is_settled else 0
        held = t.live - (t.raised if is_settled else 0) + p.held
        return Money(t.money_in, held, p.released, fee, t.refunded, p.redeemed), live


LED_TO = {
    *("Subscribed", "SubscriptionWithdrawn", "SubscriptionRefunded", "SubscriptionAllotted", "AllotmentParked"),
    *("CutVerified", "RaiseSettled", "EscrowFunded", "Attested", "CaseChallenged", "TrancheReleased"),
    *("MilestoneMissed", "ConsentGiven", "LotRedeemed", "Redeemed", "PutExercised", "PutPaid"),
    *("RatchetFell", "LotRatcheted", "RatchetDelivered"),
}
"""What the lives cannot end without, all of them together."""


@pytest.fixture
def ground() -> Iterator[Ground]:
    began = node.snapshot()
    yield founded()
    node.revert_to(began)


def test_laws__drawn_histories_of_raises_on_chain__contracts_and_domain_agree(
    state_machine: Any, ground: Ground, capsys: Any
) -> None:
    before, told, refused = Raises.taken, Counter(Raises.told), Counter(Raises.refused)
    settings = {
        "max_examples": EXAMPLES,
        "stateful_step_count": STEPS,
        "suppress_health_check": HealthCheck.all(),
        "deadline": None,
    }
    state_machine(Raises, ground, settings=settings)
    steps, told, refused = Raises.taken - before, Raises.told - told, Raises.refused - refused
    assert steps >= ENOUGH
    assert LED_TO - set(told) == set()
    with capsys.disabled():
        print(f"\n{steps} steps on chain, {refused.total()} of them refused alike in {len(refused)} ways;", end=" ")
        print(f"{told.total()} events of {len(told)} kinds")
