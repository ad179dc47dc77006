"""How long it takes to say what each holder would get: 50 companies of 200 holders each, from the mirror."""

from __future__ import annotations

import tempfile
import time
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


def measure(cache: Path, runs: int, say: Say) -> Outcome:
    seconds = []
    with (
        serving(cache, say) as (node, deployment),
        tempfile.TemporaryDirectory(prefix="equity-bench-") as folder,
        Mirror(Path(folder) / "mirror.db", deployment) as mirror,
    ):
        mirror.catch_up(node)
        with mirror.queries() as queries:
            for run in range(runs):
                seconds.append(_previewed(queries))
                say(f"run {run + 1}: {seconds[-1]:.2f} s")
    return Outcome(
        figure=Series(f"{COMPANIES} previews of {HOLDERS} holders", "s", tuple(seconds)),
        target=TARGET,
        is_at_least=False,
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
