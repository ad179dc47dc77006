"""A company's report: the money adds up to the fen, each holder's amount is shown with its arithmetic."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from decimal import Decimal

import pytest

from registry.domain.ids import Shares
from registry.errors import InputError
from registry.statements.model import DistributionReport, Lang, PerShare, ShareOfTotal
from registry.statements.render import render
from tests.support import statements as market
from tests.support.paper import pages_of, squeezed, text_of

SAID: dict[Lang, list[str]] = {
    "en": [
        "Dividend report 7",
        "Declared for 普通股 2,345,678.90 CNY",
        "2,345,678.90 shared out by shares, to 12 holders of record at the end of 31 March 2026.",
        "✓ Declared = paid + withheld + unclaimed + parked + carried, to the fen.",
        "Paid to holders 1,259,952.38",
        "Withheld as tax 273,701.21",
        "Unclaimed 451,211.07",
        "Parked 360,814.18",
        "Carried 0.06",
        "Declared 2,345,678.90",
        "Profit it rests on 900,000,000.00",
        "Resolution (hash) 0x" + market.digest("resolution", 7).hex(),
        "Of what is unclaimed, 270,803.98 has lapsed",
        "1 holder took 55,010 new shares for 192,535.00",
        "张䶮𬱖 3,026 90,010.19 10 % 9,001.02 81,009.17 ✓ paid",
        "2,345,678.90 × 3,026 ÷ 78,858 shares in all = 90,010.19999746… → 90,010.19",
        "tax 10 % of 90,010.19 = 9,001.019 → 9,001.02",
        "90,010.19 − 9,001.02 = 81,009.17",
        "parked: identity check lapsed",
        "Total 78,858 2,345,678.84 273,701.21 1,259,952.38",
        f"周雅 0x{market.address(900).hex()} 800 by the resolution",
        "50,000 treasury shares",
        f"equity-figures/1 31337 0x{market.SOURCE.contract.hex()} 7 1001 1000 29745.60 paid 5949.12 23796.48",
    ],
    "zh": [
        "分红派发报告（编号 7）",
        "普通股宣派总额 2,345,678.90 元（人民币）",
        "宣派 = 已派发 + 代扣税 + 未领取 + 暂存 + 结转余数，分毫不差。",
        "已派发给股东 1,259,952.38",
        "代扣税 273,701.21",
        "未领取 451,211.07",
        "暂存 360,814.18",
        "结转余数 0.06",
        "宣派总额 2,345,678.90",
        "所依据的可分配利润 900,000,000.00",
        "1 位股东以 192,535.00 元换取 55,010 股新股",
        "2,345,678.90 × 3,026 ÷ 全部 78,858 股 = 90,010.19999746… → 90,010.19",
        "暂存：依法冻结",
    ],
}


def rows_of(made: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(made.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pdf__every_fate__says_sums_terms_and_arithmetic(lang: Lang) -> None:
    text = text_of(render(market.report(), lang).pdf)
    assert [said for said in SAID[lang] if squeezed(said) not in text] == []


def test_pdf__200_holders__are_all_there_none_torn_over_pages() -> None:
    pages = pages_of(render(market.report(200), "en").pdf)
    for index in range(4, 200):
        (page,) = [page for page in pages if squeezed(f"第 {index} 号股东") in page]
        assert squeezed(f"party {2_000 + index} ") in page


def test_csv__its_columns_of_parts__add_up_to_what_was_declared() -> None:
    report = market.report()
    rows = rows_of(render(report, "en").csv)
    names = ["Paid", "Withheld", "Unclaimed", "Parked", "Carried"]
    parts = {name: sum(Decimal(row[f"{name} [CNY]"] or 0) for row in rows) for name in names}
    assert sum(parts.values()) == Decimal(report.distribution.declared) / 100
    assert parts["Carried"] == Decimal("0.06")
    assert [row["State"] for row in rows if row["Party"] in ("17", "900")] == [
        "takes no part: treasury shares",
        "takes no part: by the resolution",
    ]


def test_report__rate_a_share__carries_nothing_where_amounts_are_whole() -> None:
    report = market.report(5, PerShare(1_000_000_000))
    text = text_of(render(report, "en").pdf)
    assert squeezed("0.10 for each share, to 5 holders of record") in text
    assert squeezed("Carried 0.00") in text


def changed(report: DistributionReport, **terms: object) -> DistributionReport:
    return replace(report, distribution=replace(report.distribution, **terms))  # type: ignore[arg-type]


WRONG = {
    "no holders": (lambda r: replace(r, lines=()), "no holder is in it", "no_payments"),
    "declared": (
        lambda r: changed(r, declared=r.distribution.declared + 1),
        "all parts and what is carried",
        "declared",
    ),
    "carried": (lambda r: replace(r, carried=12), "less than the number of holders, 12, in fen", "carried"),
    "twice": (lambda r: replace(r, lines=(*r.lines, r.lines[0])), "1001 is there twice", "twice"),
    "missing": (lambda r: replace(r, lines=r.lines[:-1]), "is not what all parts", "declared"),
    "profit": (lambda r: changed(r, profit=1), "is less than what was declared", "profit"),
    "entitled": (
        lambda r: changed(r, measure=ShareOfTotal(2_345_678_90, Shares(78_859))),
        "does not follow from the terms",
        "gross",
    ),
    "expiry": (lambda r: changed(r, expires=r.distribution.record_date), "when it becomes payable", "expires"),
    "record date": (lambda r: changed(r, record_date=r.distribution.payable_from), "the record date", "paid_on"),
    "decimals": (lambda r: changed(r, decimals=7), "must be from 0 to 6", "decimals"),
    "hash": (lambda r: changed(r, resolution=b"short"), "must have 32 bytes", "bytes"),
}


@pytest.mark.parametrize("name", WRONG)
def test_report__contradiction__is_refused_by_its_name(name: str) -> None:
    change, message, code = WRONG[name]
    with pytest.raises(InputError, match=message) as caught:
        render(change(market.report()), "en")  # type: ignore[no-untyped-call]
    assert caught.value.code == code
