"""The pages about dividends as text: where the money is, why that amount, what comes next; both languages."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from tests.api.test_raise_pages import read
from tests.support.dividend_home import (
    AHEAD,
    ANNA,
    BEN,
    CANCELLED,
    CARL,
    CHOSEN,
    FOUNDER,
    LAPSED,
    NAMES,
    PAID,
    SHORT,
    DividendPlace,
)

PAGES = [
    "/companies/1",
    "/companies/1/dividends",
    *(f"/dividends/{number}" for number in (PAID, LAPSED, CANCELLED, SHORT, CHOSEN, AHEAD)),
    *(f"/companies/1/holders/{party}" for party in (ANNA, BEN, CARL)),
    f"/parties/{ANNA}/money",
    f"/parties/{CARL}/money",
]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/dividends/99", 404),
        ("/companies/99/dividends", 404),
        ("/dividends/0", 422),
        ("/dividends/1?cursor=x", 422),
        ("/companies/1/dividends?cursor=x", 422),
    ],
)
def test_page__what_is_not_there_or_malformed__says_so(dividend_client: TestClient, path: str, status: int) -> None:
    page = dividend_client.get(path)
    assert page.status_code == status
    assert "<html" in page.text


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_page__each_language__runs_nothing_and_marks_where_it_is(
    dividend_client: TestClient, path: str, lang: str
) -> None:
    page = dividend_client.get(f"{path}?lang={lang}")
    assert page.status_code == 200
    assert re.findall(r"<script(?! src=\"/static/)", page.text) == []
    assert re.findall(r"\s(?:style|on\w+)=", page.text) == []
    if "dividends" in path:
        assert re.search(r'href="/companies/1/dividends[^"]*" aria-current="page"', page.text)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_dividend__at_every_block_of_its_life__can_be_read(
    dividend_client: TestClient, paying: DividendPlace, lang: str
) -> None:
    for block in range(paying.steps["declared"], paying.payer.raiser.stage.node.head().number + 1, 2):
        for path in (f"/dividends/{PAID}", "/companies/1/dividends", f"/parties/{CARL}/money"):
            assert dividend_client.get(path, params={"lang": lang, "as_of_block": block}).status_code == 200


def test_dividend__before_the_record_date__previews_and_says_who_may_do_what(dividend_client: TestClient) -> None:
    text = read(dividend_client, f"/dividends/{AHEAD}")
    assert "¥ 900,000.00 are set aside. Nobody has been paid yet." in text
    assert "At ¥ 0.0625 a share, what is not needed goes back to the company" in text
    assert "Until somebody is paid, the company may cancel it" in text
    assert "What each holder would get" in text
    assert "Would be parked: frozen by order" in text
    assert f"{NAMES[FOUNDER]} 5,800,000 × ¥ 0.0625, tax 20.00 %" in text
    chinese = read(dividend_client, f"/dividends/{AHEAD}", lang="zh")
    assert "每位股东将分多少" in chinese
    assert "股权登记日" in chinese


def test_dividend__record_date_passed__waits_for_anybody_to_fix_it(
    dividend_client: TestClient, paying: DividendPlace
) -> None:
    text = read(dividend_client, f"/dividends/{PAID}", as_of_block=paying.steps["fixed"] - 1)
    assert "Next: anybody may have the holders of" in text
    assert "By the register at the end of" in text
    early = read(dividend_client, f"/dividends/{PAID}", as_of_block=paying.steps["fixed"])
    assert "¥ 1,150,217.12 belong to 6 holders." in early
    assert "anybody may set the payments going" in early


def test_dividend__paid_under_three_rates__shows_each_with_its_arithmetic(
    dividend_client: TestClient, paying: DividendPlace
) -> None:
    text = read(dividend_client, f"/dividends/{PAID}", as_of_block=paying.steps["paid"])
    assert "declared = paid + withheld + unclaimed + parked + carried, to the fen" in text
    assert "¥ 897,972.85 were paid to holders and ¥ 129,327.52 withheld as tax." in text
    assert "¥ 122,916.74 are parked" in text
    assert f"{NAMES[FOUNDER]} 4,800,000 × ¥ 0.125, tax 20.00 % 4,800,000 600,000.00 120,000.00 480,000.00" in text
    assert f"{NAMES[ANNA]} 1,252,403 × ¥ 0.125, tax 5.00 % by certificate" in text
    assert "Parked: identity check ended" in text
    assert "Parked: frozen by order" in text
    assert "qualified investor every other country 10.00 %" in text
    assert "everybody else any country 15.00 %" in text
    assert "Next: anybody may close it." in text


def test_dividend__closed__says_what_is_parked_lapsed_and_corrected(dividend_client: TestClient) -> None:
    text = read(dividend_client, f"/dividends/{PAID}")
    assert "whoever is parked has the identity check renewed or the order lifted" in text
    assert "Corrections that were recorded later" in text
    assert "+200.00" in text
    assert "Declared, and set aside" in text
    lapsed = read(dividend_client, f"/dividends/{LAPSED}", lang="zh")
    assert "逾期未领，已付至" in lapsed
    assert "结转余数" in lapsed


def test_dividend__short_cancelled_and_early__say_so(dividend_client: TestClient) -> None:
    short = read(dividend_client, f"/dividends/{SHORT}")
    assert "The money set aside does not cover what was announced for a share" in short
    told = "¥ 0.125 a share were announced, ¥ 1,275,217.12 for all who share in it; ¥ 1,152,000.00 were set aside."
    assert f"{told} All of that is shared out by shares: ¥ 0.1129219465 a share." in short
    assert "¥ 0.125 announced; the money set aside did not cover it, ¥ 0.1129219465 came of it" in short
    assert re.search(r"15,8\d\d new shares for ¥ 134,[\d,.]+, the rest in cash", short)
    assert "each holder may claim with their own wallet, until" in short
    cancelled = read(dividend_client, f"/dividends/{CANCELLED}")
    assert "¥ 500,000.00 went back to the company." in cancelled
    assert "Who gets what" not in cancelled
    assert "were announced" not in cancelled
    early = read(dividend_client, f"/dividends/{CHOSEN}")
    assert "holders may choose shares instead of cash" in early
    assert "Shares chosen instead of cash" in early
    assert "以股代息" in read(dividend_client, f"/dividends/{CHOSEN}", lang="zh")


def test_list__company__has_every_dividend_and_the_class_that_comes_first(dividend_client: TestClient) -> None:
    text = read(dividend_client, "/companies/1/dividends")
    for words in ("Declared", "Holders known", "Being paid", "Cancelled: money back", "Done, some of it parked"):
        assert words in text
    assert re.search(
        r"优先股 For a record date of [\d]+ \w+ \d{4}, ¥ 0\.12 a share has to be declared for it first, "
        r"and about ¥ 0\.0008219178 more with each day\. 1 0\.30 [\d]+ \w+ \d{4} 0\.12",
        text,
    )
    assert "¥ 500,000.00 went back to the company ✕ Cancelled: money back" in text
    assert "Newest dividend ¥ 900,000.00 Declared" in read(dividend_client, "/companies/1")
    assert "累积欠付股息" in read(dividend_client, "/companies/1/dividends", lang="zh")


def test_dividend__money_too_little_before_the_holders_are_fixed__says_so_ahead(
    dividend_client: TestClient,
) -> None:
    steps = dividend_client.get(f"/api/v1/distributions/{SHORT}").json()["distribution"]["steps"]
    declared, fixed = (step["block"] for step in steps)
    assert "does not cover" not in read(dividend_client, f"/dividends/{SHORT}", as_of_block=declared)
    ahead = read(dividend_client, f"/dividends/{SHORT}", as_of_block=fixed - 1)
    assert "¥ 0.125 a share are announced, as the register stands ¥ 1,275,217.12 for all who share in it" in ahead
    assert "If it stays so, all of that is shared out by shares: ¥ 0.1129219465 a share." in ahead
    own = read(dividend_client, f"/parties/{BEN}/money", as_of_block=declared)
    assert "¥ 0.125 a share before tax, paid from" in own
    assert "备妥的款项不足" in read(dividend_client, f"/dividends/{SHORT}", lang="zh")


def test_dividend__what_happened__has_every_payment_by_transaction_the_newest_first(
    dividend_client: TestClient,
) -> None:
    def happened(number: int) -> str:
        text = read(dividend_client, f"/dividends/{number}").split("What happened")[-1]
        without_days = re.sub(r"\d+ \w+ \d{4}, \d\d:\d\d:\d\d", "", text)
        return re.sub(r"\s+", " ", re.sub(r" show its hash 0x\w{64}", " |", without_days))

    first = happened(PAID)
    assert first.startswith(
        " Closed; what roundings left was sent on 0.01 Withheld tax sent to the tax account 145,577.54 |"
        " Paid to 1 holder whose part was parked, ¥ 16,250.02 withheld as tax 65,000.10 |"
        " Paid to 4 holders, ¥ 129,327.52 withheld as tax 897,972.85 Parked for 2 holders 122,916.74 |"
        " Holders of the record date fixed; went back to the company 49,782.88 |"
    )
    lapsed = happened(LAPSED)
    assert "Lapsed for 4 holders 82,766.97" in lapsed
    assert "Paid to 1 holder, ¥ 680.53 withheld as tax 12,929.97" in lapsed
    short = happened(SHORT)
    assert (
        "Paid to 1 holder, ¥ 7,071.19 withheld as tax 1.59 To 1 of them in 15,806 new shares instead of cash" in short
    )
    assert "其中 1 位以股代息，得新股 15,806 股" in read(dividend_client, f"/dividends/{SHORT}", lang="zh")


def test_dividend__paid_under_a_certificate_that_another_replaced__still_says_so(
    dividend_client: TestClient,
) -> None:
    for path in (f"/dividends/{PAID}", f"/companies/1/holders/{ANNA}", f"/parties/{ANNA}/money"):
        assert re.search(r"(?:tax 5\.00 %|5\.00 % tax) by certificate", read(dividend_client, path))
    assert "tax 7.50 % by certificate" in read(dividend_client, f"/dividends/{AHEAD}")


def test_dividend__shares_chosen_before_the_holders_are_fixed__says_how_many_and_who(
    dividend_client: TestClient,
) -> None:
    steps = dividend_client.get(f"/api/v1/distributions/{CHOSEN}").json()["distribution"]["steps"]
    declared, fixed = (step["block"] for step in steps)
    early = read(dividend_client, f"/dividends/{CHOSEN}", as_of_block=declared)
    assert "holders may choose shares at ¥ 8.50 each instead of cash. Chosen so far: 0 of 6 holders." in early
    assert "Shares chosen instead of cash" not in early
    for block in (fixed - 1, fixed):
        text = read(dividend_client, f"/dividends/{CHOSEN}", as_of_block=block)
        assert "Chosen so far: 1 of 6 holders." in text
        assert text.count("Shares chosen instead of cash") == 1
    chinese = read(dividend_client, f"/dividends/{CHOSEN}", as_of_block=fixed - 1, lang="zh")
    assert "6 位股东中已有 1 位选择" in chinese
    assert "1 of 6 holders chose shares at ¥ 8.50 each instead of cash." in read(dividend_client, f"/dividends/{SHORT}")


@pytest.mark.parametrize("page", ["/companies/1/holders/{party}", "/parties/{party}/money"])
def test_holder__before_the_holders_are_fixed__is_told_what_was_chosen(dividend_client: TestClient, page: str) -> None:
    steps = dividend_client.get(f"/api/v1/distributions/{CHOSEN}").json()["distribution"]["steps"]
    declared, fixed = (step["block"] for step in steps)
    for party, block, chosen in ((ANNA, declared, False), (ANNA, fixed - 1, True), (BEN, fixed - 1, False)):
        text = read(dividend_client, page.format(party=party), as_of_block=block)
        assert ("Shares are chosen instead of cash Dividend no. 5: as things stand," in text) is chosen
        assert ("Shares instead of cash can be chosen until" in text) is not chosen
    late = read(dividend_client, page.format(party=BEN), as_of_block=fixed - 1)
    assert "A dividend is declared for who held shares at the end of" in late
    assert "¥ 38,169.70 before tax" in late
    chinese = read(dividend_client, page.format(party=ANNA), as_of_block=fixed - 1, lang="zh")
    assert "已选择以股代息" in chinese


def test_holder__parked__is_told_how_to_cure_it(dividend_client: TestClient, paying: DividendPlace) -> None:
    text = read(dividend_client, f"/companies/1/holders/{BEN}", as_of_block=paying.steps["paid"])
    assert "¥ 81,250.12 of dividends are parked: the identity check has ended" in text
    assert "Have the check renewed by an identity agent" in text
    cured = paying.steps["cured"] - 1
    assert "are parked and can be paid now" in read(dividend_client, f"/companies/1/holders/{BEN}", as_of_block=cured)
    frozen = read(dividend_client, f"/parties/{CARL}/money")
    assert "¥ 45,289.12 of dividends are parked: an order freezes this holder" in frozen
    assert "it will be parked instead of paid" in frozen


def test_holder__what_came__when_and_why_that_amount(dividend_client: TestClient) -> None:
    text = read(dividend_client, f"/companies/1/holders/{ANNA}")
    assert "1,252,403 shares held at the end of" in text
    assert "× ¥ 0.125 = ¥ 156,550.37. Less 5.00 % tax by certificate, ¥ 7,827.52: ¥ 148,722.85." in text
    assert "Shares are chosen instead of cash" in text
    assert "A dividend is declared for who holds shares at the end of" in text
    assert "Shares instead of cash can be chosen until" in read(dividend_client, f"/companies/1/holders/{BEN}")
    money = read(dividend_client, f"/parties/{ANNA}/money", lang="zh")
    assert "依凭证代扣 5.00 % 的税" in money
    assert "来自分红" in money
