"""The laws of dividends over drawn histories: LAW-15 to LAW-20 of SPECIFICATION.md, and again LAW-1 and LAW-3.

Ten parties that buy and sell, two classes, tax that changes, parties that are frozen and cured. The same steps are
taken and the same laws asked on a chain by tests/contracts/test_payout_laws.py, whose shadow is this domain.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize

from tests.domain.payout_book import PayBook
from tests.domain.payout_laws import PayLaws

NIGHT = bool(os.environ.get("NIGHT"))
LEAST_STEPS = 200_000 if NIGHT else 20_000
pytestmark = pytest.mark.timeout(3_600 if NIGHT else 300)
NEEDED = {  # events, and what lines of pages said
    "DistributionDeclared",
    "DistributionFixed",
    "EntitlementsHandled",
    "ScripDelivered",
    "ScripChosen",
    "TaxRemitted",
    "DistributionCancelled",
    "DistributionClosed",
    "PreferenceDeclared",
    "TaxReliefStated",
    "paid",
    "parked",
    "cured",
    "lapsed",
    "short",
}


class Dividends(PayLaws):
    """All steps, from anywhere in the life of a dividend."""

    @initialize(
        decimals=st.sampled_from([0, 0, 2]),
        stage=st.integers(0, 4),
        c=st.sampled_from([0, 0, 1]),
        pick=st.integers(0, 49),
    )
    def found(self, decimals: int, stage: int, c: int, pick: int) -> None:
        self.begin(decimals)
        if stage:
            self.bring(stage, c, pick)


class TestLaws(Dividends.TestCase):  # type: ignore[misc,name-defined]
    """Counts its steps, so that the laws are never asked of next to nothing."""

    settings = settings(
        max_examples=7_000 if NIGHT else 700,
        stateful_step_count=60,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )

    def runTest(self) -> None:
        before = PayBook.taken
        super().runTest()
        assert PayBook.taken - before >= LEAST_STEPS
        assert NEEDED - set(PayBook.told) == set()
