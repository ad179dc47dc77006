"""The demo as its own process: equal on any package, served while it runs, gone when it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from benchmarks.packages import write_package
from tests.support.registry_home import ACME, EXAMPLE, ROOT, outside

LONGEST = 90


def environment(folder: Path) -> dict[str, str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("EQUITY_")}
    return bare | {"TMPDIR": str(folder), "COLUMNS": "160"}


def once(folder: Path, *arguments: object) -> tuple[subprocess.CompletedProcess[str], float]:
    command = [sys.executable, "-m", "registry.cli", "demo", "--once", "--port", "0", *map(str, arguments)]
    began = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, env=environment(folder), capture_output=True, text=True, timeout=LONGEST, check=False
    )
    return done, time.monotonic() - began


def last_line(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(found, dict)
    return found


def chains_below(folder: Path) -> list[int]:
    """Processes that work in this test's own temporary folder."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and str(folder).encode() in (process / "cmdline").read_bytes():
                found.append(int(process.name))
        except OSError:
            continue
    return found


def test_demo__acme_once__says_equal_with_its_exact_totals(tmp_path: Path) -> None:
    done, seconds = once(tmp_path, "--json", "--package", outside(ACME))
    found = last_line(done)
    assert list(found) == ["verdict", "block", "company", "classes", "holders", "money", "dividends"]
    assert (found["verdict"], found["company"], found["holders"]) == ("equal", "Acme Holdings Limited", 3)
    assert found["classes"] == [
        {"id": "ordinaryA", "name": "Ordinary A", "authorized": "10000000", "outstanding": "145000"},
        {"id": "ordinaryB", "name": "Ordinary B", "authorized": "5000000", "outstanding": "50000"},
        {"id": "preferred", "name": "Preferred", "authorized": "350000", "outstanding": "15000"},
    ]
    assert found["block"] > 10
    # 273 021 shares at 7.31; fee 5 % down; 40 % released, 60 % redeemed, each lot rounded down.
    assert found["money"] == {
        "in": 199_578_351,
        "held": 1,
        "released": 75_839_773,
        "fee": 9_978_917,
        "refunded": 0,
        "redeemed": 113_759_660,
    }
    # 1 103 471 shares at 0.1234567, rounded down for each holder; tax 20 %, 10 % and 0 %, half up.
    assert found["dividends"] == {
        "declared": 13_623_088,
        "paid": 11_625_508,
        "withheld": 1_997_579,
        "unclaimed": 0,
        "parked": 0,
        "carried": 1,
    }
    assert seconds < LONGEST
    assert (list(tmp_path.iterdir()), chains_below(tmp_path)) == ([], [])


def test_demo__the_example_once__tells_each_part_of_the_story(tmp_path: Path) -> None:
    done, _ = once(tmp_path)
    assert not [line for line in done.stdout.splitlines() if line.startswith("open ")]
    assert done.returncode == 0, done.stderr
    assert "equal: register = chain" in done.stdout
    for part in (
        r"is a qualified investor for a year",
        r"company 1 is open .* holders may sell, not receive",
        r"wallet 0x[0-9a-f]{40} is bound to party \d+",
        r"party \d+ sends [\d ]+ to party \d+",
        r"refused before anybody signs: EL-1: .*接收方所属类别 \(code 12\)",
        r"asks for ¥ 1,023,400.00, refused before anybody signs: SB-21: .*年度投资限额 \(code 21\)",
        r"party \d+ subscribes ¥ 899,130.00 by one signature",
        r"three oracles run: processes \d+, \d+, \d+",
        r"registrar: not reached: .*98112",
        r"attested by 2 of 3",
        r"¥ 758,397.73 released to the issuer",
        r"second milestone was missed: ¥ 1,137,596.60 paid back",
        r"88 901 shares +gross +¥ 10,975.42 +tax 10 % +¥ 1,097.54 +net +¥ 9,877.88",
        r"¥ 150,000.00 left the company's account",
        r"sells 23 457 shares to party \d+, too late to count",
        r"4 holders are paid in one page; party \d+'s KYC has lapsed: ¥ 5,075.67 is parked",
        r"paid ¥ 112,194.54 \+ withheld ¥ 18,960.66 \+ unclaimed ¥ 0.00 \+ parked ¥ 5,075.67 \+ carried ¥ 0.01",
        r"renewed its KYC and is paid what was parked",
        r"paid ¥ 116,255.08 \+ withheld ¥ 19,975.79 \+ unclaimed ¥ 0.00 \+ parked ¥ 0.00 \+ carried ¥ 0.01",
    ):
        assert re.search(part, done.stderr), part
    assert len(re.findall("qualified investor", done.stderr)) == 2
    assert (list(tmp_path.iterdir()), chains_below(tmp_path)) == ([], [])


def test_demo__a_tutorial_of_a_single_holder__says_equal_all_the_same(tmp_path: Path) -> None:
    done, _ = once(tmp_path, "--json", "--package", outside(ACME.parent / "quickstart"))
    found = last_line(done)
    assert (found["verdict"], found["holders"]) == ("equal", 1)


@pytest.mark.night
@pytest.mark.parametrize("holders", [1, 2, 120, 200])
def test_demo__a_company_of_any_size__says_equal(tmp_path: Path, holders: int) -> None:
    package = write_package(tmp_path / "package", holders, holders)
    (tmp_path / "home").mkdir()
    found = last_line(once(tmp_path / "home", "--json", "--package", package)[0])
    assert (found["verdict"], found["holders"]) == ("equal", holders)


def test_demo__a_package_that_is_refused__exits_65_and_starts_nothing(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "Manifest.ocf.json").write_text("{}")
    (tmp_path / "home").mkdir()
    done, _ = once(tmp_path / "home", "--json", "--package", package)
    assert done.returncode == 65
    assert list((tmp_path / "home").iterdir()) == []


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_demo__staying_up__serves_pages_until_it_is_ended_and_leaves_nothing(tmp_path: Path, ending: int) -> None:
    command = [sys.executable, "-m", "registry.cli", "demo", "--port", "0", "--package", str(EXAMPLE)]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        address = read_address(process)
        with urllib.request.urlopen(address, timeout=10) as answer:
            page = answer.read().decode()
        assert "新光半导体科技（深圳）股份有限公司" in page
        assert len(chains_below(tmp_path)) >= 1
    finally:
        process.send_signal(ending)
        code = process.wait(20)
    assert process.stdout is not None
    process.stdout.close()
    wait_until_gone(tmp_path)
    assert chains_below(tmp_path) == []
    if ending != signal.SIGKILL:
        assert code == 0
        assert list(tmp_path.iterdir()) == []
    with socket.socket() as probe, pytest.raises(OSError, match="refused"):
        probe.connect(("127.0.0.1", int(address.split(":")[2].split("/")[0])))


def read_address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("open "):
            return line.split()[1]
    raise AssertionError("the demo ended without naming an address")


def wait_until_gone(folder: Path) -> None:
    deadline = time.monotonic() + 10
    while chains_below(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
