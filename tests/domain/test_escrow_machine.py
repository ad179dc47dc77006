"""LAW-10 and the other laws over drawn histories of one escrow that has its money, with all that happens meanwhile.

The machine in test_raise_machine seldom comes that far; this one begins there.
"""

from __future__ import annotations

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize

from tests.domain import raise_world as r
from tests.domain.raise_escrow import EscrowSteps
from tests.domain.test_raise_machine import LEAST_STEPS, NIGHT, Raises


class Escrows(EscrowSteps):
    """The steps of escrow and board, and of the others' those that can disturb them."""

    @initialize(
        scheme=r.schemes(),
        paid=st.lists(st.integers(2, 12), min_size=5, max_size=5),
        frozen=st.integers(0, 15),
        rich=st.booleans(),
    )
    def found(self, scheme: r.Scheme, paid: list[int], frozen: int, rich: bool) -> None:
        """Settled; the payer of puts and the founder are one, who may have allowed the escrow what it owes."""
        self.begin(200)
        self.create(r.OFFERINGS[0], scheme)
        self.bring(r.OFFERINGS[0], r.Stage.SETTLED, paid, frozen)
        assume(self.funded())
        if rich:
            self.allow(self.funded()[0], 1_000)

    let_pass = Raises.let_pass
    trade = Raises.trade
    judge = Raises.judge
    govern = Raises.govern

    law_1_supply = Raises.law_1_supply
    law_3_replay = Raises.law_3_replay
    law_8_money = Raises.law_8_money
    law_9_parts = Raises.law_9_parts
    law_11_solvent = Raises.law_11_solvent
    law_12_seats = Raises.law_12_seats
    law_13_annual_use = Raises.law_13_annual_use


class TestLaws(Escrows.TestCase):  # type: ignore[misc,name-defined]
    """Counts its steps, so that the laws are never asked of next to nothing."""

    settings = settings(
        max_examples=4_000 if NIGHT else 400,
        stateful_step_count=60,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )

    def runTest(self) -> None:
        before = Escrows.taken
        super().runTest()
        assert r.RaiseSteps.taken - before >= LEAST_STEPS
