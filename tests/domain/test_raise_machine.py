"""The laws of raises over drawn histories: LAW-8 to LAW-13 of SPECIFICATION.md, and again LAW-1 to LAW-4.

Two raises of one company, five investors with little money, all that happens to them meanwhile. The same steps are
taken and the same laws asked on a chain by tests/contracts/test_raise_laws.py, whose shadow is this domain.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize

from tests.domain import raise_world as r
from tests.domain.raise_steps import BookSteps

NIGHT = bool(os.environ.get("NIGHT"))
LEAST_STEPS = 200_000 if NIGHT else 20_000
pytestmark = pytest.mark.timeout(3_600 if NIGHT else 300)


class Raises(BookSteps):
    """All steps, from anywhere in the life of a raise."""

    @initialize(
        cap=st.sampled_from([4, 6, 200]),
        scheme=r.schemes(),
        stage=st.sampled_from(list(r.Stage)),
        paid=r.asked,
        frozen=st.integers(0, 15),
    )
    def found(self, cap: int, scheme: r.Scheme, stage: r.Stage, paid: list[int], frozen: int) -> None:
        """A raise that stands somewhere in its life, so that the drawn steps reach all of it."""
        self.begin(cap)
        self.create(0, scheme)
        self.bring(0, stage, paid, frozen)


class TestLaws(Raises.TestCase):  # type: ignore[misc,name-defined]
    """Counts its steps, so that the laws are never asked of next to nothing."""

    settings = settings(
        max_examples=6_500 if NIGHT else 650,
        stateful_step_count=60,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )

    def runTest(self) -> None:
        before = Raises.taken
        super().runTest()
        assert r.RaiseSteps.taken - before >= LEAST_STEPS
