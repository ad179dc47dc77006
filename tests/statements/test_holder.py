"""A holder's statement of a year says what came, why that amount, and what is open, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from registry.errors import InputError
from registry.statements.model import Lang, Paid, Parked, Payment, Place, Why
from registry.statements.render import render
from tests.support import statements as market
from tests.support.paper import pages_of, squeezed, text_of

SAID: dict[Lang, list[str]] = {
    "en": [
        "Dividend and tax statement 2026",
        "In 2026 you received, after tax 156,040.60 CNY",
        "173,910.90 before tax, less 17,870.30 of tax withheld, from 3 payments.",
        "Of this, 2,632.00 was taken in new shares instead of money.",
        "Another 1,500.00 before tax is parked for you.",
        "Another 37.50 before tax waits to be claimed by you.",
        "9.62 was not claimed in time and has lapsed.",
        "You held 12,000 shares at the end of 31 March 2026, the record date.",
        "Paid on 15 April 2026 to your wallet 0x",
        "Paid on 2 June 2026 to your book account 0x",
        "12,000 shares × 0.125 a share 1,500.00",
        "20 % of 1,500.00 300.00",
        "1,500.00 − 300.00 1,200.00",
        "= 3,292.16666337…, parts of a fen left out 3,292.16",
        "10 % of 169,118.74 = 16,911.874, to the nearest fen 16,911.87",
        "752 new shares at 3.50 2,632.00",
        "Rate of tax schedule 3 for: qualified investor, tax residence China.",
        "relief certificate, in force until 31 December 2027: 0x" + market.digest("certificate").hex(),
        "Your identity check has lapsed.",
        "Page 1 of 2",
    ],
    "zh": [
        "2026 年分红及代扣税单",
        "2026 年您税后收到 156,040.60 元（人民币）",
        "共 3 笔，税前 173,910.90 元，代扣税 17,870.30 元。",
        "另有税前 1,500.00 元为您暂存。",
        "股权登记日 2026年3月31日 24:00，您持有 12,000 股。",
        "2026年6月2日派发至您的簿记账户 0x",
        "12,000 股 × 每股 0.125 元 1,500.00",
        "1,500.00 × 20 % 300.00",
        "不足一分舍去 3,292.16",
        "四舍五入到分 16,911.87",
        "按代扣税表 3：类别为合格投资者，税收居民地为中国。",
        "您的身份核验已过期。",
        "第 1 页，共 2 页",
    ],
}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pdf__every_kind_of_payment__says_amounts_reasons_and_where(lang: Lang) -> None:
    text = text_of(render(market.year(), lang).pdf)
    assert [said for said in SAID[lang] if squeezed(said) not in text] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pdf__each_page__has_block_its_hash_and_the_figures_digest(lang: Lang) -> None:
    made = render(market.year(), lang)
    digest = made.csv.decode("utf-8-sig").splitlines()[1].split(",")[-1]
    pages = pages_of(made.pdf)
    assert len(pages) == 2
    for page in pages:
        assert f"0x{market.SOURCE.block_hash.hex()}" in page
        assert "18,402" in page
        assert digest in page


def test_statement__nothing_paid_but_something_parked__says_so() -> None:
    d = market.distribution()
    text = text_of(render(market.year(payments=[Payment(d, market.part(d, 100, Parked(Why.FROZEN)))]), "en").pdf)
    assert squeezed("after tax 0.00 CNY Nothing was paid in this year. Another 12.50 before tax is parked") in text
    assert squeezed("The year at a glance") not in text


def test_statement__order_of_its_payments__changes_nothing() -> None:
    payments = market.every_kind()
    assert render(market.year(payments=payments[::-1]), "zh") == render(market.year(payments=payments), "zh")


def test_statement__year_without_payments__is_refused() -> None:
    with pytest.raises(InputError, match="party 1001: year 2026 has no payment to this holder") as caught:
        render(market.year(payments=[]), "en")
    assert caught.value.as_dict() | {"message": ""} == {
        "code": "no_payments",
        "object": "party 1001",
        "field": "year",
        "value": "2026",
        "message": "",
    }


def test_statement__payment_of_another_year__is_refused() -> None:
    d = market.distribution()
    paid = market.paid(150_000, on=date(2027, 1, 4), place=Place.BOOK)
    late = replace(market.part(d, 12_000), fate=paid)
    with pytest.raises(InputError, match="is not in the year 2026"):
        render(market.year(payments=[Payment(d, late)]), "en")


def test_statement__same_distribution_twice__is_refused() -> None:
    payment = market.every_kind()[0]
    with pytest.raises(InputError, match=r"payments\.distribution\.number 7 is there twice"):
        render(market.year(payments=[payment, payment]), "en")


def test_statement__fifty_payments__go_over_pages_with_head_and_sum() -> None:
    payments = []
    for number in range(1, 51):
        d = market.distribution(number)
        payments.append(Payment(d, market.part(d, 1_000 + number)))
    pages = pages_of(render(market.year(payments=payments), "en").pdf)
    assert len(pages) > 6
    assert squeezed("Company and shares Paid on Shares Before tax Rate Tax After tax") in pages[1]
    assert squeezed(f"Page {len(pages)} of {len(pages)}") in pages[-1]
    paid = [payment.part.fate for payment in payments]
    net = sum(fate.net for fate in paid if isinstance(fate, Paid))
    assert squeezed(f"you received, after tax {net // 100:,}.{net % 100:02}") in pages[0]
