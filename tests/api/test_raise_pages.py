"""The pages about raises as text: the answer first, consequences in words, both languages, nothing that runs."""

from __future__ import annotations

import re
from html import unescape

import pytest
from fastapi.testclient import TestClient

from api.pages.catalogue import MESSAGES
from registry.domain.subscription_rules import SubscriptionRule
from tests.support.raise_home import NAMES, RaisePlace
from tests.support.raise_story import ANNA, BEN, CARL, FOUNDER, LAB, TITLES

PAGES = [
    "/companies/1/raises",
    "/raises/1",
    "/raises/2",
    f"/raises/2?party={CARL}&amount=1234.56",
    "/raises/1/escrow",
    "/raises/2/escrow",
    f"/parties/{ANNA}/money",
    f"/parties/{CARL}/money",
    f"/companies/1/holders/{ANNA}",
]


def read(client: TestClient, path: str, lang: str = "en", **query: object) -> str:
    answer = client.get(path, params={**{key: str(value) for key, value in query.items()}, "lang": lang})
    assert answer.status_code == 200, answer.text
    bare = unescape(re.sub(r"<[^>]+>", " ", answer.text))
    return re.sub(r"\s+", " ", bare)


# --- refusals ---


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/raises/99", 404),
        ("/raises/99/escrow", 404),
        ("/companies/99/raises", 404),
        ("/parties/9999/money", 404),
        ("/raises/0", 422),
        ("/raises/2?party=x", 422),
        (f"/raises/2?party={ANNA}&amount=1.234", 422),
        (f"/raises/2?party={ANNA}&amount=-5", 422),
        (f"/raises/2?party={ANNA}&amount=99999999999999999999", 422),
        ("/raises/2?party=9999&amount=5", 404),
    ],
)
def test_page__what_is_not_there_or_malformed__says_so(raise_client: TestClient, path: str, status: int) -> None:
    page = raise_client.get(path, params=None if "?" in path else {"lang": "en"})
    assert page.status_code == status
    assert "<html" in page.text


# --- both languages, nothing that runs ---


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_page__each_language__runs_nothing_and_marks_where_it_is(
    raise_client: TestClient, path: str, lang: str
) -> None:
    page = raise_client.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
    assert page.status_code == 200
    assert re.findall(r"<script(?! src=\"/static/)", page.text) == []
    assert re.findall(r"\s(?:style|on\w+)=", page.text) == []
    assert f'<html lang="{"en" if lang == "en" else "zh-Hans-CN"}">' in page.text
    if path.startswith(("/raises", "/companies/1/raises")):
        assert re.search(r'href="/companies/1/raises[^"]*" aria-current="page"', page.text)


def test_rules__each_of_the_contract__has_a_sentence_with_what_to_do() -> None:
    for rule in SubscriptionRule:
        for words in MESSAGES.values():
            assert len(words[f"rule.{rule.id}"]) > 5


# --- the offer ---


def test_offer__while_open__says_what_is_missing_and_until_when(raise_client: TestClient) -> None:
    text = read(raise_client, "/raises/2")
    assert "¥ 63,750.00 so far. The minimum is not reached yet." in text
    assert "¥ 63,750.00 are missing." in text
    assert "Open until" in text
    # Whole days: where a second passed since it was opened, six are left.
    assert re.search(r"[67] days more", text)
    assert "Seats left in the company 197 3 of 200 are taken or kept" in text
    assert "Money frozen" in text


def test_offer__asked_who_may_subscribe__answers_with_every_reason(raise_client: TestClient) -> None:
    no = read(raise_client, "/raises/2", party=CARL, amount="1,234.56")
    assert "cannot subscribe ¥ 1,234.56, because: The amount buys a fraction of a share." in no
    assert "Answered by the contract at block" in no
    yes = read(raise_client, "/raises/2", lang="zh", party=BEN, amount="4250")
    assert f"{NAMES[BEN]} 可以认购 ¥ 4,250.00" in yes
    twice = read(raise_client, "/raises/2", party=ANNA, amount="4250")
    assert "has subscribed already" in twice


def test_offer__looked_at_in_the_past__does_not_ask_the_chain_of_today(
    raise_client: TestClient, raised: RaisePlace
) -> None:
    text = read(raise_client, "/raises/1", as_of_block=raised.steps["subscribed"])
    assert "¥ 5,270,000.00 so far. The minimum is reached." in text
    assert "Who may still subscribe?" not in text


def test_offer__settled__lists_subscribers_and_what_went_back(raise_client: TestClient) -> None:
    text = read(raise_client, "/raises/1")
    assert "¥ 5,270,000.00 were raised." in text
    assert "Subscribers took back ¥ 3,754,875.00, and the shares paid with it ended" in text
    row = (
        f"{NAMES[ANNA]} qualified investor 850,000.00 200,000 142,500 605,625.00 ✕ Part paid back: 142,500 shares ended"
    )
    assert row in text
    assert "Withdrew, all went back" in text
    assert "Total 5,355,000.00 1,240,000 883,500 3,839,875.00" in text


def test_offer__while_open__says_who_is_let_in(raise_client: TestClient) -> None:
    text = read(raise_client, "/raises/2")
    assert "The contract lets in whoever meets all of these:" in text
    assert "risk grade 3 or higher, and the risk disclosure signed" in text
    assert "¥ 425.00 to ¥ 127,500.00, in whole shares of ¥ 4.25" in text
    assert "¥ 191,250.00, first come, first served" in text
    assert "lets in" not in read(raise_client, "/raises/1")


