"""Gas of every act, as the median of receipts behind a clone, compared with what was kept.

    python -m benchmarks.gas            measures; fails when a figure grew by more than 1 % or is above its budget
    python -m benchmarks.gas --write    measures and keeps the figures in benchmarks/gas.json

The figures depend on the compiled contracts alone: no clock, no machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from benchmarks.gas_cases import ALL
from benchmarks.gas_market import Market
from benchmarks.gas_stage import ARTIFACTS, Stage
from registry.chain.anvil import running
from registry.chain.rpc import Rpc

KEPT = Path(__file__).with_name("gas.json")
GROWTH = 0.01

BUDGETS: dict[str, int] = {
    "transfer_to_holder": 54_000,
    "transfer_new_to_class": 89_500,
    "transfer_new_lone_seat": 112_000,
    "transfer_new_neighbour": 95_000,
    "transfer_last_share_out": 76_000,
    "issue_batch_consecutive_each": 42_000,
    "issue_batch_scattered_each": 60_000,
    "issue_batch_holders_each": 19_500,
    "onboard_batch_party_each": 27_000,
    "onboard_batch_wallet_each": 58_500,
    "company_with_class": 480_000,
    "second_class": 225_000,
    "subscribe_neighbour": 190_000,
    "attest": 95_000,
    "attest_quorum": 95_000,
    "release": 90_000,
    "refund_page_each": 45_000,
    "redeem_page_each": 45_000,
    "declare": 220_000,
    "pay_wallets_first_each": 36_000,
    "pay_wallets_again_each": 16_000,
    "pay_scattered_again_each": 16_000,
    "pay_book_again_each": 16_000,
    "claim_again": 90_000,
}

RIVALS: dict[str, str] = {
    "transfer_to_holder": "354 640 Securitize DS",
    "transfer_new_to_class": "461 501 T-REX 4.2β",
    "transfer_new_lone_seat": "467 060 Securitize DS",
    "transfer_first_after_date": "265 162 CMTAT",
    "issue_one_lone_seat": "458 244 Securitize DS",
    "onboard_batch_party_each": "79 590 T-REX + identity",
    "company_with_class": "464 571 CMTAT, token only",
}


def measure(artifacts: Path = ARTIFACTS) -> dict[str, int]:
    """All figures, medians, in the order of measuring."""
    figures: dict[str, list[float]] = defaultdict(list)
    with running() as anvil, Rpc(anvil.url, timeout=120) as rpc:
        market = Market(Stage(rpc, artifacts))
        for case in ALL:
            for name, used in case(market):
                figures[name].append(used)
    return {name: round(statistics.median(values)) for name, values in figures.items()}


def complaints(figures: Mapping[str, int], kept: Mapping[str, int]) -> list[str]:
    """Figures above budget, figures that grew, and cases that one side lacks."""
    found = [
        f"{name}: {used:,} is above its budget of {BUDGETS[name]:,}"
        for name, used in figures.items()
        if used > BUDGETS.get(name, used)
    ]
    found += [f"{name}: has a budget, but is not measured" for name in sorted(BUDGETS.keys() - figures.keys())]
    for name in sorted(figures.keys() | kept.keys()):
        if name not in figures or name not in kept:
            found.append(f"{name}: {'not kept' if name in figures else 'no longer measured'}; run with --write")
        elif figures[name] > kept[name] * (1 + GROWTH):
            growth = figures[name] / kept[name] - 1
            found.append(f"{name}: grew from {kept[name]:,} to {figures[name]:,} ({growth:+.1%}, allowed {GROWTH:.0%})")
    return found


def table(figures: Mapping[str, int], kept: Mapping[str, int]) -> str:
    lines = [f"{'':<30}{'gas':>10}{'kept':>10}{'budget':>10}  rival with comparable rules"]
    for name, used in figures.items():
        budget = f"{BUDGETS[name]:,}" if name in BUDGETS else "–"
        before = f"{kept[name]:,}" if name in kept else "–"
        lines.append(f"{name:<30}{used:>10,}{before:>10}{budget:>10}  {RIVALS.get(name, '')}".rstrip())
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure gas and compare it with benchmarks/gas.json.")
    parser.add_argument("--write", action="store_true", help="keep the figures of this run")
    parser.add_argument("--artifacts", type=Path, default=ARTIFACTS, help="another folder of compiled contracts")
    options = parser.parse_args(arguments)
    kept: dict[str, int] = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    figures = measure(options.artifacts)
    print(table(figures, kept))
    if options.write:
        KEPT.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        kept = figures
    found = complaints(figures, kept)
    for line in found:
        print(f"gas: {line}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
