"""One plan, two executors: Brownie's script and ours end with equal code and equal rights."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from registry.chain.deploy import DEPLOYER, key_names, packaged_plan
from tests.support.stage import Stage, signer

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    """What Brownie's executor says it ended with, on a development chain of its own."""
    command = ["bash", str(ROOT / "scripts" / "brownie.sh"), "run", "deploy", "describe"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(lines) == 1, done.stdout[-2000:] + done.stderr[-2000:]
    described: dict[str, Any] = json.loads(lines[0])
    return described


def test_executors__runtime_code__is_equal_but_for_immutables_and_tail(
    described: dict[str, Any], module_stage: Stage
) -> None:
    ours = module_stage.deployment.as_json()["contracts"]
    theirs = described["contracts"]
    assert list(theirs) == list(ours)
    for part in ours:
        assert theirs[part]["contract"] == ours[part]["contract"]
        assert theirs[part]["code_hash"] == ours[part]["code_hash"], part
    assert described["utc_offset"] == module_stage.deployment.utc_offset


def test_executors__roles_and_ranges__are_equal_and_the_deployer_has_none(
    described: dict[str, Any], module_stage: Stage
) -> None:
    reads = module_stage.reads
    for name in key_names():
        assert described["roles"][name] == reads.registry_roles(signer(name).address), name
        terms = reads.provider(signer(name).address)
        stated = [terms.first_id, terms.last_id, terms.until_day] if terms else [0, 0, 0]
        assert described["providers"][name] == stated, name
    for part, deployed in module_stage.deployment.contracts.items():
        assert described["part_roles"][part] == reads.registry_roles(deployed.address), part
    assert described["roles"][DEPLOYER] == 0
    assert described["providers"][DEPLOYER] == [0, 0, 0]
    assert {name for name, roles in described["roles"].items() if roles} == {
        name for name, roles in packaged_plan().holders.items() if roles
    }
