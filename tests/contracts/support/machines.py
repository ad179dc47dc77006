"""Runs a machine of the laws on chain, and says what it did."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import HealthCheck


def run(state_machine: Any, machine: Any, ground: Any, capsys: Any, examples: int, steps: int) -> int:
    """How many steps were taken. `machine` counts what was told and refused, and how many steps there were."""
    before, told, refused = machine.taken, Counter(machine.told), Counter(machine.refused)
    settings = {
        "max_examples": examples,
        "stateful_step_count": steps,
        "suppress_health_check": HealthCheck.all(),
        "deadline": None,
    }
    state_machine(machine, ground, settings=settings)
    taken: int = machine.taken - before
    told, refused = machine.told - told, machine.refused - refused
    with capsys.disabled():
        print(f"\n{taken} steps on chain, {refused.total()} of them refused alike in {len(refused)} ways;", end=" ")
        print(f"{told.total()} events of {len(told)} kinds")
    return taken
