"""How long it takes to say what each holder would get: 50 companies of 200 holders each, from the mirror."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks.dataset import COMPANIES, HOLDERS, serving
from benchmarks.harness import Outcome, Say, Series
from registry.chain.decode import CLASSES_PER_COMPANY
from registry.errors import RegistryError
from registry.mirror import Mirror
from registry.mirror.queries import Queries

NAME = "preview"
SUMMARY = "seconds to preview a dividend of each of 50 companies with 200 holders, taxed, before anything is signed"
TARGET = 2
_SCHEDULE, _TOTAL = 1, 1_234_567_89
_HELD = (
    "SELECT party, sum(shares) FROM holdings WHERE class_id = ? AND party <> 0 GROUP BY party HAVING sum(shares) <> 0"
)


def measure(cache: Path, runs: int, say: Say) -> Outcome:
    seconds, floors = [], []
    with (
        serving(cache, say) as (node, deployment),
        tempfile.TemporaryDirectory(prefix="equity-bench-") as folder,
        Mirror(Path(folder) / "mirror.db", deployment) as mirror,
    ):
        mirror.catch_up(node)
        with mirror.queries() as queries:
            for run in range(runs):
                seconds.append(_previewed(queries))
                floors.append(_floor(mirror.path))
                say(f"run {run + 1}: {seconds[-1]:.2f} s, floor {floors[-1]:.3f} s")
    return Outcome(
        figure=Series(f"{COMPANIES} previews of {HOLDERS} holders", "s", tuple(seconds)),
        target=TARGET,
        is_at_least=False,
        baseline=Series("floor: read who holds how much and multiply, untaxed", "s", tuple(floors)),
        facts={"companies": COMPANIES, "holders_each": HOLDERS},
    )


def _previewed(queries: Queries) -> float:
    began = time.perf_counter()
    found = [
        queries.preview(company * CLASSES_PER_COMPANY, _SCHEDULE, total=_TOTAL) for company in range(1, COMPANIES + 1)
    ]
    took = time.perf_counter() - began
    for preview in found:
        if not 0 <= preview.carried < len(preview.lines) or preview.tax == 0:
            raise RegistryError(f"the parts of company {preview.register.company} do not add up")
    return took


def _floor(path: Path) -> float:
    """What anybody with the table of holdings would write, of no date, without tax, account or who waits."""
    with closing(sqlite3.connect(path)) as connection:
        began = time.perf_counter()
        for company in range(1, COMPANIES + 1):
            held = connection.execute(_HELD, (company * CLASSES_PER_COMPANY,)).fetchall()
            issued = sum(shares for _, shares in held)
            parts = [(party, shares * _TOTAL // issued) for party, shares in held]
            if len(parts) != HOLDERS:
                raise RegistryError(f"the floor found {len(parts)} holders of company {company}")
        return time.perf_counter() - began
