"""How a figure is taken: several runs, the median, a baseline beside it in the same run, the machine described.

A benchmark is a module with `NAME`, `SUMMARY` and `measure(cache, runs, say) -> Outcome`, listed in
`benchmarks.__main__`.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import statistics
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from registry.chain.anvil import find_binary

RESULTS = Path(__file__).resolve().parent / "results"
CACHE = Path(__file__).resolve().parents[1] / ".cache" / "benchmarks"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Series:
    """The same thing measured several times."""

    name: str
    unit: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def as_json(self) -> dict[str, Any]:
        return {
            "unit": self.unit,
            "median": round(self.median, 3),
            "least": round(min(self.values), 3),
            "most": round(max(self.values), 3),
            "runs": [round(value, 3) for value in self.values],
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a benchmark found, beside a baseline of the same runs."""

    figure: Series
    target: float
    is_at_least: bool
    baseline: Series
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """Of the baseline: the median over runs, or of the medians where one was taken more often."""
        pairs = zip(self.figure.values, self.baseline.values, strict=False)
        if len(self.figure.values) != len(self.baseline.values):
            return self.figure.median / self.baseline.median
        return statistics.median(figure / baseline for figure, baseline in pairs)

    @property
    def is_met(self) -> bool:
        return self.figure.median >= self.target if self.is_at_least else self.figure.median <= self.target


class Benchmark(Protocol):
    """A module of this package."""

    NAME: str
    SUMMARY: str

    def measure(self, cache: Path, runs: int, say: Say) -> Outcome: ...


def machine() -> dict[str, Any]:
    """What the figures were taken on; figures of different machines compare by their ratios only."""
    version = subprocess.run([str(find_binary()), "--version"], capture_output=True, text=True, check=True).stdout
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "cpu": _cpu(),
        "system": platform.system() + " " + platform.machine(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "anvil": version.split("\n", 1)[0].split(": ")[-1].strip(),
    }


def report(benchmark: Benchmark, outcome: Outcome, runs: int) -> dict[str, Any]:
    return {
        "benchmark": benchmark.NAME,
        "what": benchmark.SUMMARY,
        "runs": runs,
        "figure": {"name": outcome.figure.name, **outcome.figure.as_json()},
        "target": {"bound": "at least" if outcome.is_at_least else "at most", "value": outcome.target},
        "met": outcome.is_met,
        "baseline": {"name": outcome.baseline.name, **outcome.baseline.as_json()},
        "ratio_to_baseline": round(outcome.ratio, 3),
        "facts": outcome.facts,
        "machine": machine(),
    }


def save(found: dict[str, Any]) -> Path:
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{found['benchmark']}.json"
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")
