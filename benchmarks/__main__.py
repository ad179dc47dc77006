"""`python -m benchmarks [NAME …] [--runs N] [--keep-out]`: takes the figures and writes benchmarks/results/NAME.json.

Exit 1 if a figure misses its target.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import cast

from benchmarks.harness import CACHE, Benchmark, report, save

BENCHMARKS = {
    "attestation": "benchmarks.attestation",
    "audit": "benchmarks.audit",
    "backfill": "benchmarks.backfill",
    "closing": "benchmarks.closing",
    "dividends": "benchmarks.dividends",
    "import": "benchmarks.import_",
    "preview": "benchmarks.preview",
    "statements": "benchmarks.statements",
}
"""By name; imported when asked for, so that one does not need what another needs."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)}; all of them if none is named"
    )
    parser.add_argument("--runs", type=int, default=5, help="how often each is measured (5)")
    parser.add_argument("--keep-out", action="store_true", help="print only, write no results")
    given = parser.parse_args(arguments)
    unknown = [name for name in given.names if name not in BENCHMARKS]
    if unknown or given.runs < 1:
        parser.error(f"no benchmark named {unknown[0]!r}" if unknown else "--runs must be at least 1")
    CACHE.mkdir(parents=True, exist_ok=True)
    has_missed = False
    for name in given.names or BENCHMARKS:
        benchmark = cast(Benchmark, importlib.import_module(BENCHMARKS[name]))
        print(f"== {name}: {benchmark.SUMMARY}")
        outcome = benchmark.measure(CACHE, given.runs, lambda text: print(f"   {text}", file=sys.stderr, flush=True))
        found = report(benchmark, outcome, given.runs)
        has_missed |= not outcome.is_met
        print(f"   {_line(found)}")
        if not given.keep_out:
            save(found)
    return 1 if has_missed else 0


def _line(found: dict[str, object]) -> str:
    figure, target = cast(dict[str, object], found["figure"]), cast(dict[str, object], found["target"])
    text = f"{figure['name']}: {figure['median']:,} {figure['unit']} ({figure['least']:,} to {figure['most']:,})"
    text += f", target {target['bound']} {target['value']:,}: {'met' if found['met'] else 'MISSED'}"
    text += f"; {found['ratio_to_baseline']} of {cast(dict[str, object], found['baseline'])['name']}"
    return text


if __name__ == "__main__":
    sys.exit(main())
