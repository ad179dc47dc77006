"""Cuts the steps of an import plan into acts: what goes into one transaction, under which operation id.

Pure: the same plan gives the same acts with the same ids, so that an import which died half way finds its place again,
and the contracts refuse whatever would be done twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from registry.domain.ids import Hash32
from registry.interchange import ImportPlan, Issue, Split, Step
from registry.interchange.plan import ClassId, Consideration, Stakeholder, StakeholderId

# An act of a hundred lines stays far below the gas that one transaction may use; onboarding needs less for each.
ENTRIES_A_PAGE = 100
PARTIES_A_PAGE = 200

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Line:
    """Shares that begin or end in one stakeholder's book account."""

    holder: StakeholderId
    shares: int
    reference: str


@dataclass(frozen=True, slots=True)
class IssuePage:
    """Issues of one class, day and consideration."""

    class_id: ClassId
    consideration: Consideration
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class SplitPage:
    """A part of a split's differences; never empty."""

    class_id: ClassId
    numerator: int
    denominator: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class ImportAct:
    """One transaction of the history. `key` and `page` make its operation id."""

    key: str
    page: int
    effective_on: date
    content: IssuePage | SplitPage | Step


def operation_id(digest: str, attempt: int, key: str, page: int = 0) -> Hash32:
    """Digest of package and step: known before anything is sent, on whatever machine."""
    text = "\x00".join(("equity import", digest, str(attempt), key, str(page)))
    return Hash32(hashlib.sha256(text.encode()).digest())


def acts_of(plan: ImportPlan) -> tuple[ImportAct, ...]:
    """The whole history as acts, in order."""
    return tuple(act for group in _groups(plan.steps) for act in _acts(group))


def onboarding_pages(plan: ImportPlan) -> tuple[tuple[Stakeholder, ...], ...]:
    """Stakeholders as they are onboarded, page by page; their order never changes for a package."""
    return tuple(_cut(plan.stakeholders, PARTIES_A_PAGE))


def _groups(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Neighbouring issues alike in class, day and consideration stand together; any other step stands alone."""
    group: list[Step] = []
    for step in steps:
        if group and not _alike(group[-1], step):
            yield group
            group = []
        group.append(step)
    if group:
        yield group


def _alike(one: Step, other: Step) -> bool:
    return (
        isinstance(one, Issue)
        and isinstance(other, Issue)
        and one.class_id == other.class_id
        and one.effective_on == other.effective_on
        and one.consideration == other.consideration
    )


def _acts(group: list[Step]) -> Iterator[ImportAct]:
    first = group[0]
    if isinstance(first, Issue):
        lines = [Line(s.stakeholder_id, s.shares, s.reference) for s in group if isinstance(s, Issue)]
        for number, page in enumerate(_cut(lines, ENTRIES_A_PAGE)):
            content = IssuePage(first.class_id, first.consideration, page)
            yield ImportAct(first.key, number, first.effective_on, content)
    elif isinstance(first, Split):
        lines = [Line(holder, abs(gained), first.reference) for holder, gained in first.differences if gained]
        for number, page in enumerate(_cut(lines, ENTRIES_A_PAGE)):
            halves = SplitPage(first.class_id, first.numerator, first.denominator, page)
            yield ImportAct(first.key, number, first.effective_on, halves)
    else:
        yield ImportAct(first.key, 0, first.effective_on, first)


def _cut(items: Iterable[_Item], size: int) -> Iterator[tuple[_Item, ...]]:
    whole = tuple(items)
    return (whole[start : start + size] for start in range(0, len(whole), size))
