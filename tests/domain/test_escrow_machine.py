"""LAW-10 and the other laws over drawn histories of one raise that has lived to where something is decided.

The machine in test_raise_machine seldom comes that far; this one begins there.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize

from tests.domain import raise_world as r
from tests.domain.raise_escrow import ENOUGH
from tests.domain.raise_fates import Fate
from tests.domain.raise_lives import Lives
from tests.domain.raise_steps import Meanwhile
from tests.domain.test_raise_machine import LEAST_STEPS, NIGHT


class Escrows(Lives, Meanwhile):
    """The steps of escrow and board, and of the others' those that can disturb them."""

    @initialize(
        fate=st.sampled_from([fate for fate in Fate if fate not in (Fate.BOOK, Fate.CUT, Fate.FAILED)]),
        scheme=r.schemes(),
        paid=r.asked,
        pick=r.picks,
        rich=st.booleans(),
    )
    def found(self, fate: Fate, scheme: r.Scheme, paid: list[int], pick: int, rich: bool) -> None:
        """The payer of puts and the founder are one, who may have allowed the escrow what it owes."""
        self.begin(200)
        self.live(fate, scheme, paid, pick)
        if rich:
            self.allow(self.funded()[0], ENOUGH)


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
