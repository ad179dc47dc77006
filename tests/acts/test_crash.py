"""kill -9 of the importer at whatever moment: the same command finishes, and nothing is done twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from benchmarks.packages import write_package
from registry.acts.verifying import verify
from registry.chain.client import Node
from tests.support.registry_home import ROOT, Home, desk_of, entries_of, plan_of

HOLDERS = 60
KILLS = 3


def lines_of(package: Path) -> int:
    """Issues and transfers give a line each; nothing else is in these packages but reissues within a transfer."""
    return len(plan_of(package).steps)


def kill_while_importing(home: Home, package: Path, blocks: int, pause: float) -> None:
    """SIGKILL once the import has added so many blocks, and a moment later; it may end before."""
    with Node.connect(home.url) as node:
        goal = node.head().number + blocks
        process = subprocess.Popen(
            home.command("import", package),
            cwd=ROOT,
            env=home.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while process.poll() is None and node.head().number < goal and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(pause)
        process.kill()
        process.wait(10)


@pytest.mark.parametrize("draw", [1, *(pytest.param(draw, marks=pytest.mark.night) for draw in range(2, 8))])
def test_import__killed_again_and_again__is_finished_by_the_same_command_once(
    home: Home, tmp_path: Path, draw: int
) -> None:
    chance = random.Random(f"{os.environ.get('SEED', '1')}/{draw}")
    package = write_package(tmp_path / "package", draw, HOLDERS)
    plan = plan_of(package)
    for _ in range(KILLS):
        kill_while_importing(home, package, chance.choice((1, 1, 2, 3, 5)), chance.random() * 0.05)
    done = home.equity_json("import", package)
    assert {c["id"]: c["outstanding"] for c in done["classes"]} == {k: str(v) for k, v in plan.totals.items()}
    with desk_of(home) as desk:
        assert desk.reads.company_count() == 1
        assert entries_of(desk, 1) == lines_of(package)
        assert len(desk.queries.parties(limit=200).items) == HOLDERS
        assert len(desk.directory.names(range(1, HOLDERS + 1))) == HOLDERS  # type: ignore[arg-type]
        assert verify(desk).verdict == "equal"


def test_import__killed_before_the_first_block__leaves_nothing_that_hinders(home: Home, tmp_path: Path) -> None:
    package = write_package(tmp_path / "package", 3, 8)
    process = subprocess.Popen(
        home.command("import", package), cwd=ROOT, env=home.environment, stdout=subprocess.DEVNULL
    )
    journals = home.folder / "durable.db"
    deadline = time.monotonic() + 60
    while process.poll() is None and not journals.exists() and time.monotonic() < deadline:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    assert home.equity_json("import", package)["holders"] == 8
    with desk_of(home) as desk:
        assert entries_of(desk, 1) == lines_of(package)


def test_import__two_of_the_same_package_at_once__make_one_company(home: Home, tmp_path: Path) -> None:
    package = write_package(tmp_path / "package", 4, 30)
    both = [
        subprocess.Popen(home.command("import", package), cwd=ROOT, env=home.environment, stdout=subprocess.DEVNULL)
        for _ in range(2)
    ]
    codes = [process.wait(120) for process in both]
    assert 0 in codes
    assert home.equity_json("import", package)["was_there"] is True
    with desk_of(home) as desk:
        assert desk.reads.company_count() == 1
        assert entries_of(desk, 1) == lines_of(package)
        assert verify(desk).verdict == "equal"
    assert set(codes) == {0}


def test_abandon__import_killed_half_way__ends_what_was_begun(home: Home, tmp_path: Path) -> None:
    package = write_package(tmp_path / "package", 5, HOLDERS)
    kill_while_importing(home, package, 3, 0.0)
    ended = home.equity("import", package, "--abandon")
    if ended.returncode != 0:
        # Killed before the company was there: nothing on the chain, nothing to end.
        assert ended.returncode == 65, ended.stderr
        return
    refused = home.equity("import", package)
    assert refused.returncode == 1
    assert "abandoned" in refused.stderr
    with desk_of(home) as desk:
        assert desk.queries.company(1).phase == 3
        assert desk.directory.names(range(1, HOLDERS + 1)) == {}  # type: ignore[arg-type]
        assert verify(desk).verdict == "equal"
