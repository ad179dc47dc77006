"""Two pages of subscribers: kill -9 between them, and the same command finishes; whole pages fit a transaction."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from registry.acts import bank, escrow, settling, subscribing
from registry.acts.desk import Desk
from registry.acts.identity import Newcomer, onboard
from registry.acts.shares import reference
from registry.directory import Dossier
from registry.domain.ids import Day, PartyId
from registry.domain.raise_args import BankLine
from registry.domain.raising import OfferingPhase
from tests.support.raise_bench import DAY, SIGNED, RaiseBench
from tests.support.registry_home import ROOT, Home

MANY = range(23, 83)
EACH = 600_00


def test_settle__killed_between_two_pages__is_finished_by_the_same_command(
    home: Home, desk: Desk, tmp_path: Path
) -> None:
    bench = RaiseBench(desk, tmp_path).furnish()
    day = Day(60_000)
    people = [Newcomer(Dossier(legal_name=f"Party {each}"), 1, 156, 1, 3, day, day) for each in MANY]
    onboard(desk, bench.request("many"), people)
    books = [desk.book(PartyId(each)) for each in MANY]
    lines = [BankLine(book, EACH, reference(f"M-{book.hex()[-8:]}")) for book in books]
    bank.mint(desk, bench.request("money of many"), lines)
    target = bench.opened(risk="0")
    for number, book in enumerate(books):
        subscribing.subscribe_for(desk, bench.request(f"many {number}"), target, book, EACH, SIGNED)
    bench.later(13 * DAY)
    settling.close_raise(desk, target)

    process = subprocess.Popen(
        home.command("raise", "settle", "1"),
        cwd=ROOT,
        env=home.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while desk.raises.totals(target.offering).handled == 0 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    process.kill()
    process.wait(10)

    seen: list[tuple[str, int, int]] = []
    standing = settling.settle(desk, target, lambda *told: seen.append(told))
    assert (standing.phase, standing.served) == (OfferingPhase.SETTLED, len(MANY))
    assert [bench.shares(each) for each in MANY] == [EACH // 12_00] * len(MANY)
    assert bench.money()["fee"] == len(MANY) * EACH // 20

    bench.later(101 * DAY)
    escrow.miss(desk, target, 0)
    redeemed = escrow.redeem(desk, target)
    assert (redeemed.pages, redeemed.waiting) == (2, 0)
    assert bench.money()["redeemed"] == redeemed.purse.redeemable == len(MANY) * EACH * 19 // 20
    assert {bench.balance(each) for each in MANY} == {EACH * 19 // 20}
