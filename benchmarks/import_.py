"""How long a platform's whole market takes to come on-chain: 50 companies of 200 holders, to the last receipt."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.floors import FLOOR, Signed, chain_alone, raw_transactions
from benchmarks.harness import Outcome, Say, Series
from benchmarks.packages import write_package
from registry.acts.importing import import_plan
from registry.acts.workplace import deploy_registry, ensure_local_passphrase, open_desk
from registry.chain.anvil import running
from registry.errors import RegistryError
from registry.interchange import ImportPlan, plan_import, read_package
from registry.settings import Settings

NAME = "import"
SUMMARY = "seconds to import 50 companies x 200 holders, from reading the packages to the last receipt"
TARGET = 120
COMPANIES = 50
HOLDERS = 200


def measure(cache: Path, runs: int, say: Say) -> Outcome:
    packages = [_package(cache, number) for number in range(1, COMPANIES + 1)]
    seconds, floors = [], []
    acts = 0
    for run in range(runs):
        took, acts, raws, before = _import(packages)
        floor = chain_alone(before, (0, raws))
        seconds.append(took)
        floors.append(floor)
        say(f"run {run + 1}: import {took:.1f} s, floor {floor:.1f} s")
    return Outcome(
        figure=Series("import to the last receipt", "s", tuple(seconds)),
        target=TARGET,
        is_at_least=False,
        baseline=Series(FLOOR, "s", tuple(floors)),
        facts={"companies": COMPANIES, "holders_each": HOLDERS, "acts": acts, "transactions": len(raws)},
    )


def _package(cache: Path, number: int) -> Path:
    folder = cache / "packages" / f"{number:03}-{HOLDERS}"
    return folder if (folder / "Manifest.ocf.json").exists() else write_package(folder, number, HOLDERS)


def _import(packages: Sequence[Path]) -> tuple[float, int, list[Signed], list[Signed]]:
    """Seconds, acts, the signed bytes of the import, and those that came before it."""
    with tempfile.TemporaryDirectory(prefix="equity-bench-") as home, running() as chain:
        settings = Settings(home=Path(home), rpc_url=chain.url)
        ensure_local_passphrase(settings)
        deploy_registry(settings, _nobody, lambda _: None)
        with open_desk(settings, _nobody) as desk:
            deployed = desk.node.head().number
            began = time.perf_counter()
            acts = sum(import_plan(desk, _plan(package)).acts for package in packages)
            seconds = time.perf_counter() - began
            raws = raw_transactions(desk.node, deployed + 1, desk.node.head().number)
            return seconds, acts, raws, raw_transactions(desk.node, 1, deployed)


def _plan(package: Path) -> ImportPlan:
    return plan_import(read_package(package))


def _nobody() -> str:
    raise RegistryError("a benchmark asks nobody for a passphrase")
