"""What the board takes from a verifier, by phase, clock, panel and its own vote: the contract's rules, beforehand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oracles.onchain import Taken, taken
from oracles.seam import PHASES
from registry.domain.attestation import NOT_REACHED, REACHED
from registry.domain.board import CasePhase, Panel
from registry.domain.ids import Address, Day, PartyId
from registry.domain.raise_words import Case, Verifier

KEYS = [Address(bytes([n]) * 20) for n in (1, 2, 3)]
TODAY, DEADLINE, DAY = Day(20_000), 1_000_000, 86_400
PANEL = Panel([Verifier(key, PartyId(n), Day(19_000), Day(21_000)) for n, key in enumerate(KEYS, 1)])
CASE = Case(kind=1, quorum=2, round=1, phase=CasePhase.COLLECTING, deadline=DEADLINE, window=1_000)
ME = KEYS[1]
NOTHING: frozenset[int] = frozenset()


def take(case: Case, clock: int = 1, panel: Panel = PANEL, verifier: Address | None = ME, today: Day = TODAY) -> Taken:
    found = taken(case, panel, verifier, clock, today)
    assert found.phase in PHASES
    return found


@pytest.mark.parametrize("phase", [CasePhase.CHALLENGED, CasePhase.UPHELD, CasePhase.CLOSED])
def test_taken__nothing_is_collected__is_nothing(phase: CasePhase) -> None:
    assert take(replace(CASE, phase=phase)) == Taken(NOTHING, phase.name.lower())


@pytest.mark.parametrize(
    ("clock", "outcomes"),
    [
        (DEADLINE - DAY - 1, {REACHED}),
        (DEADLINE - DAY, {REACHED, NOT_REACHED}),
        (DEADLINE, {REACHED, NOT_REACHED}),
        (DEADLINE + 1, set()),
    ],
)
def test_taken__collecting__to_the_last_second_of_the_deadline(clock: int, outcomes: set[int]) -> None:
    assert take(CASE, clock).outcomes == outcomes


@pytest.mark.parametrize(
    ("clock", "outcomes", "phase"),
    [
        (DEADLINE - DAY - 1, {REACHED}, "quorate"),
        (DEADLINE + 500, {REACHED, NOT_REACHED}, "quorate"),
        (DEADLINE + 501, set(), "reached"),
    ],
)
def test_taken__quorate__to_the_last_second_of_the_window(clock: int, outcomes: set[int], phase: str) -> None:
    case = replace(CASE, phase=CasePhase.QUORATE, yes=0b101, window_ends=DEADLINE + 500)
    assert take(case, clock) == Taken(frozenset(outcomes), phase)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"yes": 0b010}, Taken(frozenset({REACHED}), "collecting", has_spoken=True)),
        ({"no": 0b010}, Taken(frozenset({NOT_REACHED}), "collecting", has_spoken=True)),
        ({"out": 0b010}, Taken(NOTHING, "retracted")),
        ({"yes": 0b101}, Taken(frozenset({REACHED}), "collecting")),
    ],
)
def test_taken__after_its_own_vote__is_that_vote_again(change: dict[str, int], expected: Taken) -> None:
    """Where a reorganisation takes a vote away it is sent again; one that was taken back is not."""
    assert take(replace(CASE, **change)) == expected


def test_taken__no_member_struck_or_not_in_force__is_nothing() -> None:
    assert take(CASE, verifier=Address(b"\x09" * 20)) == Taken(NOTHING, "no_member")
    assert take(CASE, panel=Panel(PANEL.members, struck=0b010)) == Taken(NOTHING, "struck")
    assert take(CASE, panel=Panel(PANEL.members, struck=0b101)).outcomes == {REACHED}
    assert take(CASE, today=Day(18_999)) == take(CASE, today=Day(21_001)) == Taken(NOTHING, "not_in_force")
    assert take(CASE, today=Day(19_000)).outcomes == take(CASE, today=Day(21_000)).outcomes == {REACHED}


def test_taken__nobodys_eyes__is_what_any_member_could_say() -> None:
    assert take(replace(CASE, yes=0b111), verifier=None) == Taken(frozenset({REACHED}), "collecting")
