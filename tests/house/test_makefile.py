"""`make` alone lists every target a person runs, each with one line of help."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

EXPECTED = {"setup", "demo", "up", "test", "laws", "night", "lint", "types", "fmt", "contracts", "gas", "bench", "lock"}


def test_make__alone__lists_every_target_with_its_help(root: Path) -> None:
    shown = subprocess.run(["make"], cwd=root, capture_output=True, text=True, check=True, timeout=30).stdout
    listed = {match[1]: match[2] for match in re.finditer(r"^  make (\S+) +(\S.*)$", shown, re.MULTILINE)}
    targets = set(re.findall(r"^([a-z-]+):", (root / "Makefile").read_text(), re.MULTILINE))
    assert set(listed) == targets
    assert targets >= EXPECTED
    assert all(len(help_line) <= 110 for help_line in listed.values())


def test_make__every_script_it_calls__is_there(root: Path) -> None:
    called = re.findall(r"\bscripts/[\w.-]+", (root / "Makefile").read_text())
    assert called
    assert [name for name in called if not (root / name).is_file()] == []
