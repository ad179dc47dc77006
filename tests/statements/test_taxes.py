"""The tax authority's list: by rate, then by holder, with the standing and the certificate that made the rate."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from registry.errors import InputError
from registry.statements.model import Company, Lang, Payment, Relief, Tax, TaxEntry, Unclaimed
from registry.statements.render import render
from tests.support import statements as market
from tests.support.paper import pages_of, squeezed, text_of

SAID: dict[Lang, list[str]] = {
    "en": [
        "Tax withheld on dividends Withheld by 新光半导体科技（深圳）股份有限公司",
        "Paid from 1 January 2026 through 31 December 2026",
        "Tax withheld 273,701.21 CNY From 1,533,653.59 before tax, paid to 8 holders.",
        "0 % 1 120,142.49 0.00 10 % 1 90,010.19 9,001.02 20 % 6 1,323,500.91 264,700.19",
        "Total 8 1,533,653.59 273,701.21",
        "林启明 440301199001011234 qualified investor · China 29,745.60 20 % 5,949.12",
        "11010119850615002X qualified investor · Germany 90,010.19 10 % 9,001.02",
        "party 1003 Dividend 7, paid on 15 April 2026 relief certificate 0x" + market.digest("certificate").hex(),
        "institution · China 120,142.49 0 % 0.00",
    ],
    "zh": [
        "分红代扣税明细表 扣缴义务人：新光半导体科技（深圳）股份有限公司",
        "代扣税总额 273,701.21 元（人民币） 税前合计 1,533,653.59 元，涉及 8 位股东。",
        "林启明 440301199001011234 合格投资者 · 中国 29,745.60 20 % 5,949.12",
        "减免凭证 0x" + market.digest("certificate").hex(),
    ],
}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pdf__three_rates__says_sums_standing_and_certificate(lang: Lang) -> None:
    text = text_of(render(market.taxes(), lang).pdf)
    assert [said for said in SAID[lang] if squeezed(said) not in text] == []


def test_pdf__residence_and_category_without_a_name__give_their_numbers() -> None:
    entry = market.taxes().entries[0]
    d = entry.payment.distribution
    strange = Payment(d, market.part(d, entry.payment.part.shares, Tax(2_000, 9, 777)))
    unknown = TaxEntry(replace(entry.holder, id_number=""), strange)
    text = text_of(render(replace(market.taxes(), entries=(unknown,)), "en").pdf)
    assert squeezed("林启明 not stated category 9 · 777") in text


def test_pdf__many_entries__go_over_pages_with_their_head() -> None:
    pages = pages_of(render(market.taxes(120), "zh").pdf)
    assert len(pages) > 5
    assert all(squeezed("序号 股东 证件号码 类别与税收居民地 税前 税率 税额") in page for page in pages[:-1])


def first(**changes: object) -> TaxEntry:
    entry = market.taxes().entries[0]
    part = replace(entry.payment.part, **changes)  # type: ignore[arg-type]
    return replace(entry, payment=replace(entry.payment, part=part))


def test_list__without_payments__is_refused() -> None:
    with pytest.raises(InputError, match="first 2026-01-01 through 2026-12-31 no payment was made"):
        render(replace(market.taxes(), entries=()), "en")


def test_list__what_was_not_paid__is_refused() -> None:
    with pytest.raises(InputError, match="Unclaimed only payments are listed"):
        render(replace(market.taxes(), entries=(first(fate=Unclaimed()),)), "en")


def test_list__payment_outside_the_period__is_refused() -> None:
    with pytest.raises(InputError, match="2026-04-15 is not within 2026-05-01 to 2026-12-31"):
        render(replace(market.taxes(), first=date(2026, 5, 1)), "en")


def test_list__payment_of_another_company__is_refused() -> None:
    with pytest.raises(InputError, match="17 is another company"):
        render(replace(market.taxes(), company=Company(18, "另一家公司")), "en")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"withheld": 594_913}, "withheld 594913 is not 2000 basis points of 2974560 fen, 594912 fen"),
        ({"net": 2_379_649}, "net 2379649 is not gross less tax, 2379648 fen"),
        ({"net": 23_796.48}, "net 23796.48 must be a whole number"),
        ({"tax": Tax(10_001, 3, 156)}, "must be at most 10000 basis points"),
        ({"tax": Tax(2_000, 3, 156, Relief(b"x", date(2027, 1, 1)))}, "certificate 0x78 must have 32 bytes"),
        ({"on": date(2026, 4, 14)}, "is before 2026-04-15, when it becomes payable"),
    ],
)
def test_list__payment_that_contradicts_itself__is_refused(change: dict[str, object], message: str) -> None:
    fate = replace(market.taxes().entries[0].payment.part.fate, **change)  # type: ignore[type-var]
    with pytest.raises(InputError, match=message):
        render(replace(market.taxes(), entries=(first(fate=fate),)), "en")
