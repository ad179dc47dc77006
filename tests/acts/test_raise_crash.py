"""Settlement, redemption and refund by several processes at once, some of them killed: each fen moves once."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from registry.acts import settling, subscribing
from tests.support.raise_bench import DAY, SIGNED, RaiseBench
from tests.support.registry_home import ROOT, Home, desk_of

AT_ONCE = 3


def begin(home: Home, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        home.command(*arguments, "--json"),
        cwd=ROOT,
        env=home.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def all_at_once(home: Home, *arguments: object) -> None:
    """Several processes of one command; each succeeds, since what another one did is done."""
    running = [begin(home, *arguments) for _ in range(AT_ONCE)]
    for process in running:
        said, wrong = process.communicate(timeout=120)
        assert process.returncode == 0, (said, wrong)


def killed(home: Home, chance: random.Random, *arguments: object) -> None:
    """One process that dies somewhere between its start and its end."""
    process = begin(home, *arguments)
    time.sleep(0.5 + chance.random() * 2)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)


@pytest.mark.parametrize("draw", [1, *(pytest.param(draw, marks=pytest.mark.night) for draw in range(2, 8))])
def test_raise__settled_and_redeemed_by_processes_that_die__moves_each_fen_once(
    home: Home, tmp_path: Path, draw: int
) -> None:
    chance = random.Random(f"{os.environ.get('SEED', '1')}/{draw}")
    with desk_of(home) as desk:
        bench = RaiseBench(desk, tmp_path).furnish()
        target = bench.opened()
        bench.subscribe("alice", 12_000_00)
        bench.subscribe("bo", 6_000_00)
        bench.later(13 * DAY)
        killed(home, chance, "raise", "settle", target.number)
        all_at_once(home, "raise", "settle", target.number)
        assert bench.money()["held"] == 17_100_00
        bench.later(200 * DAY)
        for milestone in (0, 1):
            if desk.raises.tranches(target.escrow)[milestone].state == 1:
                killed(home, chance, "escrow", "miss", target.number, milestone)
                home.equity("escrow", "miss", target.number, milestone)
        killed(home, chance, "escrow", "redeem", target.number)
        all_at_once(home, "escrow", "redeem", target.number)
        found = bench.money()
        assert (found["redeemed"], found["held"], found["fee"]) == (17_100_00, 0, 900_00)
        assert bench.balance("alice") + bench.balance("bo") == 2 * 500_000_00 - 900_00


def test_raise__refunded_by_processes_that_die__pays_each_fen_back_once(home: Home, tmp_path: Path) -> None:
    chance = random.Random(os.environ.get("SEED", "1"))
    with desk_of(home) as desk:
        bench = RaiseBench(desk, tmp_path).furnish()
        target = bench.opened()
        subscribing.subscribe(desk, "k", target, "alice", 1_200_00, SIGNED)
        bench.later(13 * DAY)
        settling.close_raise(desk, target)
        killed(home, chance, "raise", "refund", target.number)
        all_at_once(home, "raise", "refund", target.number)
        assert bench.money()["refunded"] == 1_200_00
        assert bench.balance("alice") == 500_000_00


def test_bank__one_key_with_two_amounts_at_once__mints_one_of_them(home: Home, tmp_path: Path) -> None:
    paper = ("--document", "0x" + "d1" * 32, "--key", "same")
    with desk_of(home) as desk:
        bench = RaiseBench(desk, tmp_path).furnish()
        before = bench.balance(13)
        running = [begin(home, "bank", "mint", f"13:{amount}.00:ref-{amount}", *paper) for amount in (5, 7)]
        codes, errors = [], []
        for process in running:
            _, wrong = process.communicate(timeout=120)
            codes.append(process.returncode)
            if process.returncode:
                errors.append(json.loads(wrong.splitlines()[-1])["error"]["code"])
        assert (sorted(codes)[0], errors) == (0, ["operation_id_reused"]), codes
        assert bench.balance(13) - before in (5_00, 7_00)
