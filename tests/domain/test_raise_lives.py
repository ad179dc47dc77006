"""LAW-1, LAW-3, LAW-8 to LAW-13 over the lives with which the machines of raises begin, and what each leads to."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.domain.raise_fates import LED_TO, PICKS, Fate, thrown
from tests.domain.raise_lives import Lives


@pytest.mark.parametrize("fate", list(Fate), ids=lambda fate: fate.name.lower())
def test_life__lived_with_every_pick__keeps_the_laws_and_leads_to_its_events(fate: Fate) -> None:
    told: Counter[str] = Counter()
    for pick in PICKS:
        before = Counter(Lives.told)
        life = Lives()
        life.begin(200)
        life.live(fate, *thrown(fate, pick), pick)
        life.all_hold()
        told += Lives.told - before
    assert LED_TO[fate] - set(told) == set()
