"""The plan cut into acts: pure, stable, complete."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.packages import write_package
from registry.acts.importing.pages import (
    ENTRIES_A_PAGE,
    IssuePage,
    SplitPage,
    acts_of,
    onboarding_pages,
    operation_id,
)
from registry.interchange import Issue, Split
from tests.support.registry_home import EXAMPLE, plan_of


@pytest.mark.parametrize("holders", [1, 5, 130, 350])
def test_acts_of__any_size__keep_every_line_in_its_order(tmp_path: Path, holders: int) -> None:
    plan = plan_of(write_package(tmp_path / "package", 1, holders))
    issued = [(s.stakeholder_id, s.shares, s.reference) for s in plan.steps if isinstance(s, Issue)]
    pages = [act.content for act in acts_of(plan) if isinstance(act.content, IssuePage)]
    assert [(line.holder, line.shares, line.reference) for page in pages for line in page.lines] == issued
    assert max(len(page.lines) for page in pages) <= ENTRIES_A_PAGE
    days = [act.effective_on for act in acts_of(plan)]
    assert days == sorted(days)


def test_acts_of__issues_of_two_days__are_never_in_one_act(tmp_path: Path) -> None:
    plan = plan_of(write_package(tmp_path / "package", 1, 60))
    by_day = {s.stakeholder_id: s.effective_on for s in plan.steps if isinstance(s, Issue)}
    for act in acts_of(plan):
        if isinstance(act.content, IssuePage):
            assert {by_day[line.holder] for line in act.content.lines} == {act.effective_on}


def test_acts_of__a_split__carries_each_holders_difference(tmp_path: Path) -> None:
    plan = plan_of(EXAMPLE)
    splits = [step for step in plan.steps if isinstance(step, Split)]
    pages = [act.content for act in acts_of(plan) if isinstance(act.content, SplitPage)]
    assert splits
    assert sum(line.shares for page in pages for line in page.lines) == sum(
        abs(gained) for split in splits for _, gained in split.differences
    )


def test_operation_id__of_each_act__is_one_of_its_own_and_always_the_same() -> None:
    plan = plan_of(EXAMPLE)
    ids = [operation_id(plan.digest, 1, act.key, act.page) for act in acts_of(plan)]
    assert len(set(ids)) == len(ids)
    assert ids == [operation_id(plan.digest, 1, act.key, act.page) for act in acts_of(plan_of(EXAMPLE))]
    assert not set(ids) & {operation_id(plan.digest, 2, act.key, act.page) for act in acts_of(plan)}


def test_onboarding_pages__many_stakeholders__are_cut_at_two_hundred(tmp_path: Path) -> None:
    plan = plan_of(write_package(tmp_path / "package", 1, 350))
    assert [len(page) for page in onboarding_pages(plan)] == [200, 150]