# --- the escrow ---


def test_escrow__in_the_window__says_until_when_one_may_disagree(raise_client: TestClient, raised: RaisePlace) -> None:
    text = read(raise_client, "/raises/1/escrow", as_of_block=raised.steps["attested"])
    assert "¥ 5,006,500.00 wait in escrow. The company has received nothing yet." in text
    assert "Attested 2 of 3 · whoever disagrees may say so until" in text
    assert "3 days more · then the money is released" in text
    assert f"✓ {NAMES[LAB]}, " in text
    assert f"{NAMES[FOUNDER]} for what they paid, with 5.00 % a year" in text


def test_escrow__milestone_ahead__says_what_a_miss_would_mean(raise_client: TestClient, raised: RaisePlace) -> None:
    text = read(raise_client, "/raises/1/escrow", as_of_block=raised.steps["missed"] - 2)
    assert "1 · Tape-out accepted by the foundry" in text
    assert "Attested 2 of 3 · nobody disputed within 3 days · released" in text
    assert "1 of 2 verdicts in" in text
    assert "the subscribers take back ¥ 3,754,875.00, and the shares paid with it end" in text
    assert "Shenzhen Auditors LLP: waiting" in text


def test_escrow__missed__says_that_money_can_be_taken_back(raise_client: TestClient, raised: RaisePlace) -> None:
    zh = read(raise_client, "/raises/1/escrow", lang="zh", as_of_block=raised.steps["missed"])
    assert "现在可以取回 ¥ 3,754,875.00" in zh
    assert "随里程碑 2 一并终止" in zh
    assert all(title in zh for _, title in TITLES)
    end = read(raise_client, "/raises/1/escrow")
    assert "Nothing is left in escrow. The company received ¥ 1,251,625.00" in end
    assert "can be taken back now" not in end


def test_escrow__its_table__sums_to_what_came_in(raise_client: TestClient, raised: RaisePlace) -> None:
    for block in raised.steps.values():
        html = raise_client.get("/raises/1/escrow", params={"lang": "en", "as_of_block": block}).text
        table = html[html.index('id="money"') : html.index("</table>", html.index('id="money"'))]
        amounts = [float(text.replace(",", "")) for text in re.findall(r'<td class="num">([\d,.]+)</td>', table)]
        assert abs(sum(amounts[:-1]) - amounts[-1]) < 0.001
        assert "money in = money accounted for, to the fen" in html


def test_escrow__evidence_and_criterion__are_one_click_away(raise_client: TestClient) -> None:
    html = raise_client.get("/raises/1/escrow?lang=en").text
    details = re.findall(r"<details class=\"code small\">.*?</details>", html, re.S)
    assert len(details) == 4
    assert len(re.findall(r"0x[0-9a-f]{64}", details[0])) == 3
    assert "criterion Tape-out accepted by the foundry" in details[0]
    assert "Nobody has attested yet." in details[3]


# --- own money ---


def test_money__own__first_what_is_free_then_attention_then_the_raises(
    raise_client: TestClient, raised: RaisePlace
) -> None:
    text = read(raise_client, f"/parties/{ANNA}/money", as_of_block=raised.steps["missed"])
    words = ("Free to use", "¥ 605,625.00 can be taken back now", "Subscribed, CNY", "What came and went")
    places = [text.index(each) for each in words]
    assert places == sorted(places)
    assert "200,000 shares for ¥ 850,000.00. ¥ 605,625.00 of it can be taken back now." in text
    now = read(raise_client, f"/parties/{ANNA}/money")
    assert "142,500 of them ended when ¥ 605,625.00 were paid back; 57,500 are left." in now
    assert "Frozen for this raise. It can be withdrawn in full until" in now
    assert "From the escrow of raise no. 1" in now
    assert "BANK-00002" in now
    assert "¥ 936,250.00 of ¥ 1,000,000.00" in now


def test_holder__with_raises__sees_own_money_of_this_company(raise_client: TestClient) -> None:
    text = read(raise_client, f"/companies/1/holders/{ANNA}", lang="zh")
    sums = "认购（元） 913,750.00 退款（元） 0.00 取回（赎回，元） 605,625.00 已付公司（元） 201,875.00 "
    assert sums + "平台费（元） 42,500.00 为您存管（元） 63,750.00" in text
    assert "配售新股" in text
    assert "赎回注销" in text


def test_cap_table__of_a_company_that_raised__tells_the_newest_raise(
    raise_client: TestClient, raised: RaisePlace
) -> None:
    assert "最近一次募集 ¥ 63,750.00 认购中" in read(raise_client, "/companies/1", lang="zh")
    earlier = read(raise_client, "/companies/1", as_of_block=raised.steps["released"])
    assert "Newest raise ¥ 5,270,000.00 1 of 4 tranches released" in earlier
    assert "Newest raise" not in read(raise_client, "/companies/1", as_of_block=raised.steps["drafted"] - 1)


def test_raises__of_a_company_without_any__say_so(client: TestClient) -> None:
    assert "This company has not asked for money here." in read(client, "/companies/1/raises")
