"""The lock files pin versions and hashes, and name no place to fetch them from."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

LOCKS = ["requirements/runtime.txt", "requirements/brownie.txt", "package-lock.json"]


@pytest.mark.parametrize("lock", LOCKS)
def test_lock__any_of_them__holds_no_address(root: Path, lock: str) -> None:
    text = (root / lock).read_text()
    assert [line for line in text.splitlines() if "://" in line or line.startswith(("-i ", "--index", "--extra"))] == []


@pytest.mark.parametrize("lock", LOCKS[:2])
def test_lock__every_python_package__is_pinned_with_hashes(root: Path, lock: str) -> None:
    entries = (root / lock).read_text().replace("\\\n", " ").splitlines()
    packages = [entry for entry in entries if entry.strip() and not entry.startswith("#")]
    assert packages
    assert [
        entry for entry in packages if not re.match(r"[A-Za-z0-9._-]+(\[[^]]+\])?==\S+ .*--hash=sha256:", entry)
    ] == []


def test_lock__every_npm_package__has_its_integrity(root: Path) -> None:
    packages = json.loads((root / "package-lock.json").read_text())["packages"]
    assert [name for name, entry in packages.items() if name and "integrity" not in entry] == []


def test_lock__direct_dependencies__are_all_in_it(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())
    pinned = {line.split("==")[0] for line in (root / LOCKS[0]).read_text().splitlines() if "==" in line}
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["test"]
    names = {re.split(r"[\[<>=]", requirement)[0] for requirement in wanted}
    assert names - pinned == set()
    brownie = (root / LOCKS[1]).read_text()
    assert all(f"{requirement} " in brownie for requirement in project["dependency-groups"]["brownie"])
