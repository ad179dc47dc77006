"""How long the year's statements of a company's holders take: 200 of three payments each, PDF and CSV."""

from __future__ import annotations

import time
from datetime import date
from hashlib import sha256
from pathlib import Path

import typst

from benchmarks.harness import Outcome, Say, Series
from registry.domain.ids import Address, Hash32, PartyId, Shares
from registry.statements.figures import gross_of, tax_of
from registry.statements.model import (
    Company,
    Distribution,
    Holder,
    HolderStatement,
    Paid,
    Part,
    Payment,
    PerShare,
    Place,
    Source,
    Tax,
)
from registry.statements.render import render
from registry.statements.typeset import fonts

NAME = "statements"
SUMMARY = "seconds for 200 dividend and tax statements of three payments each, in Chinese, PDF and CSV"
TARGET = 30
HOLDERS = 200
PAYMENTS = 3
YEAR = 2026


def measure(cache: Path, runs: int, say: Say) -> Outcome:
    statements = [_statement(index) for index in range(HOLDERS)]
    seconds, floors, busy, size = [], [], [], 0
    for run in range(runs):
        began, worked = time.perf_counter(), time.process_time()
        made = [render(statement, "zh") for statement in statements]
        seconds.append(time.perf_counter() - began)
        busy.append(time.process_time() - worked)
        size = sum(len(one.pdf) for one in made) // HOLDERS
        floors.append(_floor())
        say(f"run {run + 1}: {seconds[-1]:.1f} s, {busy[-1]:.1f} s of it at work, floor {floors[-1]:.1f} s")
    return Outcome(
        figure=Series("200 statements", "s", tuple(seconds)),
        target=TARGET,
        is_at_least=False,
        baseline=Series("floor: as many files of one word each, set by the same program", "s", tuple(floors)),
        facts={"holders": HOLDERS, "payments_each": PAYMENTS, "bytes_each": size, "processor_s": round(min(busy), 1)},
    )


def _floor() -> float:
    word = '#set text(font: "Register Sans")\n分红'.encode()
    began = time.perf_counter()
    for _ in range(HOLDERS):
        typst.Compiler(word, font_paths=fonts()).compile(format="pdf")
    return time.perf_counter() - began


def _statement(index: int) -> HolderStatement:
    holder = Holder(PartyId(index + 1), f"第 {index} 号股东{chr(0x4E00 + 37 * index)}", f"4403011990{index:08}")
    source = Source(31337, Address(_digest("contract")[:20]), 18_402, _digest("block"), 1_798_711_200)
    return HolderStatement(holder, YEAR, tuple(_payment(index, number) for number in range(PAYMENTS)), source)


def _payment(index: int, number: int) -> Payment:
    measure, shares = PerShare(1_234_567_891 + number), Shares(1_000 + 37 * index)
    gross = gross_of(shares, 0, measure)
    withheld = tax_of(gross, 2_000)
    months = (2 + 3 * number, 3 + 3 * number)
    terms = Distribution(
        number=number + 1,
        company=Company(number, f"测试科技股份有限公司（第 {number} 号）"),
        share_class="普通股",
        decimals=0,
        resolution=_digest("resolution", number),
        profit=10**12,
        declared=10**11,
        measure=measure,
        record_date=date(YEAR, months[0], 20),
        payable_from=date(YEAR, months[1], 5),
        expires=date(YEAR + 3, months[1], 5),
        schedule=1,
    )
    account, tx = Address(_digest("account", index)[:20]), _digest("tx", index, number)
    paid = Paid(terms.payable_from, Place.WALLET, account, Tax(2_000, 3, 156), withheld, gross - withheld, tx)
    return Payment(terms, Part(shares, gross, paid))


def _digest(*words: object) -> Hash32:
    return Hash32(sha256(" ".join(map(str, words)).encode()).digest())
