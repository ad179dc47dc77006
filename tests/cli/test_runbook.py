"""The runbook's walks, as a person pastes them: every block from top to bottom, and every amount around them."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from registry.chain.anvil import Anvil
from tests.support.registry_home import ROOT, Home, furnished

RUNBOOK = ROOT / "docs" / "runbook.md"
FENCE = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
AMOUNT = re.compile(r"(?<![\d.])(?:\d{1,3}(?: \d{3})+(?:\.\d\d)?|\d{1,3}\.\d\d)(?![\d.])")
"""As commands print them: "74 074.02", "600 000"."""
END = "@end of a step@"


class Shell:
    """One shell for a whole walk, so that functions stay; `equity` runs in this process, without its start."""

    def __init__(self, bash: subprocess.Popen[str], home: Home) -> None:
        self.bash, self.home = bash, home
        self.told: list[str] = []

    def run(self, step: str) -> None:
        if step.startswith("equity "):
            done = self.home.equity(*shlex.split(step)[1:])
            code, told = done.returncode, done.stdout + done.stderr
        else:
            code, told = self._typed(step)
        assert code == 0, f"{step}\n{told}"
        assert '"error"' not in told, f"{step}\n{told}"
        self.told.append(told)

    def _typed(self, step: str) -> tuple[int, str]:
        assert self.bash.stdin is not None
        assert self.bash.stdout is not None
        self.bash.stdin.write(f"{{\n{step}}} </dev/null 2>&1\nprintf '\\n%s %s\\n' '{END}' $?\n")
        self.bash.stdin.flush()
        told: list[str] = []
        for line in self.bash.stdout:
            if line.startswith(END):
                return int(line.removeprefix(END)), "".join(told)
            told.append(line)
        raise AssertionError(f"the shell ended in: {step}")


@contextmanager
def shell(home: Home, folder: Path) -> Iterator[Shell]:
    (folder / "examples").symlink_to(ROOT / "examples")
    pipe = subprocess.PIPE
    with subprocess.Popen(["bash"], cwd=folder, env=home.environment, stdin=pipe, stdout=pipe, text=True) as bash:
        yield Shell(bash, home)
        assert bash.stdin is not None
        bash.stdin.close()


def section(title: str) -> str:
    _, found, rest = RUNBOOK.read_text(encoding="utf-8").partition(f"\n## {title}\n")
    assert found, f"no section {title!r}"
    return rest.partition("\n## ")[0]


def steps(text: str) -> Iterator[str]:
    """Each command of ours alone, what lies between them together."""
    for block in FENCE.findall(text):
        between = ""
        for line in block.replace("\\\n", " ").splitlines(keepends=True):
            if not line.startswith("equity "):
                between += line
                continue
            if between:
                yield between
            between = ""
            yield line
        if between:
            yield between


def walked(text: str, anvil: Anvil, folder: Path) -> list[str]:
    """What the commands print, after those of "Run it"; the environment is there already."""
    with shell(furnished(folder / "home", anvil), folder) as typed:
        for step in (*steps(section("Run it")), *steps(text)):
            if not step.startswith("source "):
                typed.run(step)
    return typed.told


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.timeout(600)
def test_dividend_by_hand__pasted_from_top_to_bottom__prints_every_amount_that_it_names(
    anvil: Anvil, folder: Path
) -> None:
    text = section("A dividend by hand").partition("\n### When something")[0]
    told = walked(text, anvil, folder)
    printed = set(AMOUNT.findall("\n".join(told)))
    named = set(AMOUNT.findall(re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))))
    assert len(named) > 30
    assert sorted(named - printed) == []
    assert told[-1].startswith("equal: ")
    assert len(list((folder / "papers").glob("*.pdf"))) == 4 * 2 + 2 + 2


@pytest.mark.timeout(600)
def test_raise_by_hand__pasted_from_top_to_bottom__ends_with_books_that_agree(anvil: Anvil, folder: Path) -> None:
    told = walked(section("A raise by hand").partition("\n### ")[0], anvil, folder)
    assert told[-1].startswith("equal: ")
